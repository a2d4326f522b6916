// The descriptor of an affine or a gate (docs/rtl.md, "Descriptor") taken apart, and the status of
// one that cannot be run; combinational.
module affine_decode #(
  parameter int Lanes     = 16,
  parameter int Cells     = 1024,
  parameter int Exponents = 1024,
  parameter int Vector    = 1024
) (
  input  logic [4095:0]   desc_i,
  output logic [7:0]      status_o,     // 0: it can
  output logic            gate_o,
  output logic            relu_o,
  output logic            masked_o,
  output logic            each_o,       // a cell an element
  output logic [31:0]     elements_o,
  output logic [31:0]     last_o,
  output logic [31:0]     rest_o,
  output logic [31:0]     cells_o,
  // Operands.
  output logic [3:0]      present_o,
  output logic [3:0]      vector_o,
  output logic [3:0]      bytes_o,
  output logic [3:0]      wide_o,
  output logic [3:0]      varies_o,
  output logic [4*2-1:0]  size_o,
  output logic [4*5-1:0]  wl_o,
  output logic [4*32-1:0] count_o,      // exponents
  // Operands and output, as affine_geometry takes them.
  output logic [9:0]      split0_o,
  output logic [4:0]      split_last_o,
  output logic [4:0]      k32_o,
  output logic [4:0]      tile_o,
  output logic [5*32-1:0] tile_size_o,
  output logic            fixed_o,      // gate: fixed point
  output logic [1:0]      out_size_o,
  // Constants: one for all, or vectors; index 4 is the addend's.
  output logic [4:0]      constants_o,  // vectors
  output logic [4*16-1:0] mantissa_o,
  output logic [31:0]     c0_mantissa_o,
  output logic [5*16-1:0] exp_o
);
  localparam logic [7:0] VARIANT = 8'd2, ZERO = 8'd3, FORMAT = 8'd7, SIZE = 8'd8;

  localparam int Out = 10;

  function automatic logic [11:0] place(input int slot, input int word);
    place = 12'((32 + slot * 8 + word) * 32);
  endfunction

  logic [7:0]  op, terms;
  logic [15:0] flags;
  assign op       = desc_i[7:0];
  assign terms    = desc_i[15:8];
  assign flags    = desc_i[31:16];
  assign gate_o   = op == 8'd4;
  assign relu_o   = flags[0] && !gate_o;
  assign masked_o = flags[1] || gate_o;

  assign elements_o = desc_i[place(Out, 4) +: 32];
  assign last_o     = desc_i[place(Out, 6) +: 32];
  assign rest_o     = desc_i[place(Out, 7) +: 32];
  assign cells_o    = desc_i[place(Out, 5) +: 32];

  logic flat, row;
  assign row  = elements_o == last_o;
  assign flat = row && rest_o == 32'd1 && last_o != 32'd1;

  // Slots: operands, and the output last. A last dimension of 1 splits cells as well.
  logic [4:0] split_last;
  assign split_last_o = {split_last[4] || (varies[4] && last_o == 32'd1), split_last[3:0]};
  logic [4:0] narrow, fixed, wide, bytes, vector, varies, bad;
  logic [9:0] size;
  logic [24:0] wl;

  for (genvar k = 0; k < 5; k++) begin : gen_slot
    localparam int Slot = (k == 4) ? Out : k;
    logic [255:0] slot;
    assign slot = desc_i[(32 + Slot * 8) * 32 +: 256];
    affine_shape u_shape (
      .slot_i(slot), .flat_i(flat), .narrow_o(narrow[k]), .fixed_o(fixed[k]), .wide_o(wide[k]),
      .bytes_o(bytes[k]), .size_o(size[k*2 +: 2]), .wl_o(wl[k*5 +: 5]), .vector_o(vector[k]),
      .varies_o(varies[k]), .split0_o(split0_o[k*2 +: 2]), .split_last_o(split_last[k]),
      .k32_o(k32_o[k]), .tile_o(tile_o[k]), .bad_o(bad[k])
    );
    assign tile_size_o[k*32 +: 32] = slot[3*32 +: 32];
  end

  logic unused_slots;
  assign unused_slots = ^{narrow[4:1], fixed[4:1], bytes[4], vector[4], varies[4], wl[24:20]};

  assign bytes_o    = bytes[3:0];
  assign wide_o     = wide[3:0];
  assign varies_o   = varies[3:0];
  assign vector_o   = vector[3:0] & present_o & {4{!gate_o}};
  assign size_o     = size[7:0];
  assign wl_o       = wl[19:0];
  assign fixed_o    = fixed[0];
  assign out_size_o = size[9:8];

  // A cell an element: cells split along the last index, and rows too if there are several.
  logic [1:0] cells0;
  assign cells0 = split0_o[9:8];
  assign each_o = split_last_o[4]
               && (row || cells0 == 2'd2 || (cells0 == 2'd1 && rest_o == last_o));

  // Operands that fit the output.
  logic [3:0] fits, small_enough;
  for (genvar k = 0; k < 4; k++) begin : gen_operand
    logic [31:0] count, elements, last, rest;
    logic [1:0]  split0;
    logic        same, serves, along0, along_last;

    assign elements = desc_i[(32 + k*8 + 4)*32 +: 32];
    assign count    = desc_i[(32 + k*8 + 5)*32 +: 32];
    assign last     = desc_i[(32 + k*8 + 6)*32 +: 32];
    assign rest     = desc_i[(32 + k*8 + 7)*32 +: 32];
    assign split0   = split0_o[k*2 +: 2];

    assign count_o[k*32 +: 32] = count;
    assign present_o[k] = gate_o ? k == 0 : 8'(k) < terms;

    // A vector for every row, also where there is one row only.
    assign serves     = vector[k] || (row && rest != rest_o);
    assign same       = elements == (vector[k] ? last_o : elements_o) && last == last_o
                     && (serves || rest == rest_o);
    assign along0     = split0 == 2'd0 || (!serves && (split0 == cells0 || cells0 == 2'd2));
    assign along_last = !split_last_o[k] || split_last_o[4];
    assign fits[k]    = !present_o[k]
                     || (!bad[k] && same && along0 && along_last
                         && (!(k32_o[k] || tile_o[k]) || (each_o && !serves)));
    assign small_enough[k] = !present_o[k] || bytes[k] || count <= 32'(Exponents);

    // Constants.
    logic        given;
    logic [31:0] word;
    assign word  = desc_i[(4 + k)*32 +: 32];
    assign given = !gate_o && present_o[k] && !constants_o[k];
    assign mantissa_o[k*16 +: 16] = gate_o ? 16'(k == 0) : given ? word[15:0] : '0;
    assign exp_o[k*16 +: 16]      = given ? word[31:16] : '0;
  end

  logic given_c0;
  assign given_c0         = !gate_o && flags[2] && !flags[12];
  assign c0_mantissa_o    = given_c0 ? desc_i[8*32 +: 32] : '0;
  assign exp_o[4*16 +: 16] = given_c0 ? desc_i[9*32 +: 16] : '0;
  assign constants_o      = gate_o ? '0 : flags[12:8];

  // Vectors of constants, and masks.
  logic [4:0] fit_constants;
  for (genvar k = 0; k < 5; k++) begin : gen_constants
    logic [2:0] kind;
    assign kind = desc_i[(32 + (5 + k)*8 + 2)*32 +: 3];
    assign fit_constants[k] = !constants_o[k]
        || (kind == 3'd3 && desc_i[(32 + (5 + k)*8 + 4)*32 +: 32] == last_o
            && desc_i[(32 + (5 + k)*8 + 5)*32 +: 32] == last_o);
  end

  logic fits_mask, fits_kept, fits_gate;
  assign fits_mask = !masked_o || (desc_i[place(4, 2) +: 3] == 3'd4
                                   && desc_i[place(4, 4) +: 32] == elements_o);
  assign fits_kept = !relu_o || (desc_i[place(11, 2) +: 3] == 3'd4
                                 && desc_i[place(11, 4) +: 32] == elements_o);
  // A gate copies: its output is of its input's format and shape.
  assign fits_gate = narrow[0] && !bad[0] && !vector[0]
                  && desc_i[place(0, 2) +: 13] == desc_i[place(Out, 2) +: 13]
                  && desc_i[place(0, 3) +: 32] == desc_i[place(Out, 3) +: 32]
                  && desc_i[place(0, 4) +: 128] == desc_i[place(Out, 4) +: 128];

  logic kept_vectors, fits_cells;
  assign kept_vectors = vector_o != '0 || constants_o != '0;
  // Cells that the elements of a beat may want, all of two rows of them.
  assign fits_cells = gate_o || each_o || !split_last_o[4]
                   || (cells0 == 2'd0 ? last_o <= 32'(Cells)
                                      : last_o <= 32'((Cells - Lanes) / 2));

  always_comb begin
    status_o = '0;
    if (gate_o ? (terms != '0 || flags != '0)
               : (terms == '0 || terms > 8'd4 || (flags[0] && flags[1])
                  || (flags[2] && flags[12]) || flags[7:3] != '0 || flags[15:13] != '0
                  || (flags[11:8] & ~present_o) != '0))
      status_o = VARIANT;
    else if (elements_o == '0 || last_o == '0 || rest_o == '0)
      status_o = ZERO;
    else if (!fits_mask || (gate_o ? !fits_gate
                                   : bad[4] || !wide[4] || !fits_kept || fits != '1
                                     || fit_constants != '1))
      status_o = FORMAT;
    else if (small_enough != '1 || !fits_cells || (kept_vectors && last_o > 32'(Vector)))
      status_o = SIZE;
  end
endmodule
