// For yosys: the constants of a walker of 16 lanes and 16 random bits, which it works out by
// constant functions, are what steps and squares lead to: x^(2^28 - 1) and x^(2^28 + 30).
module lfsr_power_proof (
  input logic [31:0] any_i  // lest the comparisons are constants, which are dropped unseen
);
  logic [31:0] next, back, ahead;

  lfsr_power #(.Steps(32'h0FFF_FFFF)) u_next (.power_o(next));
  lfsr_power #(.Steps(32'h1000_001E)) u_back (.power_o(back));

  // x^(2^28 - 1) is x^(2^27 - 1), squared, on by a step.
  logic [32*29-1:0] ones, twos;
  assign ones[31:0] = 32'h8000_0000;
  assign twos[31:0] = 32'h4000_0000;
  for (genvar i = 0; i < 28; i++) begin : gen_power
    logic [31:0] squared;
    lfsr_square u_ones (.power_i(ones[32*i +: 32]), .power_o(squared));
    lfsr_square u_twos (.power_i(twos[32*i +: 32]), .power_o(twos[32*(i+1) +: 32]));
    lfsr_times u_step (.power_i(32'h4000_0000), .state_i(squared), .state_o(ones[32*(i+1) +: 32]));
  end

  always_comb begin
    ahead = twos[32*28 +: 32];
    for (int i = 0; i < 30; i++) ahead = (ahead >> 1) ^ (ahead[0] ? 32'hA3000000 : 32'h0);
  end

  always_comb begin
    assert ((next ^ any_i) - (ones[32*28 +: 32] ^ any_i) == 32'd0);
    assert ((back ^ any_i) - (ahead ^ any_i) == 32'd0);
  end
endmodule
