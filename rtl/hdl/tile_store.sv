// What a lane knows of the tiles of a band (numerics 2.3): first the largest floor(log2 |x|) among
// its own elements of each tile, then, once merged with the other lanes', that of all of them. One
// word a tile, one read and one write a cycle. Exponents count only as far as E reaches: one more
// on each side says that it is too large or too small, the lowest value that there is none.
//
// A word carries the parity of the band that wrote it: words of another band say none. Merging
// writes all tiles, so none stays from two bands ago; a command starts by marking them all.
module tile_store #(
  parameter int Tiles    = 2,
  parameter int TileBits = 1   // $clog2(Tiles), at least 1
) (
  input  logic                clk_i,
  input  logic [TileBits-1:0] tile_i,    // what is read, and written
  input  logic                parity_i,  // of the band; while clearing, of the one before
  output logic signed [8:0]   top_o,
  input  logic                raise_i,   // top_o to at least log_i
  input  logic signed [17:0]  log_i,
  input  logic                write_i,   // write top_i; wins
  input  logic signed [8:0]   top_i
);
  localparam logic signed [8:0] NONE = -9'sd256;

  logic [9:0]        words_q [Tiles];
  logic [9:0]        word;
  logic signed [8:0] top, log;
  logic              higher;

  assign word   = words_q[tile_i];
  assign top    = (word[9] == parity_i) ? $signed(word[8:0]) : NONE;
  assign top_o  = top;
  assign log    = (log_i > 18'sd127) ? 9'sd128 : (log_i < -18'sd128) ? -9'sd129 : 9'(log_i);
  assign higher = raise_i && log > top;

  always_ff @(posedge clk_i) begin
    if (write_i || higher) words_q[tile_i] <= {parity_i, write_i ? top_i : log};
  end
endmodule
