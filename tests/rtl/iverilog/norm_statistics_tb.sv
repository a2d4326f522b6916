// A channel's statistics on the scalar unit, against numerics 19.1 written out in wide integers
// with plain shifts and divisions: sums at other exponents, negative ones, and those that reach
// 2^126; 139 cycles each.
module norm_statistics_tb;
  logic                clk = 0, rst_n = 1, start = 0, done, unit_start, unit_done, negative;
  logic [2:0]          op;
  logic [30:0]         rows;
  logic signed [17:0]  mean_exp, first_exp, variance_exp, second_exp;
  logic signed [63:0]  s1, s2, x0, y0, x1, y1;
  logic signed [127:0] first, second, first_sum, second_sum;
  logic                first_overflow, second_overflow;
  logic [127:0]        exact;
  int                  errors = 0, checks = 0, seed = 1, overflows = 0, kept = 0;

  norm_statistics u_statistics (
    .clk_i(clk), .rst_ni(rst_n), .start_i(start), .done_o(done), .rows_i(rows),
    .mean_exp_i(mean_exp), .first_exp_i(first_exp), .variance_exp_i(variance_exp),
    .second_exp_i(second_exp), .s1_i(s1), .s2_i(s2), .first_i(first), .second_i(second),
    .first_o(first_sum), .second_o(second_sum), .first_overflow_o(first_overflow),
    .second_overflow_o(second_overflow), .unit_start_o(unit_start), .unit_op_o(op),
    .unit_x0_o(x0), .unit_y0_o(y0), .unit_x1_o(x1), .unit_y1_o(y1), .unit_done_i(unit_done),
    .unit_negative_i(negative), .unit_exact_i(exact)
  );
  scalar_unit u_unit (
    .clk_i(clk), .rst_ni(rst_n), .start_i(unit_start), .op_i(op), .ready_o(),
    .a_negative_i(1'b0), .a_mant_i(32'd0), .a_exp_i(20'd0), .b_negative_i(1'b0), .b_mant_i(32'd0),
    .b_exp_i(20'd0), .x0_i(x0), .y0_i(y0), .x1_i(x1), .y1_i(y1), .done_o(unit_done),
    .negative_o(), .mant_o(), .exp_o(), .exact_negative_o(negative), .exact_o(exact), .log_o(),
    .exp2_valid_i(1'b0), .exp2_fraction_i(16'd0), .exp2_valid_o(), .exp2_o()
  );

  task automatic tick;
    #1 clk = 1;
    #1 clk = 0;
  endtask

  localparam logic signed [399:0] LIMIT = 400'sd1 <<< 126;

  // sum at exponent a and value at exponent b: moved up by loops, one place at a time.
  logic signed [399:0] sum, value, d, quotient, rest;
  logic                overflow;

  task automatic add(input int a, input int b);
    overflow = 0;
    for (int i = 0; i < a - b && i < 200; i++) sum = sum * 2;
    for (int i = 0; i < b - a && i < 200; i++) value = value * 2;
    if (sum >= LIMIT || -sum >= LIMIT || value >= LIMIT || -value >= LIMIT) overflow = 1;
    sum = sum + value;
    if (sum >= LIMIT || -sum >= LIMIT) overflow = 1;
  endtask

  task automatic check(input logic bad, input logic signed [127:0] got);
    checks++;
    if (bad) overflows++;
    else     kept++;
    if (bad !== overflow || (!overflow && got !== sum[127:0])) begin
      errors++;
      if (errors < 10) $display("channel %0d: %h (%b), expected %h (%b)", checks / 2, got, bad,
                                sum[127:0], overflow);
    end
  endtask

  int cycles;

  initial begin
    rst_n = 0;
    tick;
    rst_n = 1;
    for (int n = 0; n < 240; n++) begin
      rows = 2 + ($urandom(seed) >> (2 + $urandom(seed) % 30));
      s1   = $signed({$urandom(seed), $urandom(seed)}) >>> (18 + $urandom(seed) % 40);
      s2   = $signed({$urandom(seed), $urandom(seed)}) >>> (2 + $urandom(seed) % 60);
      if (n % 8 != 0 && s2 < 0) s2 = -s2;
      if (n % 8 > 1) begin // a batch's: D is not negative
        s1 = s1 >>> 24;
        s2 = s1 * s1 / $signed({33'b0, rows}) + 5;
      end
      first  = $signed({$urandom(seed), $urandom(seed), $urandom(seed), $urandom(seed)});
      second = $signed({$urandom(seed), $urandom(seed), $urandom(seed), $urandom(seed)});
      first  = first >>> (2 + $urandom(seed) % 120);
      second = second >>> (2 + $urandom(seed) % 120);
      mean_exp     = $signed($urandom(seed) % 200) - 100;
      first_exp    = mean_exp + $signed($urandom(seed) % 40) - 20;
      if (n % 16 == 3) first_exp = mean_exp + $signed($urandom(seed) % 600) - 300;
      if (n % 16 == 4) first = 0;
      if (n % 16 == 5) s1 = 0;
      variance_exp = 2 * mean_exp - 32;
      second_exp   = variance_exp + $signed($urandom(seed) % 40) - 20;
      if (n % 3 == 0) second_exp = variance_exp;
      start  = 1;
      cycles = 0;
      tick;
      start = 0;
      cycles++;
      while (!done && cycles < 300) begin
        tick;
        cycles++;
      end
      if (cycles != 139) errors++;

      // A1, then A2.
      sum   = first;
      value = s1;
      add(first_exp, mean_exp);
      check(first_overflow, first_sum);
      d    = s1;
      rest = s2;
      d    = $signed({369'b0, rows}) * rest - d * d;
      d    = d * 400'sd4294967296;
      quotient = d / $signed({369'b0, rows - 31'd1});
      if (quotient * $signed({369'b0, rows - 31'd1}) > d) quotient = quotient - 1;
      sum   = second;
      value = quotient;
      add(second_exp, variance_exp);
      if (d >= LIMIT || -d >= LIMIT) overflow = 1;
      check(second_overflow, second_sum);
    end
    $display("%0d checks, %0d out of range, %0d errors", checks, overflows, errors);
    if (errors == 0 && checks == 480 && overflows > 20 && kept > 200) $display("BENCH PASSED");
    else $display("BENCH FAILED");
    $finish;
  end
endmodule
