// Shift, round and clip of one mantissa (numerics 3 and 7.3); combinational.
//
// Shifts beyond what changes the result are cut first: to the left, OutBits places move any
// nonzero mantissa out of every clip range; to the right, MantBits + RandomBits places leave
// of the mantissa only its sign.
module rounder #(
  parameter int MantBits   = 32,
  parameter int ShiftBits  = 18,
  parameter int RandomBits = 16,
  parameter int OutBits    = 16
) (
  input  logic signed [MantBits-1:0]  mant_i,
  input  logic signed [ShiftBits-1:0] shift_i,       // surplus low bits; negative: shift left
  input  logic [RandomBits-1:0]       draw_i,
  input  logic [1:0]                  mode_i,        // bittrue_pkg::ROUND_*
  input  logic [4:0]                  wl_i,          // 2..OutBits
  input  logic                        asymmetric_i,
  output logic signed [OutBits-1:0]   mant_o,
  output logic                        clipped_o
);
  localparam int Extra    = (RandomBits > OutBits) ? RandomBits : OutBits;
  localparam int Width    = MantBits + Extra + 2;
  localparam int MaxRight = MantBits + RandomBits;

  localparam logic signed [Width-1:0] ONE = {{(Width-1){1'b0}}, 1'b1};

  logic                    to_left, negative;
  logic [31:0]             left, right;
  logic signed [31:0]      shift;
  logic signed [Width-1:0] mant, draw, half, carry, rounded, top, bottom;

  assign shift   = 32'(shift_i);
  assign to_left = shift <= 32'sd0;
  assign mant    = Width'(mant_i);
  assign negative = mant_i[MantBits-1];
  assign draw    = $signed({{(Width-RandomBits){1'b0}}, draw_i});

  always_comb begin
    left  = 32'd0;
    right = 32'd0;
    if (to_left) begin
      left = (shift < -OutBits) ? OutBits : $unsigned(-shift);
    end else begin
      right = (shift > MaxRight) ? MaxRight : $unsigned(shift);
    end
  end

  assign half = to_left ? '0 : ONE << (right - 32'd1);

  always_comb begin
    carry = '0;
    case (mode_i)
      bittrue_pkg::ROUND_STOCHASTIC: begin
        carry = (right <= RandomBits) ? draw >>> (RandomBits - right)
                                      : draw <<< (right - RandomBits);
      end
      // Just short of a half, so that only what is above a tie is carried up, and the tie
      // itself where the result would be odd ...
      bittrue_pkg::ROUND_NEAREST_EVEN: carry = half - ONE + ((mant >>> right) & ONE);
      // ... or is not negative.
      bittrue_pkg::ROUND_NEAREST_AWAY: carry = half - ONE + (negative ? '0 : ONE);
      bittrue_pkg::ROUND_FLOOR: carry = '0;
      default: carry = '0;
    endcase
  end

  assign rounded = to_left ? mant <<< left : (mant + carry) >>> right;

  assign top    = (ONE << (wl_i - 5'd1)) - ONE;
  assign bottom = asymmetric_i ? -top - ONE : -top;

  always_comb begin
    mant_o    = OutBits'(rounded);
    clipped_o = 1'b0;
    if (rounded > top) begin
      mant_o    = OutBits'(top);
      clipped_o = 1'b1;
    end else if (rounded < bottom) begin
      mant_o    = OutBits'(bottom);
      clipped_o = 1'b1;
    end
  end
endmodule
