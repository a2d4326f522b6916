// What a slot of an affine's descriptor says of its tensor (docs/rtl.md, "Descriptor");
// combinational. How exponents belong to elements is put as blocks of affine_walk.
module affine_shape (
  input  logic [255:0] slot_i,
  input  logic         flat_i,      // the output has one dimension, and more than one element
  // Format.
  output logic         narrow_o,     // bfp or fixed, in int8 or int16, of a width that fits
  output logic         fixed_o,
  output logic         wide_o,
  output logic         bytes_o,
  output logic [1:0]   size_o,      // log2 of an element's bytes
  output logic [4:0]   wl_o,
  output logic         vector_o,    // shaped like the last dimension
  // Exponents: more than one; split along dimension 0 (1: its elements, 2: rows of last), along
  // the last dimension; or k32, or tile, whose sizes are given.
  output logic         varies_o,
  output logic [1:0]   split0_o,
  output logic         split_last_o,
  output logic         k32_o,
  output logic         tile_o,
  output logic         bad_o        // what is not a shape of a tensor
);
  logic [31:0] format, exponents;
  logic [2:0]  kind, blocks;
  logic        both;

  assign format    = slot_i[2*32 +: 32];
  assign exponents = slot_i[5*32 +: 32];
  assign kind      = format[2:0];
  assign wl_o      = format[7:3];
  assign fixed_o   = format[8];
  assign blocks    = format[12:10];
  assign vector_o  = format[16];

  assign narrow_o = (kind == 3'd1 && wl_o >= 5'd2 && wl_o <= 5'd8)
                || (kind == 3'd2 && wl_o >= 5'd9 && wl_o <= 5'd16);
  assign wide_o  = kind == 3'd3;
  assign bytes_o = kind == 3'd4;
  assign size_o  = wide_o ? 2'd2 : (kind == 3'd2) ? 2'd1 : 2'd0;

  logic bfp;
  assign varies_o = !bytes_o && exponents > 32'd1;
  assign bfp      = varies_o && narrow_o && !fixed_o;
  assign k32_o    = bfp && blocks == 3'd3;
  assign tile_o   = bfp && blocks == 3'd2;

  // Of one dimension, its elements and its last indices are the same.
  assign both         = wide_o && format[13] && format[15:14] == 2'd1;
  assign split0_o     = !varies_o ? 2'd0
                      : wide_o    ? ((flat_i && format[15:14] == 2'd1) ? 2'd0 : format[15:14])
                      : (bfp && blocks == 3'd1 && !flat_i) ? 2'd1 : 2'd0;
  assign split_last_o = varies_o && (wide_o ? format[13] || (flat_i && format[15:14] == 2'd1)
                                            : bfp && blocks == 3'd1 && flat_i);

  assign bad_o = !(narrow_o || wide_o || bytes_o) || (wide_o && format[15:14] == 2'd3)
              || (varies_o && both && flat_i)
              || (varies_o && narrow_o && (fixed_o || blocks == 3'd0 || blocks > 3'd3))
              || (!bytes_o && exponents == '0)
              || (tile_o && (slot_i[3*32 +: 16] == '0 || slot_i[3*32+16 +: 16] == '0));

  logic unused_slot;
  assign unused_slot = ^{slot_i[255:192], slot_i[159:128], slot_i[63:0], format[31:17], format[9]};
endmodule
