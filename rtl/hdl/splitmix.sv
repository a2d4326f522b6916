// SplitMix64's mix (numerics 5.1), a value a cycle, three cycles later. Multiplications are cut to
// 64 bits.
module splitmix (
  input  logic        clk_i,
  input  logic        advance_i,  // else all stages hold
  input  logic [63:0] value_i,
  output logic [63:0] mixed_o
);
  localparam logic [63:0] First  = 64'hBF58476D1CE4E5B9;
  localparam logic [63:0] Second = 64'h94D049BB133111EB;

  logic [63:0] value_q, once_q, twice_q;
  assign mixed_o = twice_q ^ (twice_q >> 31);

  always_ff @(posedge clk_i) begin
    if (advance_i) begin
      value_q <= value_i;
      once_q  <= (value_q ^ (value_q >> 30)) * First;
      twice_q <= (once_q ^ (once_q >> 27)) * Second;
    end
  end
endmodule
