// How the blocks of a tensor lie (numerics 2.3), from its slot of a descriptor: element i is in
//   floor(i / row_modulus) * columns + ((i mod column_modulus) >> column_shift).
// Tiles whose columns are no power of two have no such form.
module block_shape (
  input  logic [255:0] slot_i,
  output logic         good_o,           // it has the form, and what counts is not zero
  output logic [31:0]  row_modulus_o,
  output logic [31:0]  column_modulus_o,
  output logic [4:0]   column_shift_o,   // 31: blocks do not follow columns
  output logic [31:0]  columns_o
);
  localparam logic [2:0] TENSOR = 3'd0;
  localparam logic [2:0] DIM0   = 3'd1;
  localparam logic [2:0] TILE   = 3'd2;
  localparam logic [2:0] K32    = 3'd3;

  logic [2:0]  blocks;
  logic [15:0] tile_rows, tile_cols;
  logic [31:0] last, rest;
  assign blocks    = slot_i[64 + 10 +: 3];
  assign tile_rows = slot_i[96 +: 16];
  assign tile_cols = slot_i[112 +: 16];
  assign last      = slot_i[192 +: 32];
  assign rest      = slot_i[224 +: 32];

  logic [4:0] tile_shift;
  always_comb begin
    tile_shift = '0;
    for (int i = 0; i < 16; i++) begin
      if (tile_cols[i]) tile_shift = 5'(i);
    end
  end

  logic [47:0] tile_size;
  assign tile_size = 48'(tile_rows) * 48'(rest);

  always_comb begin
    good_o           = 1'b1;
    row_modulus_o    = '1;
    column_modulus_o = last;
    column_shift_o   = 5'd31;
    case (blocks)
      TENSOR: ;
      DIM0: begin
        good_o        = rest != '0;
        row_modulus_o = rest;
      end
      TILE: begin
        good_o           = tile_size != '0 && tile_cols == 16'd1 << tile_shift;
        row_modulus_o    = (tile_size[47:32] != '0) ? '1 : tile_size[31:0];
        column_modulus_o = rest;
        column_shift_o   = tile_shift;
      end
      K32: begin
        row_modulus_o  = last;
        column_shift_o = 5'd5;
      end
      default: good_o = 1'b0;
    endcase
  end

  logic [32:0] above;
  assign above     = {1'b0, column_modulus_o} + (33'd1 << column_shift_o) - 33'd1;
  assign columns_o = 32'(above >> column_shift_o);

  logic unused_slot;
  assign unused_slot = ^{slot_i[63:0], slot_i[64 +: 10], slot_i[77 +: 19], slot_i[128 +: 64]};
endmodule
