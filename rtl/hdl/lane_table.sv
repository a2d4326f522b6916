// A small table, written entry by entry and read by all lanes: hardware keeps a copy for each.
module lane_table #(
  parameter int Lanes = 16,
  parameter int Depth = 1024,  // entries, a power of two
  parameter int Width = 5
) (
  input  logic                           clk_i,
  input  logic                           write_i,
  input  logic [$clog2(Depth)-1:0]       place_i,
  input  logic [Width-1:0]               entry_i,
  input  logic [Lanes*$clog2(Depth)-1:0] index_i,
  output logic [Lanes*Width-1:0]         entry_o   // of index_i, in the same cycle
);
  localparam int DepthBits = $clog2(Depth);

  logic [Width-1:0] entries_q [Depth];
  always_ff @(posedge clk_i) begin
    if (write_i) entries_q[place_i] <= entry_i;
  end
  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    assign entry_o[l*Width +: Width] = entries_q[index_i[l*DepthBits +: DepthBits]];
  end
endmodule
