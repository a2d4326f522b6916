// The results of norm, norm_back and statistics to memory: a channel's, from registers, while the
// next one is computed, and at the end what the command has once.
module norm_results #(
  parameter int Lanes = 16  // at least 4
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic [4095:0]       desc_i,
  input  logic                back_i,
  input  logic                statistics_i,
  input  logic [31:0]         record_i,          // A1 of channel 0
  input  logic [31:0]         record_second_i,   // A2 of channel 0
  input  logic [31:0]         record_heads_i,    // its header
  input  logic                keep_i,            // a channel's results stand; while not busy_o
  input  logic                finish_i,          // all channels are written; while not busy_o
  output logic                busy_o,
  input  logic [31:0]         channel_i,
  // Of norm: a, b; of norm_back: b', c', dgamma, dbeta.
  input  logic [4*32-1:0]     mants_i,
  input  logic [4*16-1:0]     exps_i,
  // Of statistics: what is kept of A1 and A2; A0 and the exponents stand until not busy_o.
  input  logic                first_kept_i,
  input  logic                second_kept_i,
  input  logic [127:0]        first_i,
  input  logic [127:0]        second_i,
  input  logic [63:0]         rows_i,
  input  logic [15:0]         first_exp_i,
  input  logic [15:0]         second_exp_i,
  // Memory: writes only.
  output logic                req_valid_o,
  input  logic                req_ready_i,
  output logic [31:0]         req_addr_o,
  output logic [Lanes*32-1:0] req_data_o,
  output logic [Lanes*4-1:0]  req_strb_o
);
  localparam int Word  = Lanes * 4;  // bytes
  localparam int Items = 8;

  // Sizes of an item: 2, 4, 8, 16 bytes, and a word.
  localparam logic [2:0] SIZE_2 = 3'd1, SIZE_4 = 3'd2, SIZE_8 = 3'd3, SIZE_16 = 3'd4;
  localparam logic [2:0] SIZE_WORD = 3'd5;

  logic            heading_q;
  logic [31:0]     channel_q;
  logic [127:0]    first_q, second_q;  // A1, A2
  logic [4*32-1:0] mants_q;
  logic [4*16-1:0] exps_q;

  always_ff @(posedge clk_i) begin
    if (keep_i) begin
      channel_q <= channel_i;
      if (statistics_i) begin
        first_q  <= first_i;
        second_q <= second_i;
      end else begin
        mants_q <= mants_i;
        exps_q  <= exps_i;
      end
    end
  end

  // Of a channel: mantissa and exponent of each vector. At the end: their headers.
  logic [Items-1:0]     want, vectors_want, record_want;
  logic [Items*32-1:0]  addr, vectors_addr, record_addr;
  logic [Items*3-1:0]   size, vectors_size, record_size;
  logic [Items*128-1:0] value, vectors_value, record_value;

  for (genvar v = 0; v < 4; v++) begin : gen_vector
    // Slots 8..11 backward, 10 and 11 forward.
    localparam int Back = 96 + 8 * v, Forward = 96 + 8 * ((v + 2) % 4);
    logic [31:0] data, heads;
    assign data  = back_i ? desc_i[Back*32 +: 32] : desc_i[Forward*32 +: 32];
    assign heads = back_i ? desc_i[(Back + 1)*32 +: 32] : desc_i[(Forward + 1)*32 +: 32];

    assign vectors_want[2*v +: 2]   = (back_i || v < 2) ? {keep_i, 1'b1} : 2'b00;
    assign vectors_addr[v*64 +: 64] = {heads + 32'(Word) + (channel_q << 1),
                                       heading_q ? heads : data + (channel_q << 2)};
    assign vectors_size[v*6 +: 6]   = {SIZE_2, heading_q ? SIZE_WORD : SIZE_4};
    assign vectors_value[v*256 +: 256] = {112'b0, exps_q[v*16 +: 16], heading_q
        ? 128'(v == 0 ? 15 : 31) : {96'b0, mants_q[v*32 +: 32]}};
  end

  // Of a channel: A1 and A2. At the end: A0 and the exponents.
  assign record_want  = keep_i ? {6'b0, second_kept_i, first_kept_i}
                               : {3'b0, second_kept_i, first_kept_i, 3'b100};
  assign record_addr  = {96'b0, record_heads_i + 32'(Word + 2), record_heads_i + 32'(Word),
                         record_heads_i + 32'd8, record_second_i + (channel_q << 4),
                         record_i + (channel_q << 4)};
  assign record_size  = {9'b0, SIZE_2, SIZE_2, SIZE_8, SIZE_16, SIZE_16};
  assign record_value = {384'b0, 112'b0, second_exp_i, 112'b0, first_exp_i, 64'b0, rows_i,
                         second_q, first_q};

  assign want  = statistics_i ? record_want : vectors_want;
  assign addr  = statistics_i ? record_addr : vectors_addr;
  assign size  = statistics_i ? record_size : vectors_size;
  assign value = statistics_i ? record_value : vectors_value;

  element_writer #(.Lanes(Lanes), .Count(Items), .Bits(128)) u_writer (
    .clk_i, .rst_ni, .start_i(keep_i || finish_i), .want_i(want), .addr_i(addr), .size_i(size),
    .value_i(value), .busy_o, .req_valid_o, .req_ready_i, .req_addr_o, .req_data_o, .req_strb_o
  );

  logic unused_desc;
  assign unused_desc = ^desc_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni)       heading_q <= 1'b0;
    else if (keep_i)   heading_q <= 1'b0;
    else if (finish_i) heading_q <= 1'b1;
  end
endmodule
