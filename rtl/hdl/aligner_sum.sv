// What the aligner does with one partial sum (numerics 8.2), combinational: shifted left and added
// to the sum of the groups before it, saturating at 48 bits; and the mantissa of that sum, shifted
// right with floor and saturated at 32 bits.
module aligner_sum #(
  parameter int AccBits = 32
) (
  input  logic signed [47:0]        old_i,
  input  logic                      first_i,   // the first group: starts from 0
  input  logic                      drop_i,    // counts as zero
  input  logic [4:0]                lshift_i,  // 0..16
  input  logic [5:0]                rshift_i,
  input  logic signed [AccBits-1:0] psum_i,
  output logic signed [47:0]        new_o,
  output logic signed [31:0]        mant_o
);
  localparam logic signed [48:0] TOP    = 49'sh0_7fff_ffff_ffff;
  localparam logic signed [48:0] BOTTOM = -49'sh0_8000_0000_0000;

  logic signed [47:0] old_sum, term, shifted;
  logic signed [48:0] sum;

  assign old_sum = first_i ? '0 : old_i;
  assign term    = drop_i ? '0 : 48'(psum_i) <<< lshift_i;
  assign sum     = 49'(old_sum) + 49'(term);

  always_comb begin
    new_o = 48'(sum);
    if (sum > TOP) new_o = 48'(TOP);
    else if (sum < BOTTOM) new_o = 48'(BOTTOM);
  end

  assign shifted = new_o >>> rshift_i;

  always_comb begin
    mant_o = 32'(shifted);
    if (shifted > 48'sh0000_7fff_ffff) mant_o = 32'sh7fff_ffff;
    else if (shifted < -48'sh0000_8000_0000) mant_o = 32'sh8000_0000;
  end
endmodule
