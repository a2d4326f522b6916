// Brings to the chip what an affine keeps there, one item after another: of operands (0 to 3) the
// width, the exponents as step exponents, and mantissas if it is a vector; of vectors of constants
// (4 to 7, 8 the addend) mantissas and exponents, in step.
module affine_loader #(
  parameter int Lanes = 16
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                start_i,      // taken when not busy_o
  output logic                busy_o,
  // What is wanted, item by item; stable while busy_o.
  input  logic [3:0]          header_i,     // the width is in the header of exponents
  input  logic [8:0]          exps_i,
  input  logic [8:0]          data_i,
  input  logic [9*32-1:0]     exps_base_i,
  input  logic [9*32-1:0]     data_base_i,
  input  logic [4*32-1:0]     count_i,      // exponents of an operand
  input  logic [31:0]         last_i,       // elements of a vector
  input  logic [4*2-1:0]      size_i,
  input  logic [3:0]          unsigned_i,
  input  logic [3:0]          shared_i,     // exponents are a bfp tensor's: E less wl - 2
  input  logic [4*5-1:0]      wl_i,
  // What came.
  output logic [3:0]          write_exps_o, // a beat of item k; of constants they are the data's
  output logic [8:0]          write_data_o,
  output logic [15:0]         exps_beat_o,
  output logic [15:0]         data_beat_o,
  output logic [Lanes-1:0]    valid_o,      // lanes of the data's beat that have an element
  output logic [Lanes*16-1:0] exponents_o,
  output logic [Lanes*32-1:0] mantissas_o,
  output logic [4*5-1:0]      bits_o,       // widths of wide operands
  // Memory, reads only: exponents, data.
  output logic [1:0]          req_valid_o,
  input  logic [1:0]          req_ready_i,
  output logic [2*32-1:0]     req_addr_o,
  input  logic [1:0]          rsp_valid_i,
  input  logic [Lanes*32-1:0] rsp_data_i
);
  typedef enum logic [2:0] {IDLE, PICK, HEADER, START, LOAD} state_e;
  state_e state_d, state_q;

  logic [3:0]  item_d, item_q;
  logic [15:0] exps_beat_q, data_beat_q;
  logic [31:0] left_q;                    // elements of the data that are still to come
  logic        operand, header, exps, data, start_exps, start_data;

  assign busy_o  = state_q != IDLE;
  assign operand = !(item_q[3] || item_q[2]);
  assign header  = operand && header_i[item_q[1:0]];
  assign exps    = exps_i[item_q];
  assign data    = data_i[item_q];

  // A number of elements in beats.
  logic [31:0] exps_count, exps_beats, data_beats;
  assign exps_count = operand ? count_i[item_q[1:0]*32 +: 32] : last_i;
  assign exps_beats = (exps_count + 32'(Lanes - 1)) / 32'(Lanes);
  assign data_beats = (last_i + 32'(Lanes - 1)) / 32'(Lanes);

  logic [31:0]         exps_base;
  logic [Lanes*32-1:0] exps_data;
  logic                exps_busy, exps_valid, exps_ready, data_busy, data_valid, data_ready;
  assign exps_base = exps_base_i[item_q*32 +: 32];

  // The exponents' reader reads the header first.
  logic        at_header;
  logic [31:0] exps_from, exps_for;
  logic [1:0]  exps_size;
  assign at_header = state_q == PICK;
  assign exps_from = at_header ? exps_base : exps_base + 32'(Lanes * 4);
  assign exps_for  = at_header ? 32'd1 : exps_beats;
  assign exps_size = at_header ? 2'd2 : 2'd1;

  stream_reader #(.Lanes(Lanes)) u_exps (
    .clk_i, .rst_ni, .start_i(start_exps),
    .base_i(exps_from), .size_i(exps_size), .unsigned_i(1'b0), .first_i(32'd0),
    .beats_i(exps_for), .busy_o(exps_busy), .valid_o(exps_valid),
    .ready_i(exps_ready), .data_o(exps_data), .req_valid_o(req_valid_o[0]),
    .req_ready_i(req_ready_i[0]), .req_addr_o(req_addr_o[31:0]), .rsp_valid_i(rsp_valid_i[0]),
    .rsp_data_i
  );
  stream_reader #(.Lanes(Lanes)) u_data (
    .clk_i, .rst_ni, .start_i(start_data), .base_i(data_base_i[item_q*32 +: 32]),
    .size_i(operand ? size_i[item_q[1:0]*2 +: 2] : 2'd2),
    .unsigned_i(operand && unsigned_i[item_q[1:0]]), .first_i(32'd0), .beats_i(data_beats),
    .busy_o(data_busy), .valid_o(data_valid), .ready_i(data_ready), .data_o(mantissas_o),
    .req_valid_o(req_valid_o[1]), .req_ready_i(req_ready_i[1]), .req_addr_o(req_addr_o[63:32]),
    .rsp_valid_i(rsp_valid_i[1]), .rsp_data_i
  );

  // A vector's exponents and mantissas are taken together.
  logic loading;
  assign loading    = state_q == LOAD;
  assign exps_ready = (state_q == HEADER) || (loading && (operand || data_valid));
  assign data_ready = loading && (operand || exps_valid);

  always_comb begin
    write_exps_o         = '0;
    write_data_o         = '0;
    write_data_o[item_q] = loading && data_valid && data_ready;
    if (operand) write_exps_o[item_q[1:0]] = loading && exps_valid && exps_ready;
  end
  assign exps_beat_o = exps_beat_q;
  assign data_beat_o = data_beat_q;

  // E - (wl - 2); a zero block's E is -128.
  logic        shared;
  logic [15:0] less;
  assign shared = operand && shared_i[item_q[1:0]];
  assign less   = shared ? {11'b0, wl_i[item_q[1:0]*5 +: 5]} - 16'd2 : '0;
  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic [15:0] entry;
    logic        unused_high;
    assign entry       = exps_data[l*32 +: 16];
    assign unused_high = ^exps_data[l*32 + 16 +: 16];
    assign exponents_o[l*16 +: 16] = ((shared && entry == 16'h8000) ? 16'hFF80 : entry) - less;
    assign valid_o[l] = 32'(l) < left_q;
  end

  always_comb begin
    state_d    = state_q;
    item_d     = item_q;
    start_exps = 1'b0;
    start_data = 1'b0;
    case (state_q)
      IDLE: begin
        item_d = '0;
        if (start_i) state_d = PICK;
      end
      PICK: begin
        start_exps = header;
        if (header)            state_d = HEADER;
        else if (exps || data) state_d = START;
        else if (item_q == 4'd8) state_d = IDLE;
        else                   item_d = item_q + 4'd1;
      end
      HEADER: if (exps_valid) state_d = START;
      START: begin
        start_exps = exps;
        start_data = data;
        state_d    = LOAD;
      end
      LOAD: begin
        if (!exps_busy && !data_busy) begin
          if (item_q == 4'd8) state_d = IDLE;
          else begin
            item_d  = item_q + 4'd1;
            state_d = PICK;
          end
        end
      end
      default: state_d = IDLE;
    endcase
  end

  logic [4*5-1:0] bits_q;
  assign bits_o = bits_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q     <= IDLE;
      item_q      <= '0;
      exps_beat_q <= '0;
      data_beat_q <= '0;
      left_q      <= '0;
      bits_q      <= '0;
    end else begin
      state_q <= state_d;
      item_q  <= item_d;
      if (state_q == START) begin
        exps_beat_q <= '0;
        data_beat_q <= '0;
        left_q      <= last_i;
      end else if (loading) begin
        exps_beat_q <= exps_beat_q + 16'(exps_valid && exps_ready);
        data_beat_q <= data_beat_q + 16'(data_valid && data_ready);
        if (data_valid && data_ready) left_q <= left_q - 32'(Lanes);
      end
      if (state_q == HEADER && exps_valid) bits_q[item_q[1:0]*5 +: 5] <= exps_data[4:0];
    end
  end
endmodule
