// A block's shared exponent (numerics 7.2) from the largest floor(log2 |x|) of its elements, as
// tile_store keeps it; combinational.
module shared_exponent (
  input  logic signed [8:0] top_i,       // -129 and 128 beyond what E reaches, -256: none
  output logic              zero_o,      // it is a zero block
  output logic signed [7:0] exp_o,       // E
  output logic              overflow_o,
  output logic              flushed_o
);
  assign overflow_o = top_i == 9'sd128;
  assign flushed_o  = top_i == -9'sd129;
  assign zero_o     = top_i < -9'sd128;
  assign exp_o      = zero_o ? 8'h80 : overflow_o ? 8'h7f : top_i[7:0];
endmodule
