// x0 * y0 - x1 * y1 of 64-bit integers, exactly (numerics 19): eight products of halves on the
// scalar unit's multiplier, one a cycle, each added in the cycle after it; 9 cycles.
module scalar_difference (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                start_i,
  input  logic signed [63:0]  x0_i,       // the four: from start_i on, for 8 cycles
  input  logic signed [63:0]  y0_i,
  input  logic signed [63:0]  x1_i,
  input  logic signed [63:0]  y1_i,
  output logic                run_o,      // the multiplier is wanted, for factor_a_o * factor_b_o
  output logic signed [32:0]  factor_a_o,
  output logic signed [32:0]  factor_b_o,
  input  logic signed [65:0]  product_i,  // of the cycle before
  output logic signed [127:0] result_o    // holds from 9 cycles after start_i
);
  // index_q: 0 when idle, else products formed so far. Product i takes the upper half of x
  // where its bit 0 is set, that of y where its bit 1 is set; 4 and up are the second pair.
  logic [3:0]          index_d, index_q;
  logic [2:0]          now, last;
  logic                adds;
  logic signed [63:0]  x, y;
  logic signed [127:0] placed, base, result_d, result_q;

  assign adds  = index_q != '0;
  assign run_o = start_i || (adds && !index_q[3]);
  assign now   = start_i ? 3'd0 : index_q[2:0];
  assign last  = index_q[2:0] - 3'd1;
  assign x     = now[2] ? x1_i : x0_i;
  assign y     = now[2] ? y1_i : y0_i;

  assign factor_a_o = now[0] ? $signed({x[63], x[63:32]}) : $signed({1'b0, x[31:0]});
  assign factor_b_o = now[1] ? $signed({y[63], y[63:32]}) : $signed({1'b0, y[31:0]});

  always_comb begin
    index_d = index_q;
    if (start_i) index_d = 4'd1;
    else if (index_q[3]) index_d = '0;
    else if (adds) index_d = index_q + 4'd1;
  end

  always_comb begin
    placed = 128'(product_i);
    if (last[0]) placed = placed <<< 32;
    if (last[1]) placed = placed <<< 32;
    base     = (index_q == 4'd1) ? '0 : result_q;
    result_d = result_q;
    if (adds) result_d = last[2] ? base - placed : base + placed;
  end

  assign result_o = result_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      index_q  <= '0;
      result_q <= '0;
    end else begin
      index_q  <= index_d;
      result_q <= result_d;
    end
  end
endmodule
