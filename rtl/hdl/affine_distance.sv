// How far a term's exponent lies below the largest one of its cell, 63 for more (numerics 9);
// combinational. Of a constant that is zero the exponent is void and may lie above: whatever
// comes out then shifts a 0.
module affine_distance (
  input  logic signed [15:0] step_i,     // of the operand
  input  logic signed [15:0] exp_i,      // of the constant
  input  logic signed [16:0] top_i,
  output logic [5:0]         distance_o
);
  logic signed [17:0] distance;

  assign distance   = 18'(top_i) - 18'(step_i) - 18'(exp_i);
  assign distance_o = (distance > 18'sd63) ? 6'd63 : distance[5:0];
endmodule
