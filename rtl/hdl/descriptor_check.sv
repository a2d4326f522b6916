// Whether a descriptor is one that the machine can run (docs/rtl.md, "Descriptor" and "Checks"):
// its parameters, then each slot, then how their sizes belong together, then whether an output
// overlaps something. Ends with the status of the first thing wrong, 0 if nothing is.
module descriptor_check #(
  parameter int          Lanes    = 16,
  parameter logic [15:0] Commands = 16'hfffe
) (
  input  logic          clk_i,
  input  logic          rst_ni,
  input  logic          start_i,   // not while busy_o
  input  logic [4095:0] desc_i,    // stands while busy_o
  input  logic [31:0]   memory_i,  // bytes, a multiple of the word
  output logic          busy_o,
  output logic          done_o,    // the last busy cycle
  output logic [7:0]    status_o
);
  localparam int WordBits = $clog2(Lanes * 4);
  localparam logic [63:0] Word = 64'(Lanes * 4);

  typedef enum logic [3:0] {
    IDLE, HEAD, SLOT, ROWS, REST, TILE_ROWS, TILE_COLS, COUNT, DATA, EXPS, RULE, OVERLAP, DONE
  } state_e;
  state_e state_d, state_q;

  logic [7:0] status_d, status_q;
  assign busy_o   = state_q != IDLE;
  assign done_o   = state_q == DONE;
  assign status_o = status_q;

  logic [7:0] head_status;
  descriptor_head #(.Commands(Commands)) u_head (
    .words_i(desc_i[1023:0]), .last_i(desc_i[38*32 +: 32]), .status_o(head_status)
  );

  // The slot at hand.
  logic [3:0]   slot_d, slot_q;
  logic [255:0] words;
  logic [31:0]  data, exps, format, detail, size, count, last, rest;
  logic         wanted, is_output, good;
  logic [1:0]   record;

  assign words = desc_i[1024 + 32'(slot_q)*256 +: 256];
  assign {rest, last, count, size, detail, format, exps, data} = words;

  descriptor_slot u_slot (
    .head_i(desc_i[31:0]), .slot_i(slot_q), .format_i(format), .detail_i(detail),
    .wanted_o(wanted), .output_o(is_output), .record_o(record), .good_o(good)
  );

  logic loss, statistics;
  assign loss       = record == 2'd1;
  assign statistics = record == 2'd3;

  // A quotient, a bit a cycle.
  logic        divide, divided;
  logic [31:0] dividend, divisor, quotient_q, remainder_q;
  logic [5:0]  steps_q;
  logic [32:0] remainder;
  logic        above;
  assign remainder = {remainder_q, quotient_q[31]};
  assign above     = remainder >= {1'b0, divisor};
  assign divided   = steps_q == 6'd33;

  // Rows and elements of dimension 0; parts of tiles along each side.
  logic [31:0] rows_q, first_q, across_q;

  always_comb begin
    dividend = size;
    divisor  = last;
    divide   = 1'b0;
    case (state_q)
      ROWS:      divide = 1'b1;
      REST:      {divide, divisor} = {1'b1, rest};
      TILE_ROWS: {divide, dividend, divisor} = {1'b1, first_q, 16'd0, detail[15:0]};
      TILE_COLS: {divide, dividend, divisor} = {1'b1, rest, 16'd0, detail[31:16]};
      default: ;
    endcase
  end

  // How many exponents the tensor has.
  logic [31:0] along, beside;
  always_comb begin
    along  = 32'd1;
    beside = 32'd1;
    case (format[2:0])
      3'd1, 3'd2:
        case (format[12:10])
          3'd1:    along = first_q;
          3'd2:    {along, beside} = {across_q, quotient_q + 32'(remainder_q != '0)};
          3'd3:    {along, beside} = {rows_q, (last >> 5) + 32'(last[4:0] != '0)};
          default: ;
        endcase
      3'd3: begin
        along  = format[15] ? rows_q : format[14] ? first_q : 32'd1;
        beside = format[13] ? last : 32'd1;
      end
      3'd4:    along = '0;
      default: ;
    endcase
  end

  // The one multiplier: exponents, or a rule's product.
  logic [31:0] factor_a, factor_b;
  logic [63:0] product;
  assign product = 64'(factor_a) * 64'(factor_b);

  // Where they lie. A record of statistics: two parts of 16 bytes a channel, each of whole words.
  logic [31:0] channels;
  logic [63:0] data_bytes, part, data_end, exps_end;
  logic        has_exps;
  assign channels = (desc_i[7:0] == 8'd15) ? desc_i[36*32 +: 32] : desc_i[52*32 +: 32];
  assign part     = (64'(channels) * 64'd16 + Word - 64'd1) >> WordBits << WordBits;
  always_comb begin
    case (format[2:0])
      3'd2:    data_bytes = 64'(size) << 1;
      3'd3:    data_bytes = 64'(size) << 2;
      3'd5:    data_bytes = 64'(size) << 3;
      default: data_bytes = 64'(size);
    endcase
    if (loss)           data_bytes = 64'd24;
    if (statistics)     data_bytes = part << 1;
    if (record == 2'd2) data_bytes = 64'(size) << 3;
  end
  assign data_end = 64'(data) + data_bytes;
  assign exps_end = 64'(exps) + Word + (statistics ? 64'd4 : 64'(count) << 1);
  assign has_exps = !loss && (statistics || count != '0);

  // What was found there: two places a slot at most.
  logic [31:0] begins_q [32], ends_q [32];
  logic [31:0] outputs_q;
  logic [4:0]  places_q;
  logic        place;
  assign place = (state_q == DATA || (state_q == EXPS && has_exps)) && status_d == '0;

  always_ff @(posedge clk_i) begin
    if (place) begin
      begins_q[places_q] <= (state_q == DATA) ? data : exps;
      ends_q[places_q]   <= (state_q == DATA) ? data_end[31:0] : exps_end[31:0];
    end
  end

  // The rules.
  logic [4:0]  rule_q;
  logic [1:0]  factor_q;
  logic        rule_last, rule_bad, overflow_q;
  logic [2:0]  rule_kind;
  logic [27:0] rule_factors;
  logic [6:0]  rule_target, rule_factor;
  logic [11:0] vectors, dim0;
  for (genvar s = 0; s < 12; s++) begin : gen_slot
    assign vectors[s] = desc_i[(34 + 8*s)*32 + 16];
    assign dim0[s]    = desc_i[(34 + 8*s)*32 + 10 +: 3] == 3'd1;
  end

  descriptor_shape u_shape (
    .head_i(desc_i[31:0]), .vectors_i(vectors), .dim0_i(dim0),
    .cells_i({desc_i[114*32+14], desc_i[114*32+13] && !desc_i[114*32+15]}), .rule_i(rule_q),
    .last_o(rule_last), .kind_o(rule_kind), .factors_o(rule_factors), .target_o(rule_target)
  );

  localparam logic [2:0] PRODUCT = 3'd0, REACH = 3'd1, WINDOWS = 3'd2, FORMAT = 3'd3;
  logic [31:0] product_q, value, target, first, second, third, fourth, window;
  logic        rule_end;

  always_comb begin
    case (factor_q)
      2'd0:    rule_factor = rule_factors[6:0];
      2'd1:    rule_factor = rule_factors[13:7];
      2'd2:    rule_factor = rule_factors[20:14];
      default: rule_factor = rule_factors[27:21];
    endcase
  end

  assign value    = (rule_factor == '0) ? 32'd1 : desc_i[32'(rule_factor)*32 +: 32];
  assign target   = desc_i[32'(rule_target)*32 +: 32];
  assign first    = desc_i[32'(rule_factors[6:0])*32 +: 32];
  assign second   = desc_i[32'(rule_factors[13:7])*32 +: 32];
  assign window   = 32'(desc_i[15:8]);
  assign third    = desc_i[32'(rule_factors[20:14])*32 +: 32];
  assign fourth   = desc_i[32'(rule_factors[27:21])*32 +: 32];
  assign rule_end = rule_kind != PRODUCT || factor_q == 2'd3;

  always_comb begin
    factor_a = product_q;
    factor_b = value;
    if (state_q == COUNT)             {factor_a, factor_b} = {along, beside};
    else if (rule_kind == REACH)   {factor_a, factor_b} = {first - 32'd1, second};
    else if (rule_kind == WINDOWS) {factor_a, factor_b} = {first, window};
  end

  always_comb begin
    case (rule_kind)
      PRODUCT: rule_bad = rule_target != '0
                        && (overflow_q || product[63:32] != '0 || product[31:0] != target);
      REACH:   rule_bad = {1'b0, product} + 65'(third) > 65'(target) + (65'(fourth) << 1);
      WINDOWS: rule_bad = product > 64'(target) || 64'(target) - product >= 64'(window);
      FORMAT:  rule_bad = (first | 32'h200) != (target | 32'h200);
      default: rule_bad = first != target;
    endcase
  end

  // An output's place and another one.
  logic [4:0] one_q, other_q;
  logic       overlap, one_last, other_last;
  assign overlap    = outputs_q[one_q] && one_q != other_q
                    && begins_q[one_q] < ends_q[other_q] && begins_q[other_q] < ends_q[one_q];
  assign other_last = other_q + 5'd1 == places_q || !outputs_q[one_q];
  assign one_last   = one_q + 5'd1 == places_q;

  logic tiles;
  assign tiles = format[2:0] <= 3'd2 && format[12:10] == 3'd2;

  always_comb begin
    state_d  = state_q;
    status_d = '0;
    slot_d   = slot_q;
    case (state_q)
      IDLE: if (start_i) state_d = HEAD;
      HEAD: begin
        status_d = head_status;
        state_d  = SLOT;
        slot_d   = '0;
      end
      SLOT: begin
        if (record == 2'd0 || record == 2'd2) state_d = ROWS;
        else state_d = DATA;
        if (!wanted) begin
          if (words != '0)           status_d = 8'd7;
          else if (slot_q == 4'd11) state_d = RULE;
          else begin
            state_d = SLOT;
            slot_d  = slot_q + 4'd1;
          end
        end else if (!good) status_d = 8'd7;
        else if (loss || statistics) begin
          if ({rest, last, count, size} != '0 || (loss && exps != '0)) status_d = 8'd7;
        end else if (size == '0 || last == '0 || rest == '0) status_d = 8'd3;
        else if (size[31])                                   status_d = 8'd8;
      end
      ROWS: if (divided) begin
        if (rest == last) state_d = COUNT;
        else state_d = REST;
        if (rest == last && tiles) state_d = TILE_ROWS;
        if (remainder_q != '0) status_d = 8'd10;
      end
      REST: if (divided) begin
        if (tiles) state_d = TILE_ROWS;
        else state_d = COUNT;
        if (remainder_q != '0) status_d = 8'd10;
      end
      TILE_ROWS: if (divided) state_d = TILE_COLS;
      TILE_COLS: if (divided) state_d = COUNT;
      COUNT: begin
        state_d = DATA;
        if (product != 64'(count) || (count == '0 && exps != '0)) status_d = 8'd10;
      end
      DATA: begin
        state_d = EXPS;
        if (data[WordBits-1:0] != '0 || (has_exps && exps[WordBits-1:0] != '0)) status_d = 8'd4;
        else if (data_end > 64'(memory_i))                                      status_d = 8'd5;
      end
      EXPS: begin
        if (slot_q == 4'd11) state_d = RULE;
        else state_d = SLOT;
        slot_d  = slot_q + 4'd1;
        if (has_exps && (exps == '0 || exps_end > 64'(memory_i))) status_d = 8'd5;
      end
      RULE: if (rule_end) begin
        if (rule_bad)       status_d = 8'd10;
        else if (rule_last) state_d = OVERLAP;
      end
      OVERLAP: begin
        if (overlap)                     status_d = 8'd6;
        else if (other_last && one_last) state_d = DONE;
      end
      default: state_d = IDLE;
    endcase
    if (status_d != '0) state_d = DONE;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q     <= IDLE;
      status_q    <= '0;
      slot_q      <= '0;
      quotient_q  <= '0;
      remainder_q <= '0;
      steps_q     <= '0;
      rows_q      <= '0;
      first_q     <= '0;
      across_q    <= '0;
      places_q    <= '0;
      outputs_q   <= '0;
      rule_q      <= '0;
      factor_q    <= '0;
      overflow_q  <= 1'b0;
      product_q   <= 32'd1;
      one_q       <= '0;
      other_q     <= '0;
    end else if (start_i || busy_o) begin
      state_q <= state_d;
      slot_q  <= slot_d;
      if (state_q != DONE) status_q <= status_d;
      if (divide && !divided) begin
        steps_q <= steps_q + 6'd1;
        if (steps_q == 6'd0) begin
          quotient_q  <= (divisor == dividend) ? 32'd1 : dividend;
          remainder_q <= '0;
          if (divisor == dividend || divisor == 32'd1) steps_q <= 6'd33;
        end else begin
          quotient_q  <= {quotient_q[30:0], above};
          remainder_q <= above ? 32'(remainder - {1'b0, divisor}) : remainder[31:0];
        end
      end else begin
        steps_q <= '0;
      end
      if (divided) begin
        case (state_q)
          ROWS: {rows_q, first_q} <= {quotient_q, quotient_q};
          REST: first_q <= quotient_q;
          TILE_ROWS: across_q <= quotient_q + 32'(remainder_q != '0);
          default: ;
        endcase
      end
      if (state_q == HEAD) begin
        places_q  <= '0;
        outputs_q <= '0;
        one_q     <= '0;
        other_q   <= '0;
      end
      if (place) begin
        places_q            <= places_q + 5'd1;
        outputs_q[places_q] <= is_output;
      end
      if (state_q != RULE) begin
        rule_q     <= '0;
        factor_q   <= '0;
        overflow_q <= 1'b0;
        product_q  <= 32'd1;
      end else if (rule_end) begin
        rule_q     <= rule_q + 5'd1;
        factor_q   <= '0;
        overflow_q <= 1'b0;
        product_q  <= 32'd1;
      end else begin
        factor_q   <= factor_q + 2'd1;
        overflow_q <= overflow_q || product[63:32] != '0;
        product_q  <= product[31:0];
      end
      if (state_q == OVERLAP) begin
        other_q <= other_last ? '0 : other_q + 5'd1;
        one_q   <= other_last ? one_q + 5'd1 : one_q;
      end
    end
  end
endmodule
