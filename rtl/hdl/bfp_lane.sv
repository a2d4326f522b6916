// One lane of the quantizer: the element's exponent for the amax pass, its shift and rounding
// for the round pass, and the lane's random bits. Combinational but for the LFSR.
module bfp_lane #(
  parameter int RandomBits = 16
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               load_i,
  input  logic [31:0]        state_i,
  output logic [31:0]        state_o,
  input  logic               step_i,
  input  logic signed [31:0] mant_i,
  input  logic signed [15:0] exp_i,         // step exponent of mant_i
  output logic               nonzero_o,
  output logic signed [17:0] log_o,         // floor(log2 |value|), where nonzero
  input  logic signed [7:0]  shared_exp_i,  // the block's E
  input  logic               zero_block_i,
  input  logic [1:0]         mode_i,
  input  logic [4:0]         wl_i,
  input  logic               asymmetric_i,
  output logic signed [15:0] mant_o,
  output logic               clipped_o
);
  logic [31:0]           magnitude;
  logic [4:0]            msb;
  logic [RandomBits-1:0] draw;
  logic signed [17:0]    shift;
  logic signed [15:0]    rounded;
  logic                  clipped;

  assign magnitude = mant_i[31] ? $unsigned(-mant_i) : $unsigned(mant_i);
  assign nonzero_o = |mant_i;

  always_comb begin
    msb = '0;
    for (int i = 0; i < 32; i++) begin
      if (magnitude[i]) msb = 5'(i);
    end
  end

  assign log_o = 18'(exp_i) + $signed({13'b0, msb});
  assign shift = 18'(shared_exp_i) - $signed({13'b0, wl_i}) + 18'sd2 - 18'(exp_i);

  lfsr #(.RandomBits(RandomBits)) u_lfsr (
    .clk_i, .rst_ni, .load_i, .state_i, .step_i, .draw_o(draw), .state_o
  );

  rounder #(.RandomBits(RandomBits)) u_rounder (
    .mant_i, .shift_i(shift), .draw_i(draw), .mode_i, .wl_i, .asymmetric_i,
    .mant_o(rounded), .clipped_o(clipped)
  );

  assign mant_o    = zero_block_i ? '0 : rounded;
  assign clipped_o = clipped & ~zero_block_i;
endmodule
