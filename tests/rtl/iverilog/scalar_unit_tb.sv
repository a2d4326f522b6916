// The scalar unit against numerics 12 written out in wide integers, with plain divisions, on a
// simulator that is not Verilator: every operation, with its cycles.
module scalar_unit_tb;
  logic               clk = 0, rst_n = 1, start = 0, ready, done, a_neg, b_neg, neg, exact_neg;
  logic [2:0]         op;
  logic [31:0]        a_mant, b_mant, mant;
  logic signed [19:0] a_exp, b_exp, exp;
  logic signed [63:0] x0, y0, x1, y1;
  logic [127:0]       exact;
  logic signed [36:0] log;
  logic               exp2_valid = 0, exp2_done;
  logic [15:0]        fraction = 0;
  logic [30:0]        power;
  int                 errors = 0, checks = 0, seed = 1, powers = 0;

  scalar_unit u_unit (
    .clk_i(clk), .rst_ni(rst_n), .start_i(start), .op_i(op), .ready_o(ready),
    .a_negative_i(a_neg), .a_mant_i(a_mant), .a_exp_i(a_exp),
    .b_negative_i(b_neg), .b_mant_i(b_mant), .b_exp_i(b_exp),
    .x0_i(x0), .y0_i(y0), .x1_i(x1), .y1_i(y1),
    .done_o(done), .negative_o(neg), .mant_o(mant), .exp_o(exp),
    .exact_negative_o(exact_neg), .exact_o(exact), .log_o(log),
    .exp2_valid_i(exp2_valid), .exp2_fraction_i(fraction), .exp2_valid_o(exp2_done), .exp2_o(power)
  );

  task automatic tick;
    #1 clk = 1;
    #1 clk = 0;
  endtask

  // What is expected: an integer (wide enough for any) and its exponent, then cut.
  logic signed [191:0] value, d, q;
  logic [191:0]        size, root, trial;
  logic [31:0]         expected_mant;
  int                  e, expected_exp, cycles, expected_cycles, k;

  task automatic cut;
    size = (value < 0) ? -value : value;
    expected_exp = e;
    while (size >= 192'h1_0000_0000) begin
      size = size >> 1;
      expected_exp++;
    end
    while (size != 0 && size < 192'h8000_0000) begin
      size = size << 1;
      expected_exp--;
    end
    if (size == 0) expected_exp = 0;
    expected_mant = size[31:0];
  endtask

  // 2^16 times the logarithm, less its whole part: the bit b is set where y^(2^b) doubles.
  logic [191:0]       y;
  logic signed [36:0] expected_log;

  task automatic logarithm;
    y            = {160'b0, a_mant};
    expected_log = a_exp + 31;
    for (int b = 0; b < 16; b++) begin
      y            = (y * y) / 192'h8000_0000;
      expected_log = expected_log * 2;
      if (y >= 192'h1_0000_0000) begin
        y            = y / 2;
        expected_log = expected_log + 1;
      end
    end
  endtask

  task automatic expect_result;
    value = 0;
    e     = a_exp;
    case (op)
      0: begin
        value = $signed({160'b0, a_mant}) * $signed({160'b0, b_mant});
        if (a_neg != b_neg) value = -value;
        e = a_exp + b_exp;
        expected_cycles = 1;
      end
      1: begin
        value = $signed({129'b0, a_mant, 31'b0});
        d     = $signed({129'b0, b_mant, 31'b0});
        k     = a_exp - b_exp;
        e     = a_exp - 31;
        if (k < 0) begin
          value = value >>> ((k < -63) ? 63 : -k);
          e     = b_exp - 31;
        end else d = d >>> ((k > 63) ? 63 : k);
        if (a_neg) value = -value;
        value = b_neg ? value - d : value + d;
        expected_cycles = 1;
      end
      2: begin
        value = $signed({128'b0, a_mant, 32'b0}) / $signed({160'b0, b_mant});
        if (a_neg != b_neg) value = -value;
        e = a_exp - b_exp - 32;
        expected_cycles = 33;
      end
      3: begin
        k    = (a_exp % 2 == 0) ? 32 : 31;
        size = ((192'd1 << 126) - 1) / ({160'b0, a_mant} << k);
        root = 0;
        for (int b = 31; b >= 0; b--) begin
          trial = root + (192'd1 << b);
          if (trial * trial <= size) root = trial;
        end
        value = a_neg ? 0 : $signed(root);
        e     = -63 - (a_exp - k) / 2;
        expected_cycles = 64;
      end
      4: begin
        value = (192'sd1 <<< 62) / $signed({160'b0, a_mant});
        if (a_neg) value = -value;
        e = -62 - a_exp;
        expected_cycles = 32;
      end
      5: expected_cycles = 16;
      6: begin
        d     = x0 * 192'sd1;
        value = d * y0;
        d     = x1 * 192'sd1;
        value = value - d * y1;
        q     = value;
        expected_cycles = 9;
      end
      default: begin
        value = q <<< 32;
        value = (value < 0) ? -((x0 - 1 - value) / x0) : value / x0;
        expected_cycles = 128;
      end
    endcase
    cut;
  endtask

  task automatic operate;
    expect_result;
    start  = 1;
    cycles = 0;
    #1;
    if (!ready) errors++;
    while (cycles == 0 || (!done && cycles < 200)) begin
      tick;
      start = 0;
      if (op != 6) begin
        x0 = 64'h5a5a_5a5a_5a5a_5a5a;
        a_mant = ~a_mant;
      end
      cycles++;
    end
    checks++;
    if (cycles != expected_cycles || mant !== expected_mant || exp !== expected_exp[19:0] ||
        neg !== (value < 0) || ((op == 4 || op == 5) && log !== expected_log)) begin
      errors++;
      if (errors < 10)
        $display("op %0d of %0d: %b %h at %0d, log %0d, %0d cycles; not %b %h at %0d, %0d, %0d",
                 op, checks, neg, mant, exp, log, cycles, value < 0, expected_mant, expected_exp,
                 expected_log, expected_cycles);
    end
  endtask

  // A fraction's power, exactly 16 cycles later.
  task automatic expect_power(input logic [15:0] f, input logic [30:0] expected);
    exp2_valid = 1;
    fraction   = f;
    tick;
    exp2_valid = 0;
    fraction   = ~f;
    for (int i = 1; i < 16; i++) begin
      if (exp2_done) errors++;
      tick;
    end
    powers++;
    if (!exp2_done || power !== expected) begin
      errors++;
      $display("2^(%0d / 65536): %0d, expected %0d", f, power, expected);
    end
  endtask

  initial begin
    rst_n = 0;
    tick;
    rst_n = 1;
    for (int n = 0; n < 2400; n++) begin
      op     = n % 8;
      a_mant = $urandom(seed) | 32'h8000_0000;
      b_mant = $urandom(seed) | 32'h8000_0000;
      if (n % 5 == 0) a_mant = 32'h8000_0000;
      if (n % 7 == 0) b_mant = 32'hffff_ffff;
      if (n % 11 == 0) b_mant = a_mant;
      a_exp = $signed($urandom(seed) % 200) - 100;
      b_exp = $signed($urandom(seed) % 200) - 100;
      if (n % 3 != 0) b_exp = a_exp + $signed($urandom(seed) % 5) - 2;
      a_neg = $urandom(seed);
      b_neg = $urandom(seed);
      x0 = $signed({$urandom(seed), $urandom(seed)}) >>> (1 + $urandom(seed) % 62);
      y0 = $signed({$urandom(seed), $urandom(seed)}) >>> (1 + $urandom(seed) % 62);
      x1 = $signed({$urandom(seed), $urandom(seed)}) >>> (1 + $urandom(seed) % 62);
      y1 = $signed({$urandom(seed), $urandom(seed)}) >>> (1 + $urandom(seed) % 62);
      if (n % 16 == 6) begin // n * S2 - S1 * S1 of four numbers, for the division after it
        x0 = 4;
        y1 = $signed($urandom(seed) % 100000) - 50000;
        x1 = y1;
        y0 = y1 * y1 / 4 + $signed($urandom(seed) % 1000000) - 300000;
      end
      if (op == 7) begin
        x0 = 3;
      end
      if (op == 4 || op == 5) logarithm;
      if (op != 7 || n % 16 == 7) operate;
    end
    expect_power(16'h0000, 31'd1073741824);
    expect_power(16'h8000, 31'd1518500250);
    expect_power(16'h4000, 31'd1276901417);
    expect_power(16'h2000, 31'd1170923762);
    expect_power(16'h0100, 31'd1076653033);
    expect_power(16'h0001, 31'd1073753181);
    // C[1] * C[2] / 2^30: 1518500250 * 1276901417 / 1073741824 = 1805811301.1
    expect_power(16'hc000, 31'd1805811301);
    $display("%0d checks, %0d powers, %0d errors", checks, powers, errors);
    if (errors == 0 && checks == 2250 && powers == 7) $display("BENCH PASSED");
    else $display("BENCH FAILED");
    $finish;
  end
endmodule
