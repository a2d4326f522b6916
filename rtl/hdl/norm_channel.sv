// One channel of batch norm (numerics 19) as a sequence of operations of a scalar unit: forward,
// a and b in 143 cycles, from statistics (19.1) in 134; backward, b', c' and the gradients in 254.
// Inputs stay until done_o, in whose cycle the results stand. The unit is idle at the start and
// nobody else's until the results are taken.
module norm_channel #(
  parameter int ExpBits = 20
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  input  logic                      start_i,
  input  logic                      back_i,
  input  logic                      statistics_i,  // not with back_i
  output logic                      done_o,
  // The command's: rows (from statistics A0, else below 2^31) and their square as a scalar, eps,
  // the exponents of x (of A1), of A2, d, gamma, beta.
  input  logic [63:0]               rows_i,
  input  logic [31:0]               square_mant_i,
  input  logic signed [ExpBits-1:0] square_exp_i,
  input  logic [30:0]               eps_mant_i,
  input  logic signed [15:0]        eps_exp_i,
  input  logic signed [15:0]        x_exp_i,
  input  logic signed [15:0]        second_exp_i,
  input  logic signed [15:0]        d_exp_i,
  input  logic signed [15:0]        gamma_exp_i,
  input  logic signed [15:0]        beta_exp_i,
  // The channel's: S1, S2 (A1, A2), Se, Sex; gamma and beta forward, the constant a backward.
  input  logic signed [127:0]       s1_i,
  input  logic signed [127:0]       s2_i,
  input  logic signed [63:0]        se_i,
  input  logic signed [63:0]        sex_i,
  input  logic signed [15:0]        gamma_i,
  input  logic signed [15:0]        beta_i,
  input  logic signed [15:0]        a_mant_i,
  input  logic signed [ExpBits-1:0] a_exp_i,
  // Constants: a or b', b or c', and backward dgamma and dbeta.
  output logic signed [15:0]        factor_mant_o,
  output logic signed [ExpBits-1:0] factor_exp_o,
  output logic signed [31:0]        addend_mant_o,
  output logic signed [ExpBits-1:0] addend_exp_o,
  output logic signed [31:0]        dgamma_mant_o,
  output logic signed [ExpBits-1:0] dgamma_exp_o,
  output logic signed [31:0]        dbeta_mant_o,
  output logic signed [ExpBits-1:0] dbeta_exp_o,
  // The scalar unit.
  output logic                      unit_start_o,
  output logic [2:0]                unit_op_o,
  output logic                      unit_a_negative_o,
  output logic [31:0]               unit_a_mant_o,
  output logic signed [ExpBits-1:0] unit_a_exp_o,
  output logic                      unit_b_negative_o,
  output logic [31:0]               unit_b_mant_o,
  output logic signed [ExpBits-1:0] unit_b_exp_o,
  output logic signed [63:0]        unit_x0_o,
  output logic signed [63:0]        unit_y0_o,
  output logic signed [63:0]        unit_x1_o,
  output logic signed [63:0]        unit_y1_o,
  input  logic                      unit_done_i,
  input  logic                      unit_negative_i,
  input  logic [31:0]               unit_mant_i,
  input  logic signed [ExpBits-1:0] unit_exp_i
);
  localparam int Scalar = 33 + ExpBits;  // {negative, mantissa, exponent}
  localparam logic [2:0] OP_MUL   = 3'd0;
  localparam logic [2:0] OP_ADD   = 3'd1;
  localparam logic [2:0] OP_DIV   = 3'd2;
  localparam logic [2:0] OP_RSQRT = 3'd3;
  localparam logic [2:0] OP_DIFF  = 3'd6;

  // Steps: an operation each. 0..4 make r and the mean, 5..7 go forward, 8..17 backward.
  localparam logic [4:0] SQUARES = 5'd0, VARIANCE = 5'd1, EPS = 5'd2, ROOT = 5'd3, MEAN = 5'd4;
  localparam logic [4:0] FACTOR = 5'd5, SHIFT = 5'd6, ADDEND = 5'd7;
  localparam logic [4:0] PRODUCTS = 5'd8, MEAN_P = 5'd9, DGAMMA = 5'd10, SCALE = 5'd11;
  localparam logic [4:0] SLOPE = 5'd12, FACTOR_BACK = 5'd13, LEVEL = 5'd14, LEVEL_SCALED = 5'd15;
  localparam logic [4:0] SHIFT_BACK = 5'd16, ADDEND_BACK = 5'd17;

  logic       run_d, run_q, last, begin_step;
  logic [4:0] step_d, step_q;

  assign last       = step_q == ADDEND || step_q == ADDEND_BACK;
  assign done_o     = run_q && unit_done_i && last;
  assign begin_step = start_i || (run_q && unit_done_i && !last);

  always_comb begin
    run_d  = start_i || (run_q && !done_o);
    step_d = step_q;
    if (start_i) step_d = statistics_i ? VARIANCE : SQUARES;
    else if (begin_step) step_d = (step_q == MEAN && back_i) ? PRODUCTS : step_q + 5'd1;
  end

  // Scalars kept: r, the mean, dgamma, and one for a few steps.
  logic [Scalar-1:0] result, negated, r_d, r_q, mean_d, mean_q, dgamma_d, dgamma_q, kept_d, kept_q;

  assign result  = {unit_negative_i, unit_mant_i, unit_exp_i};
  assign negated = {!unit_negative_i && (unit_mant_i != '0), unit_mant_i, unit_exp_i};

  // Results as constants: of 16 bits on the way, of 32 at the end; negative ones backward.
  logic signed [31:0]        result_mant, operand_mant;
  logic signed [ExpBits-1:0] result_exp, operand_exp;
  logic [Scalar-1:0]         to_round, a, b;

  assign to_round = back_i ? negated : result;

  scalar_constant #(.ExpBits(ExpBits)) u_result (
    .wide_i(last), .negative_i(to_round[Scalar-1]), .mant_i(to_round[ExpBits +: 32]),
    .exp_i($signed(to_round[ExpBits-1:0])), .mant_o(result_mant), .exp_o(result_exp)
  );
  scalar_constant #(.ExpBits(ExpBits)) u_operand (
    .wide_i(1'b1), .negative_i(a[Scalar-1]), .mant_i(a[ExpBits +: 32]),
    .exp_i($signed(a[ExpBits-1:0])), .mant_o(operand_mant), .exp_o(operand_exp)
  );

  // Operands that come as integers.
  logic signed [127:0]       a_integer;
  logic signed [64:0]        b_integer;
  logic signed [ExpBits-1:0] a_place, b_place;
  logic [Scalar-1:0]         a_made, b_made;

  always_comb begin
    a_integer = s1_i;
    a_place   = ExpBits'(x_exp_i);
    case (step_d)
      VARIANCE: begin
        a_integer = s2_i;
        a_place   = ExpBits'(second_exp_i);
      end
      FACTOR: begin
        a_integer = 128'(gamma_i);
        a_place   = ExpBits'(gamma_exp_i);
      end
      ADDEND: begin
        a_integer = 128'(beta_i);
        a_place   = ExpBits'(beta_exp_i);
      end
      LEVEL: begin
        a_integer = 128'(se_i);
        a_place   = ExpBits'(d_exp_i);
      end
      default: ;
    endcase
    b_integer = $signed({1'b0, rows_i});
    b_place   = '0;
    case (step_d)
      EPS: begin
        b_integer = $signed({34'b0, eps_mant_i});
        b_place   = ExpBits'(eps_exp_i);
      end
      SHIFT: begin
        b_integer = 65'(result_mant);
        b_place   = result_exp;
      end
      SCALE, LEVEL_SCALED: begin
        b_integer = 65'(a_mant_i);
        b_place   = a_exp_i;
      end
      SHIFT_BACK: begin
        b_integer = 65'(factor_mant_o);
        b_place   = factor_exp_o;
      end
      default: ;
    endcase
  end

  logic [127:0] a_magnitude;
  logic [64:0]  b_magnitude;
  assign a_magnitude = (a_integer < 0) ? -a_integer : a_integer;
  assign b_magnitude = (b_integer < 0) ? -b_integer : b_integer;

  scalar_make #(.ExpBits(ExpBits)) u_make_a (
    .negative_i(a_integer[127]), .magnitude_i(a_magnitude), .exp_i(a_place),
    .negative_o(a_made[Scalar-1]), .mant_o(a_made[ExpBits +: 32]), .exp_o(a_made[ExpBits-1:0])
  );
  scalar_make #(.ExpBits(ExpBits)) u_make_b (
    .negative_i(b_integer[64]), .magnitude_i({63'b0, b_magnitude}), .exp_i(b_place),
    .negative_o(b_made[Scalar-1]), .mant_o(b_made[ExpBits +: 32]), .exp_o(b_made[ExpBits-1:0])
  );

  // The step's operation, and what is kept of the result before it.
  logic signed [ExpBits-1:0] sum_place;
  logic [2:0]                op;
  assign sum_place = ExpBits'(x_exp_i) + ((step_d == PRODUCTS) ? ExpBits'(d_exp_i)
                                                               : ExpBits'(x_exp_i));
  always_comb begin
    op = OP_MUL;
    a  = result;
    b  = b_made;
    case (step_d)
      SQUARES, PRODUCTS: begin
        op = OP_DIFF;
        a  = {33'b0, sum_place};
      end
      VARIANCE: begin
        op = OP_DIV;
        if (statistics_i) a = a_made;
        else              b = {1'b0, square_mant_i, square_exp_i};
      end
      EPS: op = OP_ADD;
      ROOT: op = OP_RSQRT;
      MEAN, LEVEL: begin
        op = OP_DIV;
        a  = a_made;
      end
      FACTOR: begin
        a = a_made;
        b = r_q;
      end
      SHIFT, SHIFT_BACK: a = mean_q;
      ADDEND: begin
        op = OP_ADD;
        a  = a_made;
        b  = negated;
      end
      MEAN_P: op = OP_DIV;
      DGAMMA: b = r_q;
      SCALE: a = r_q;
      SLOPE: begin
        op = OP_DIV;
        a  = dgamma_q;
      end
      FACTOR_BACK: b = kept_q;
      ADDEND_BACK: begin
        op = OP_ADD;
        b  = kept_q;
      end
      default: ;
    endcase
  end

  logic signed [15:0]        factor_mant_d, factor_mant_q;
  logic signed [31:0]        dgamma_mant_d, dgamma_mant_q, dbeta_mant_d, dbeta_mant_q;
  logic signed [ExpBits-1:0] factor_exp_d, factor_exp_q, dgamma_exp_d, dgamma_exp_q;
  logic signed [ExpBits-1:0] dbeta_exp_d, dbeta_exp_q;

  always_comb begin
    r_d           = r_q;
    mean_d        = mean_q;
    dgamma_d      = dgamma_q;
    kept_d        = kept_q;
    factor_mant_d = factor_mant_q;
    factor_exp_d  = factor_exp_q;
    dgamma_mant_d = dgamma_mant_q;
    dgamma_exp_d  = dgamma_exp_q;
    dbeta_mant_d  = dbeta_mant_q;
    dbeta_exp_d   = dbeta_exp_q;
    if (begin_step) begin
      case (step_d)
        MEAN: r_d = result;
        FACTOR, PRODUCTS: mean_d = result;
        SCALE: dgamma_d = result;
        SLOPE: begin
          kept_d        = result;
          dgamma_mant_d = operand_mant;
          dgamma_exp_d  = operand_exp;
        end
        SHIFT: begin
          factor_mant_d = 16'(result_mant);
          factor_exp_d  = result_exp;
        end
        LEVEL: begin
          factor_mant_d = 16'(result_mant);
          factor_exp_d  = result_exp;
          dbeta_mant_d  = operand_mant;
          dbeta_exp_d   = operand_exp;
        end
        SHIFT_BACK: kept_d = result;
        default: ;
      endcase
    end
  end

  assign unit_start_o = begin_step;
  assign unit_op_o    = op;
  assign {unit_a_negative_o, unit_a_mant_o, unit_a_exp_o} = a;
  assign {unit_b_negative_o, unit_b_mant_o, unit_b_exp_o} = b;
  assign unit_x0_o = $signed(rows_i);
  assign unit_y0_o = (step_d == PRODUCTS) ? sex_i : s2_i[63:0];
  assign unit_x1_o = s1_i[63:0];
  assign unit_y1_o = (step_d == PRODUCTS) ? se_i : s1_i[63:0];

  assign factor_mant_o = factor_mant_q;
  assign factor_exp_o  = factor_exp_q;
  assign addend_mant_o = result_mant;
  assign addend_exp_o  = result_exp;
  assign dgamma_mant_o = dgamma_mant_q;
  assign dgamma_exp_o  = dgamma_exp_q;
  assign dbeta_mant_o  = dbeta_mant_q;
  assign dbeta_exp_o   = dbeta_exp_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      run_q         <= 1'b0;
      step_q        <= SQUARES;
      r_q           <= '0;
      mean_q        <= '0;
      dgamma_q      <= '0;
      kept_q        <= '0;
      factor_mant_q <= '0;
      factor_exp_q  <= '0;
      dgamma_mant_q <= '0;
      dgamma_exp_q  <= '0;
      dbeta_mant_q  <= '0;
      dbeta_exp_q   <= '0;
    end else begin
      run_q         <= run_d;
      step_q        <= step_d;
      r_q           <= r_d;
      mean_q        <= mean_d;
      dgamma_q      <= dgamma_d;
      kept_q        <= kept_d;
      factor_mant_q <= factor_mant_d;
      factor_exp_q  <= factor_exp_d;
      dgamma_mant_q <= dgamma_mant_d;
      dgamma_exp_q  <= dgamma_exp_d;
      dbeta_mant_q  <= dbeta_mant_d;
      dbeta_exp_q   <= dbeta_exp_d;
    end
  end
endmodule
