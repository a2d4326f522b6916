// A restoring division, a bit of the quotient in each cycle with run_i, the first in the cycle
// of start_i. The dividend is remainder_i, which is below the divisor, followed by bits_i, of
// which a division takes as many as it runs cycles, from the top.
module scalar_divider (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         start_i,      // with run_i
  input  logic         run_i,
  input  logic [63:0]  remainder_i,  // the three: in the cycle of start_i
  input  logic [127:0] bits_i,
  input  logic [63:0]  divisor_i,
  output logic         bit_o,        // the quotient's bit of this cycle
  output logic [127:0] quotient_o,   // below what is left of bits_i
  output logic         rest_o        // the division left something
);
  logic [63:0]  remainder, remainder_d, remainder_q, divisor_d, divisor_q;
  logic [127:0] bits, bits_d, bits_q;
  logic [64:0]  partial, rest;

  assign divisor_d = start_i ? divisor_i : divisor_q;
  assign remainder = start_i ? remainder_i : remainder_q;
  assign bits      = start_i ? bits_i : bits_q;
  assign partial   = {remainder, bits[127]};
  assign bit_o     = partial >= {1'b0, divisor_d};
  assign rest      = bit_o ? partial - {1'b0, divisor_d} : partial;

  assign remainder_d = run_i ? rest[63:0] : remainder_q;
  assign bits_d      = run_i ? {bits[126:0], bit_o} : bits_q;
  assign quotient_o  = bits_q;
  assign rest_o      = remainder_q != '0;

  logic unused_top;
  assign unused_top = rest[64];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      remainder_q <= '0;
      divisor_q   <= '0;
      bits_q      <= '0;
    end else begin
      remainder_q <= remainder_d;
      divisor_q   <= divisor_d;
      bits_q      <= bits_d;
    end
  end
endmodule
