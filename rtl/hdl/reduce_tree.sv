// The sum, or the largest, of a signed 64-bit integer from each lane: a tree with registers after
// each level, so $clog2(Lanes) cycles.
module reduce_tree #(
  parameter int Lanes = 16  // a power of two, at least 2
) (
  input  logic                clk_i,
  input  logic                en_i,       // registers hold without
  input  logic                largest_i,
  input  logic [Lanes*64-1:0] data_i,
  output logic [63:0]         data_o
);
  // Node k has children 2k and 2k + 1; the leaves are Lanes .. 2 Lanes - 1.
  logic [2*Lanes*64-1:0] node;
  assign node[Lanes*64 +: Lanes*64] = data_i;
  assign node[63:0] = '0;
  assign data_o = node[64 +: 64];

  for (genvar k = 1; k < Lanes; k++) begin : gen_node
    logic [63:0] a, b, node_q;
    assign a = node[2*k*64 +: 64];
    assign b = node[(2*k+1)*64 +: 64];
    assign node[k*64 +: 64] = node_q;
    always_ff @(posedge clk_i) begin
      if (en_i) node_q <= !largest_i ? a + b : ($signed(a) > $signed(b)) ? a : b;
    end
  end
  logic unused_node;
  assign unused_node = ^node[63:0];
endmodule
