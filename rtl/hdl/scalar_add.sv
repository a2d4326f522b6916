// The sum of two scalars before its cut (numerics 12.4); combinational.
module scalar_add #(
  parameter int ExpBits = 20
) (
  input  logic                      a_negative_i,
  input  logic [31:0]               a_mant_i,
  input  logic signed [ExpBits-1:0] a_exp_i,
  input  logic                      b_negative_i,
  input  logic [31:0]               b_mant_i,
  input  logic signed [ExpBits-1:0] b_exp_i,
  output logic                      negative_o,
  output logic [63:0]               magnitude_o,
  output logic signed [ExpBits-1:0] exp_o
);
  // The one of the larger exponent stays; a zero never does.
  logic b_stays;
  assign b_stays = (a_mant_i == '0) || (b_mant_i != '0 && b_exp_i > a_exp_i);

  logic                      large_negative, small_negative;
  logic [31:0]               large_mant, small_mant;
  logic signed [ExpBits-1:0] large_exp, small_exp;
  logic signed [ExpBits:0]   distance;
  logic [5:0]                shift;

  assign large_negative = b_stays ? b_negative_i : a_negative_i;
  assign large_mant     = b_stays ? b_mant_i : a_mant_i;
  assign large_exp      = b_stays ? b_exp_i : a_exp_i;
  assign small_negative = b_stays ? a_negative_i : b_negative_i;
  assign small_mant     = b_stays ? a_mant_i : b_mant_i;
  assign small_exp      = b_stays ? a_exp_i : b_exp_i;
  assign distance       = (ExpBits+1)'(large_exp) - (ExpBits+1)'(small_exp);

  // Beyond 62 places nothing is left. Where that one is zero the distance means nothing.
  assign shift = (distance[ExpBits:6] != '0) ? 6'd63 : distance[5:0];

  logic [62:0]        above, below;
  logic signed [65:0] sum;

  assign above = {large_mant, 31'b0};
  assign below = {small_mant, 31'b0} >> shift;

  always_comb begin
    sum = large_negative ? -$signed({3'b0, above}) : $signed({3'b0, above});
    sum = small_negative ? sum - $signed({3'b0, below}) : sum + $signed({3'b0, below});
  end

  assign negative_o  = sum[65];
  assign magnitude_o = 64'($unsigned(negative_o ? -sum : sum));
  assign exp_o       = large_exp - ExpBits'(31);
endmodule
