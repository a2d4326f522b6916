// The scalar unit (numerics 12): one operation on scalars after another, and beside it a pipeline
// for 2^x. An operation is taken in a cycle with start_i and ready_o; its result stands on the
// outputs, with done_o for one cycle, a fixed number of cycles later, until the next start. In
// that very cycle the next may be started, with the result as an operand.
//
//   op_i      cycles  result
//   0  MUL    1       a * b
//   1  ADD    1       a + b
//   2  DIV    33      a / b; 0 where b is 0
//   3  RSQRT  64      1 / sqrt(a); 0 where a <= 0
//   4  RECIP  32      1 / a, on exact_o recip(mantissa of a); on log_o log2(|a|)
//   5  LOG2   16      on log_o log2(|a|); no scalar
//   6  DIFF   9       (x0 * y0 - x1 * y1) * 2^a_exp, to be below 2^127; exact_o is the integer
//   7  QUOT   128     floor(D * 2^32 / x0) * 2^a_exp, D the last DIFF's integer, |D| < 2^94,
//                     and x0 > 0
//
// A scalar is a sign, a mantissa whose top bit is set and an exponent; zero is mantissa 0,
// positive, exponent 0. Exponents wrap past ExpBits.
module scalar_unit #(
  parameter int ExpBits = 20
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  // An operation, and its operands in the cycle of its start; those of DIFF stay for 8 cycles.
  input  logic                      start_i,
  input  logic [2:0]                op_i,
  output logic                      ready_o,
  input  logic                      a_negative_i,
  input  logic [31:0]               a_mant_i,
  input  logic signed [ExpBits-1:0] a_exp_i,
  input  logic                      b_negative_i,
  input  logic [31:0]               b_mant_i,
  input  logic signed [ExpBits-1:0] b_exp_i,
  input  logic signed [63:0]        x0_i,
  input  logic signed [63:0]        y0_i,
  input  logic signed [63:0]        x1_i,
  input  logic signed [63:0]        y1_i,
  // The result.
  output logic                      done_o,
  output logic                      negative_o,
  output logic [31:0]               mant_o,
  output logic signed [ExpBits-1:0] exp_o,
  output logic                      exact_negative_o,
  output logic [127:0]              exact_o,     // the integer before its cut to 32 bits
  output logic signed [ExpBits+16:0] log_o,      // units of 2^-16; holds until the next log2
  // The pipeline for 2^x.
  input  logic                      exp2_valid_i,
  input  logic [15:0]               exp2_fraction_i,
  output logic                      exp2_valid_o,
  output logic [30:0]               exp2_o       // units of 2^-30
);
  localparam logic [2:0] OP_MUL   = 3'd0;
  localparam logic [2:0] OP_ADD   = 3'd1;
  localparam logic [2:0] OP_DIV   = 3'd2;
  localparam logic [2:0] OP_RSQRT = 3'd3;
  localparam logic [2:0] OP_RECIP = 3'd4;
  localparam logic [2:0] OP_LOG2  = 3'd5;
  localparam logic [2:0] OP_DIFF  = 3'd6;
  localparam logic [2:0] OP_QUOT  = 3'd7;

  // What is left of an operation after its first cycle.
  function automatic logic [6:0] further_cycles(input logic [2:0] op);
    case (op)
      OP_DIV:   further_cycles = 7'd32;
      OP_RSQRT: further_cycles = 7'd63;
      OP_RECIP: further_cycles = 7'd31;
      OP_LOG2:  further_cycles = 7'd15;
      OP_DIFF:  further_cycles = 7'd8;
      OP_QUOT:  further_cycles = 7'd127;
      default:                   further_cycles = 7'd0;
    endcase
  endfunction

  logic       begin_op, done_d, done_q;
  logic [2:0] op_d, op_q;
  logic [6:0] left_d, left_q;

  assign ready_o  = left_q == '0;
  assign begin_op = start_i && ready_o;
  assign op_d     = begin_op ? op_i : op_q;
  assign done_o   = done_q;

  always_comb begin
    left_d = ready_o ? '0 : left_q - 7'd1;
    if (begin_op) left_d = further_cycles(op_i);
    done_d = (left_d == '0) && (begin_op || !ready_o);
  end

  // The result's sign and exponent are known at the start, but for DIFF's sign.
  logic                      negative_d, negative_q, zero_d, zero_q, sum_negative;
  logic [63:0]               sum, sum_d, sum_q;
  logic signed [ExpBits-1:0] exp_d, exp_q, sum_exp, even_exp, half_exp;
  logic                      odd;

  assign odd      = a_exp_i[0];
  assign even_exp = a_exp_i - (odd ? ExpBits'(31) : ExpBits'(32));
  assign half_exp = even_exp >>> 1;

  scalar_add #(.ExpBits(ExpBits)) u_add (
    .a_negative_i, .a_mant_i, .a_exp_i, .b_negative_i, .b_mant_i, .b_exp_i,
    .negative_o(sum_negative), .magnitude_o(sum), .exp_o(sum_exp)
  );

  always_comb begin
    negative_d = negative_q;
    zero_d     = zero_q;
    exp_d      = exp_q;
    sum_d      = begin_op ? sum : sum_q;
    if (begin_op) begin
      negative_d = 1'b0;
      zero_d     = 1'b0;
      exp_d      = a_exp_i;
      case (op_i)
        OP_MUL: begin
          negative_d = a_negative_i ^ b_negative_i;
          exp_d      = a_exp_i + b_exp_i;
        end
        OP_ADD: begin
          negative_d = sum_negative;
          exp_d      = sum_exp;
        end
        OP_DIV: begin
          negative_d = a_negative_i ^ b_negative_i;
          zero_d     = b_mant_i == '0;
          exp_d      = a_exp_i - b_exp_i - ExpBits'(32);
        end
        OP_RSQRT: begin
          zero_d = a_negative_i || (a_mant_i == '0);
          exp_d  = -ExpBits'(63) - half_exp;
        end
        OP_RECIP: begin
          negative_d = a_negative_i;
          zero_d     = a_mant_i == '0;
          exp_d      = -ExpBits'(62) - a_exp_i;
        end
        OP_LOG2: zero_d = 1'b1;
        default: ;
      endcase
    end
  end

  // The multiplier serves MUL, the logarithm and the difference.
  logic                log_start, log_run, difference_start, difference_run;
  logic [31:0]         log_factor;
  logic signed [32:0]  difference_a, difference_b, factor_a, factor_b;
  logic signed [65:0]  product, product_held;
  logic signed [127:0] difference;

  assign log_start = begin_op && (op_i == OP_LOG2 ||
                                  op_i == OP_RECIP);
  assign difference_start = begin_op && (op_i == OP_DIFF);

  always_comb begin
    factor_a = $signed({1'b0, a_mant_i});
    factor_b = $signed({1'b0, b_mant_i});
    if (log_run) begin
      factor_a = $signed({1'b0, log_factor});
      factor_b = $signed({1'b0, log_factor});
    end else if (difference_run) begin
      factor_a = difference_a;
      factor_b = difference_b;
    end
  end

  scalar_multiplier u_multiplier (
    .clk_i, .rst_ni, .take_i(begin_op || difference_run), .a_i(factor_a), .b_i(factor_b),
    .product_o(product), .held_o(product_held)
  );
  scalar_log2 #(.ExpBits(ExpBits)) u_log2 (
    .clk_i, .rst_ni, .start_i(log_start), .mant_i(a_mant_i), .exp_i(a_exp_i),
    .run_o(log_run), .factor_o(log_factor), .square_i(product[63:0]), .log_o
  );
  scalar_difference u_difference (
    .clk_i, .rst_ni, .start_i(difference_start), .x0_i, .y0_i, .x1_i, .y1_i,
    .run_o(difference_run), .factor_a_o(difference_a), .factor_b_o(difference_b),
    .product_i(product_held), .result_o(difference)
  );

  // The divider serves DIV, RECIP, QUOT, and RSQRT, whose dividend 2^(126-k) - 1 is all ones.
  logic         divider_run, quotient_bit;
  logic [31:0]  root;
  logic         rest;
  logic [63:0]  remainder, divisor;
  logic [127:0] bits, quotient, size;

  assign size = difference[127] ? -difference : difference;

  always_comb begin
    remainder = {33'b0, a_mant_i[31:1]};
    bits      = {a_mant_i[0], 127'b0};
    divisor   = {32'b0, b_mant_i};
    case (op_i)
      OP_RSQRT: begin
        remainder = odd ? 64'h7fff_ffff : 64'h3fff_ffff;
        bits      = '1;
        divisor   = {32'b0, a_mant_i};
      end
      OP_RECIP: begin
        remainder = 64'h4000_0000;
        bits      = '0;
        divisor   = {32'b0, a_mant_i};
      end
      OP_QUOT: begin
        remainder = '0;
        bits      = {size[95:0], 32'b0};
        divisor   = x0_i;
      end
      default: ;
    endcase
  end

  assign divider_run = begin_op || !ready_o;

  scalar_divider u_divider (
    .clk_i, .rst_ni, .start_i(begin_op), .run_i(divider_run), .remainder_i(remainder),
    .bits_i(bits), .divisor_i(divisor), .bit_o(quotient_bit), .quotient_o(quotient),
    .rest_o(rest)
  );
  scalar_root u_root (
    .clk_i, .rst_ni, .start_i(begin_op), .run_i(divider_run), .bit_i(quotient_bit), .root_o(root)
  );

  // The result, cut.
  always_comb begin
    exact_negative_o = negative_q;
    exact_o          = quotient;
    case (op_q)
      OP_MUL:   exact_o = {64'b0, product_held[63:0]};
      OP_ADD:   exact_o = {64'b0, sum_q};
      OP_RSQRT: exact_o = {96'b0, root};
      OP_DIFF: begin
        exact_negative_o = difference[127];
        exact_o          = size;
      end
      OP_QUOT: begin
        exact_negative_o = difference[127];
        exact_o          = quotient + 128'(difference[127] && rest);
      end
      default: ;
    endcase
    if (zero_q) exact_o = '0;
  end

  scalar_make #(.ExpBits(ExpBits)) u_make (
    .negative_i(exact_negative_o), .magnitude_i(exact_o), .exp_i(exp_q),
    .negative_o, .mant_o, .exp_o
  );

  scalar_exp2 u_exp2 (
    .clk_i, .rst_ni, .valid_i(exp2_valid_i), .fraction_i(exp2_fraction_i),
    .valid_o(exp2_valid_o), .power_o(exp2_o)
  );

  logic unused_product;
  assign unused_product = ^product[65:64];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      left_q     <= '0;
      done_q     <= 1'b0;
      op_q       <= OP_MUL;
      negative_q <= 1'b0;
      zero_q     <= 1'b0;
      exp_q      <= '0;
      sum_q      <= '0;
    end else begin
      left_q     <= left_d;
      done_q     <= done_d;
      op_q       <= op_d;
      negative_q <= negative_d;
      zero_q     <= zero_d;
      exp_q      <= exp_d;
      sum_q      <= sum_d;
    end
  end
endmodule
