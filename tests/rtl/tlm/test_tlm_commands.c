/* Drawn commands of all kinds on the platform's loosely-timed machine, in lockstep with the
 * reference: every bit of every result and the generator.
 *
 *   BITTRUE_TLM=.../bittrue-tlm test_tlm_commands [SEED [FIRST [COUNT]]]    default: 1 0 1000 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/lockstep.h"
#include "ref/ref.h"
#include "tlm_engine.h"
#include "unit/fast/random_results.h"

typedef struct {
  uint64_t seed, first, count;
} range;

static void run_all(const range *r, const bt_machine *machine, const char *options) {
  bt_error error = {""};
  uint64_t compared = 0, by_op[BT_OP_STATISTICS + 1] = {0};
  assert_int_equal(setenv("BITTRUE_TLM_OPTIONS", options, 1), 0);
  bt_engine *ref = bt_ref_engine(machine), *tlm = bt_tlm_engine(machine, &error);
  if (tlm == NULL) {
    fail_msg("%s", error.text);
  }
  for (uint64_t i = r->first; i < r->first + r->count; i++) {
    random_case k;
    random_results o;
    random_case_make(&k, r->seed, i);
    assert_int_equal(bt_lfsr_start(&k.rng, i, machine->lanes), BT_OK);
    random_results_open(&o, &k);
    k.c.label.text = "drawn";
    bt_lockstep l = {.first = ref, .second = tlm};
    if (tlm->covers(tlm, &k.c)) {
      compared++;
      by_op[k.c.op]++;
      if (bt_lockstep_command(&l, &k.c, &k.rng, &error) != BT_OK) {
        fail_msg("%s\n%srun it alone: test_tlm_commands %" PRIu64 " %" PRIu64 " 1", error.text,
                 l.difference.text, r->seed, i);
      }
      assert_true(bt_tlm_last(tlm).cycles == bt_machine_last(tlm).cycles);
    }
    random_results_close(&o);
    random_case_free(&k);
  }
  for (unsigned op = 0; r->count >= 1000 && op <= BT_OP_STATISTICS; op++) {
    print_message("%-12s %6" PRIu64 " commands equal\n", bt_op_name((bt_op)op), by_op[op]);
    assert_true(by_op[op] > 0);
  }
  assert_true(compared > 0 || r->count == 1);
  ref->destroy(ref);
  tlm->destroy(tlm);
}

static bt_machine small_machine(void) {
  bt_machine m = bt_machine_default();
  m.rows = m.cols = 4;
  m.lanes = 4;
  return m;
}

static void direct_memory(void **state) {
  bt_machine m = bt_machine_default();
  run_all(*state, &m, "--engine fast");
}

static void memory_with_rows(void **state) {
  bt_machine m = small_machine();
  run_all(*state, &m, "--engine ref --dram rows:banks=2,row=256 --quantum 0");
}

static void other_dataflow(void **state) {
  (void)state;
  bt_machine m = small_machine();
  bt_error error = {""};
  m.dataflow = BT_DATAFLOW_WS;
  assert_int_equal(setenv("BITTRUE_TLM_OPTIONS", "", 1), 0);
  assert_null(bt_tlm_engine(&m, &error));
  assert_non_null(strstr(error.text, "expected dataflow os"));
}

static uint64_t argument(int argc, char **argv, int i, uint64_t otherwise) {
  return argc > i ? strtoull(argv[i], NULL, 10) : otherwise;
}

int main(int argc, char **argv) {
  static range r;
  r = (range){argument(argc, argv, 1, 1), argument(argc, argv, 2, 0),
              argument(argc, argv, 3, 1000)};
  const struct CMUnitTest tests[] = {cmocka_unit_test_prestate(direct_memory, &r),
                                     cmocka_unit_test_prestate(memory_with_rows, &r),
                                     cmocka_unit_test(other_dataflow)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
