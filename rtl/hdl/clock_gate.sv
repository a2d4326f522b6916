// A clock that stands still while not enabled: what is behind it costs no power, and Verilator does
// not evaluate it. The enable is sampled on the falling edge, so that the gate opens and closes
// while the clock is low, without a latch. It comes from registers of the rising edge.
module clock_gate #(
  parameter int Gated = 1  // 0: the clock as it is
) (
  input  logic clk_i,
  input  logic enable_i,
  output logic clk_o
);
  if (Gated != 0) begin : gen_gate
    logic enable_q;
    always_ff @(negedge clk_i) enable_q <= enable_i;
    assign clk_o = clk_i & enable_q;
  end else begin : gen_wire
    logic unused_enable;
    assign unused_enable = enable_i;
    assign clk_o = clk_i;
  end
endmodule
