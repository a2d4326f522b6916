// A scalar from an integer: +-magnitude * 2^exp, cut to 32 bits toward zero (numerics 12.4);
// combinational. Zero is mantissa 0, positive, exponent 0.
module scalar_make #(
  parameter int ExpBits = 20
) (
  input  logic                      negative_i,
  input  logic [127:0]              magnitude_i,
  input  logic signed [ExpBits-1:0] exp_i,
  output logic                      negative_o,
  output logic [31:0]               mant_o,      // its top bit is set, or all are zero
  output logic signed [ExpBits-1:0] exp_o
);
  // Leading zeros, halving: 64 of them or not, then 32 ...
  logic [127:0] shifted;
  logic [6:0]   zeros;

  always_comb begin
    shifted = magnitude_i;
    zeros   = '0;
    for (int s = 6; s >= 0; s--) begin
      if ((shifted >> (128 - (1 << s))) == '0) begin
        shifted  = shifted << (1 << s);
        zeros[s] = 1'b1;
      end
    end
  end

  assign mant_o     = shifted[127:96];
  assign negative_o = negative_i && shifted[127];
  assign exp_o      = shifted[127] ? exp_i + ExpBits'(96) - $signed(ExpBits'(zeros)) : '0;

  logic unused_low;
  assign unused_low = ^shifted[95:0];
endmodule
