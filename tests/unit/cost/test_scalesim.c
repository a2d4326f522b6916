/* The SCALE-Sim compatible model on layers worked by hand (docs/scalesim.md 3 to 5).
 * Alone: ctest -R test_cost_scalesim$ */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "cost/scalesim_model.h"

/* Accesses in the order of SCALE-Sim's report: SRAM ifmap, filter, ofmap, then DRAM. */
typedef struct {
  const char *name;
  bt_scalesim_config config;
  bt_scalesim_layer layer;
  uint64_t m, n, k, folds, fold_cycles, cycles, with_prefetch;
  double overall, mapping, compute; /* as fractions of 1 */
  bt_scalesim_access access[2 * BT_SCALESIM_KINDS];
} worked;

#define MACHINE(r, c, flow, kb) \
  {"", r, c, kb, kb, kb, {0, 0, 0}, flow}
#define CONV(h, w, fh, fw, ch, n, s) \
  {"", h, w, fh, fw, ch, n, s, s}

static void expect(const char *name, const char *what, int64_t got, int64_t want) {
  if (got != want) {
    fail_msg("%s: %s: got %" PRId64 ", expected %" PRId64 " (ctest -R 'test_cost_scalesim$')", name,
             what, got, want);
  }
}

static void expect_ratio(const char *name, const char *what, double percent, double want) {
  double d = percent - 100 * want;
  if (!(d < 1e-9 && d > -1e-9)) {
    fail_msg("%s: %s: got %.12f %%, expected %.12f %%", name, what, percent, 100 * want);
  }
}

static void expect_access(const char *name, int i, const bt_scalesim_access *got,
                          const bt_scalesim_access *want) {
  static const char *const of[] = {"SRAM ifmap", "SRAM filter", "SRAM ofmap",
                                   "DRAM ifmap", "DRAM filter", "DRAM ofmap"};
  char what[40];
  snprintf(what, sizeof what, "%s start", of[i]);
  expect(name, what, got->start, want->start);
  snprintf(what, sizeof what, "%s stop", of[i]);
  expect(name, what, got->stop, want->stop);
  snprintf(what, sizeof what, "%s words", of[i]);
  expect(name, what, (int64_t)got->words, (int64_t)want->words);
}

static bt_scalesim_result run(const worked *w) {
  bt_scalesim_result r;
  bt_error error = {""};
  if (bt_scalesim_run(&w->config, &w->layer, &r, &error) != BT_OK) {
    fail_msg("%s: %s", w->name, error.text);
  }
  return r;
}

static void expect_worked(const worked *w) {
  bt_scalesim_result r = run(w);
  expect(w->name, "M", (int64_t)r.m, (int64_t)w->m);
  expect(w->name, "N", (int64_t)r.n, (int64_t)w->n);
  expect(w->name, "K", (int64_t)r.k, (int64_t)w->k);
  expect(w->name, "macs", (int64_t)r.macs, (int64_t)(w->m * w->n * w->k));
  expect(w->name, "folds", (int64_t)(r.row_folds * r.col_folds), (int64_t)w->folds);
  expect(w->name, "cycles of a fold", (int64_t)r.fold_cycles, (int64_t)w->fold_cycles);
  expect(w->name, "cycles", (int64_t)r.cycles, (int64_t)w->cycles);
  expect(w->name, "stalls", (int64_t)r.stall_cycles, 0);
  expect(w->name, "cycles with prefetch", (int64_t)r.cycles_with_prefetch,
         (int64_t)w->with_prefetch);
  expect_ratio(w->name, "overall", r.overall, w->overall);
  expect_ratio(w->name, "mapping", r.mapping, w->mapping);
  expect_ratio(w->name, "compute", r.compute, w->compute);
  for (int i = 0; i < BT_SCALESIM_KINDS; i++) {
    expect_access(w->name, i, &r.sram[i], &w->access[i]);
    expect_access(w->name, i + BT_SCALESIM_KINDS, &r.dram[i], &w->access[i + BT_SCALESIM_KINDS]);
  }
}

/* SCALE-Sim's shipped example. 55 x 55 windows: ceil((224 - 11 + 4) / 4) = ceil(54.25), the last
 * reaching 3 over the edge. K = 363 = 11 * 32 + 11: 12 row folds, 3 column folds, each 2 * 32 + 32
 * + 3025 - 2 = 3119 cycles: 36 * 3119 - 1 = 112283. Mapping 363 / 384; overall 3025 * 96 * 363 /
 * (112283 * 1024) = 91.683 %; compute (363 / 384) * 3025 / (3119 + 31). With prefetch: 64 KB are
 * 65536 words, sets of 655, a half 32750. The filters' 34848 words fill the first half in 3275
 * cycles, ending as the array's first read comes: -3275. A drain starts with word 32769 of the
 * ofmap, and with each 32768th after it. A fold writes 1 to 32 words in lines 63 to 94, 528 in
 * all, then 32 a line: word 32769 is there 1007 lines and 17 words later, in cycle 63 + 31 + 1008
 * = 1102. After 105 more, word 3473409 is number 85409 of the last fold: 2652 lines and 17 words
 * after the ramp, in 35 * 3119 + 63 + 31 + 2653 = 111912. Its 1024 lines of 32 leave until 112935,
 * past the 357 lines that leave from 112283 on. 112935 + 3275 = 116210. */
static void test_shipped_example(void **state) {
  (void)state;
  const worked w = {"shipped example", MACHINE(32, 32, BT_DATAFLOW_WS, 64),
                    CONV(224, 224, 11, 11, 3, 96, 4), 3025, 96, 363, 36, 3119, 112283, 116210,
                    105415200.0 / 114977792, 363.0 / 384, 363.0 / 384 * 3025 / 3150,
                    {{0}}};
  bt_scalesim_result r = run(&w);
  expect(w.name, "folds along the rows", (int64_t)r.row_folds, 12);
  expect(w.name, "folds along the columns", (int64_t)r.col_folds, 3);
  expect(w.name, "cycles of a fold", (int64_t)r.fold_cycles, 3119);
  expect(w.name, "cycles", (int64_t)r.cycles, 112283);
  expect(w.name, "cycles with prefetch", (int64_t)r.cycles_with_prefetch, 116210);
  expect_ratio(w.name, "overall", r.overall, w.overall);
  expect_ratio(w.name, "mapping", r.mapping, w.mapping);
  expect_ratio(w.name, "compute", r.compute, w.compute);
  assert_true(r.overall > 91.6825 && r.overall < 91.6835);
  assert_true(r.mapping > 94.5305 && r.mapping < 94.5315);
  /* 3025 * 363 * 3; 363 * 96; 3025 * 96 * 12 */
  expect(w.name, "SRAM ifmap words", (int64_t)r.sram[0].words, 3294225);
  expect(w.name, "SRAM filter words", (int64_t)r.sram[1].words, 34848);
  expect(w.name, "SRAM ofmap words", (int64_t)r.sram[2].words, 3484800);
  expect(w.name, "DRAM filter words", (int64_t)r.dram[1].words, 34848);
  expect(w.name, "DRAM filter start", r.dram[1].start, -3275);
  /* the array reads the ifmap from cycle 32 on */
  expect(w.name, "DRAM ifmap start", r.dram[0].start, -3243);
  expect(w.name, "DRAM ofmap start", r.dram[2].start, 1102);
  expect(w.name, "DRAM ofmap stop", r.dram[2].stop, 112935);
  /* one line is closed with 1 word and counts as 32 */
  expect(w.name, "DRAM ofmap words", (int64_t)r.dram[2].words, 3484800 + 31);
}

/* 4 x 4 windows (stride 2), 2 x 2 folds of 8 + 8 + 18 - 2 = 32 cycles: 127. SRAM: the ifmap is read
 * for both column folds, 16 * 18 * 2, the filters for both row folds, 10 * 18 * 2; of the ofmap 160
 * words, and 8 + 8 a fold that SCALE-Sim adds. The last fold begins in cycle 96 and has 2 columns:
 * the ifmap's lane 7 ends 7 + 17 later, the filters' lane 1 1 + 17 later, an SRAM access shows a
 * cycle after. The first output is there after k = 17, the last in 96 + 17 + 7 + 1.
 * DRAM: 1 KB is sets of 10. 162 words are 17 sets, 17 cycles at 10 words; 180 are 18. 160 outputs
 * are 20 lines of 8, from cycle 127 on. 146 + 18 = 164. */
static void test_os_stride(void **state) {
  (void)state;
  const worked w = {"os, stride 2, partial columns", MACHINE(8, 8, BT_DATAFLOW_OS, 1),
                    CONV(9, 9, 3, 3, 2, 10, 2), 16, 10, 18, 4, 32, 127, 164,
                    2880.0 / (127 * 64), 160.0 / 256, 160.0 / 256 * 18 / 32,
                    {{1, 121, 576}, {1, 115, 360}, {17, 121, 160 + 4 * 16},
                     {-17, -1, 162}, {-18, -1, 180}, {127, 146, 160}}};
  expect_worked(&w);
}

/* Two folds of 4 + 4 + 2 - 2 = 8 cycles: 15; the second has 1 row of windows, which is the last to
 * leave the array: fold 0 writes from 1 on, fold 1 from 8 + 1 + 3, its column 2 in 14. It reads the
 * window in 8 and 9, the filters' column 2 until 8 + 2 + 1. DRAM: a set each; 15 words are 4 lines
 * from 15 on: 18 + 1 = 19. */
static void test_os_partial_rows(void **state) {
  (void)state;
  const worked w = {"os, 5 x 2 times 2 x 3", MACHINE(4, 4, BT_DATAFLOW_OS, 1),
                    bt_scalesim_gemm("thin", 5, 3, 2), 5, 3, 2, 2, 8, 15, 19,
                    30.0 / (15 * 16), 15.0 / 32, 15.0 / 32 * 2 / 8,
                    {{1, 10, 10}, {1, 12, 12}, {1, 14, 15 + 2 * 8},
                     {-1, -1, 10}, {-1, -1, 6}, {15, 18, 15}}};
  expect_worked(&w);
}

/* Windows at 0 and 4 in 6 x 6: the second reaches to 7. One fold of 4 + 4 + 9 - 2 = 15: 14 cycles.
 * Inside the image are 9, 6, 6 and 4 places of the windows, all different: 25 words, 3 sets; SRAM
 * counts 36. Lane 0 ends with k = 8 in cycle 8, lane 1 with k = 7, lane 2 with 5, lane 3 with 4, in
 * cycles 8, 7 and 7; the filters' lane 2 with k = 8 in cycle 10. Outputs from 8 to 8 + 3 + 2. 12
 * words are 3 lines of 4 from cycle 14 on: 16 + 3 = 19. */
static void test_os_overhang(void **state) {
  (void)state;
  const worked w = {"os, windows over the edge", MACHINE(4, 4, BT_DATAFLOW_OS, 1),
                    CONV(6, 6, 3, 3, 1, 3, 4), 4, 3, 9, 1, 15, 14, 19,
                    108.0 / (14 * 16), 12.0 / 16, 12.0 / 16 * 9 / 15,
                    {{1, 9, 36}, {1, 11, 27}, {8, 13, 12 + 8},
                     {-3, -1, 25}, {-3, -1, 27}, {14, 16, 12}}};
  expect_worked(&w);
}

/* One image through a fully connected layer. 3 x 3 folds of 16 + 4 + 1 - 2 = 19 cycles: 170; the
 * last fold, from 152 on, has 4 rows and 2 columns. The filters enter in cycles 0 to 7, the last
 * row first; of 4 rows those are cycles 4 to 7. The ifmap follows in cycle 8, its lane 3 in 11; the
 * outputs in 15 and 16. The ifmap is read thrice, outputs are written for each row fold.
 * DRAM: 2 sets and 20 sets; 30 words are 8 lines of 4, the last of 2: 170 + 7 + 20 = 197. */
static void test_ws_gemm(void **state) {
  (void)state;
  const worked w = {"ws, 1 x 20 times 20 x 10", MACHINE(8, 4, BT_DATAFLOW_WS, 1),
                    bt_scalesim_gemm("fc", 1, 10, 20), 1, 10, 20, 9, 19, 170, 197,
                    200.0 / (170 * 32), 200.0 / 288, 200.0 / 288 * 1 / 22,
                    {{9, 164, 60}, {1, 160, 200}, {15, 168, 30},
                     {-2, -1, 20}, {-20, -1, 200}, {170, 177, 30}}};
  expect_worked(&w);
}

/* 1 x 1 windows: 15 of 6. 2 x 4 folds of 8 + 4 + 7 - 2 = 17 cycles: 135; the last, from 119 on, has
 * 2 rows (k of 6) and 3 columns (windows of 15). The ifmap enters in cycles 0 to 3, its 2 rows in 2
 * and 3; the filters follow from 4 to 4 + 1 + 6; outputs from 7 to 7 + 2 + 6. DRAM: 90 words are 9
 * sets, 42 are 5; 210 outputs are 53 lines of 4: 135 + 52 + 9 = 196. */
static void test_is_pointwise(void **state) {
  (void)state;
  const worked w = {"is, 1 x 1 windows", MACHINE(4, 4, BT_DATAFLOW_IS, 1),
                    CONV(5, 3, 1, 1, 6, 7, 1), 15, 7, 6, 8, 17, 135, 196,
                    630.0 / (135 * 16), 90.0 / 128, 90.0 / 128 * 7 / 20,
                    {{1, 123, 90}, {5, 131, 168}, {7, 134, 210},
                     {-9, -1, 90}, {-5, -1, 42}, {135, 187, 210}}};
  expect_worked(&w);
}

/* More filters than their buffer holds, and more outputs. 4 x 8 folds of 16 + 8 + 4 - 2 = 26
 * cycles: 831. A fold reads 64 filter words, 8 a cycle. A half of 1 KB is 500 words: full with
 * words 500, 1000, 1500 and 2000, the last in fold 31 (word 16 of it, its second cycle): 31 * 26 +
 * 1 = 807, so the fetch after it shows until 808. The first took 50 cycles. A fold writes 32
 * outputs. Word 513 is the first of fold 16, in 16 * 26 + 15 = 431: its line is closed, 64 lines
 * leave until 494. 511 follow: 512 words in use by count, one too few. From 831 on the short line,
 * 63 whole ones and, in 895, the line of 7 leave: 512 + 512 + 7 words by count, 7 more than there
 * are. 895 + 50 = 945. The ifmap's 128 words fit: 13 sets. */
static void test_ws_refills(void **state) {
  (void)state;
  const worked w = {"ws, 4 x 32 times 32 x 64", MACHINE(8, 8, BT_DATAFLOW_WS, 1),
                    bt_scalesim_gemm("wide", 4, 64, 32), 4, 64, 32, 32, 26, 831, 945,
                    8192.0 / (831 * 64), 1, 4.0 / 33,
                    {{9, 825, 1024}, {1, 814, 2048}, {15, 831, 1024},
                     {-13, -1, 128}, {-50, 808, 2048}, {431, 895, 1031}}};
  expect_worked(&w);
}

/* The same product with the operands' parts changed: is on the transposed sizes reads the ifmap as
 * ws does the filters. */
static void test_is_is_ws_transposed(void **state) {
  (void)state;
  const worked w = {"is, 64 x 32 times 32 x 4", MACHINE(8, 8, BT_DATAFLOW_IS, 1),
                    bt_scalesim_gemm("wide", 64, 4, 32), 64, 4, 32, 32, 26, 831, 945,
                    8192.0 / (831 * 64), 1, 4.0 / 33,
                    {{1, 814, 2048}, {9, 825, 1024}, {15, 831, 1024},
                     {-50, 808, 2048}, {-13, -1, 128}, {431, 895, 1031}}};
  expect_worked(&w);
}

/* 8 x 8 x 8 on 8 x 8: one fold of 16 + 8 + 8 - 2 = 30. 64 KB: a set is 655 words, so that 64 words
 * take 66 cycles at 10 a cycle. 8 lines of 8 from cycle 29 on: 36 + 66 = 102. */
static void test_one_fold(void **state) {
  (void)state;
  const worked w = {"ws, 8 x 8 x 8", MACHINE(8, 8, BT_DATAFLOW_WS, 64),
                    bt_scalesim_gemm("square", 8, 8, 8), 8, 8, 8, 1, 30, 29, 102,
                    512.0 / (29 * 64), 1, 8.0 / 37,
                    {{9, 23, 64}, {1, 8, 64}, {15, 29, 64},
                     {-66, -1, 64}, {-66, -1, 64}, {29, 36, 64}}};
  expect_worked(&w);
}

static void test_no_cycles_refused(void **state) {
  (void)state;
  bt_scalesim_config c = MACHINE(1, 1, BT_DATAFLOW_OS, 1);
  bt_scalesim_layer l = bt_scalesim_gemm("dot", 1, 1, 1);
  bt_scalesim_result r;
  bt_error error = {""};
  /* one fold of 1 + 1 + 1 - 2 = 1 cycle, 0 as SCALE-Sim counts */
  assert_int_equal(bt_scalesim_run(&c, &l, &r, &error), BT_BAD_INPUT);
  assert_string_equal(error.text, "layer dot: takes 0 cycles as SCALE-Sim counts them: expected a "
                                  "larger array or layer");
  l = bt_scalesim_gemm("huge", INT32_MAX, 1, INT32_MAX);
  assert_int_equal(bt_scalesim_run(&c, &l, &r, &error), BT_BAD_INPUT);
  assert_string_equal(error.text, "layer huge: expected operands of at most 2^32 words");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_shipped_example), cmocka_unit_test(test_os_stride),
      cmocka_unit_test(test_os_partial_rows), cmocka_unit_test(test_os_overhang),
      cmocka_unit_test(test_ws_gemm),
      cmocka_unit_test(test_is_pointwise),    cmocka_unit_test(test_ws_refills),
      cmocka_unit_test(test_is_is_ws_transposed), cmocka_unit_test(test_one_fold),
      cmocka_unit_test(test_no_cycles_refused)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
