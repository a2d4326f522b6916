// The affine unit and its planner against numerics 9 written out in 128 bits, on a simulator that
// is not Verilator: the examples of numerics 9, then drawn cells, four lanes, a beat a cycle.
module affine_unit_tb;
  localparam int Lanes = 4;
  localparam int Cells = 2000;

  logic clk = 0, rst_n = 1;
  int   errors = 0, checks = 0, seed = 1, floors = 0, rights = 0, zeros = 0;

  // The planner, one cell for all lanes.
  logic               plan_valid = 0, planned;
  logic [4:0]         counts, bits;
  logic [4*16-1:0]    step, mantissa;
  logic [4*5-1:0]     widths;
  logic [31:0]        c0_mantissa;
  logic [5*16-1:0]    high;
  logic signed [16:0] top;
  logic [4:0]         t;
  logic signed [15:0] plan_exp;

  affine_plan u_plan (
    .clk_i(clk), .rst_ni(rst_n), .valid_i(plan_valid), .counts_i(counts), .step_i(step),
    .bits_i(widths), .mantissa_i(mantissa), .c0_mantissa_i(c0_mantissa), .high_i(high),
    .low_i(high), .valid_o(planned), .top_o(top), .floor_o(t), .exp_o(plan_exp), .bits_o(bits)
  );

  logic [Lanes-1:0]      valid = 0, mask = 0, valid_out, kept;
  logic                  relu = 0, masked = 0;
  logic [4*Lanes*32-1:0] x;
  logic [4*Lanes*16-1:0] x_exp, c, c_exp;
  logic [Lanes*32-1:0]   y;
  logic [Lanes*16-1:0]   y_exp;

  affine_unit #(.Lanes(Lanes)) u_unit (
    .clk_i(clk), .rst_ni(rst_n), .valid_i(valid), .relu_i(relu), .masked_i(masked), .mask_i(mask),
    .x_i(x), .x_exp_i(x_exp), .c_i(c), .c_exp_i(c_exp), .c0_i({Lanes{c0}}),
    .c0_exp_i({Lanes{c0_exp}}), .top_i({Lanes{top}}), .floor_i({Lanes{t}}),
    .valid_o(valid_out), .y_o(y), .y_exp_o(y_exp), .kept_o(kept)
  );

  // A cell: four products and c0.
  int                 constant [5], const_exp [5], operand_exp [5], width [5], operand [4*Lanes];
  logic signed [31:0] c0;
  logic signed [15:0] c0_exp;

  // What numerics 9 says.
  logic signed [127:0] sum, product, bound, most, unit, result;
  int                  a, shift, length, want_t, want_exp, want_bits;
  bit                  any;

  task automatic tick;
    #1 clk = 1;
    #1 clk = 0;
  endtask

  // m * 2^s, floored.
  function automatic logic signed [127:0] scaled(input logic signed [127:0] m, input int s);
    scaled = (s >= 0) ? m <<< s : m >>> ((s < -63) ? 63 : -s);
  endfunction

  task automatic expect_plan;
    any = 0;
    a   = 0;
    for (int k = 0; k < 5; k++) begin
      if (constant[k] != 0 && (!any || operand_exp[k] + const_exp[k] - 8 > a)) begin
        any = 1;
        a   = operand_exp[k] + const_exp[k] - 8;
      end
    end
    bound = 0;
    for (int k = 0; k < 5; k++) begin
      if (constant[k] != 0) begin
        shift = operand_exp[k] + const_exp[k] - a;
        most  = constant[k];
        if (most < 0) most = -most;
        most  = most <<< width[k];
        bound = bound - scaled(-most, shift) + ((shift < 0) ? 1 : 0);
        if (shift < 0) rights++;
      end
    end
    length = 0;
    while ((bound >> length) != 0) length = length + 1;
    want_t    = (length > 31) ? length - 31 : 0;
    want_bits = (length > 31) ? 31 : length;
    want_exp  = any ? a + want_t : -512;
    if (!any) zeros++;
    if (want_t > 0) floors++;
  endtask

  task automatic expect_result(input int l);
    sum = 0;
    for (int k = 0; k < 5; k++) begin
      product = constant[k];
      if (k < 4) product = product * operand[k*Lanes+l];
      if (constant[k] != 0) sum = sum + scaled(product, operand_exp[k] + const_exp[k] - a);
    end
    result = sum >>> want_t;
  endtask

  // Plans the cell, sends one beat of it, and compares.
  task automatic run_cell(input int number);
    for (int k = 0; k < 5; k++) begin
      counts[k]        = constant[k] != 0;
      high[k*16 +: 16] = const_exp[k];
      if (k < 4) begin
        step[k*16 +: 16]     = operand_exp[k];
        widths[k*5 +: 5]     = width[k];
        mantissa[k*16 +: 16] = (constant[k] < 0) ? -constant[k] : constant[k];
      end
    end
    c0          = constant[4];
    c0_exp      = const_exp[4];
    c0_mantissa = (constant[4] < 0) ? -constant[4] : constant[4];
    for (int l = 0; l < Lanes; l++) begin
      for (int k = 0; k < 4; k++) begin
        x[(k*Lanes+l)*32 +: 32]     = operand[k*Lanes+l];
        x_exp[(k*Lanes+l)*16 +: 16] = operand_exp[k];
        c[(k*Lanes+l)*16 +: 16]     = constant[k];
        c_exp[(k*Lanes+l)*16 +: 16] = const_exp[k];
      end
    end
    plan_valid = 1;
    tick;
    plan_valid = 0;
    tick;
    tick;
    expect_plan;
    checks++;
    if (planned !== 1'b1 || t !== want_t[4:0] || plan_exp !== want_exp[15:0]
        || bits !== want_bits[4:0]) begin
      errors++;
      $display("cell %0d: t %0d exponent %0d bits %0d, expected %0d, %0d and %0d", number, t,
               plan_exp, bits, want_t, want_exp, want_bits);
    end
    valid  = (number % 3 == 0) ? 4'b0111 : 4'b1111;
    mask   = $urandom(seed);
    relu   = number % 4 == 1;
    masked = number % 4 == 2;
    tick;
    valid = 0;
    tick;
    tick;
    if (valid_out !== 4'b0000) errors++;
    tick;
    if (valid_out !== ((number % 3 == 0) ? 4'b0111 : 4'b1111)) errors++;
    for (int l = 0; l < Lanes; l++) begin
      expect_result(l);
      checks++;
      if (valid_out[l] === 1'b1 && (kept[l] !== (result > 0))) errors++;
      if (relu && result < 0) result = 0;
      if (masked && !mask[l]) result = 0;
      if (valid_out[l] === 1'b1
          && (y[l*32 +: 32] !== result[31:0] || y_exp[l*16 +: 16] !== want_exp[15:0])) begin
        errors++;
        if (errors < 10)
          $display("cell %0d, lane %0d: %0d * 2^%0d, expected %0d * 2^%0d", number, l,
                   $signed(y[l*32 +: 32]), $signed(y_exp[l*16 +: 16]), result, want_exp);
      end
    end
  endtask

  task automatic draw_cell;
    int spread;
    spread = 1 << ($urandom(seed) % 10);
    for (int k = 0; k < 5; k++) begin
      width[k]       = (k == 4) ? 0 : $urandom(seed) % 32;
      operand_exp[k] = (k == 4) ? 0 : $signed($urandom(seed) % (2 * spread)) - spread;
      const_exp[k]   = $signed($urandom(seed) % (2 * spread)) - spread;
      constant[k]    = (k == 4) ? (1 << 30) + $urandom(seed) % (1 << 30)
                                : (1 << 14) + $urandom(seed) % (1 << 14);
      if ($urandom(seed) % 4 == 0) constant[k] = (k == 4) ? 1 << 30 : 1 << 14;
      if ($urandom(seed) % 2 == 0) constant[k] = -constant[k];
      if ($urandom(seed) % 3 == 0) constant[k] = 0;
      for (int l = 0; l < Lanes && k < 4; l++) begin
        operand[k*Lanes+l] = $signed($random(seed)) >>> (31 - width[k]);
        if (l == 0 && width[k] == 31) operand[k*Lanes+l] = 32'h8000_0000;
      end
    end
  endtask

  task automatic known(input string what, input logic signed [31:0] got, input int want);
    checks++;
    if (got !== want) begin
      errors++;
      $display("%s: %0d, expected %0d", what, got, want);
    end
  endtask

  initial begin
    rst_n = 0;
    tick;
    rst_n = 1;
    // 5 * 3/4 (numerics 9's example): 31457280 * 2^-23.
    for (int k = 0; k < 5; k++) begin
      constant[k]    = 0;
      const_exp[k]   = 0;
      operand_exp[k] = 0;
      width[k]       = (k == 4) ? 0 : 7;
    end
    for (int i = 0; i < 4*Lanes; i++) operand[i] = 5;
    constant[0]  = 24576;
    const_exp[0] = -15;
    run_cell(0);
    known("3.75", y[31:0], 31457280);
    known("its exponent", $signed(y_exp[15:0]), -23);
    // c0 = -2^30 * 2^-30 beside it: -1 + 3.75 = 2.75. a = -23; -2^30 is shifted right by 7.
    constant[4]  = -(1 << 30);
    const_exp[4] = -30;
    run_cell(4);
    known("2.75", y[31:0], 31457280 - 8388608);
    for (int n = 0; n < Cells; n++) begin
      draw_cell;
      for (int k = 0; k < 5 && n % 50 == 0; k++) constant[k] = 0;
      run_cell(n);
    end
    $display("%0d checks, %0d errors; %0d terms shifted right, %0d final floors, %0d zero cells",
             checks, errors, rights, floors, zeros);
    if (errors == 0 && checks == 5 * (Cells + 2) + 3 && rights > 1000 && floors > 1000 && zeros > 9)
      $display("BENCH PASSED");
    else $display("BENCH FAILED");
    $finish;
  end
endmodule
