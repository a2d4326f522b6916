// What a command wants in a slot (docs/rtl.md, "Descriptor"), and whether a slot's format is that.
module descriptor_slot (
  input  logic [31:0] head_i,     // the descriptor's word 0
  input  logic [3:0]  slot_i,
  input  logic [31:0] format_i,   // the slot's words 2 and 3
  input  logic [31:0] detail_i,
  output logic        wanted_o,
  output logic        output_o,
  output logic [1:0]  record_o,   // 0: a tensor; sums of loss, average, statistics
  output logic        good_o      // the format
);
  localparam logic [1:0] TENSOR = 2'd0, LOSS = 2'd1, AVERAGE = 2'd2, STATISTICS = 2'd3;
  // Sets of kinds, bit = kind - 1.
  localparam logic [4:0] INT8 = 5'd1, BFP = 5'd3, WIDE = 5'd4, VALUE = 5'd7, BYTE = 5'd8,
                         TERM = 5'd15, SUMS = 5'd16;

  logic [7:0] op, variant;
  logic [12:0] flags;
  assign op      = head_i[7:0];
  assign variant = head_i[15:8];
  assign flags   = head_i[28:16];
  logic unused_flags;
  assign unused_flags = ^{head_i[31:29], flags[7:3]};

  logic [4:0] kinds;   // taken; none: the slot must be empty
  logic [1:0] vector;  // may be, must be a vector of the output's last dimension
  logic       pair, sums;
  assign pair = variant == 8'd2 || variant == 8'd6;
  assign sums = variant == 8'd5 || variant == 8'd6;

  always_comb begin
    kinds    = '0;
    vector   = 2'b00;
    record_o = TENSOR;
    case (op)
      8'd1: begin
        if (slot_i == 4'd0)  kinds = INT8;
        if (slot_i == 4'd1)  kinds = BFP;
        if (slot_i == 4'd10) kinds = WIDE;
      end
      8'd2: begin
        if (slot_i == 4'd0)  kinds = VALUE;
        if (slot_i == 4'd10) kinds = BFP;
      end
      8'd3: begin
        case (slot_i)
          4'd0, 4'd1, 4'd2, 4'd3: begin
            vector = 2'b01;
            if (8'(slot_i) < variant) kinds = TERM;
          end
          4'd4: if (flags[1]) kinds = BYTE;
          4'd5, 4'd6, 4'd7, 4'd8: begin
            vector = 2'b10;
            if (flags[slot_i + 4'd3]) kinds = WIDE;
          end
          4'd9: begin
            vector = 2'b10;
            if (flags[12]) kinds = WIDE;
          end
          4'd10: kinds = WIDE;
          4'd11: if (flags[0]) kinds = BYTE;
          default: ;
        endcase
      end
      8'd4: begin
        if (slot_i == 4'd0 || slot_i == 4'd10) kinds = BFP;
        if (slot_i == 4'd4)                    kinds = BYTE;
      end
      8'd5: begin
        if (slot_i == 4'd0 || (slot_i == 4'd1 && pair)) kinds = BFP;
        if (slot_i == 4'd10)                            kinds = sums ? SUMS : WIDE;
        if (slot_i == 4'd11 && sums)                    kinds = SUMS;
      end
      8'd6: begin
        if (slot_i == 4'd0 || slot_i == 4'd10) kinds = BFP;
        if (slot_i == 4'd11)                   kinds = BYTE;
      end
      8'd7: begin
        if (slot_i == 4'd0 || slot_i == 4'd10) kinds = BFP;
        if (slot_i == 4'd1)                    kinds = BYTE;
      end
      8'd8: begin
        if (slot_i == 4'd0)               kinds = BFP;
        if (slot_i == 4'd1)               kinds = BYTE;
        if (slot_i == 4'd10 && !flags[0]) kinds = WIDE;
        if (slot_i == 4'd11)              record_o = LOSS;
      end
      8'd9: if (slot_i == 4'd10) kinds = BYTE;
      8'd10: begin
        if (slot_i == 4'd0 || slot_i == 4'd10) kinds = BFP;
        if (slot_i == 4'd10)                   record_o = AVERAGE;
      end
      8'd11: begin
        if (slot_i == 4'd0)  kinds = BFP;
        if (slot_i == 4'd10) kinds = WIDE;
      end
      8'd12: if (slot_i == 4'd0 || slot_i == 4'd10) kinds = BFP;
      8'd13: begin
        if (slot_i < 4'd2 && !flags[0])         kinds = SUMS;
        if (slot_i == 4'd2 || slot_i == 4'd3)   kinds = BFP;
        if (slot_i == 4'd4 && flags[0])         record_o = STATISTICS;
        if (slot_i == 4'd10 || slot_i == 4'd11) kinds = WIDE;
      end
      8'd14: begin
        case (slot_i)
          4'd0, 4'd1, 4'd4, 4'd5:           kinds = SUMS;
          4'd2:                             kinds = BFP;
          4'd3, 4'd8, 4'd9, 4'd10, 4'd11:   kinds = WIDE;
          default: ;
        endcase
      end
      8'd15: begin
        if (slot_i < 4'd2)   kinds = SUMS;
        if (slot_i == 4'd10) record_o = STATISTICS;
      end
      default: ;
    endcase
  end

  assign wanted_o = kinds != '0 || record_o != TENSOR;
  assign output_o = slot_i >= (op == 8'd14 ? 4'd8 : 4'd10);

  // The format's fields.
  logic [2:0] kind;
  logic [4:0] wl;
  logic       fixed, tile, good;
  assign kind  = format_i[2:0];
  assign wl    = format_i[7:3];
  assign fixed = format_i[8];
  assign tile  = format_i[12:10] == 3'd2;

  always_comb begin
    case (kind)
      3'd1, 3'd2: begin
        good = format_i[15:13] == '0 && format_i[12:10] <= 3'd3
             && (kind == 3'd1 ? wl >= 5'd2 && wl <= 5'd8 : wl >= 5'd9 && wl <= 5'd16);
        if (fixed)     good = good && format_i[12:10] == '0 && detail_i <= 32'd60;
        else if (tile) good = good && detail_i[15:0] != '0 && detail_i[31:16] != '0;
      end
      3'd3:       good = format_i[12:3] == '0 && format_i[15:14] != 2'd3;
      3'd4, 3'd5: good = format_i[15:3] == '0;
      default:    good = 1'b0;
    endcase
  end

  logic [7:0] kind_bit;
  assign kind_bit = 8'd1 << kind;

  // A record of no tensor has no format.
  always_comb begin
    if (record_o == LOSS || record_o == STATISTICS) good_o = format_i == '0 && detail_i == '0;
    else good_o = good && (kind_bit[5:1] & kinds) != '0 && format_i[31:17] == '0
                && (format_i[16] ? vector != 2'b00 : !vector[1]);
  end
  logic unused_kind;
  assign unused_kind = ^{kind_bit[7:6], kind_bit[0], format_i[9]};
endmodule
