// For yosys: aligner_sum equals numerics 8.2 written apart, for every sum, partial sum and shift of
// the machine: the term is doubled as often as it is shifted, the sum halved with floor.
module aligner_sum_proof (
  input logic signed [47:0] old_i,
  input logic               first_i,
  input logic               drop_i,
  input logic [4:0]         lshift_i,
  input logic [5:0]         rshift_i,
  input logic signed [31:0] psum_i
);
  logic signed [47:0] got;
  logic signed [31:0] mant;
  logic signed [63:0] sum, low;

  aligner_sum #(.AccBits(32)) u_sum (
    .old_i(old_i), .first_i(first_i), .drop_i(drop_i), .lshift_i(lshift_i), .rshift_i(rshift_i),
    .psum_i(psum_i), .new_o(got), .mant_o(mant)
  );

  always_comb begin
    sum = {{32{psum_i[31]}}, psum_i};
    for (int i = 0; i < 16; i++) if (i < lshift_i) sum = {sum[62:0], 1'b0};
    if (drop_i) sum = 64'sd0;
    if (!first_i) sum = sum + {{16{old_i[47]}}, old_i};
    if (sum >= 64'sd140737488355328) sum = 64'sd140737488355327;
    if (sum < -64'sd140737488355328) sum = -64'sd140737488355328;
    low = sum;
    for (int i = 0; i < 63; i++) if (i < rshift_i) low = {low[63], low[63:1]};
    if (low >= 64'sd2147483648) low = 64'sd2147483647;
    if (low < -64'sd2147483648) low = -64'sd2147483648;
  end

  always_comb begin
    assert (lshift_i > 5'd16 || got == sum[47:0]);
    assert (lshift_i > 5'd16 || mant == low[31:0]);
  end
endmodule
