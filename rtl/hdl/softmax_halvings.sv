// How often a probability is halved at a distance below the largest logit (numerics 14), T in
// units of 2^-16, and what makes 2^(30 - T / 2^16) of it: a fraction for scalar_exp2 and a shift
// of its power. Combinational.
module softmax_halvings (
  input  logic [15:0] distance_i,  // lmax - l
  input  logic [5:0]  places_i,    // 6 - step exponent, held to 0..63
  output logic [22:0] halvings_o,  // at most 2^22
  output logic [15:0] fraction_o,
  output logic [4:0]  shift_o      // 31 and more: 31, by which every power is 0
);
  localparam logic [14:0] LOG2_E = 15'd23637;        // units of 2^-14
  localparam logic [38:0] LIMIT  = 39'd1 << 22;

  // Where the step exponent is above 6, 0 places reach the limit too: 23637 * 2^8 is above it.
  logic [30:0] product;
  logic [38:0] placed;
  logic [7:0]  shift;

  assign product    = 31'(distance_i) * 31'(LOG2_E);
  assign placed     = {product, 8'b0} >> places_i;
  assign halvings_o = (placed > LIMIT) ? 23'(LIMIT) : placed[22:0];
  assign fraction_o = -halvings_o[15:0];
  assign shift      = {1'b0, halvings_o[22:16]} + 8'(halvings_o[15:0] != '0);
  assign shift_o    = (shift > 8'd31) ? 5'd31 : shift[4:0];
endmodule
