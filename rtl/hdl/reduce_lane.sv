// One lane of the reduce unit (numerics 11): two sums of 64 bits for each last index, of elements
// and of products, in memories that are read in one cycle and written in the next. They are zero
// between commands: what is merged is cleared.
//
// Extremes are the largest of 65536 + x, or of 65536 - x for the minimum, so that 0 stands for no
// element, and one comparison does for both.
module reduce_lane #(
  parameter int Depth = 1024  // last indices, a power of two
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  input  logic                     en_i,        // all registers hold without
  // What is done with elements; stable from the first one to the last.
  input  logic                     sums_i,      // sums of x, or the largest x ...
  input  logic                     extreme_i,   // ... with this, ...
  input  logic                     negate_i,    // ... or the smallest with this
  input  logic                     products_i,  // sums of x y
  // Stage 0: an element, or an index to merge.
  input  logic                     element_i,
  input  logic                     merge_i,
  input  logic [$clog2(Depth)-1:0] index_i,
  input  logic signed [15:0]       x_i,
  input  logic signed [15:0]       y_i,
  // Stage 1.
  input  logic [4:0]               shift_i,     // left; above 16: the element counts as 0
  // Stage 2: the sums at the index to merge.
  output logic [63:0]              sum_o,
  output logic [63:0]              product_o
);
  localparam int IndexBits = $clog2(Depth);

  logic                 element1_q, merge1_q, element2_q, merge2_q;
  logic [IndexBits-1:0] index1_q, index2_q;
  logic signed [15:0]   x_q, y_q;
  logic signed [31:0]   addend, addend_q, product, product_q;

  always_comb begin
    addend = (shift_i > 5'd16) ? '0 : 32'(x_q) <<< shift_i;
    if (extreme_i) addend = negate_i ? 32'sd65536 - 32'(x_q) : 32'sd65536 + 32'(x_q);
  end
  assign product = 32'(x_q) * 32'(y_q);

  // The two memories.
  logic [63:0] sums_q [Depth];
  logic [63:0] products_q [Depth];
  logic [63:0] sum_q, total_q, sum_d, total_d;
  logic        write_sum, write_total, bypass;

  always_comb begin
    sum_d = sum_q + 64'(addend_q);
    if (extreme_i) sum_d = ($signed(sum_q) > 64'(addend_q)) ? sum_q : 64'(addend_q);
    total_d = total_q + 64'(product_q);
    if (merge2_q) begin
      sum_d   = '0;
      total_d = '0;
    end
  end
  assign write_sum   = en_i && (merge2_q || (element2_q && sums_i));
  assign write_total = en_i && (merge2_q || (element2_q && products_i));
  assign bypass      = index1_q == index2_q;  // what is read is being written
  assign sum_o       = sum_q;
  assign product_o   = total_q;

  always_ff @(posedge clk_i) begin
    if (en_i && (element_i || merge_i)) index1_q <= index_i;
    if (en_i && element_i) begin
      x_q <= x_i;
      y_q <= y_i;
    end
    if (en_i && element1_q) begin
      addend_q  <= addend;
      product_q <= product;
    end
    if (en_i && (element1_q || merge1_q)) begin
      index2_q <= index1_q;
      sum_q    <= (write_sum && bypass) ? sum_d : sums_q[index1_q];
      total_q  <= (write_total && bypass) ? total_d : products_q[index1_q];
    end
    if (write_sum)   sums_q[index2_q]     <= sum_d;
    if (write_total) products_q[index2_q] <= total_d;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      element1_q <= 1'b0;
      merge1_q   <= 1'b0;
      element2_q <= 1'b0;
      merge2_q   <= 1'b0;
    end else if (en_i) begin
      element1_q <= element_i;
      merge1_q   <= merge_i;
      element2_q <= element1_q;
      merge2_q   <= merge1_q;
    end
  end
endmodule
