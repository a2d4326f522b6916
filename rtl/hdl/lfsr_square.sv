// Twice the jump: x^2n of x^n (lfsr_times), combinational. Squaring is linear: bit 31-i adds x^2i.
module lfsr_square (
  input  logic [31:0] power_i,
  output logic [31:0] power_o
);
  function automatic logic [31:0] square(input logic [31:0] x);
    logic [31:0] term;
    int          i;
    begin
      term   = 32'h8000_0000;
      square = 32'h0;
      for (i = 0; i < 32; i = i + 1) begin
        if (x[31-i]) square = square ^ term;
        term = (term >> 1) ^ (term[0] ? 32'hA3000000 : 32'h0);
        term = (term >> 1) ^ (term[0] ? 32'hA3000000 : 32'h0);
      end
    end
  endfunction

  assign power_o = square(power_i);
endmodule
