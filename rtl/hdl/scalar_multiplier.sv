// The scalar unit's one multiplier: 32 bits and a sign. The product of this cycle, and, held,
// that of the last cycle with take_i.
module scalar_multiplier (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               take_i,
  input  logic signed [32:0] a_i,
  input  logic signed [32:0] b_i,
  output logic signed [65:0] product_o,
  output logic signed [65:0] held_o
);
  logic signed [65:0] held_d, held_q;

  assign product_o = a_i * b_i;
  assign held_d    = take_i ? product_o : held_q;
  assign held_o    = held_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) held_q <= '0;
    else         held_q <= held_d;
  end
endmodule
