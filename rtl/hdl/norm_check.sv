// Whether a norm, norm_back or statistics command is one that norm_sequencer does. Combinational,
// from the descriptor.
module norm_check (
  input  logic [4095:0] desc_i,
  output logic [7:0]    status_o,      // 0: it is
  output logic          back_o,        // norm_back
  output logic          statistics_o,  // statistics; neither: norm
  output logic          recorded_o,    // norm from statistics
  output logic [31:0]   channels_o
);
  localparam logic [7:0] UNKNOWN = 8'd1, BAD_OPTION = 8'd2, ZERO_SIZE = 8'd3, BAD_FORMAT = 8'd7;
  localparam logic [7:0] TOO_LARGE = 8'd8, BAD_FIT = 8'd10;
  localparam logic [2:0] INT8 = 3'd1, INT16 = 3'd2, WIDE = 3'd3, SUMS = 3'd5;
  localparam logic [7:0] NORM = 8'd13, NORM_BACK = 8'd14, STATISTICS = 8'd15;

  logic [7:0]  op;
  logic [31:0] rows, eps, eps_exp;
  logic        norm, sums;

  assign op           = desc_i[7:0];
  assign rows         = desc_i[32 +: 32];
  assign eps          = desc_i[64 +: 32];
  assign eps_exp      = desc_i[96 +: 32];
  assign norm         = op == NORM;
  assign back_o       = op == NORM_BACK;
  assign statistics_o = op == STATISTICS;
  assign recorded_o   = norm && desc_i[16];
  assign sums         = !recorded_o;

  // Slots: 0 S1, 1 S2; 2 gamma, 3 beta, or 3 a, 4 Se, 5 Sex; 8..11 results.
  logic [11:0] as_sums, as_parameter, as_constants, as_many;

  assign channels_o = statistics_o ? desc_i[36*32 +: 32] : desc_i[52*32 +: 32];

  for (genvar s = 0; s < 12; s++) begin : gen_slot
    logic [15:0] format;
    logic        unused_format;
    assign format          = desc_i[(32 + 8*s + 2)*32 +: 16];
    assign unused_format   = ^format;
    assign as_many[s]      = desc_i[(32 + 8*s + 4)*32 +: 32] == channels_o;
    assign as_sums[s]      = format[2:0] == SUMS;
    assign as_parameter[s] = (format[2:0] == INT8 || format[2:0] == INT16) &&
                             format[12:10] == 3'd0;
    // An exponent an element.
    assign as_constants[s] = format[2:0] == WIDE && format[15:14] == 2'd0 &&
                             (format[13] || channels_o == 32'd1);
  end

  logic operands, results, fits;
  assign operands = (!sums || as_sums[1:0] == '1)
                    && (!norm || as_parameter[3:2] == '1)
                    && (!back_o || (as_parameter[2] && as_constants[3] && as_sums[5:4] == '1));
  assign results  = (!norm || as_constants[11:10] == '1) && (!back_o || as_constants[11:8] == '1);
  assign fits     = (!sums || as_many[1:0] == '1)
                    && (!norm || (as_many[3:2] == '1 && as_many[11:10] == '1))
                    && (!back_o || (as_many[5:2] == '1 && as_many[11:8] == '1));

  logic option, huge;
  assign option = desc_i[15:8] != '0 || desc_i[31:17] != '0 || (desc_i[16] && !norm)
                  || (!statistics_o && (eps[31] || eps_exp[31:15] != {17{eps_exp[15]}}));
  assign huge   = sums && rows[31];

  // An assignment: iverilog 11 runs a block here for ever.
  assign status_o = (!norm && !back_o && !statistics_o)         ? UNKNOWN
                  : option                                      ? BAD_OPTION
                  : (channels_o == '0 || (sums && rows == '0))  ? ZERO_SIZE
                  : (!operands || !results)                     ? BAD_FORMAT
                  : huge                                        ? TOO_LARGE
                  : !fits                                       ? BAD_FIT : 8'd0;

  logic unused_bits;
  assign unused_bits = ^{desc_i, eps, eps_exp, as_sums, as_parameter, as_constants, as_many};
endmodule
