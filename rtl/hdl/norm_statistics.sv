// One channel of the statistics for evaluation (numerics 19.1) on a scalar unit, 139 cycles:
// A1 += S1, A2 += floor(D * 2^32 / (n - 1)), both sums at the lower of two exponents. Inputs stay
// until done_o, in whose cycle the results stand, to stay. The time does not depend on the data;
// who has no use for a result (n = 1) leaves it.
module norm_statistics (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  input  logic                      start_i,
  output logic                      done_o,
  // The command's: rows, and the exponents of S1, A1, D * 2^32 and A2.
  input  logic [30:0]               rows_i,
  input  logic signed [17:0]        mean_exp_i,
  input  logic signed [17:0]        first_exp_i,
  input  logic signed [17:0]        variance_exp_i,
  input  logic signed [17:0]        second_exp_i,
  // The channel's.
  input  logic signed [63:0]        s1_i,
  input  logic signed [63:0]        s2_i,
  input  logic signed [127:0]       first_i,    // A1
  input  logic signed [127:0]       second_i,   // A2
  output logic signed [127:0]       first_o,
  output logic signed [127:0]       second_o,
  output logic                      first_overflow_o,
  output logic                      second_overflow_o,
  // The scalar unit.
  output logic                      unit_start_o,
  output logic [2:0]                unit_op_o,
  output logic signed [63:0]        unit_x0_o,
  output logic signed [63:0]        unit_y0_o,
  output logic signed [63:0]        unit_x1_o,
  output logic signed [63:0]        unit_y1_o,
  input  logic                      unit_done_i,
  input  logic                      unit_negative_i,
  input  logic [127:0]              unit_exact_i
);
  localparam logic [2:0] OP_DIFF = 3'd6, OP_QUOT = 3'd7;

  localparam logic [2:0] IDLE = 3'd0, SQUARES = 3'd1, DIVIDE = 3'd2, FIRST = 3'd3, READY = 3'd4;
  logic [2:0] step_d, step_q;

  logic divide, add_second, add_first;
  assign divide     = step_q == SQUARES && unit_done_i;
  assign add_second = step_q == DIVIDE && unit_done_i;
  assign add_first  = step_q == FIRST;
  assign done_o     = step_q == READY;

  always_comb begin
    step_d = step_q;
    case (step_q)
      SQUARES: if (unit_done_i) step_d = DIVIDE;
      DIVIDE:  if (unit_done_i) step_d = FIRST;
      FIRST:   step_d = READY;
      READY:   step_d = IDLE;
      default: ;
    endcase
    if (start_i) step_d = SQUARES;
  end

  assign unit_start_o = start_i || divide;
  assign unit_op_o    = divide ? OP_QUOT : OP_DIFF;
  assign unit_x0_o    = $signed({33'b0, divide ? rows_i - 31'd1 : rows_i});
  assign unit_y0_o    = s2_i;
  assign unit_x1_o    = s1_i;
  assign unit_y1_o    = s1_i;

  // One adder for both sums.
  logic signed [127:0] sum, value, total, quotient;
  logic signed [17:0]  sum_exp, value_exp;
  logic                overflow;

  assign quotient  = $signed(unit_negative_i ? -unit_exact_i : unit_exact_i);
  assign sum       = add_first ? first_i : second_i;
  assign sum_exp   = add_first ? first_exp_i : second_exp_i;
  assign value     = add_first ? 128'(s1_i) : quotient;
  assign value_exp = add_first ? mean_exp_i : variance_exp_i;

  norm_align_add u_add (
    .sum_i(sum), .sum_exp_i(sum_exp), .value_i(value), .value_exp_i(value_exp), .sum_o(total),
    .overflow_o(overflow)
  );

  // D * 2^32 must be below 2^126 itself.
  logic signed [127:0] first_q, second_q;
  logic                first_overflow_q, second_overflow_q, wide_d, wide_q;

  assign wide_d            = divide ? unit_exact_i[127:94] != '0 : wide_q;
  assign first_o           = first_q;
  assign second_o          = second_q;
  assign first_overflow_o  = first_overflow_q;
  assign second_overflow_o = second_overflow_q;

  always_ff @(posedge clk_i) begin
    if (add_second) second_q <= total;
    if (add_first)  first_q  <= total;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      step_q            <= IDLE;
      wide_q            <= 1'b0;
      first_overflow_q  <= 1'b0;
      second_overflow_q <= 1'b0;
    end else begin
      step_q            <= step_d;
      wide_q            <= wide_d;
      first_overflow_q  <= add_first ? overflow : first_overflow_q;
      second_overflow_q <= add_second ? overflow || wide_q : second_overflow_q;
    end
  end
endmodule
