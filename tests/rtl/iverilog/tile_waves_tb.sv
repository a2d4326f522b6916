// Drives mac_tile with the ports of a dump of the C model, line by line, and dumps its own waves:
// +stimulus=FILE as wave_tool prints it, +half=PS half a clock period, +waves=FILE.
`timescale 1ps / 1ps
module tile_waves_tb;
  parameter int Rows     = 4;
  parameter int Cols     = 4;
  parameter int AccBits  = 32;
  parameter int Saturate = 1;

  logic               clk = 0, rst_n = 1, start = 0;
  logic [31:0]        len = 0;
  logic [Rows*8-1:0]  a = 0;
  logic [Cols*8-1:0]  b = 0;
  logic               busy, ready, done, valid;
  logic [7:0]         row;
  logic [Cols*32-1:0] sum;
  logic [31:0]        cycles;
  int                 file, half;
  string              name;

  mac_tile #(
    .Rows(Rows), .Cols(Cols), .AccBits(AccBits), .Saturate(Saturate)
  ) mac_tile (
    .clk_i(clk), .rst_ni(rst_n), .stall_i(1'b0), .start_i(start), .len_i(len), .first_i(1'b1),
    .last_i(1'b1), .drop_i(1'b0), .lshift_i(5'd0), .rshift_i(6'd0), .busy_o(busy),
    .ready_o(ready), .skip_i(1'b0), .nearest_i(1'b0), .load_i(1'b0), .load_row_i(8'd0),
    .load_col_i(8'd0), .load_lane_i(6'd0), .load_state_i(32'd0), .a_i(a), .b_i(b),
    .done_o(done), .valid_o(valid), .row_o(row), .sum_o(sum), .cycles_o(cycles)
  );

  // Words of an array are dumped when they are named.
  for (genvar i = 1; i < Rows; i++) begin : gen_dump_a
    for (genvar s = 0; s < i; s++) begin : gen_stage
      initial #0 $dumpvars(0, mac_tile.u_array.gen_a[i].u_skew.gen_stages.stage_q[s]);
    end
  end
  for (genvar i = 1; i < Cols; i++) begin : gen_dump_b
    for (genvar s = 0; s < i; s++) begin : gen_stage
      initial #0 $dumpvars(0, mac_tile.u_array.gen_b[i].u_skew.gen_stages.stage_q[s]);
    end
  end

  initial begin
    if (!$value$plusargs("waves=%s", name)) $finish;
    $dumpfile(name);
    $dumpvars(0, mac_tile);
    if (!$value$plusargs("stimulus=%s", name) || !$value$plusargs("half=%d", half)) $finish;
    file = $fopen(name, "r");
    while ($fscanf(file, "%b %b %b %b %b", rst_n, start, len, a, b) == 5) begin
      clk = 0;
      #(half) clk = 1;
      #(half);
    end
    clk = 0;
    #1 $finish;
  end
endmodule
