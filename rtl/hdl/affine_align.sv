// One term of the affine unit brought to the sum's exponent (numerics 9); combinational.
//
// With top the largest exponent of the cell's terms, sums are formed at a = top - 8 (8 guard
// bits). A term at exponent top - d is so shifted left by 8 - d, or right by d - 8 with floor.
// Both are the same shift to the right by d of the term with 8 zeros below it. distance_i is d,
// at most 63: a shift right by 55 has left of a term of up to 56 bits only its sign.
module affine_align #(
  parameter int TermBits = 48,
  parameter int Guard    = 8
) (
  input  logic signed [TermBits-1:0]       term_i,
  input  logic [5:0]                       distance_i,
  output logic signed [TermBits+Guard-1:0] term_o
);
  logic signed [TermBits+Guard-1:0] guarded;

  assign guarded = {term_i, {Guard{1'b0}}};
  assign term_o  = guarded >>> distance_i;
endmodule
