// Whether the machine can do a reduce: its status (docs/rtl.md), 0 if so.
module reduce_check #(
  parameter int Depth  = 1024,
  parameter int Blocks = 1024,
  parameter int Groups = 32
) (
  input  logic [31:0]  head_i,     // word 0 of the descriptor
  input  logic [255:0] x_i,        // slots
  input  logic [255:0] y_i,
  input  logic [255:0] out_i,
  input  logic [255:0] out2_i,
  input  logic         shape_i,    // x's blocks have block_shape's form
  input  logic [31:0]  modulus_i,  // its column's
  input  logic [31:0]  columns_i,  // and columns
  output logic [7:0]   status_o
);
  localparam logic [7:0] BAD_OPTION = 8'd2;
  localparam logic [7:0] ZERO_SIZE  = 8'd3;
  localparam logic [7:0] BAD_FORMAT = 8'd7;
  localparam logic [7:0] TOO_LARGE  = 8'd8;

  logic [7:0]  kind;
  logic        pair, exact;
  logic [31:0] last, blocks;
  logic [2:0]  x_kind, y_kind;
  assign kind   = head_i[15:8];
  assign pair   = kind == 8'd2 || kind == 8'd6;
  assign exact  = kind == 8'd5 || kind == 8'd6;
  assign last   = x_i[192 +: 32];
  assign blocks = x_i[160 +: 32];
  assign x_kind = x_i[66:64];
  assign y_kind = y_i[66:64];

  // Mantissas of 8 and 16 bits.
  logic good_x, good_y, good_out, good_blocks;
  assign good_x   = x_kind == 3'd1 || x_kind == 3'd2;
  assign good_y   = !pair || ((y_kind == 3'd1 || y_kind == 3'd2) && y_i[76:74] == 3'd0);
  assign good_out = exact ? out_i[66:64] == 3'd5 && out2_i[66:64] == 3'd5 : out_i[66:64] == 3'd3;
  // Sums take other blocks than one if all of a column of them meet the same last indices.
  assign good_blocks = x_i[76:74] == 3'd0
                    || (kind == 8'd0 && shape_i && modulus_i == last
                        && (x_i[76:74] != 3'd1 || x_i[224 +: 32] >= last));

  always_comb begin
    status_o = 8'd0;
    if (kind > 8'd6 || head_i[31:16] != '0)                                  status_o = BAD_OPTION;
    else if (x_i[128 +: 32] == '0 || last == '0 || blocks == '0)             status_o = ZERO_SIZE;
    else if (!good_x || !good_y || !good_out || !good_blocks)                status_o = BAD_FORMAT;
    else if (last > 32'(Depth) || blocks > 32'(Blocks) || columns_i > 32'(Groups))
      status_o = TOO_LARGE;
  end

  logic unused_slots;
  assign unused_slots = ^{head_i, x_i, y_i, out_i, out2_i};
endmodule
