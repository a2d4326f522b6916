// A lane's random bits (numerics 4.1, 4.2): a 32-bit Galois LFSR, mask 0xA3000000, that gives
// its low R bits as a draw and makes R steps at once when step_i is set.
module lfsr (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        load_i,   // wins over step_i
  input  logic [31:0] state_i,  // never 0
  input  logic        step_i,
  input  logic [4:0]  bits_i,   // R, 1..24: the mask has no tap below bit 24
  output logic [23:0] draw_o,   // the draw, its R bits at the top
  output logic [31:0] state_o
);
  logic [31:0] state_d, state_q, rest, top;

  // The low R bits moved to the top; what is above them moved down.
  assign top     = state_q << (6'd32 - 6'(bits_i));
  assign rest    = state_q >> bits_i;
  assign draw_o  = top[31:8];
  assign state_o = state_q;

  always_comb begin
    state_d = state_q;
    if (load_i) begin
      state_d = state_i;
    end else if (step_i) begin
      // One fold for each bit of the mask: 31, 29, 25, 24. At most 24 bits fold: none is lost.
      state_d = rest ^ top ^ (top >> 2) ^ (top >> 6) ^ (top >> 7);
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) state_q <= 32'd1;
    else         state_q <= state_d;
  end
endmodule
