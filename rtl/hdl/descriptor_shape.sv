// How sizes of a command's slots and parameters belong together, as a list of rules on words of
// the descriptor. A rule's words are numbered; 0 stands for the factor 1.
module descriptor_shape (
  input  logic [31:0]  head_i,       // word 0
  input  logic [11:0]  vectors_i,    // by slot: format bits 16,
  input  logic [11:0]  dim0_i,       // blocks dim0 or sample,
  input  logic [1:0]   cells_i,      // slot 10: wide, cells along dimension 0, the last dimension
  input  logic [4:0]   rule_i,
  output logic         last_o,       // no rule follows
  output logic [2:0]   kind_o,       // below
  output logic [27:0]  factors_o,    // four words
  output logic [6:0]   target_o
);
  // The product of the factors is the target; (f0 - 1) f1 + f2 <= target + 2 f3; the window in
  // word 0 goes into the target as often as f0; the formats are the same, asymmetric (bit 9) or
  // not; the same with it. Nothing is required where all words are 0.
  localparam logic [2:0] PRODUCT = 3'd0, REACH = 3'd1, WINDOWS = 3'd2, FORMAT = 3'd3, SAME = 3'd4;
  // A slot's words.
  localparam logic [6:0] KIND = 7'd34, DETAIL = 7'd35, SIZE = 7'd36, EXPS = 7'd37, LAST = 7'd38,
                         REST = 7'd39, OUT = 7'd80, NEXT = 7'd8;

  logic [7:0]  op, variant;
  logic [12:0] flags;
  assign op      = head_i[7:0];
  assign variant = head_i[15:8];
  assign flags   = head_i[28:16];
  logic unused_bits;
  assign unused_bits = ^{head_i[31:29], flags[7:3], vectors_i[11:4], dim0_i[11:2]};

  logic [6:0] small_side, large_side, sums, term;
  assign small_side = (op == 8'd6 || op == 8'd11) ? OUT : 7'd0;
  assign large_side = (op == 8'd6 || op == 8'd11) ? 7'd0 : OUT;
  assign sums       = 7'd2 * NEXT + SIZE;  // channels of batch norm: those of gamma
  assign term       = {3'd0, rule_i[4:1]} * NEXT;

  always_comb begin
    last_o    = 1'b0;
    kind_o    = PRODUCT;
    factors_o = '0;
    target_o  = '0;
    case (op)
      8'd1: begin
        last_o = rule_i == 5'd10;
        case (rule_i)
          5'd0, 5'd1, 5'd2: begin  // A, B, output: image, weights, output of the forward pass
            target_o = (rule_i == 5'd0) ? SIZE : (rule_i == 5'd1) ? NEXT + SIZE : OUT + SIZE;
            if (rule_i == ((variant == 8'd0) ? 5'd0 : (variant == 8'd1) ? 5'd2 : 5'd1))
              factors_o = {7'd4, 7'd3, 7'd2, 7'd1};
            else if (rule_i == ((variant == 8'd2) ? 5'd2 : 5'd1))
              factors_o = {7'd4, 7'd7, 7'd6, 7'd5};
            else
              factors_o = {7'd5, 7'd11, 7'd10, 7'd1};
          end
          5'd3: begin  // rows
            target_o  = 7'd12;
            factors_o = (variant == 8'd0) ? {7'd0, 7'd11, 7'd10, 7'd1}
                      : (variant == 8'd1) ? {7'd0, 7'd3, 7'd2, 7'd1} : 28'd5;
          end
          5'd4: begin  // columns
            target_o  = 7'd13;
            factors_o = (variant == 8'd0) ? 28'd5
                      : (variant == 8'd1) ? 28'd4 : {7'd0, 7'd4, 7'd7, 7'd6};
          end
          5'd5: begin  // k
            target_o  = 7'd14;
            factors_o = (variant == 8'd0) ? {7'd0, 7'd4, 7'd7, 7'd6}
                      : (variant == 8'd1) ? {7'd0, 7'd7, 7'd6, 7'd5}
                      : {7'd0, 7'd11, 7'd10, 7'd1};
          end
          5'd6, 5'd7: begin
            kind_o    = REACH;
            factors_o = (rule_i == 5'd6) ? {7'd9, 7'd6, 7'd8, 7'd10} : {7'd9, 7'd7, 7'd8, 7'd11};
            target_o  = (rule_i == 5'd6) ? 7'd2 : 7'd3;
          end
          5'd8: if (dim0_i[0]) {factors_o, target_o} = {28'd1, EXPS};
          5'd9: if (dim0_i[1]) begin
            factors_o = (variant == 8'd2) ? 28'd1 : 28'd5;
            target_o  = NEXT + EXPS;
          end
          default: begin  // cells of the output
            if (cells_i[0] || cells_i[1]) target_o = OUT + EXPS;
            if (cells_i[1]) factors_o[6:0] = (variant == 8'd2) ? 7'd5 : 7'd1;
            if (cells_i[0]) factors_o[13:7] = 7'd13;
          end
        endcase
      end
      8'd2: begin
        last_o = rule_i == 5'd2;
        {factors_o, target_o} = {21'd0, SIZE, OUT + SIZE};
        if (rule_i == 5'd1) {factors_o, target_o} = {21'd0, LAST, OUT + LAST};
        if (rule_i == 5'd2) {factors_o, target_o} = {21'd0, REST, OUT + REST};
      end
      8'd3: begin
        last_o = rule_i == 5'd19;
        if (rule_i < 5'd8) begin
          if (8'(rule_i[4:1]) < variant) begin
            if (vectors_i[rule_i[4:1]])
              {factors_o, target_o} = {21'd0, term + SIZE, OUT + LAST};
            else if (rule_i[0]) {factors_o, target_o} = {21'd0, term + LAST, OUT + LAST};
            else                {factors_o, target_o} = {21'd0, term + SIZE, OUT + SIZE};
          end
        end else if (rule_i < 5'd18) begin  // a constant each
          if (flags[rule_i[4:1] + 4'd4]) begin
            if (rule_i[0]) {factors_o, target_o} = {21'd0, term + NEXT + EXPS, OUT + LAST};
            else           {factors_o, target_o} = {21'd0, term + NEXT + SIZE, OUT + LAST};
          end
        end else if (rule_i == 5'd18) begin
          if (flags[1]) {factors_o, target_o} = {21'd0, 7'd4 * NEXT + SIZE, OUT + SIZE};
        end else if (flags[0]) begin
          {factors_o, target_o} = {21'd0, OUT + NEXT + SIZE, OUT + SIZE};
        end
      end
      8'd4: begin
        last_o = rule_i == 5'd3;
        {factors_o, target_o} = {21'd0, SIZE, OUT + SIZE};
        if (rule_i == 5'd1) {factors_o, target_o} = {21'd0, EXPS, OUT + EXPS};
        if (rule_i == 5'd2) {factors_o, target_o} = {21'd0, 7'd4 * NEXT + SIZE, OUT + SIZE};
        if (rule_i == 5'd3) begin
          kind_o = FORMAT;
          {factors_o, target_o} = {21'd0, KIND, OUT + KIND};
        end
      end
      8'd5: begin
        last_o = rule_i == 5'd3;
        if (rule_i == 5'd0) {factors_o, target_o} = {21'd0, OUT + SIZE, LAST};
        if (rule_i == 5'd1 && (variant == 8'd5 || variant == 8'd6))
          {factors_o, target_o} = {21'd0, OUT + NEXT + SIZE, LAST};
        if (variant == 8'd2 || variant == 8'd6) begin
          if (rule_i == 5'd2) {factors_o, target_o} = {21'd0, NEXT + SIZE, SIZE};
          if (rule_i == 5'd3) {factors_o, target_o} = {21'd0, NEXT + LAST, LAST};
        end
      end
      8'd6, 8'd7, 8'd11, 8'd12: begin
        last_o = rule_i == 5'd8;
        case (rule_i)
          5'd0: {factors_o, target_o} = {7'd4, 7'd3, 7'd2, 7'd1, large_side + SIZE};
          5'd1: {factors_o, target_o} = {7'd4, 7'd6, 7'd5, 7'd1, small_side + SIZE};
          5'd2: {factors_o, target_o} = {7'd0, 7'd4, 7'd3, 7'd2, large_side + REST};
          5'd3: {factors_o, target_o} = {7'd0, 7'd4, 7'd6, 7'd5, small_side + REST};
          5'd4, 5'd5: begin
            kind_o = WINDOWS;
            {factors_o, target_o} = (rule_i == 5'd4) ? {28'd5, 7'd2} : {28'd6, 7'd3};
          end
          5'd6: {factors_o, target_o} = {21'd0, EXPS, OUT + EXPS};
          5'd7: if (op != 8'd11) begin
            kind_o = SAME;
            {factors_o, target_o} = {21'd0, KIND, OUT + KIND};
          end
          default: begin
            if (op == 8'd6) {factors_o, target_o} = {21'd0, OUT + NEXT + SIZE, OUT + SIZE};
            if (op == 8'd7) {factors_o, target_o} = {21'd0, NEXT + SIZE, SIZE};
          end
        endcase
      end
      8'd8: begin
        last_o = rule_i == 5'd2;
        if (rule_i == 5'd0) {factors_o, target_o} = {14'd0, LAST, NEXT + SIZE, SIZE};
        if (!flags[0]) begin
          if (rule_i == 5'd1) {factors_o, target_o} = {21'd0, OUT + SIZE, SIZE};
          if (rule_i == 5'd2) {factors_o, target_o} = {21'd0, OUT + LAST, LAST};
        end
      end
      8'd10: begin
        last_o = rule_i == 5'd5;
        kind_o = SAME;
        case (rule_i)
          5'd0:    {factors_o, target_o} = {21'd0, SIZE, OUT + SIZE};
          5'd1:    {factors_o, target_o} = {21'd0, EXPS, OUT + EXPS};
          5'd2:    {factors_o, target_o} = {21'd0, LAST, OUT + LAST};
          5'd3:    {factors_o, target_o} = {21'd0, REST, OUT + REST};
          5'd4:    {factors_o, target_o} = {21'd0, KIND, OUT + KIND};
          default: {factors_o, target_o} = {21'd0, DETAIL, OUT + DETAIL};
        endcase
      end
      8'd13: begin
        last_o = rule_i == 5'd6;
        case (rule_i)
          5'd0:    {factors_o, target_o} = {21'd0, 7'd3 * NEXT + SIZE, sums};
          5'd1:    {factors_o, target_o} = {21'd0, OUT + SIZE, sums};
          5'd2:    {factors_o, target_o} = {21'd0, OUT + EXPS, sums};
          5'd3:    {factors_o, target_o} = {21'd0, OUT + NEXT + SIZE, sums};
          5'd4:    {factors_o, target_o} = {21'd0, OUT + NEXT + EXPS, sums};
          5'd5:    if (!flags[0]) {factors_o, target_o} = {21'd0, SIZE, sums};
          default: if (!flags[0]) {factors_o, target_o} = {21'd0, NEXT + SIZE, sums};
        endcase
      end
      8'd14: begin
        last_o   = rule_i == 5'd13;
        target_o = sums;
        case (rule_i)
          5'd0:    factors_o = {21'd0, SIZE};
          5'd1:    factors_o = {21'd0, NEXT + SIZE};
          5'd2:    factors_o = {21'd0, 7'd4 * NEXT + SIZE};
          5'd3:    factors_o = {21'd0, 7'd5 * NEXT + SIZE};
          5'd4:    factors_o = {21'd0, 7'd3 * NEXT + SIZE};
          5'd5:    factors_o = {21'd0, 7'd3 * NEXT + EXPS};
          default: factors_o = {21'd0, term + 7'd5 * NEXT + (rule_i[0] ? EXPS : SIZE)};
        endcase
      end
      8'd15: begin
        last_o = 1'b1;
        {factors_o, target_o} = {21'd0, NEXT + SIZE, SIZE};
      end
      default: last_o = 1'b1;
    endcase
  end
endmodule
