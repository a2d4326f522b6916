// A quantizer of another house, to be held to docs/numerics.md: one value a cycle, in two passes
// over a block. SCAN finds the shared exponent, EMIT rounds and clips. Random bits: from outside.
//
//   CLR    forget the block
//   SCAN   X * 2^XE counts towards the exponent
//   EMIT   X * 2^XE becomes a mantissa of WL bits; Q and CLIPPED hold it from the next edge on
//   BEXP   the exponent of what was scanned; EMPTY, OVER, UNDER: no nonzero value, above 127,
//          below -128
//
// SATURATE = 0 leaves out the clip behind the rounding: the bug that this example finds.
module flexquant #(
  parameter SATURATE = 1
) (
  input  wire               CLK,
  input  wire               CLR,
  input  wire               SCAN,
  input  wire               EMIT,
  input  wire               EVEN,   // round to nearest even; else stochastically, by NOISE
  input  wire        [4:0]  WL,     // 2 to 16
  input  wire signed [31:0] X,
  input  wire signed [15:0] XE,
  input  wire        [15:0] NOISE,
  output reg  signed [15:0] Q,
  output reg                CLIPPED,
  output wire signed [7:0]  BEXP,
  output wire               EMPTY,
  output wire               OVER,
  output wire               UNDER
);

  // ---- pass 1: the largest floor(log2 |x|)
  reg signed [17:0] PEAK;
  reg               SEEN;

  wire [31:0] MAG = X[31] ? -X : X;

  reg [5:0] TOP;
  integer k;
  always @* begin
    TOP = 0;
    for (k = 0; k < 32; k = k + 1)
      if (MAG[k]) TOP = k[5:0];
  end

  wire signed [17:0] HERE = $signed({12'b0, TOP}) + $signed({{2{XE[15]}}, XE});

  always @(posedge CLK) begin
    if (CLR) begin
      SEEN <= 1'b0;
      PEAK <= 18'sd0;
    end else if (SCAN && MAG != 0 && (!SEEN || HERE > PEAK)) begin
      SEEN <= 1'b1;
      PEAK <= HERE;
    end
  end

  assign EMPTY = !SEEN;
  assign OVER  = SEEN && PEAK > 18'sd127;
  assign UNDER = SEEN && PEAK < -18'sd128;
  assign BEXP  = (EMPTY || UNDER) ? -8'sd128 : OVER ? 8'sd127 : PEAK[7:0];

  // ---- pass 2: surplus bits, rounding, clip
  wire signed [17:0] SUR = $signed({{10{BEXP[7]}}, BEXP}) - $signed({13'b0, WL}) + 18'sd2
                           - $signed({{2{XE[15]}}, XE});
  // From 48 bits on nothing of X but its sign is left, 20 bits up are beyond any clip.
  wire [5:0] DOWN = SUR > 18'sd48 ? 6'd48 : SUR > 18'sd0 ? SUR[5:0] : 6'd0;
  wire [4:0] UP   = SUR < -18'sd20 ? 5'd20 : SUR < 18'sd0 ? 5'd0 - SUR[4:0] : 5'd0;

  wire signed [63:0] XW = {{32{X[31]}}, X};
  wire [63:0] CHANCE = DOWN <= 6'd16 ? {48'b0, NOISE} >> (6'd16 - DOWN)
                                     : {48'b0, NOISE} << (DOWN - 6'd16);
  // Half a step, less one unit where the integer below is even.
  wire signed [63:0] FLOOR_X = XW >>> DOWN;
  wire [63:0] HALF = (64'd1 << DOWN >> 1) - {63'b0, !FLOOR_X[0]};
  wire [63:0] ADD = DOWN == 0 ? 64'd0 : EVEN ? HALF : CHANCE;
  wire signed [63:0] SUM = XW + $signed(ADD);
  wire signed [63:0] ROUNDED = (SUM >>> DOWN) <<< UP;

  wire signed [63:0] LIMIT = (64'sd1 <<< (WL - 5'd1)) - 64'sd1;
  wire HIGH = ROUNDED > LIMIT;
  wire LOW  = ROUNDED < -LIMIT;
  wire signed [63:0] KEPT = HIGH ? LIMIT : LOW ? -LIMIT : ROUNDED;
  // Without the clip the mantissa is what its WL bits hold.
  wire [5:0] SPARE = 6'd63 - {1'b0, WL} + 6'd1;
  wire signed [63:0] CUT = (ROUNDED <<< SPARE) >>> SPARE;
  wire signed [63:0] OUT = SATURATE != 0 ? KEPT : CUT;

  always @(posedge CLK) begin
    if (EMIT) begin
      Q       <= (EMPTY || UNDER) ? 16'sd0 : OUT[15:0];
      CLIPPED <= (HIGH || LOW) && !EMPTY && !UNDER;
    end
  end

  wire unused_ok = &{1'b0, SUR[17:6], OUT[63:16], FLOOR_X[63:1]};
endmodule
