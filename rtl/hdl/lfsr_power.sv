// The constant x^Steps for lfsr_times.
module lfsr_power #(
  parameter logic [31:0] Steps = 32'd1
) (
  output logic [31:0] power_o
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

  function automatic logic [31:0] x_to_the(input logic [31:0] steps);
    logic [31:0] square;
    int          i;
    begin
      square   = 32'h4000_0000;
      x_to_the = 32'h8000_0000;
      for (i = 0; i < 32; i = i + 1) begin
        if (steps[i]) x_to_the = times(x_to_the, square);
        square = times(square, square);
      end
    end
  endfunction

  localparam logic [31:0] POWER = x_to_the(Steps);

  assign power_o = POWER;
endmodule
