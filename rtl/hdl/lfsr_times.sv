// A jump of the LFSR (numerics 4.1), combinational. States are the elements of GF(2^32) with
// x^32 = x^7 + x^6 + x^2 + 1, bit i the coefficient of x^(31-i), and a step is a multiplication by
// x: so a jump of n steps is one by x^n. With a constant x^n this is a tree of XORs a bit.
module lfsr_times (
  input  logic [31:0] power_i,  // x^n: where the state x^0 = 32'h8000_0000 gets in n steps
  input  logic [31:0] state_i,
  output logic [31:0] state_o
);
  function automatic logic [31:0] times(input logic [31:0] x, input logic [31:0] y);
    logic [31:0] stepped;
    int          i;
    begin
      stepped = y;
      times   = 32'h0;
      for (i = 0; i < 32; i = i + 1) begin
        if (x[31-i]) times = times ^ stepped;
        stepped = (stepped >> 1) ^ (stepped[0] ? 32'hA3000000 : 32'h0);
      end
    end
  endfunction

  assign state_o = times(power_i, state_i);
endmodule
