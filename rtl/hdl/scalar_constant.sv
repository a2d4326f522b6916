// A scalar rounded once, nearest even, to a constant of 16 or 32 bits with sign (numerics 10);
// combinational.
module scalar_constant #(
  parameter int ExpBits = 20
) (
  input  logic                      wide_i,      // 32 bits, else 16
  input  logic                      negative_i,
  input  logic [31:0]               mant_i,
  input  logic signed [ExpBits-1:0] exp_i,
  output logic signed [31:0]        mant_o,
  output logic signed [ExpBits-1:0] exp_o
);
  // Just short of a half is carried up, and the tie where the result would be odd. What fills
  // all 33 bits has rounded up to a power of two.
  logic [32:0] sum;
  logic [31:0] rounded;
  logic [4:0]  places;

  assign sum = {1'b0, mant_i} + (wide_i ? {32'b0, mant_i[1]} : 33'h0ffff + {32'b0, mant_i[17]});

  always_comb begin
    places  = wide_i ? 5'd1 : 5'd17;
    rounded = wide_i ? sum[32:1] : {16'b0, sum[32:17]};
    if (sum[32]) begin
      places  = wide_i ? 5'd2 : 5'd18;
      rounded = rounded >> 1;
    end
  end

  assign mant_o = negative_i ? -$signed(rounded) : $signed(rounded);
  assign exp_o  = (mant_i == '0) ? '0 : exp_i + $signed(ExpBits'(places));

  logic unused_low;
  assign unused_low = sum[0];
endmodule
