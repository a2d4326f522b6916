// What a quantize command needs of its descriptor: whether it can be done, and how elements, blocks
// and cells lie (band_walker, tile_walker). At most 67 cycles, for the division of a row by the
// columns of a tile.
module quantize_plan #(
  parameter int Entries   = 1024,  // of the store of input exponents, a power of two
  parameter int Tiles     = 1024,  // of a band, a power of two
  parameter int WordBytes = 64,
  parameter int IndexBits = $clog2(Entries),
  parameter int TileBits  = $clog2(Tiles)
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 start_i,
  // Of the descriptor; stable.
  input  logic [31:0]          head_i,
  input  logic [31:0]          random_bits_i,
  input  logic [255:0]         in_i,
  input  logic [255:0]         out_i,
  output logic                 done_o,      // what follows stands from here on
  output logic [7:0]           status_o,
  // The input's blocks or cells, as tile_walker takes them.
  output logic                 stream_o,    // an exponent an element, in order
  output logic [31:0]          in_cols_o,
  output logic [31:0]          in_rows_o,
  output logic [IndexBits-1:0] in_tiles_o,
  output logic [IndexBits:0]   in_whole_o,
  output logic [31:0]          in_rest_o,
  // The output.
  output logic [31:0]          length_o,    // elements of a band
  output logic [31:0]          out_cols_o,
  output logic [TileBits:0]    out_tiles_o,
  output logic [TileBits:0]    out_whole_o,
  output logic [31:0]          out_rest_o
);
  localparam logic [31:0] ALL_ROWS = 32'hffff_ffff;
  localparam logic [7:0] STOCHASTIC = 8'(bittrue_pkg::ROUND_STOCHASTIC);
  localparam logic [2:0] INT8 = 3'd1, INT16 = 3'd2, WIDE = 3'd3;
  localparam logic [2:0] TENSOR = 3'd0, DIM0 = 3'd1, TILE = 3'd2, K32 = 3'd3;
  localparam logic [7:0] UNKNOWN = 8'd1, OPTION = 8'd2, EMPTY = 8'd3, ALIGNMENT = 8'd4,
                         FORMAT = 8'd7, SIZE = 8'd8, MISFIT = 8'd10;

  // Of a slot (docs/rtl.md, "Descriptor").
  logic [31:0] elements, entries, last, rest;
  logic [2:0]  in_kind, in_blocks, out_blocks;
  logic [1:0]  in_cells;
  logic        in_columns, in_wide, same;

  assign elements   = in_i[4*32 +: 32];
  assign entries    = in_i[5*32 +: 32];
  assign last       = in_i[6*32 +: 32];
  assign rest       = in_i[7*32 +: 32];
  assign in_kind    = in_i[2*32 +: 3];
  assign in_blocks  = in_i[2*32 + 10 +: 3];
  assign in_columns = in_i[2*32 + 13];
  assign in_cells   = in_i[2*32 + 14 +: 2];
  assign in_wide    = in_kind == WIDE;
  assign out_blocks = out_i[2*32 + 10 +: 3];
  assign same       = elements == out_i[4*32 +: 32] && last == out_i[6*32 +: 32]
                   && rest == out_i[7*32 +: 32];
  assign stream_o   = entries == elements;

  // A format of mantissas: kind, width and blocks that go together (numerics 2).
  function automatic logic narrow(input logic [2:0] kind, input logic [4:0] wl, input logic fixed,
                                  input logic [2:0] blocks, input logic [31:0] tile);
    logic width, shape;
    width  = (kind == INT8) ? (wl >= 5'd2 && wl <= 5'd8)
                            : (kind == INT16 && wl >= 5'd9 && wl <= 5'd16);
    shape  = fixed ? (blocks == TENSOR && tile <= 32'd60)
                   : (blocks != TILE || (tile[15:0] != '0 && tile[31:16] != '0));
    narrow = width && shape && !blocks[2];
  endfunction

  logic [31:0] addresses;
  logic        in_sound, out_sound;
  assign addresses = in_i[31:0] | in_i[63:32] | out_i[31:0] | out_i[63:32];
  assign in_sound  = in_wide ? in_cells != 2'd3 && (stream_o || in_cells != 2'd2 || !in_columns)
                             : narrow(in_kind, in_i[2*32 + 3 +: 5], in_i[2*32 + 8], in_blocks,
                                      in_i[3*32 +: 32]);
  assign out_sound = narrow(out_i[2*32 +: 3], out_i[2*32 + 3 +: 5], out_i[2*32 + 8], out_blocks,
                            out_i[3*32 +: 32]);

  logic [7:0] unsound;
  always_comb begin
    unsound = '0;
    if (head_i[7:0] != 8'd2) unsound = UNKNOWN;
    else if (head_i[15:8] > 8'd3 || head_i[31:17] != '0
             || (head_i[15:8] == STOCHASTIC && random_bits_i - 32'd1 > 32'd23))
      unsound = OPTION;
    else if (elements == '0 || entries == '0 || last == '0 || rest == '0) unsound = EMPTY;
    else if (addresses % 32'(WordBytes) != '0) unsound = ALIGNMENT;
    else if (!in_sound || !out_sound) unsound = FORMAT;
    else if (!same) unsound = MISFIT;
  end

  // What is divided: of the input a row by a tile's columns, or dimension 0's share by the last
  // dimension, where cells are split along both; of the output a row by a tile's columns.
  logic in_tiles, in_both, out_tiles;
  assign in_tiles  = !in_wide && in_blocks == TILE && !stream_o;
  assign in_both   = in_wide && in_columns && in_cells == 2'd1 && !stream_o;
  assign out_tiles = out_blocks == TILE;

  typedef enum logic [2:0] {IDLE, CHECK, IN, OUT, LIMIT} state_e;
  state_e state_d, state_q;

  logic [5:0]  left_q;
  logic [31:0] divisor, quotient, quotient_q, remainder, remainder_q;
  logic [31:0] in_quotient_q, in_remainder_q;
  logic [32:0] partial, difference;
  logic        dividing, ends;
  // Rows of a tile times a row's elements, bit by bit from the top.
  logic [47:0] product_q;
  logic [15:0] factor_q, out_rows_of_tile;

  assign out_rows_of_tile = out_i[3*32 +: 16];

  assign dividing   = state_q == IN || state_q == OUT;
  assign ends       = left_q == 6'd1;
  assign divisor    = (state_q == OUT) ? 32'(out_i[3*32 + 16 +: 16])
                    : in_both ? last : 32'(in_i[3*32 + 16 +: 16]);
  assign partial    = {remainder_q, quotient_q[31]};
  assign difference = partial - {1'b0, divisor};
  assign quotient   = {quotient_q[30:0], !difference[32]};
  assign remainder  = difference[32] ? partial[31:0] : difference[31:0];

  always_comb begin
    state_d = IDLE;
    case (state_q)
      IDLE: if (start_i) state_d = CHECK;
      CHECK: begin
        if (unsound != '0)            state_d = IDLE;
        else if (in_tiles || in_both) state_d = IN;
        else if (out_tiles)           state_d = OUT;
        else                          state_d = LIMIT;
      end
      IN: begin
        if (!ends)          state_d = IN;
        else if (out_tiles) state_d = OUT;
        else                state_d = LIMIT;
      end
      OUT: begin
        if (ends) state_d = LIMIT;
        else      state_d = OUT;
      end
      default: state_d = IDLE;
    endcase
  end

  logic        loads;
  logic [47:0] addend;
  assign loads  = state_q == CHECK || (state_q == IN && ends);
  assign addend = factor_q[0] ? {16'd0, rest} << (6'd32 - left_q) : 48'd0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q        <= IDLE;
      left_q         <= '0;
      quotient_q     <= '0;
      remainder_q    <= '0;
      in_quotient_q  <= '0;
      in_remainder_q <= '0;
      product_q      <= '0;
      factor_q       <= '0;
    end else begin
      state_q <= state_d;
      if (loads) begin
        left_q      <= 6'd32;
        quotient_q  <= rest;
        remainder_q <= '0;
        product_q   <= '0;
        factor_q    <= out_rows_of_tile;
      end else if (dividing) begin
        left_q      <= left_q - 6'd1;
        quotient_q  <= quotient;
        remainder_q <= remainder;
        product_q   <= (state_q == OUT) ? product_q + addend : product_q;
        factor_q    <= (state_q == OUT) ? factor_q >> 1 : factor_q;
      end
      if (state_q == IN && ends) begin
        in_quotient_q  <= quotient;
        in_remainder_q <= remainder;
      end
    end
  end

  // The input's cells or blocks: tiles, runs of 32, columns, rows of dimension 0, rows, or one.
  logic [31:0] in_whole, in_tiles_all;
  logic        in_runs, in_split, in_rows, in_lines;
  assign in_runs  = !in_wide && in_blocks == K32 && !stream_o;
  assign in_split = in_wide && in_columns && !stream_o;
  assign in_rows  = in_wide ? in_cells == 2'd1 : in_blocks == DIM0;
  assign in_lines = in_wide && in_cells == 2'd2;
  assign in_cols_o = in_tiles ? 32'(in_i[3*32 + 16 +: 16]) : in_runs ? 32'd32 : in_split ? 32'd1
                   : in_rows ? rest : in_lines ? last : elements;
  assign in_rows_o = in_tiles ? 32'(in_i[3*32 +: 16]) : in_both ? in_quotient_q
                   : in_split ? ALL_ROWS : 32'd1;
  assign in_whole  = in_tiles ? in_quotient_q : in_runs ? last >> 5 : in_split ? last : 32'd1;
  assign in_rest_o = in_tiles ? in_remainder_q : in_runs ? 32'(last[4:0]) : 32'd0;
  assign in_tiles_all = in_whole + 32'(in_rest_o != '0);
  assign in_tiles_o   = in_tiles_all[IndexBits-1:0];
  assign in_whole_o   = in_whole[IndexBits:0];

  // The output's blocks.
  logic [31:0] out_whole, out_tiles_all;
  logic        out_rows, out_runs;
  assign out_rows = out_blocks == DIM0;
  assign out_runs = out_blocks == K32;
  assign length_o = out_tiles ? ((product_q < 48'(elements)) ? product_q[31:0] : elements)
                  : out_rows ? rest : out_runs ? last : elements;
  assign out_cols_o = out_tiles ? 32'(out_i[3*32 + 16 +: 16]) : out_rows ? rest
                    : out_runs ? 32'd32 : elements;
  assign out_whole  = out_tiles ? quotient_q : out_runs ? last >> 5 : 32'd1;
  assign out_rest_o = out_tiles ? remainder_q : out_runs ? 32'(last[4:0]) : 32'd0;
  assign out_tiles_all = out_whole + 32'(out_rest_o != '0);
  assign out_tiles_o   = out_tiles_all[TileBits:0];
  assign out_whole_o   = out_whole[TileBits:0];

  always_comb begin
    status_o = '0;
    if (state_q == CHECK) begin
      status_o = unsound;
    end else if (in_both && (in_quotient_q == '0 || in_remainder_q != '0)) begin
      status_o = MISFIT;
    end else if (in_tiles_all > 32'(Entries) || out_tiles_all > 32'(Tiles)
                 || (!stream_o && entries > 32'(Entries))) begin
      status_o = SIZE;
    end
  end
  assign done_o = (state_q == CHECK && unsound != '0) || state_q == LIMIT;

  logic unused_fields;
  assign unused_fields = ^{head_i[16], in_i, out_i};
endmodule
