/* Reports and totals of a cost, worked by hand (docs/energy.md 5, 6).
 * Alone: ctest -R test_cost_energy_report */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include <jansson.h>

#include "cost/report.h"
#include "unit/cost/tables.h"

static void expect_text(bt_attojoules energy, uint64_t divisor, const char *want) {
  char text[BT_MICROJOULES_SIZE];
  assert_string_equal(bt_energy_text(energy, divisor, text), want);
}

static void test_microjoules(void **state) {
  (void)state;
  bt_attojoules e = (bt_attojoules)200000 << 63;
  expect_text(e, 1, "1844674407370.955162");
  expect_text(e, 1000, "1844674407.370955");
  expect_text(0, 1, "0.000000");
  expect_text(1499999, 1, "0.000001");
  expect_text(1500000, 1, "0.000002");
  expect_text(3, 2000000, "0.000000");
  /* 2^127 aJ = 170141183460469231731687303.715884... uJ. */
  expect_text((bt_attojoules)1 << 127, 1, "170141183460469231731687303.715884");
}

/* 10^12 products and additions of 32 bits in 2 * 10^9 cycles at 1 GHz. Horowitz: 0.3 J in 2 s:
 * 0.15 W, 2 * 10^12 / 0.3 = 6.667 TOPS/W, 0.6 J s. Jouppi: 0.1 J, 0.05 W, 20 TOPS/W, 0.2 J s.
 * 10^9 shifts that only the test's own table prices, at 5 pJ, with 1 and 2 pJ: 3 + 0.005 J. */
static bt_cost work(void) {
  bt_cost cost = {0};
  uint64_t *n = cost.phase[BT_PHASE_FORWARD].n;
  n[BT_COUNT_COMMANDS] = 1;
  n[BT_COUNT_MACS] = n[BT_COUNT_MULTIPLY_8X8] = n[BT_COUNT_ADD_ACC] = UINT64_C(1000000000000);
  n[BT_COUNT_SHIFT_32] = 1000000000;
  n[BT_COUNT_CYCLES] = 2000000000;
  return cost;
}

#define OWN                                                                            \
  "name: own\nsource: s\ntechnology: x\nvoltage: 1 V\nunit: picojoule\n"               \
  "actions: [{action: multiply_8x8, energy: 1}, {action: add_32, energy: 2},\n"        \
  "          {action: shift_32, energy: 5}]\n"

static void expect_near(double is, double want) {
  if (!(fabs(is - want) <= 1e-12 * fabs(want))) {
    fail_msg("%.17g, expected %.17g", is, want);
  }
}

static void test_totals(void **state) {
  (void)state;
  bt_energy_table h = shipped("horowitz-45nm"), j = shipped("jouppi-7nm"), own = table_of(OWN);
  const bt_energy_table *tables[] = {&h, &j, &own};
  bt_machine m = bt_machine_default();
  bt_cost cost = work();
  bt_spread s;
  bt_error error = {""};
  bt_attojoules ends[2];
  m.clock_hz = 1000000000;
  assert_int_equal(bt_spread_make(&cost, &m, tables, 3, NULL, &s, &error), BT_OK);
  expect_near(bt_totals_joules(s.all[0].low), 0.3);
  expect_near(bt_totals_seconds(&s.all[0]), 2);
  expect_near(bt_totals_watts(&s.all[0], s.all[0].high), 0.15);
  expect_near(bt_totals_tops_per_watt(&s.all[0], s.all[0].low), 2 / 0.3);
  expect_near(bt_totals_delay_product(&s.all[0], s.all[0].low), 0.6);
  expect_near(bt_totals_tops_per_watt(&s.all[1], s.all[1].low), 20);
  /* Horowitz and Jouppi lack the shifts, and all four lines that time makes; own the latter. */
  assert_int_equal(s.all[0].missing, 5);
  assert_int_equal(s.all[2].missing, 4);
  expect_near(bt_totals_joules(s.all[2].low), 3.005);
  expect_near(bt_totals_joules(s.common[2].low), 3);
  expect_near(bt_totals_joules(s.common[0].low), 0.3);
  bt_spread_ends(s.all, 3, ends);
  expect_near(bt_totals_joules(ends[0]), 0.1);
  expect_near(bt_totals_joules(ends[1]), 3.005);
  assert_int_equal(bt_spread_make(&cost, &m, tables, 0, NULL, &s, &error), BT_BAD_INPUT);
}

/* 10^9 Hz and 2 * 10^9 cycles; both tables lack the shifts, which only the first row counts. */
static void test_spread_csv(void **state) {
  (void)state;
  bt_energy_table h = shipped("horowitz-45nm"), j = shipped("jouppi-7nm");
  const bt_energy_table *tables[] = {&h, &j};
  bt_machine m = bt_machine_default();
  bt_cost cost = work();
  bt_spread s;
  bt_error error = {""};
  char *text = NULL;
  size_t size = 0;
  m.clock_hz = 1000000000;
  assert_int_equal(bt_spread_make(&cost, &m, tables, 2, NULL, &s, &error), BT_OK);
  FILE *f = open_memstream(&text, &size);
  assert_non_null(f);
  bt_spread_csv(f, &s);
  fclose(f);
  assert_string_equal(
      text, "table,of,low_j,high_j,seconds,low_w,high_w,low_tops_per_w,high_tops_per_w,low_js,"
            "high_js,not_in_table\n"
            "\"horowitz-45nm\",all,0.3,0.3,2,0.15,0.15,6.66666667,6.66666667,0.6,0.6,5\n"
            "\"horowitz-45nm\",common,0.3,0.3,2,0.15,0.15,6.66666667,6.66666667,0.6,0.6,0\n"
            "\"jouppi-7nm\",all,0.1,0.1,2,0.05,0.05,20,20,0.2,0.2,5\n"
            "\"jouppi-7nm\",common,0.1,0.1,2,0.05,0.05,20,20,0.2,0.2,0\n");
  free(text);
}

static char *text_of(const bt_cost_report *r, bool csv) {
  char *text = NULL;
  size_t size = 0;
  bt_error error = {""};
  FILE *f = open_memstream(&text, &size);
  assert_non_null(f);
  bt_status s = csv ? bt_report_csv(f, r, &error) : bt_report_text(f, r, &error);
  fclose(f);
  if (s != BT_OK) {
    fail_msg("%s", error.text);
  }
  return text;
}

static void expect_in(const char *text, const char *want) {
  if (strstr(text, want) == NULL) {
    fail_msg("the report lacks: %s\nit is:\n%s", want, text);
  }
}

static void test_text(void **state) {
  (void)state;
  bt_energy_table h = shipped("horowitz-45nm"), j = shipped("jouppi-7nm");
  const bt_energy_table *beside[] = {&j};
  bt_machine m = bt_machine_default();
  bt_cost cost = work();
  bt_energy_options o = {.activity = {[BT_PART_ARRAY] = 500000}};
  bt_cost_report r = {.cost = &cost, .machine = &m, .table = &h, .train_images = 1000,
                      .options = &o, .beside = beside, .tables_beside = 1};
  m.clock_hz = 1000000000;
  char *text = text_of(&r, false);
  /* Half of 0.3 J over 1000 images; of 0.1 J. */
  expect_in(text, "energy per training image: 150.000000 to 150.000000 uJ (1000 images)\n");
  expect_in(text, "array                     150000.000000        150000.000000\n");
  expect_in(text, "quantizer                  not in table         not in table\n");
  expect_in(text, "leakage                    not in table         not in table\n");
  expect_in(text, "time: 2 s (2000000000 cycles at 1000000000 Hz)\n");
  expect_in(text, "\nspread                             0.05..0.15 ");
  expect_in(text, "activity: array at 0.500000 of the table's\n");
  expect_in(text, "energy table: horowitz-45nm (M. Horowitz");
  expect_in(text, "\nnot in table: shift_32 1000000000, leakage_logic 2000000000, ");
  free(text);
}

static size_t columns(const char *line) {
  size_t n = 1;
  bool quoted = false;
  for (; *line && *line != '\n'; line++) {
    quoted = quoted != (*line == '"');
    n += *line == ',' && !quoted;
  }
  return n;
}

static void test_csv(void **state) {
  (void)state;
  bt_energy_table t = shipped("horowitz-45nm");
  bt_machine m = bt_machine_default();
  bt_cost cost = {0};
  cost.phase[BT_PHASE_UPDATE].n[BT_COUNT_ADD_ACC] = 12;
  cost.phase[BT_PHASE_UPDATE].n[BT_COUNT_ADD_64] = 3;
  bt_cost_report r = {.cost = &cost, .machine = &m, .table = &t};
  char *text = text_of(&r, true);
  size_t lines = 0;
  for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
    assert_int_equal(columns(line), 1 + BT_COUNT_KINDS + 6);
    lines++;
  }
  assert_int_equal(lines, 1 + BT_PHASE_COUNT);
  /* 12 * 0.1 pJ. */
  expect_in(text, ",0.000001,0.000001,add_64 3,\"systolic-16x16\",\"horowitz-45nm\",machine\n");
  free(text);
}

static void expect_member(const json_t *o, const char *key, const char *want) {
  const char *is = json_string_value(json_object_get(o, key));
  if (is == NULL || strcmp(is, want) != 0) {
    fail_msg("%s is %s, expected %s", key, is ? is : "no string", want);
  }
}

/* 2^62 products of 0.2 pJ: 922337203685477580800000 aJ, 922337203685477580 pJ; ten times as many
 * do not fit a 64-bit integer of picojoules, nor JSON's counts. */
static void test_json(void **state) {
  (void)state;
  bt_energy_table t = shipped("horowitz-45nm");
  bt_machine m = bt_machine_default();
  bt_cost cost = {0};
  bt_error error = {""};
  char *text = NULL;
  cost.phase[BT_PHASE_FORWARD].n[BT_COUNT_MULTIPLY_8X8] = UINT64_C(1) << 62;
  cost.phase[BT_PHASE_FORWARD].n[BT_COUNT_DRAM_READ] = UINT64_C(1) << 63;
  bt_cost_report r = {.cost = &cost, .machine = &m, .table = &t, .train_images = 1};
  assert_int_equal(bt_report_json(&r, &text, &error), BT_OK);
  json_t *root = json_loads(text, 0, NULL);
  assert_non_null(root);
  const json_t *rows = json_object_get(root, "ledger");
  assert_int_equal(json_array_size(rows), 2);
  const json_t *product = json_array_get(rows, 0), *dram = json_array_get(rows, 1);
  expect_member(product, "action", "multiply_8x8");
  expect_member(product, "low_aj", "922337203685477580800000");
  assert_int_equal(json_integer_value(json_object_get(product, "count")), INT64_C(1) << 62);
  expect_member(dram, "count", "9223372036854775808");
  /* 2^63 * 162.5 pJ = 1498797955988901068800000000 aJ. */
  expect_member(dram, "low_aj", "1498797955988901068800000000");
  const json_t *training = json_object_get(root, "training");
  assert_true(json_is_null(json_object_get(training, "energy_low_pj")));
  expect_member(training, "energy_low_aj", "1499720293192586546380800000");
  expect_member(root, "voltage", "0.9 V");
  json_decref(root);
  free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_microjoules), cmocka_unit_test(test_totals),
      cmocka_unit_test(test_text),        cmocka_unit_test(test_csv),
      cmocka_unit_test(test_json),        cmocka_unit_test(test_spread_csv),
  };
  return cmocka_run_group_tests_name(
      "cost energy report (alone: ctest -R test_cost_energy_report)", tests, NULL, NULL);
}
