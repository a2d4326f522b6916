// Where each lane stands (pool_place), beat by beat: element beat * Lanes + lane, from beat 0 on.
// Lanes + 1 cycles set it up: one more place walks element by element and leaves in each lane its
// own; what it ends with, the element number Lanes, is the step to the next beat.
module pool_walker #(
  parameter int Lanes = 16
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                start_i,
  input  logic                next_i,      // to the next beat; while ready_o
  output logic                ready_o,     // set up
  // The walk, as in pool_place; stable from start_i on.
  input  logic [15:0]         channels_i,
  input  logic [15:0]         columns_i,
  input  logic [15:0]         rows_i,
  input  logic [6:0]          window_i,
  input  logic [5:0]          columns_left_i,
  input  logic [5:0]          rows_left_i,
  input  logic [31:0]         column_i,
  input  logic [31:0]         columns_all_i,
  input  logic [31:0]         line_i,
  input  logic [31:0]         gap_i,
  output logic [Lanes*16-1:0] column_o,
  output logic [Lanes*16-1:0] row_o,
  output logic [Lanes*6-1:0]  kw_o,
  output logic [Lanes*6-1:0]  kh_o,
  output logic [Lanes*8-1:0]  sample_o,
  output logic [Lanes*32-1:0] address_o,
  output logic [31:0]         first_line_o, // of the first and the last lane
  output logic [31:0]         last_line_o,
  output logic [31:0]         step_line_o   // of element number Lanes
);
  localparam int CountBits = $clog2(Lanes + 1);

  logic [CountBits-1:0] count_q;
  logic                 setting_q, walking;
  logic [59:0]          digits;
  logic [7:0]           sample;
  logic [63:0]          address;

  assign ready_o = !setting_q;
  assign walking = setting_q && count_q != CountBits'(Lanes);

  pool_place u_first (
    .clk_i, .rst_ni, .load_i(start_i), .digits_i(60'd0), .sample_i(8'd0), .address_i(64'd0),
    .next_i(walking), .step_digits_i(60'd1), .step_sample_i(8'd0), .step_address_i(64'd1),
    .channels_i, .columns_i, .rows_i, .window_i, .columns_left_i, .rows_left_i, .column_i,
    .columns_all_i, .line_i, .gap_i, .digits_o(digits), .sample_o(sample), .address_o(address)
  );

  logic [Lanes*32-1:0] lines;
  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic [59:0] lane_digits;
    logic [63:0] lane_address;
    pool_place u_place (
      .clk_i, .rst_ni, .load_i(walking && count_q == CountBits'(l)), .digits_i(digits),
      .sample_i(sample), .address_i(address), .next_i(next_i), .step_digits_i(digits),
      .step_sample_i(sample), .step_address_i(address), .channels_i, .columns_i, .rows_i,
      .window_i, .columns_left_i, .rows_left_i, .column_i, .columns_all_i, .line_i, .gap_i,
      .digits_o(lane_digits), .sample_o(sample_o[l*8 +: 8]), .address_o(lane_address)
    );
    assign column_o[l*16 +: 16]  = lane_digits[31:16];
    assign row_o[l*16 +: 16]     = lane_digits[47:32];
    assign kw_o[l*6 +: 6]        = lane_digits[53:48];
    assign kh_o[l*6 +: 6]        = lane_digits[59:54];
    assign lines[l*32 +: 32]     = lane_address[63:32];
    assign address_o[l*32 +: 32] = lane_address[63:32] + lane_address[31:0];
    logic unused_channel;
    assign unused_channel = ^lane_digits[15:0];
  end
  assign first_line_o = lines[31:0];
  assign last_line_o  = lines[Lanes*32-1 -: 32];
  assign step_line_o  = address[63:32];
  logic unused_lines;
  assign unused_lines = ^lines;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      count_q   <= '0;
      setting_q <= 1'b0;
    end else if (start_i) begin
      count_q   <= '0;
      setting_q <= 1'b1;
    end else if (setting_q) begin
      count_q   <= count_q + CountBits'(1);
      setting_q <= walking;
    end
  end
endmodule
