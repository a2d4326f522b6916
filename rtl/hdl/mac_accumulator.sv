// One product into an accumulator (numerics 8.1), combinational: by itself, or by way of the
// partial sum of its chunk, which enters, rounded, with the chunk's last product.
module mac_accumulator #(
  parameter int AccBits     = 32,  // 8..32
  parameter int Saturate    = 1,   // 0: wrap
  parameter int AccShift    = 0,   // 0..14
  parameter int AccRounding = 3,   // 0 stochastic, 1 nearest_even, 3 floor, as in bittrue_pkg
  parameter int RandomBits  = 16,  // 1..24, of a draw
  parameter int Chunk       = 0,   // above 0: products are summed at PsumBits first
  parameter int PsumBits    = 32   // 8..32
) (
  input  logic signed [15:0]         product_i,
  input  logic                       enter_i,    // with Chunk: the last product of one
  input  logic                       nearest_i,  // nearest_even in place of stochastic
  input  logic [RandomBits-1:0]      draw_i,
  input  logic signed [AccBits-1:0]  acc_i,
  input  logic signed [PsumBits-1:0] psum_i,
  output logic signed [AccBits-1:0]  acc_o,
  output logic signed [PsumBits-1:0] psum_o
);
  localparam int EntryBits = (Chunk > 0) ? PsumBits : 16;

  logic signed [EntryBits-1:0] entry;
  logic signed [AccBits-1:0]   acc;

  if (Chunk > 0) begin : gen_chunk
    over_add #(.Bits(PsumBits), .TermBits(16), .Saturate(Saturate)) u_psum (
      .sum_i(psum_i), .term_i(product_i), .sum_o(entry)
    );
    assign psum_o = enter_i ? '0 : entry;
    assign acc_o  = enter_i ? acc : acc_i;
  end else begin : gen_single
    logic unused_chunk;
    assign unused_chunk = ^{enter_i, psum_i};
    assign entry  = product_i;
    assign psum_o = '0;
    assign acc_o  = acc;
  end

  if (AccShift > 0) begin : gen_round
    localparam int Wide     = ((EntryBits > AccShift) ? EntryBits : AccShift + 1) + 1;
    localparam int TermBits = Wide - AccShift;
    logic signed [TermBits-1:0] term;
    mac_round #(
      .EntryBits(EntryBits), .Shift(AccShift), .Rounding(AccRounding), .RandomBits(RandomBits),
      .TermBits(TermBits)
    ) u_round (.entry_i(entry), .nearest_i, .draw_i, .term_o(term));
    over_add #(.Bits(AccBits), .TermBits(TermBits), .Saturate(Saturate)) u_acc (
      .sum_i(acc_i), .term_i(term), .sum_o(acc)
    );
  end else begin : gen_exact
    logic unused_random;
    assign unused_random = ^{nearest_i, draw_i};
    over_add #(.Bits(AccBits), .TermBits(EntryBits), .Saturate(Saturate)) u_acc (
      .sum_i(acc_i), .term_i(entry), .sum_o(acc)
    );
  end
endmodule
