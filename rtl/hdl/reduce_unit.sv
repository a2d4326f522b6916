// The reduce unit (numerics 11): Lanes elements a cycle, each to the sums that its lane keeps for
// its last index; afterwards the lanes are merged, one last index a cycle, and with that cleared.
// 2 + $clog2(Lanes) cycles later a merged index's results stand, until they are taken.
module reduce_unit #(
  parameter int Lanes  = 16,
  parameter int Depth  = 1024,  // last indices, a power of two
  parameter int Blocks = 1024   // blocks, a power of two
) (
  input  logic                            clk_i,
  input  logic                            rst_ni,
  // What is done; stable from the first element to the last result.
  input  logic                            sums_i,
  input  logic                            extreme_i,
  input  logic                            negate_i,
  input  logic                            products_i,
  // How far a block's mantissas are shifted to the left; above 16: they count as 0.
  input  logic                            table_write_i,
  input  logic [$clog2(Blocks)-1:0]       table_place_i,
  input  logic [4:0]                      table_shift_i,
  // Elements, where mask_i says. Not before the last results are taken.
  input  logic [Lanes-1:0]                mask_i,
  input  logic [Lanes*$clog2(Depth)-1:0]  index_i,
  input  logic [Lanes*$clog2(Blocks)-1:0] block_i,
  input  logic [Lanes*16-1:0]             x_i,
  input  logic [Lanes*16-1:0]             y_i,
  // A last index to merge; not with elements, but right behind them. Quiet: only cleared.
  input  logic                            merge_i,
  input  logic                            quiet_i,
  input  logic [$clog2(Depth)-1:0]        merge_index_i,
  output logic                            merge_ready_o,
  // Results, in the order in which they were asked for.
  output logic                            valid_o,
  input  logic                            ready_i,
  output logic [63:0]                     sum_o,      // or the extreme
  output logic [63:0]                     product_o
);
  localparam int IndexBits = $clog2(Depth);
  localparam int BlockBits = $clog2(Blocks);
  localparam int Latency   = 2 + $clog2(Lanes);

  logic [Latency-1:0] valid_q;  // results on their way
  logic               en;
  assign valid_o       = valid_q[Latency-1];
  assign en            = !valid_o || ready_i;
  assign merge_ready_o = en;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni)  valid_q <= '0;
    else if (en)  valid_q <= {valid_q[Latency-2:0], merge_i && !quiet_i};
  end

  logic [Lanes*BlockBits-1:0] block_q;
  logic [Lanes*5-1:0]         shift;
  always_ff @(posedge clk_i) begin
    if (mask_i != '0) block_q <= block_i;
  end
  lane_table #(.Lanes(Lanes), .Depth(Blocks), .Width(5)) u_table (
    .clk_i, .write_i(table_write_i), .place_i(table_place_i), .entry_i(table_shift_i),
    .index_i(block_q), .entry_o(shift)
  );

  logic [Lanes*64-1:0] sums, products;
  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    reduce_lane #(.Depth(Depth)) u_lane (
      .clk_i, .rst_ni, .en_i(en), .sums_i, .extreme_i, .negate_i, .products_i,
      .element_i(mask_i[l]), .merge_i,
      .index_i(merge_i ? merge_index_i : index_i[l*IndexBits +: IndexBits]),
      .x_i(x_i[l*16 +: 16]), .y_i(y_i[l*16 +: 16]), .shift_i(shift[l*5 +: 5]),
      .sum_o(sums[l*64 +: 64]), .product_o(products[l*64 +: 64])
    );
  end

  // The trees run while results are in them.
  logic        tree_en;
  logic [63:0] sum;
  assign tree_en = en && valid_q[Latency-2:1] != '0;
  reduce_tree #(.Lanes(Lanes)) u_sum (
    .clk_i, .en_i(tree_en && (sums_i || extreme_i)), .largest_i(extreme_i), .data_i(sums),
    .data_o(sum)
  );
  reduce_tree #(.Lanes(Lanes)) u_product (
    .clk_i, .en_i(tree_en && products_i), .largest_i(1'b0), .data_i(products), .data_o(product_o)
  );

  always_comb begin
    sum_o = sum;
    if (extreme_i) sum_o = negate_i ? 64'd65536 - sum : sum - 64'd65536;
  end
endmodule
