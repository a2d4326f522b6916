// For yosys: from equal states, the LFSR and as many single steps of numerics 4.1 as a draw has
// bits reach equal states, whatever the state and the inputs.
module lfsr_proof (
  input logic        clk_i,
  input logic        load_i,
  input logic [31:0] state_i,
  input logic        step_i,
  input logic [4:0]  any_bits_i
);
  logic [4:0]  bits;
  logic [23:0] draw;
  logic [31:0] state, model_d, model_q;

  assign bits = (any_bits_i >= 5'd1 && any_bits_i <= 5'd24) ? any_bits_i : 5'd16;

  lfsr u_lfsr (
    .clk_i(clk_i), .rst_ni(1'b1), .load_i(load_i), .state_i(state_i), .step_i(step_i),
    .bits_i(bits), .draw_o(draw), .state_o(state)
  );

  always_comb begin
    model_d = model_q;
    if (load_i) begin
      model_d = state_i;
    end else if (step_i) begin
      for (int i = 0; i < 24; i++) begin
        if (i < 32'(bits)) model_d = (model_d >> 1) ^ (model_d[0] ? 32'hA3000000 : 32'h0);
      end
    end
  end

  always_ff @(posedge clk_i) model_q <= model_d;

  always_comb begin
    assert (state == model_q);
    assert (32'(draw) << 8 == model_q << (6'd32 - 6'(bits)));
  end
endmodule
