// What a descriptor's parameters say by themselves (docs/rtl.md, "Descriptor"): the status of the
// first thing wrong with command, variant, flags and parameters, 0 if nothing is.
module descriptor_head #(
  parameter logic [15:0] Commands = 16'hfffe  // bit i: the machine has command i
) (
  input  logic [1023:0] words_i,     // the descriptor's first 32
  input  logic [31:0]   last_i,      // last dimension of slot 0
  output logic [7:0]    status_o
);
  logic [7:0]  op, variant;
  logic [15:0] flags;
  assign {flags, variant, op} = words_i[31:0];

  // Parameters that are not zero, of the first 15 words.
  logic [14:0] there;
  for (genvar i = 0; i < 15; i++) begin : gen_there
    assign there[i] = words_i[i*32 +: 32] != '0;
  end
  logic unused_words;
  assign unused_words = ^{words_i, there[9], there[0]};

  // Terms of an affine: vectors of constants only for those that are there.
  logic [3:0] terms;
  always_comb begin
    case (variant)
      8'd1:    terms = 4'b0001;
      8'd2:    terms = 4'b0011;
      8'd3:    terms = 4'b0111;
      default: terms = 4'b1111;
    endcase
  end

  logic plain, option, zero, huge;
  assign plain = variant == 8'd0 && flags == 16'd0;

  always_comb begin
    option = !plain;  // something that the command does not have
    zero   = 1'b0;
    huge  = 1'b0;
    case (op)
      8'd1: begin
        option = variant > 8'd2 || flags[15:1] != '0;
        zero   = {there[14:10], there[8:1]} != '1;
      end
      8'd2:
        option = variant > 8'd3 || flags[15:1] != '0
               || (variant == 8'd0 && (!there[1] || words_i[63:32] > 32'd24));
      8'd3:
        option = variant == 8'd0 || variant > 8'd4 || flags[15:13] != '0 || flags[7:3] != '0
               || (flags[0] && flags[1]) || (flags[2] && flags[12])
               || (flags[11:8] & ~terms) != '0;
      8'd5: option = variant > 8'd6 || flags != '0;
      8'd6, 8'd7, 8'd11, 8'd12: begin
        option = variant == 8'd0 || flags != '0
               || variant > ((op == 8'd6 || op == 8'd7) ? 8'd16 : 8'd64);
        zero   = there[6:1] != '1;
      end
      8'd8: begin
        option = variant != '0 || flags[15:1] != '0;
        huge  = last_i < 32'd2 || last_i > 32'd65536;
      end
      8'd9: option = !plain || words_i[8*32 +: 32] > 32'd65536;
      8'd13, 8'd14: begin
        option = variant != '0 || words_i[2*32+31]
               || (op == 8'd13 ? flags[15:1] : flags[15:1] | 15'(flags[0])) != '0;
        zero   = !there[1] && !flags[0];
        huge  = words_i[63] && !flags[0];
      end
      8'd15: begin
        zero  = !there[1];
        huge = words_i[63];
      end
      default: ;
    endcase
  end

  always_comb begin
    if (op[7:4] != '0 || !Commands[op[3:0]]) status_o = 8'd1;
    else if (option)                         status_o = 8'd2;
    else if (zero)                           status_o = 8'd3;
    else if (huge)                          status_o = 8'd8;
    else                                     status_o = 8'd0;
  end
endmodule
