// For yosys: a small affine_align equals numerics 9's two shifts, written apart: to the left by
// 2 - d, or to the right by d - 2 as a floored division; also where a distance was cut at 63.
module affine_align_proof (
  input logic signed [7:0] term_i,
  input logic [6:0]        distance_i
);
  localparam int W = 24;

  logic [5:0]          distance;
  logic signed [9:0]   got;
  logic [3:0]          right;
  logic signed [W-1:0] term, unit, low, plain;

  assign distance = (distance_i > 7'd63) ? 6'd63 : distance_i[5:0];

  affine_align #(.TermBits(8), .Guard(2)) u_align (
    .term_i(term_i), .distance_i(distance), .term_o(got)
  );

  // The quotient is floored: what is left over is never negative, and less than 2^right. From 8
  // places on only the sign is left.
  always_comb begin
    term  = {{(W-8){term_i[7]}}, term_i};
    right = (distance_i >= 7'd10) ? 4'd8 : (distance_i <= 7'd2) ? 4'd0 : distance_i[3:0] - 4'd2;
    unit  = 24'sd1 <<< right;
    low   = {{(W-10){got[9]}}, got};
    plain = (distance_i == 7'd0) ? term * 4 : term * 2;
  end

  always_comb begin
    assert (distance_i > 7'd1 || low == plain);
    assert (distance_i <= 7'd1 || (low * unit <= term && term < low * unit + unit));
  end
endmodule
