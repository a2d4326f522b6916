/* Memory traces of drawn programs, read back: every format's grammar, cycles that never fall,
 * addresses in the map, DRAM commands that are legal, and bytes by kind that equal the cost's.
 * Alone: ctest -R '^test_cost_trace$'; one seed: test_cost_trace SEED; more: FIRST LAST */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cost/trace.h"
#include "random_program.h"
#include "trace_reader.h"

#define FIRST_SEED 1u
#define CASES 1500u

static const char *const name[BT_TRACE_FORMATS] = {"dramsim3", "ramulator2", "ramulator1",
                                                   "stl", "drampower", "scalesim"};

typedef struct {
  FILE *stream[BT_TRACE_FILES];
  char *text[BT_TRACE_FILES], *map;
  size_t size[BT_TRACE_FILES], map_size;
  uint64_t cycles;
  bt_cost cost;
} traced;

static bt_status put(void *context, unsigned file, const void *data, size_t size,
                     bt_error *error) {
  traced *t = context;
  (void)error;
  assert_int_equal(fwrite(data, 1, size, t->stream[file]), size);
  return BT_OK;
}

static void trace_case(const random_case *r, bt_trace_format format, unsigned burst, traced *t) {
  bt_error error = {""};
  bt_trace_sink sink = {put, t};
  bt_trace_options options = {.format = format, .burst = burst};
  *t = (traced){.cost = {.plan = r->plan}};
  for (unsigned i = 0; i < BT_TRACE_FILES; i++) {
    t->stream[i] = open_memstream(&t->text[i], &t->size[i]);
  }
  bt_trace *trace = bt_trace_open(r->program, &r->machine, &options, &sink, &error);
  bt_status s = trace == NULL ? BT_FAILED
                              : bt_cost_program(&t->cost, &r->machine, r->program,
                                                bt_trace_listener(trace), &error);
  s = s == BT_OK ? bt_trace_finish(trace, &error) : s;
  if (s != BT_OK) {
    fail_msg("%s: %s", name[format], error.text);
  }
  FILE *map = open_memstream(&t->map, &t->map_size);
  bt_trace_map_csv(map, bt_trace_map_of(trace));
  fclose(map);
  t->cycles = bt_trace_cycles(trace);
  for (unsigned i = 0; i < BT_TRACE_FILES; i++) {
    fclose(t->stream[i]);
  }
  bt_trace_free(trace);
}

static void free_traced(traced *t) {
  for (unsigned i = 0; i < BT_TRACE_FILES; i++) {
    free(t->text[i]);
  }
  free(t->map);
}

/* What the map's kinds moved is what the cost counts of them, and nothing else moved. */
static void same_bytes(uint64_t seed, const char *format, const traced *t, const reader_map *m,
                       const reader_totals *totals) {
  for (unsigned kind = 0; kind < BT_TRAFFIC_KINDS; kind++) {
    uint64_t cost[2] = {0, 0}, got[2] = {0, 0};
    for (unsigned p = 0; p < BT_PHASE_COUNT; p++) {
      cost[0] += t->cost.dram[p][kind].read;
      cost[1] += t->cost.dram[p][kind].written;
    }
    for (unsigned k = 0; k < m->kinds; k++) {
      bool same = strcmp(m->kind[k], bt_traffic_name(kind)) == 0;
      got[0] += same ? totals->bytes[k][0] : 0;
      got[1] += same ? totals->bytes[k][1] : 0;
    }
    if (cost[0] != got[0] || cost[1] != got[1]) {
      fail_msg("seed %" PRIu64 ", %s: %s: the trace reads %" PRIu64 " and writes %" PRIu64
               ", the cost %" PRIu64 " and %" PRIu64 "; alone: test_cost_trace %" PRIu64,
               seed, format, bt_traffic_name(kind), got[0], got[1], cost[0], cost[1], seed);
    }
  }
}

static reader_totals check_format(const random_case *r, uint64_t seed, bt_trace_format format,
                                  unsigned burst) {
  traced t;
  reader_map m;
  reader_totals totals = {0};
  char why[200] = "";
  trace_case(r, format, burst, &t);
  bool good = reader_map_read(&m, t.map, why);
  for (unsigned i = 0; good && format == BT_TRACE_SCALESIM && i < BT_TRACE_FILES; i++) {
    good = reader_scalesim(t.text[i], t.size[i], &m, i == 2, &totals, why);
  }
  if (good && format != BT_TRACE_SCALESIM) {
    good = reader_trace(name[format], t.text[0], t.size[0], &m, burst, r->machine.dram_row_bytes,
                        &totals, why);
  }
  if (!good) {
    fail_msg("seed %" PRIu64 ": %s; alone: test_cost_trace %" PRIu64, seed, why, seed);
  }
  if (format != BT_TRACE_DRAMPOWER) {
    same_bytes(seed, name[format], &t, &m, &totals);
    assert_true(totals.last_cycle <= t.cycles);
  }
  reader_map_free(&m);
  free_traced(&t);
  return totals;
}

static uint64_t first = FIRST_SEED, last = FIRST_SEED + CASES - 1;

static void test_drawn_programs_read_back(void **state) {
  (void)state;
  uint64_t accesses = 0, refreshes = 0;
  for (uint64_t seed = first; seed <= last; seed++) {
    static random_case r;
    random_case_draw(&r, seed);
    unsigned burst = 8u << random_below(&r, 5);
    r.machine.dram_row_bytes = (size_t)burst << random_below(&r, 6);
    if (r.fp32) {
      random_case_free(&r);
      continue;
    }
    reader_totals one = check_format(&r, seed, BT_TRACE_DRAMSIM3, burst);
    for (int f = 1; f < BT_TRACE_FORMATS; f++) {
      reader_totals other = check_format(&r, seed, (bt_trace_format)f, burst);
      /* The formats have the same bursts in the same order. */
      if (f != BT_TRACE_SCALESIM && (other.hash != one.hash || other.accesses != one.accesses)) {
        fail_msg("seed %" PRIu64 ": %s has other bursts than dramsim3", seed, name[f]);
      }
      refreshes += other.refreshes;
    }
    accesses += one.accesses;
    random_case_free(&r);
  }
  assert_true(accesses > 0);
  assert_true(first != FIRST_SEED || last < CASES || refreshes > 0);
}

int main(int argc, char **argv) {
  first = argc > 1 ? strtoull(argv[1], NULL, 10) : first;
  last = argc > 2 ? strtoull(argv[2], NULL, 10) : argc > 1 ? first : last;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_drawn_programs_read_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
