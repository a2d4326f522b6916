// Whether a softmax command is one that softmax_sequencer does, and what it is done with.
// Combinational, from the descriptor.
module softmax_check #(
  parameter int Classes = 1024
) (
  input  logic [4095:0] desc_i,
  output logic [7:0]    status_o,   // 0: it is
  output logic          error_o,    // the error is wanted
  output logic          bytes_o,    // logits are int8, else int16
  output logic [5:0]    offset_o,   // wl - 2: E less this is the step exponent
  output logic [15:0]   repeat_o,   // rows of one exponent; 0: all
  output logic [31:0]   classes_o,
  output logic [31:0]   rows_o
);
  localparam logic [7:0] BAD_OPTION = 8'd2, ZERO_SIZE = 8'd3, BAD_FORMAT = 8'd7, TOO_LARGE = 8'd8;
  localparam logic [7:0] BAD_FIT = 8'd10;
  localparam logic [2:0] INT8 = 3'd1, INT16 = 3'd2, WIDE = 3'd3, BYTES = 3'd4;
  localparam logic [2:0] TENSOR = 3'd0, SAMPLE = 3'd1, TILE = 3'd2, K32 = 3'd3;

  // Slots: 0 logits, 1 labels, 10 the error.
  localparam int Logits = 32 * 32, Labels = 40 * 32, Result = 112 * 32;

  logic [31:0] format, labels_format, result_format, elements, result_elements;
  logic [15:0] tile_rows, tile_columns;
  logic [2:0]  kind, blocks;
  logic [63:0] product;

  assign format          = desc_i[Logits + 64 +: 32];
  assign tile_rows       = desc_i[Logits + 96 +: 16];
  assign tile_columns    = desc_i[Logits + 112 +: 16];
  assign elements        = desc_i[Logits + 128 +: 32];
  assign classes_o       = desc_i[Logits + 192 +: 32];
  assign labels_format   = desc_i[Labels + 64 +: 32];
  assign rows_o          = desc_i[Labels + 128 +: 32];
  assign result_format   = desc_i[Result + 64 +: 32];
  assign result_elements = desc_i[Result + 128 +: 32];
  assign kind            = format[2:0];
  assign blocks          = format[12:10];
  assign error_o         = !desc_i[16];
  assign bytes_o         = kind == INT8;
  assign offset_o        = {1'b0, format[7:3]} - 6'd2;
  assign product         = 64'(rows_o) * 64'(classes_o[15:0]);

  logic row_exponent;
  always_comb begin
    row_exponent = 1'b0;
    repeat_o     = 16'd0;
    case (blocks)
      TENSOR: row_exponent = 1'b1;
      SAMPLE: begin
        row_exponent = 1'b1;
        repeat_o     = 16'd1;
      end
      TILE: begin
        row_exponent = tile_rows != '0 && classes_o <= 32'(tile_columns);
        repeat_o     = tile_rows;
      end
      K32: begin
        row_exponent = classes_o <= 32'd32;
        repeat_o     = 16'd1;
      end
      default: ;
    endcase
  end

  // Assignments: iverilog 11 runs a block here for ever.
  logic option, empty, format_bad, size_bad, misfit;
  assign option     = desc_i[15:8] != '0 || desc_i[31:17] != '0;
  assign empty      = elements == '0 || classes_o == '0 || rows_o == '0;
  assign format_bad = (kind != INT8 && kind != INT16) || labels_format[2:0] != BYTES
                      || !row_exponent
                      || (error_o && (result_format[2:0] != WIDE || result_format[15:13] != '0));
  assign size_bad   = classes_o < 32'd2 || classes_o > 32'(Classes);
  assign misfit     = product != 64'(elements) || (error_o && elements != result_elements);
  assign status_o   = option     ? BAD_OPTION
                    : empty      ? ZERO_SIZE
                    : format_bad ? BAD_FORMAT
                    : size_bad   ? TOO_LARGE
                    : misfit     ? BAD_FIT : 8'd0;

  logic unused_desc;
  assign unused_desc = ^{desc_i, format, labels_format, result_format};
endmodule
