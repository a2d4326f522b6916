// What computes a channel of norm, norm_back or statistics: norm_channel, norm_statistics and the
// scalar unit that they share. Inputs stay from start_i until the results, which stand from done_o
// on until the next start_i, are taken. square_i forms n^2, once a command.
module norm_compute (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                square_i,
  output logic                squared_o,       // for one cycle
  input  logic                start_i,
  output logic                done_o,          // for one cycle
  // The command's.
  input  logic                back_i,
  input  logic                statistics_i,
  input  logic                recorded_i,      // norm from statistics
  input  logic [63:0]         rows_i,          // n, or A0
  input  logic [30:0]         eps_mant_i,
  input  logic signed [15:0]  eps_exp_i,
  input  logic signed [15:0]  x_exp_i,         // of S1, or of A1 where recorded_i
  input  logic signed [15:0]  first_exp_i,     // of A1 and A2, before statistics
  input  logic signed [15:0]  second_exp_i,
  input  logic signed [15:0]  d_exp_i,
  input  logic signed [15:0]  gamma_exp_i,
  input  logic signed [15:0]  beta_exp_i,
  // The channel's.
  input  logic signed [127:0] s1_i,            // A1 where recorded_i
  input  logic signed [127:0] s2_i,            // A2 where recorded_i
  input  logic signed [15:0]  gamma_i,         // backward the constant a
  input  logic signed [15:0]  beta_i,          // backward a's exponent
  input  logic signed [127:0] fifth_i,         // backward Se, for statistics A1
  input  logic signed [127:0] sixth_i,         // backward Sex, for statistics A2
  // norm, norm_back: mantissas and exponents of a, b or b', c', dgamma, dbeta.
  output logic signed [15:0]  factor_mant_o,
  output logic signed [31:0]  addend_mant_o,
  output logic signed [31:0]  dgamma_mant_o,
  output logic signed [31:0]  dbeta_mant_o,
  output logic [15:0]         factor_exp_o,
  output logic [15:0]         addend_exp_o,
  output logic [15:0]         dgamma_exp_o,
  output logic [15:0]         dbeta_exp_o,
  // statistics: the sums, and their exponents, which are the command's.
  output logic signed [127:0] first_o,
  output logic signed [127:0] second_o,
  output logic                first_overflow_o,
  output logic                second_overflow_o,
  output logic [15:0]         first_exp_o,
  output logic [15:0]         second_exp_o
);
  localparam int ExpBits = 20;
  localparam logic [2:0] OP_DIFF = 3'd6;
  localparam logic signed [15:0] NONE = 16'sd32767;  // no exponent seen yet
  localparam logic signed [15:0] ZERO = -16'sd512;   // exponent of a gradient of 0

  // The scalar unit, and who has it: the channel, the statistics, or the square of n.
  logic                      start, done, negative, exact_negative, square_d, square_q;
  logic [2:0]                op;
  logic [31:0]               mant;
  logic signed [ExpBits-1:0] exp;
  logic [127:0]              exact;
  logic signed [63:0]        x0, y0, x1, y1;

  logic                      channel_start, channel_done, a_negative, b_negative;
  logic [2:0]                channel_op;
  logic [31:0]               a_mant, b_mant;
  logic signed [ExpBits-1:0] a_exp, b_exp;
  logic signed [63:0]        channel_x0, channel_y0, channel_x1, channel_y1;

  logic                      sums_start, sums_done;
  logic [2:0]                sums_op;
  logic signed [63:0]        sums_x0, sums_y0, sums_x1, sums_y1;

  assign square_d  = square_i || (square_q && !done);
  assign squared_o = square_q && done;
  assign done_o    = channel_done || sums_done;

  always_comb begin
    start = channel_start;
    op    = channel_op;
    x0    = channel_x0;
    y0    = channel_y0;
    x1    = channel_x1;
    y1    = channel_y1;
    if (statistics_i) begin
      start = sums_start;
      op    = sums_op;
      x0    = sums_x0;
      y0    = sums_y0;
      x1    = sums_x1;
      y1    = sums_y1;
    end else if (square_i || square_q) begin
      start = square_i;
      op    = OP_DIFF;
      x0    = $signed(rows_i);
      y0    = $signed(rows_i);
      x1    = '0;
    end
  end

  logic                       unused_ready, unused_power_valid;
  logic [30:0]                unused_power;
  logic signed [ExpBits+16:0] unused_log;

  scalar_unit #(.ExpBits(ExpBits)) u_unit (
    .clk_i, .rst_ni, .start_i(start), .op_i(op), .ready_o(unused_ready),
    .a_negative_i(a_negative), .a_mant_i(a_mant), .a_exp_i(square_i ? ExpBits'(0) : a_exp),
    .b_negative_i(b_negative), .b_mant_i(b_mant), .b_exp_i(b_exp),
    .x0_i(x0), .y0_i(y0), .x1_i(x1), .y1_i(y1), .done_o(done), .negative_o(negative),
    .mant_o(mant), .exp_o(exp), .exact_negative_o(exact_negative), .exact_o(exact),
    .log_o(unused_log), .exp2_valid_i(1'b0), .exp2_fraction_i(16'd0),
    .exp2_valid_o(unused_power_valid), .exp2_o(unused_power)
  );

  // n^2 as a scalar.
  logic [31:0]               square_mant_q;
  logic signed [ExpBits-1:0] square_exp_q;

  // norm, norm_back.
  logic signed [ExpBits-1:0] factor_exp, addend_exp, dgamma_exp, dbeta_exp;

  norm_channel #(.ExpBits(ExpBits)) u_channel (
    .clk_i, .rst_ni, .start_i(start_i && !statistics_i), .back_i, .statistics_i(recorded_i),
    .done_o(channel_done), .rows_i, .square_mant_i(square_mant_q), .square_exp_i(square_exp_q),
    .eps_mant_i, .eps_exp_i, .x_exp_i, .second_exp_i, .d_exp_i, .gamma_exp_i, .beta_exp_i,
    .s1_i, .s2_i, .se_i(fifth_i[63:0]), .sex_i(sixth_i[63:0]), .gamma_i, .beta_i,
    .a_mant_i(gamma_i), .a_exp_i(ExpBits'(beta_i)),
    .factor_mant_o, .factor_exp_o(factor_exp), .addend_mant_o, .addend_exp_o(addend_exp),
    .dgamma_mant_o, .dgamma_exp_o(dgamma_exp), .dbeta_mant_o, .dbeta_exp_o(dbeta_exp),
    .unit_start_o(channel_start), .unit_op_o(channel_op),
    .unit_a_negative_o(a_negative), .unit_a_mant_o(a_mant), .unit_a_exp_o(a_exp),
    .unit_b_negative_o(b_negative), .unit_b_mant_o(b_mant), .unit_b_exp_o(b_exp),
    .unit_x0_o(channel_x0), .unit_y0_o(channel_y0), .unit_x1_o(channel_x1),
    .unit_y1_o(channel_y1), .unit_done_i(done && !square_q && !statistics_i),
    .unit_negative_i(negative), .unit_mant_i(mant), .unit_exp_i(exp)
  );

  assign factor_exp_o = factor_exp[15:0];
  assign addend_exp_o = addend_exp[15:0];
  assign dgamma_exp_o = (dgamma_mant_o == '0) ? ZERO : dgamma_exp[15:0];
  assign dbeta_exp_o  = (dbeta_mant_o == '0) ? ZERO : dbeta_exp[15:0];

  // statistics: without an exponent before, the batch's own.
  logic signed [17:0] mean_exp, variance_exp, first_exp, second_exp, first_low, second_low;

  assign mean_exp     = 18'(x_exp_i);
  assign variance_exp = (18'(x_exp_i) <<< 1) - 18'sd32;
  assign first_exp    = (first_exp_i == NONE) ? mean_exp : 18'(first_exp_i);
  assign second_exp   = (second_exp_i == NONE) ? variance_exp : 18'(second_exp_i);
  assign first_low    = (mean_exp < first_exp) ? mean_exp : first_exp;
  assign second_low   = (variance_exp < second_exp) ? variance_exp : second_exp;
  assign first_exp_o  = first_low[15:0];
  assign second_exp_o = second_low[15:0];

  norm_statistics u_statistics (
    .clk_i, .rst_ni, .start_i(start_i && statistics_i), .done_o(sums_done), .rows_i(rows_i[30:0]),
    .mean_exp_i(mean_exp), .first_exp_i(first_exp), .variance_exp_i(variance_exp),
    .second_exp_i(second_exp), .s1_i(s1_i[63:0]), .s2_i(s2_i[63:0]), .first_i(fifth_i),
    .second_i(sixth_i), .first_o, .second_o, .first_overflow_o, .second_overflow_o,
    .unit_start_o(sums_start), .unit_op_o(sums_op), .unit_x0_o(sums_x0), .unit_y0_o(sums_y0),
    .unit_x1_o(sums_x1), .unit_y1_o(sums_y1), .unit_done_i(done && statistics_i),
    .unit_negative_i(exact_negative), .unit_exact_i(exact)
  );

  logic unused_exp;
  assign unused_exp = ^{factor_exp, addend_exp, dgamma_exp, dbeta_exp, first_low, second_low};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      square_q      <= 1'b0;
      square_mant_q <= '0;
      square_exp_q  <= '0;
    end else begin
      square_q <= square_d;
      if (squared_o) begin
        square_mant_q <= mant;
        square_exp_q  <= exp;
      end
    end
  end
endmodule
