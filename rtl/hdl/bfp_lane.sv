// One lane of the quantizer: the element's exponent for the amax pass, its shift and rounding
// for the round pass, the lane's random bits, and its store of the band's tiles.
module bfp_lane #(
  parameter int Tiles    = 2,
  parameter int TileBits = 1
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                load_i,
  input  logic [31:0]         state_i,
  output logic [31:0]         state_o,
  input  logic                step_i,
  input  logic [4:0]          random_bits_i,
  input  logic                half_i,         // sr_half
  input  logic signed [31:0]  mant_i,
  input  logic signed [15:0]  exp_i,          // step exponent of mant_i
  output logic                nonzero_o,
  // The store of tiles.
  input  logic [TileBits-1:0] tile_i,
  input  logic                parity_i,
  input  logic                raise_i,        // by this element, if it is not zero
  input  logic                write_i,
  input  logic signed [8:0]   top_i,
  output logic signed [8:0]   top_o,
  // Rounding to the tile's exponent, or to a constant one.
  input  logic                fixed_i,
  input  logic signed [7:0]   fixed_exp_i,
  input  logic [1:0]          mode_i,
  input  logic [4:0]          wl_i,
  input  logic                asymmetric_i,
  output logic signed [15:0]  mant_o,
  output logic                clipped_o,
  output logic                overflow_o,     // the tile's exponent was above 127
  output logic                flushed_o       // or below -128
);
  localparam int DrawBits = 25;  // 24, and the bit below them of sr_half

  logic [31:0]         magnitude;
  logic [4:0]          msb;
  logic [23:0]         drawn;
  logic [DrawBits-1:0] draw;
  logic signed [17:0]  log, shift;
  logic signed [15:0]  rounded;
  logic signed [7:0]   shared_exp, target_exp;
  logic                clipped, zero;

  assign magnitude = mant_i[31] ? $unsigned(-mant_i) : $unsigned(mant_i);
  assign nonzero_o = |mant_i;

  // The place of the highest 1: in which half it is, again and again.
  logic [15:0] half_16;
  logic [7:0]  half_8;
  logic [3:0]  half_4;
  logic        in_16, in_8, in_4, in_2, in_1;
  assign in_16   = |magnitude[31:16];
  assign half_16 = in_16 ? magnitude[31:16] : magnitude[15:0];
  assign in_8    = |half_16[15:8];
  assign half_8  = in_8 ? half_16[15:8] : half_16[7:0];
  assign in_4    = |half_8[7:4];
  assign half_4  = in_4 ? half_8[7:4] : half_8[3:0];
  assign in_2    = |half_4[3:2];
  assign in_1    = in_2 ? half_4[3] : half_4[1];
  assign msb     = {in_16, in_8, in_4, in_2, in_1};

  logic unused_half;
  assign unused_half = half_4[0];

  assign log = 18'(exp_i) + $signed({13'b0, msb});  // floor(log2 |value|), where nonzero

  tile_store #(.Tiles(Tiles), .TileBits(TileBits)) u_tiles (
    .clk_i, .tile_i, .parity_i, .top_o, .raise_i(raise_i && nonzero_o), .log_i(log),
    .write_i, .top_i
  );

  shared_exponent u_shared (
    .top_i(top_o), .zero_o(zero), .exp_o(shared_exp), .overflow_o, .flushed_o
  );

  assign target_exp = fixed_i ? fixed_exp_i : shared_exp;
  assign shift = 18'(target_exp) - $signed({13'b0, wl_i}) + 18'sd2 - 18'(exp_i);

  lfsr u_lfsr (
    .clk_i, .rst_ni, .load_i, .state_i, .step_i, .bits_i(random_bits_i), .draw_o(drawn), .state_o
  );

  // A draw of R bits at the top of more bits rounds as it does by itself.
  assign draw = {drawn, 1'b0} | (DrawBits'(half_i) << (5'd24 - random_bits_i));

  rounder #(.RandomBits(DrawBits)) u_rounder (
    .mant_i, .shift_i(shift), .draw_i(draw), .mode_i, .wl_i, .asymmetric_i,
    .mant_o(rounded), .clipped_o(clipped)
  );

  assign mant_o    = (zero && !fixed_i) ? '0 : rounded;
  assign clipped_o = clipped && (!zero || fixed_i);
endmodule
