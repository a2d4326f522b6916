// For yosys: additions that saturate, and that wrap, at 12 bits equal numerics 8.1's over() of the
// exact sum, for terms that are wider and for all sums.
module over_add_proof (
  input logic signed [11:0] sum_i,
  input logic signed [15:0] term_i
);
  logic signed [11:0] saturated, wrapped;
  logic signed [31:0] exact, clipped, reduced;

  over_add #(.Bits(12), .TermBits(16), .Saturate(1)) u_saturate (
    .sum_i(sum_i), .term_i(term_i), .sum_o(saturated)
  );
  over_add #(.Bits(12), .TermBits(16), .Saturate(0)) u_wrap (
    .sum_i(sum_i), .term_i(term_i), .sum_o(wrapped)
  );

  // Wrapped: in range, and apart from the exact sum by a multiple of 2^12.
  always_comb begin
    exact   = {{20{sum_i[11]}}, sum_i} + {{16{term_i[15]}}, term_i};
    clipped = (exact > 32'sd2047) ? 32'sd2047 : (exact < -32'sd2048) ? -32'sd2048 : exact;
    reduced = {{20{wrapped[11]}}, wrapped} - exact;
  end

  always_comb begin
    assert ({{20{saturated[11]}}, saturated} == clipped);
    assert (reduced[11:0] == 12'd0);
  end
endmodule
