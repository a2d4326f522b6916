// A lane's random bits (numerics 4.1, 4.2): a 32-bit Galois LFSR, mask 0xA3000000, that gives
// its low RandomBits bits as a draw and makes RandomBits steps at once when step_i is set.
module lfsr #(
  parameter int RandomBits = 16  // 1..24: the mask has no tap below bit 24
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  load_i,   // wins over step_i
  input  logic [31:0]           state_i,  // never 0
  input  logic                  step_i,
  output logic [RandomBits-1:0] draw_o,
  output logic [31:0]           state_o
);
  logic [31:0] state_d, state_q, draw;

  assign draw    = 32'(state_q[RandomBits-1:0]);
  assign draw_o  = state_q[RandomBits-1:0];
  assign state_o = state_q;

  always_comb begin
    state_d = state_q;
    if (load_i) begin
      state_d = state_i;
    end else if (step_i) begin
      // One fold for each bit of the mask: 31, 29, 25, 24.
      state_d = (state_q >> RandomBits) ^ (draw << (32 - RandomBits)) ^ (draw << (30 - RandomBits))
              ^ (draw << (26 - RandomBits)) ^ (draw << (25 - RandomBits));
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) state_q <= 32'd1;
    else         state_q <= state_d;
  end
endmodule
