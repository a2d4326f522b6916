// round(entry, Shift) of numerics 3 for what enters an accumulator (numerics 8.1): a shift that is
// fixed, by floor, to the nearest even, or stochastically; combinational.
module mac_round #(
  parameter int EntryBits  = 16,
  parameter int Shift      = 1,   // 1..14
  parameter int Rounding   = 3,   // 0 stochastic, 1 nearest_even, 3 floor
  parameter int RandomBits = 16,
  parameter int TermBits   = 16
) (
  input  logic signed [EntryBits-1:0] entry_i,
  input  logic                        nearest_i,  // nearest_even in place of stochastic
  input  logic [RandomBits-1:0]       draw_i,
  output logic signed [TermBits-1:0]  term_o
);
  localparam int Width = ((EntryBits > Shift) ? EntryBits : Shift + 1) + 1;

  localparam logic signed [Width-1:0] ONE  = {{(Width-1){1'b0}}, 1'b1};
  localparam logic signed [Width-1:0] HALF = ONE <<< (Shift - 1);

  logic signed [Width-1:0] entry, nearest, carry;

  assign entry = Width'(entry_i);
  // Just short of a half, and the rest of it where a tie would leave an odd result.
  assign nearest = HALF - ONE + (entry[Shift] ? ONE : '0);

  if (Rounding == 0) begin : gen_stochastic
    // The draw's bits against the top of the Shift bits that are dropped.
    logic [Shift-1:0] random;
    if (Shift <= RandomBits) begin : gen_top
      assign random = draw_i[RandomBits-1 -: Shift];
      if (Shift < RandomBits) begin : gen_rest
        logic unused_draw;
        assign unused_draw = ^draw_i[RandomBits-Shift-1:0];
      end
    end else begin : gen_zeros
      assign random = {draw_i, {(Shift-RandomBits){1'b0}}};
    end
    assign carry = nearest_i ? nearest : $signed({{(Width-Shift){1'b0}}, random});
  end else begin : gen_fixed
    logic unused_random;
    assign unused_random = ^{draw_i, nearest_i, nearest};
    assign carry = (Rounding == 1) ? nearest : '0;
  end

  assign term_o = TermBits'((entry + carry) >>> Shift);
endmodule
