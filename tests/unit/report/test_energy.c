/* The energy of an epoch by layer. Alone: ctest --preset release -R '^test_report_energy$' */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
/* cmocka wants these first. */
#include <cmocka.h>

#include "net/lower.h"
#include "report/energy.h"
#include "report/schedule.h"

static const bt_format bfp8 = {.kind = BT_BFP, .wl = 8, .block = BT_BLOCK_TENSOR};
static const bt_format bfp16 = {.kind = BT_BFP, .wl = 16, .block = BT_BLOCK_TENSOR};
static const bt_format dim0 = {.kind = BT_BFP, .wl = 8, .block = BT_BLOCK_DIM0};

typedef struct {
  bt_net net;
  bt_machine machine;
  bt_energy_table table;
  bt_model *model;
  bt_step step;
  bt_loss loss;
} fixture;

/* A step of LeNet-5 on eight images. */
static int set_up(void **state) {
  fixture *f = calloc(1, sizeof *f);
  bt_error error = {""};
  const bt_lowering how = {.mean = {{1, 2}}, .std = {{1, 4}}, .rate = {1, 20},
                           .momentum = {9, 10}, .weight_decay = {1, 2000}, .a = bfp8, .g = dim0,
                           .e = bfp8, .residual = bfp16, .round = {.random_bits = 16}, .seed = 1};
  assert_non_null(f);
  f->machine = bt_machine_default();
  assert_int_equal(bt_energy_load(TABLE, &f->table, &error), BT_OK);
  assert_int_equal(bt_net_load(NETS "/lenet5.yaml", &f->net, &error), BT_OK);
  assert_int_equal(bt_model_shapes(&f->net, dim0, dim0, &f->model, &error), BT_OK);
  assert_int_equal(bt_lower_training(&how, f->model, 8, &f->loss, &f->step, &error), BT_OK);
  *state = f;
  return 0;
}

static int tear_down(void **state) {
  fixture *f = *state;
  bt_program_free(f->step.program);
  bt_model_free(f->model);
  free(f);
  return 0;
}

/* To nine digits, as JSON has them. */
static void near(double got, double want) {
  double off = got > want ? got - want : want - got;
  if (off > 1e-9 * (want > 0 ? want : 1)) {
    fail_msg("%.12g, expected %.12g", got, want);
  }
}

static double number(const json_t *row, size_t i) {
  return json_number_value(json_array_get(row, i));
}

/* Three runs of the step: each phase and each component has three times what the ledger of one run
 * of the whole program, counted by itself, has there. */
static void test_sums(void **state) {
  fixture *f = *state;
  bt_error error = {""};
  const bt_page_part part = {f->step.program, 3};
  const bt_page_epoch epoch = {.part = &part, .parts = 1, .layers = f->net.layers,
                               .machine = &f->machine, .table = &f->table};
  bt_cost cost = {.plan = true};
  bt_ledger *ledger = malloc(sizeof *ledger);
  json_t *rows = NULL;
  assert_non_null(ledger);
  assert_int_equal(bt_page_energy(&epoch, &rows, &error), BT_OK);
  assert_int_equal(bt_cost_program(&cost, &f->machine, f->step.program, NULL, &error), BT_OK);
  assert_int_equal(bt_ledger_make(&cost, &f->machine, &f->table, NULL, ledger, &error), BT_OK);
  for (size_t which = 1; which <= 2; which++) {
    for (int n = 0; n < (which == 1 ? BT_PHASE_COUNT : BT_PARTS); n++) {
      bt_attojoules want[2];
      double got[2] = {0, 0};
      which == 1 ? bt_ledger_phase(ledger, (bt_phase)n, want)
                 : bt_ledger_part(ledger, (bt_part)n, want);
      for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        got[0] += number(row, which) == n ? number(row, 3) : 0;
        got[1] += number(row, which) == n ? number(row, 4) : 0;
      }
      near(got[0] * 1e18, 3.0 * (double)want[0]);
      near(got[1] * 1e18, 3.0 * (double)want[1]);
    }
  }
  json_decref(rows);
  free(ledger);
}

/* The array's energy is products and additions: forward, conv1 has 28 * 28 * 6 * 25 of LeNet-5's
 * 117600 and fc3 84 * 10 = 840, so conv1's is 140 times fc3's. Layers 0 and last. */
static void test_layers(void **state) {
  fixture *f = *state;
  bt_error error = {""};
  const bt_page_part part = {f->step.program, 1};
  const bt_page_epoch epoch = {.part = &part, .parts = 1, .layers = f->net.layers,
                               .machine = &f->machine, .table = &f->table};
  json_t *rows = NULL;
  double array[2] = {0, 0};
  assert_int_equal(bt_page_energy(&epoch, &rows, &error), BT_OK);
  for (size_t i = 0; i < json_array_size(rows); i++) {
    const json_t *row = json_array_get(rows, i);
    if (number(row, 1) == BT_PHASE_FORWARD && number(row, 2) == BT_PART_ARRAY) {
      array[0] += number(row, 0) == 0 ? number(row, 3) : 0;
      array[1] += number(row, 0) == (double)f->net.layers - 1 ? number(row, 3) : 0;
    }
  }
  assert_true(array[1] > 0);
  near(array[0] / array[1], 140);
  json_decref(rows);
}

/* Chains: their cycles are the program's; those with MACs are the 5 + 4 + 5 contractions. */
static void test_chains(void **state) {
  fixture *f = *state;
  bt_error error = {""};
  bt_cost cost = {.plan = true};
  bt_cost_counts total;
  json_t *chains = NULL;
  uint64_t cycles = 0, macs = 0, contractions = 0;
  assert_int_equal(bt_page_chains(f->step.program, &f->machine, &chains, &error), BT_OK);
  assert_int_equal(bt_cost_program(&cost, &f->machine, f->step.program, NULL, &error), BT_OK);
  assert_int_equal(bt_cost_total(&cost, &total, &error), BT_OK);
  const json_t *c = json_object_get(chains, "cycles"), *m = json_object_get(chains, "macs");
  for (size_t i = 0; i < json_array_size(c); i++) {
    cycles += (uint64_t)json_integer_value(json_array_get(c, i));
    macs += (uint64_t)json_integer_value(json_array_get(m, i));
    contractions += json_integer_value(json_array_get(m, i)) > 0;
  }
  assert_int_equal(cycles, total.n[BT_COUNT_CYCLES]);
  assert_int_equal(macs, 8 * 1362360); /* bittrue net models/nets/lenet5.yaml */
  assert_int_equal(contractions, 14);
  json_decref(chains);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_sums, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_layers, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_chains, set_up, tear_down)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
