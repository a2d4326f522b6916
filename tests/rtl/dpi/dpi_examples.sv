// Every function of bittrue_dpi.svh: docs/numerics.md's worked examples, and what each refuses.
module dpi_examples;
  `include "bittrue_dpi.svh"

  int     failures = 0, checks = 0, errors = 0;
  chandle h;

  task is(input longint got, input longint want, input string what);
    checks++;
    if (got != want) begin
      failures++;
      $display("FAIL: %s: %0d, expected %0d (%s)", what, got, want, bittrue_dpi_error(h));
    end
  endtask

  // The call failed with status 2, one error more, and this text.
  task refused(input int status, input string text);
    errors++;
    is(longint'(status), 2, {"status of: ", text});
    is(longint'(bittrue_dpi_errors(h)), longint'(errors), {"errors behind: ", text});
    checks++;
    if (bittrue_dpi_error(h) != text) begin
      failures++;
      $display("FAIL: error '%s', expected '%s'", bittrue_dpi_error(h), text);
    end
  endtask

  task ok(input int status, input string what);
    is(longint'(status), 0, what);
  endtask

  // ---- numerics 4
  task generator;
    int d, state;
    ok(bittrue_dpi_lane(h, 0, state), "lane");
    is(longint'(state), longint'(int'(32'h89025CC1)), "4.3: lane 0 of seed 1");
    ok(bittrue_dpi_draw(h, 0, 16, d), "draw");
    is(longint'(d), 'h5CC1, "low 16 bits of 89025CC1");
    is(bittrue_dpi_position(h), 0, "position behind a lane's draw");
    ok(bittrue_dpi_advance(h, 3, 8), "advance");
    is(bittrue_dpi_position(h), 24, "position");
    refused(bittrue_dpi_draw(h, 16, 16, d), "lane 16: expected 0 to 15");
    refused(bittrue_dpi_draw(h, 0, 25, d), "draw of 25 bits: expected 1 to 24");
    refused(bittrue_dpi_lane(h, -1, d), "lane -1: expected 0 to 15");
    refused(bittrue_dpi_advance(h, -1, 8), "advance by -1 draws: expected 0 or more");
    refused(bittrue_dpi_advance(h, 1, 0), "draw of 0 bits: expected 1 to 24");
  endtask

  // ---- numerics 3
  task rounding;
    longint r;
    ok(bittrue_dpi_rounding(h, "stochastic", 16, 1'b0), "stochastic");
    ok(bittrue_dpi_round(h, 37, 4, 'hC000, r), "round");
    is(r, 3, "37, draw C000");
    ok(bittrue_dpi_round(h, 37, 4, 'hA000, r), "round");
    is(r, 2, "37, draw A000");
    ok(bittrue_dpi_round(h, -3, -2, 0, r), "round");
    is(r, -12, "-3 * 2^2");
    refused(bittrue_dpi_round(h, 37, 4, 'h10000, r), "draw 65536: expected one of 16 bits");
    refused(bittrue_dpi_round(h, 64'sd1 <<< 62, 4, 0, r),
            "round of 4611686018427387904: expected less than 2^62 in magnitude");
    ok(bittrue_dpi_rounding(h, "nearest_even", 0, 1'b0), "nearest_even");
    ok(bittrue_dpi_round(h, 37, 4, 0, r), "round");
    is(r, 2, "37 to nearest even");
    refused(bittrue_dpi_rounding(h, "up", 16, 1'b0),
            "rounding 'up': expected stochastic, nearest_even, nearest_away or floor");
    refused(bittrue_dpi_rounding(h, "stochastic", 25, 1'b0), "random bits 25: expected 1 to 24");
  endtask

  // ---- numerics 7
  task quantizing;
    int      m[3], s[1], each[3], e[1], two[2], none[1], far[1];
    shortint q[3], short_q[2];
    m = '{5, -3, 1};
    s = '{0};
    ok(bittrue_dpi_format(h, "bfp4", "tensor", 1'b0), "bfp4");
    ok(bittrue_dpi_quantize(h, 1, 3, m, s, q, e), "quantize");
    is(longint'(e[0]), 2, "E of (5, -3, 1)");
    is(longint'(q[0]), 5, "5");
    is(longint'(q[1]), -3, "-3");
    is(longint'(q[2]), 1, "1");
    // (15, 1, 0): 7.5 rounds to 8, which the clip makes 7; 1/2 to 0.
    m = '{15, 1, 0};
    ok(bittrue_dpi_quantize(h, 1, 3, m, s, q, e), "quantize");
    is(longint'(e[0]), 3, "E of (15, 1)");
    is(longint'(q[0]), 7, "15, clipped");
    is(longint'(q[1]), 0, "1");
    is(bittrue_dpi_count(h, "clipped"), 1, "clipped");
    // A step for each: 15 * 2^0, 15 * 2^-1, 0: E = 3, step 2^1: 7, 3.75 -> 4.
    m = '{15, 15, 0};
    each = '{0, -1, 5};
    ok(bittrue_dpi_quantize(h, 1, 3, m, each, q, e), "quantize");
    is(longint'(q[1]), 4, "7.5 at step 2");
    // A block a row, down to 2^-300: flushed, an exponent of -128 each.
    far = '{-300};
    two = '{9, 9};
    ok(bittrue_dpi_format(h, "bfp4", "dim0", 1'b0), "dim0");
    m = '{9, 9, 9};
    each = '{-300, 200, 0};
    ok_blocks(m, each);
    ok(bittrue_dpi_format(h, "fixed8.6", "tensor", 1'b1), "fixed");
    m = '{45, -200, 1};      // at 2^-6
    s = '{-6};
    ok(bittrue_dpi_quantize(h, 3, 1, m, s, q, none), "fixed");
    is(longint'(q[0]), 45, "45 * 2^-6");
    is(longint'(q[1]), -128, "-200 * 2^-6, clipped");
    refused(bittrue_dpi_quantize(h, 1, 3, m, s, short_q, e),
            "quantized: 2 elements in 1 dimensions, expected 3 in one");
    refused(bittrue_dpi_quantize(h, 1, 3, m, two, q, e),
            "step: 2 elements in 1 dimensions, expected 3 in one");
    refused(bittrue_dpi_quantize(h, 0, 3, m, s, q, e),
            "quantize: 0 x 3, expected at least 1 x 1 and fewer than 2^31");
    far = '{9000};
    refused(bittrue_dpi_quantize(h, 1, 3, m, far, q, e), "step 0: 9000, expected -8191 to 8191");
    refused(bittrue_dpi_format(h, "bfp1", "tensor", 1'b0),
            "format 'bfp1': expected bfpW (W 2 to 16) or fixedW.F (W 2 to 16, F 0 to 60)");
    refused(bittrue_dpi_format(h, "bfp8", "rows", 1'b0),
            "block 'rows': expected tensor, dim0, sample, k32 or tile:RxC (R, C at least 1)");
    refused(bittrue_dpi_format(h, "fixed8.6", "dim0", 1'b0),
            "block 'dim0': expected tensor for fixed point");
  endtask

  // Three rows of one: flushed, overflowed, and 9 in bfp4: E = 3, 4.5 -> 4.
  task ok_blocks(input int m[3], input int each[3]);
    int      e[3], one[1];
    shortint q[3];
    ok(bittrue_dpi_quantize(h, 3, 1, m, each, q, e), "a block a row");
    is(longint'(e[0]), -128, "flushed");
    is(longint'(q[0]), 0, "flushed");
    is(longint'(e[1]), 127, "overflowed");
    is(longint'(q[1]), 7, "overflowed");
    is(longint'(e[2]), 3, "9");
    is(longint'(q[2]), 4, "9");
    is(bittrue_dpi_count(h, "flushed"), 1, "flushed");
    is(bittrue_dpi_count(h, "overflow"), 1, "overflow");
    is(bittrue_dpi_count(h, "clipped"), 3, "clipped: 15, 15 again, and the overflowed 9");
    is(bittrue_dpi_count(h, "anything"), -1, "an unknown count");
    refused(bittrue_dpi_quantize(h, 3, 1, m, each, q, one),
            "exponent: 1 elements in 1 dimensions, expected 3 in one");
  endtask

  // ---- numerics 8.1
  task products;
    byte a[2], b[2];
    int  out[1], wrong[2];
    a = '{100, 100};
    b = '{100, 100};
    ok(bittrue_dpi_gemm(h, 1, 1, 2, a, b, out), "32 bits");
    is(longint'(out[0]), 20000, "in 32 bits");
    ok(bittrue_dpi_accumulator(h, 14, 1'b0, 0, "floor", 0, 32), "14 bits");
    ok(bittrue_dpi_gemm(h, 1, 1, 2, a, b, out), "saturate");
    is(longint'(out[0]), 8191, "saturated");
    is(bittrue_dpi_count(h, "saturations"), 2, "saturations");
    ok(bittrue_dpi_accumulator(h, 14, 1'b1, 0, "floor", 0, 32), "wrap");
    ok(bittrue_dpi_gemm(h, 1, 1, 2, a, b, out), "wrap");
    is(longint'(out[0]), 3616, "wrapped");
    ok(bittrue_dpi_accumulator(h, 12, 1'b0, 4, "floor", 0, 32), "shift");
    ok(bittrue_dpi_gemm(h, 1, 1, 2, a, b, out), "shift");
    is(longint'(out[0]), 1250, "shifted");
    refused(bittrue_dpi_gemm(h, 1, 1, 2, a, b, wrong),
            "out: 2 elements in 1 dimensions, expected 1 in one");
    refused(bittrue_dpi_gemm(h, 2, 1, 2, a, b, wrong),
            "a: 2 elements in 1 dimensions, expected 4 in one");
    refused(bittrue_dpi_gemm(h, 1, 1, 0, a, b, out),
            "gemm: a: 1 x 0, expected at least 1 x 1 and fewer than 2^31");
    refused(bittrue_dpi_accumulator(h, 14, 1'b0, 0, "floor", -1, 32),
            "chunk -1: expected 0 or more");
    errors++;
    is(longint'(bittrue_dpi_accumulator(h, 40, 1'b0, 0, "floor", 0, 32)), 2, "40 bits");
    errors++;
    is(longint'(bittrue_dpi_accumulator(h, 14, 1'b0, 0, "up", 0, 32)), 2, "rounding up");
  endtask

  // ---- numerics 9
  task affine;
    int  c_m[1], c_e[1], x[2], y[2], step, bits, cs_m[2], cs_e[2], three[3];
    byte mask[2], no_mask[1];
    // x = 5, c = 3/4: 31457280 * 2^-23, width 30; and -5, which the ReLU makes 0.
    c_m = '{24576};
    c_e = '{-15};
    x = '{5, -5};
    ok(bittrue_dpi_affine_term(h, c_m, c_e, x, 0, 7), "term");
    ok(bittrue_dpi_affine(h, 1, 2, 1'b1, y, mask, step, bits), "affine");
    is(longint'(y[0]), 31457280, "5 * 3/4");
    is(longint'(y[1]), 0, "relu");
    is(longint'(mask[0]), 1, "mask");
    is(longint'(mask[1]), 0, "mask");
    is(longint'(step), -23, "step");
    is(longint'(bits), 30, "bits");
    // A constant for each column.
    cs_m = '{24576, 16384};
    cs_e = '{-15, -20};
    x = '{5, 5};
    ok(bittrue_dpi_affine_term(h, cs_m, cs_e, x, 0, 7), "term");
    ok(bittrue_dpi_affine(h, 1, 2, 1'b0, y, mask, step, bits), "affine");
    is(longint'(y[0]), 31457280, "3.75");
    is(longint'(y[1]), 655360, "0.078125");
    is(longint'(mask[1]), 1, "mask without relu");
    // x + 1 with c0 = 2^30 * 2^-30: terms at -14 and -30, a = -22: 5 * 16384 * 2^8 + 2^30 >> 8.
    c_m = '{16384};
    c_e = '{-14};
    ok(bittrue_dpi_affine_term(h, c_m, c_e, x, 0, 7), "term");
    ok(bittrue_dpi_affine_addend(h, 1 << 30, -30), "addend");
    ok(bittrue_dpi_affine(h, 1, 2, 1'b0, y, mask, step, bits), "affine");
    is(longint'(y[0]) * 64'sd4194304 >>> (-step), 6 * 64'sd4194304, "5 + 1");
    is(longint'(step), -22, "step");
    refused(bittrue_dpi_affine_term(h, cs_m, c_e, x, 0, 7),
            "c_exponent: 1 elements in 1 dimensions, expected 2 in one");
    refused(bittrue_dpi_affine_term(h, c_m, c_e, x, 2000, 7),
            {"affine: term 1 at step 2^2000, expected at most 4 terms and a step exponent of ",
             "-1000 to 1000"});
    three = '{1, 2, 3};
    ok(bittrue_dpi_affine_term(h, c_m, c_e, three, 0, 7), "term");
    refused(bittrue_dpi_affine(h, 1, 2, 1'b0, y, mask, step, bits),
            "affine: term 1 has 3 values and 1 constants, expected 1 x 2, and one or 2");
    // A failure took the terms away: the next one is the first.
    ok(bittrue_dpi_affine_term(h, c_m, c_e, x, 0, 7), "term");
    refused(bittrue_dpi_affine(h, 1, 2, 1'b0, y, no_mask, step, bits),
            "mask: 1 elements in 1 dimensions, expected 2 in one");
    errors++; // no terms
    is(longint'(bittrue_dpi_affine(h, 1, 2, 1'b0, y, mask, step, bits)), 2, "no terms");
    c_m = '{3};
    ok(bittrue_dpi_affine_term(h, c_m, c_e, x, 0, 7), "term");
    errors++; // no constant of numerics 10
    is(longint'(bittrue_dpi_affine(h, 1, 2, 1'b0, y, mask, step, bits)), 2, "constant 3");
    is(longint'(bittrue_dpi_errors(h)), longint'(errors), "errors at the end");
  endtask

  initial begin
    int unused;
    h = bittrue_dpi_open(1, 12);
    refused(2, "open: 12 lanes, expected a power of two of at most 64");
    bittrue_dpi_close(h);
    errors = 0;
    is(longint'(bittrue_dpi_errors(null)), 1, "errors without a handle");
    is(longint'(bittrue_dpi_draw(null, 0, 8, unused)), 2, "draw without a handle");
    h = bittrue_dpi_open(1, 16);
    is(longint'(bittrue_dpi_errors(h)), 0, "errors at first");
    generator();
    rounding();
    quantizing();
    products();
    affine();
    bittrue_dpi_close(h);
    if (failures == 0 && checks > 150) $display("BENCH PASSED: %0d checks", checks);
    else $display("BENCH FAILED: %0d of %0d checks", failures, checks);
    $finish;
  end
endmodule
