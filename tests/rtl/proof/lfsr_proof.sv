// For yosys: from equal states, the LFSR and RandomBits single steps of numerics 4.1 reach equal
// states, whatever the state and the inputs.
module lfsr_proof #(
  parameter int RandomBits = 16
) (
  input logic        clk_i,
  input logic        load_i,
  input logic [31:0] state_i,
  input logic        step_i
);
  logic [RandomBits-1:0] draw;
  logic [31:0]           state, model_d, model_q;

  lfsr #(.RandomBits(RandomBits)) u_lfsr (
    .clk_i(clk_i), .rst_ni(1'b1), .load_i(load_i), .state_i(state_i), .step_i(step_i),
    .draw_o(draw), .state_o(state)
  );

  always_comb begin
    model_d = model_q;
    if (load_i) begin
      model_d = state_i;
    end else if (step_i) begin
      for (int i = 0; i < RandomBits; i++) begin
        model_d = (model_d >> 1) ^ (model_d[0] ? 32'hA3000000 : 32'h0);
      end
    end
  end

  always_ff @(posedge clk_i) model_q <= model_d;

  always_comb begin
    assert (state == model_q);
    assert (draw == model_q[RandomBits-1:0]);
  end
endmodule
