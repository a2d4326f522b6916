/* Timelines of drawn programs, read back: cycles, work, bytes by kind, stalls and footprint are the
 * cost's; rates add up to the bytes, window by window; every step starts when the rules say.
 * Alone: ctest -R '^test_cost_timeline$'; one seed: test_cost_timeline SEED; more: FIRST LAST */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cost/live.h"
#include "cost/timeline.h"
#include "random_program.h"
#include "support/drawn.h"
#include "timeline_reader.h"
#include "timeline_rules.h"

#define FIRST_SEED 1u
#define CASES BT_DRAWN(100u)
#define WINDOWS 16u

enum { CHAINS, LOADS, ARRAY, SCALAR, VECTOR, QUANTIZER, STORES };
static const char *const track[TIMELINE_TRACKS] = {"chains", "DMA loads", "array", "scalar",
                                                   "vector", "quantizer", "DMA stores"};
static const uint64_t clocks[] = {1000000000, 200000000, 700000000, 1300000000, 333333333, 1};

typedef struct {
  uint64_t seed;
  const random_case *drawn;
  char *text;
  size_t size;
  bt_cost cost;
  bt_cost_counts total;
  uint64_t cycles;
  timeline_file file;
} timed;

static bt_status put(void *context, unsigned file, const void *data, size_t size,
                     bt_error *error) {
  (void)error;
  assert_int_equal(file, 0);
  assert_int_equal(fwrite(data, 1, size, context), size);
  return BT_OK;
}

static void fail_case(const timed *t, const char *why) {
  fail_msg("seed %" PRIu64 ": %s; alone: test_cost_timeline %" PRIu64, t->seed, why, t->seed);
}

static void same(const timed *t, const char *what, uint64_t got, uint64_t expected) {
  char why[160];
  if (got != expected) {
    snprintf(why, sizeof why, "%s: the timeline has %" PRIu64 ", expected %" PRIu64, what, got,
             expected);
    fail_case(t, why);
  }
}

static void write_case(timed *t, bool steps, const bool *chosen) {
  const random_case *r = t->drawn;
  bt_error error = {""};
  FILE *stream = open_memstream(&t->text, &t->size);
  bt_trace_sink sink = {put, stream};
  bt_timeline_options how = {.steps = steps, .chosen = chosen};
  char why[200] = "";
  t->cost = (bt_cost){.plan = r->plan};
  bt_timeline *line = bt_timeline_open(r->program, &r->machine, &how, &sink, &error);
  bt_status s = line == NULL ? BT_FAILED
                             : bt_cost_program(&t->cost, &r->machine, r->program,
                                               bt_timeline_listener(line), &error);
  s = s == BT_OK ? bt_timeline_finish(line, &error) : s;
  s = s == BT_OK ? bt_cost_total(&t->cost, &t->total, &error) : s;
  if (s != BT_OK) {
    fail_case(t, error.text);
  }
  t->cycles = bt_timeline_cycles(line);
  bt_timeline_free(line);
  fclose(stream);
  if (!timeline_read(&t->file, t->text, t->size, r->machine.clock_hz, why)) {
    fail_case(t, why);
  }
}

static void free_case(timed *t) {
  timeline_free(&t->file);
  free(t->text);
}

/* Chains lie back to back over all of the step, each command in one of them. */
static void check_chains(const timed *t) {
  uint64_t at = 0, stalls = 0, rows = 0;
  bool seen[4096] = {false};
  for (size_t i = 0; i < t->file.slices && t->file.slice[i].track == CHAINS; i++) {
    const timeline_slice *s = &t->file.slice[i];
    json_t *numbers = json_object_get(s->args, "commands"), *n;
    size_t k;
    same(t, "start of a chain", s->from, at);
    at = s->to;
    stalls += timeline_integer(s, "stall_cycles");
    rows += timeline_integer(s, "dram_activations");
    json_array_foreach(numbers, k, n) {
      size_t number = (size_t)json_integer_value(n);
      assert_true(number < bt_program_size(t->drawn->program) && number < 4096 && !seen[number]);
      seen[number] = true;
    }
  }
  same(t, "cycles", at, t->total.n[BT_COUNT_CYCLES]);
  same(t, "cycles told", t->cycles, at);
  same(t, "stall cycles", stalls, t->total.n[BT_COUNT_STALL_CYCLES]);
  same(t, "rows opened", rows, t->total.n[BT_COUNT_DRAM_ACTIVATIONS]);
  for (unsigned k = 0; k < TIMELINE_TRACKS; k++) {
    assert_string_equal(t->file.track[k], track[k]);
  }
}

/* Every slice lies in a chain; work is the cost's; steps, where there are any, make up theirs. */
static void check_work(const timed *t, bool steps) {
  static const bt_count_kind busy[] = {[ARRAY] = BT_COUNT_ARRAY_CYCLES,
                                       [SCALAR] = BT_COUNT_SCALAR_CYCLES,
                                       [VECTOR] = BT_COUNT_VECTOR_CYCLES,
                                       [QUANTIZER] = BT_COUNT_QUANTIZER_CYCLES};
  uint64_t work[TIMELINE_TRACKS] = {0};
  const timeline_file *f = &t->file;
  for (size_t i = 0; i < f->slices; i++) {
    const timeline_slice *s = &f->slice[i];
    bool within = s->track == CHAINS;
    for (size_t c = 0; !within && f->slice[c].track == CHAINS; c++) {
      within = s->from >= f->slice[c].from && s->to <= f->slice[c].to;
    }
    assert_true(within);
    if (s->step || s->track == CHAINS) {
      continue;
    }
    uint64_t sum = 0, own = timeline_integer(s, "work_cycles");
    work[s->track] += own;
    assert_true(own <= s->to - s->from);
    for (size_t k = i + 1; k < f->slices && f->slice[k].step; k++) {
      sum += f->slice[k].to - f->slice[k].from;
    }
    same(t, "cycles of the steps of a slice", sum, steps ? own : 0);
  }
  for (unsigned k = ARRAY; k <= QUANTIZER; k++) {
    same(t, track[k], work[k], t->total.n[busy[k]]);
  }
}

/* Bytes by kind, and each slice's sum. */
static void check_bytes(const timed *t) {
  uint64_t bytes[BT_TRAFFIC_KINDS][2] = {{0}};
  for (size_t i = 0; i < t->file.slices; i++) {
    const timeline_slice *s = &t->file.slice[i];
    json_t *list = json_object_get(s->args, "tensors"), *one;
    uint64_t sum = 0;
    size_t k;
    json_array_foreach(list, k, one) {
      const char *kind = json_string_value(json_object_get(one, "kind"));
      uint64_t n = (uint64_t)json_integer_value(json_object_get(one, "bytes"));
      unsigned which = 0;
      while (which < BT_TRAFFIC_KINDS && strcmp(kind, bt_traffic_name(which)) != 0) {
        which++;
      }
      assert_true(which < BT_TRAFFIC_KINDS);
      bytes[which][s->track == STORES] += n;
      sum += n;
    }
    if (list != NULL) {
      same(t, "bytes of a slice", timeline_integer(s, "bytes"), sum);
    }
  }
  for (unsigned kind = 0; kind < BT_TRAFFIC_KINDS; kind++) {
    bt_traffic cost = {0, 0};
    for (unsigned p = 0; p < BT_PHASE_COUNT; p++) {
      cost.read += t->cost.dram[p][kind].read;
      cost.written += t->cost.dram[p][kind].written;
    }
    same(t, bt_traffic_name(kind), bytes[kind][0], cost.read);
    same(t, bt_traffic_name(kind), bytes[kind][1], cost.written);
  }
}

/* The counter's value at a cycle, in thousandths. */
static uint64_t value_at(const timed *t, const char *name, uint64_t at) {
  uint64_t value = 0;
  for (size_t i = 0; i < t->file.points; i++) {
    const timeline_point *p = &t->file.point[i];
    value = p->at <= at && strcmp(p->name, name) == 0 ? p->value : value;
  }
  return value;
}

/* Its sum over the cycles from..to-1. */
static uint64_t integral(const timed *t, const char *name, uint64_t from, uint64_t to) {
  uint64_t sum = 0, since = from, value = value_at(t, name, from);
  for (size_t i = 0; i < t->file.points; i++) {
    const timeline_point *p = &t->file.point[i];
    if (strcmp(p->name, name) == 0 && p->at > from && p->at < to) {
      sum += value * (p->at - since);
      since = p->at;
      value = p->value;
    }
  }
  return sum + value * (to - since);
}

/* Bytes that steps move in the cycles from..to-1: full cycles, and what is left in the last. */
static uint64_t moved(const timed *t, unsigned port, uint64_t from, uint64_t to) {
  uint64_t width = t->drawn->machine.dram_bytes_per_cycle, sum = 0;
  for (size_t i = 0; i < t->file.slices; i++) {
    const timeline_slice *s = &t->file.slice[i];
    uint64_t bytes = s->step && s->track == port ? timeline_integer(s, "bytes") : 0;
    for (uint64_t at = s->from; bytes > 0; at++) {
      uint64_t now = bytes < width ? bytes : width;
      assert_true(at < s->to);
      sum += at >= from && at < to ? now : 0;
      bytes -= now;
    }
  }
  return sum;
}

static void check_rates(const timed *t, bool steps) {
  static const char *const name[2] = {"DRAM read", "DRAM write"};
  for (unsigned write = 0; write < 2; write++) {
    const char *bytes = write ? "bytes_written" : "bytes_read";
    for (size_t i = 0; i < t->file.slices && t->file.slice[i].track == CHAINS; i++) {
      const timeline_slice *c = &t->file.slice[i];
      uint64_t cycles = c->to - c->from, windows = cycles < WINDOWS ? cycles : WINDOWS;
      same(t, name[write], integral(t, name[write], c->from, c->to),
           1000 * timeline_integer(c, bytes));
      for (uint64_t w = 0; steps && cycles < 3000 && w < windows; w++) {
        uint64_t from = c->from + cycles * w / windows, to = c->from + cycles * (w + 1) / windows;
        same(t, "bytes of a window", integral(t, name[write], from, to),
             1000 * moved(t, write ? STORES : LOADS, from, to));
      }
    }
    same(t, "a rate at the end", value_at(t, name[write], t->cycles), 0);
  }
}

static void check_footprint(const timed *t) {
  bt_footprint f;
  bt_error error;
  uint64_t peak = 0;
  assert_int_equal(bt_footprint_new(t->drawn->program, &f, &error), BT_OK);
  for (size_t i = 0; i < t->file.slices && t->file.slice[i].track == CHAINS; i++) {
    json_t *numbers = json_object_get(t->file.slice[i].args, "commands"), *n;
    uint64_t most = 0, wide = 0;
    size_t k;
    json_array_foreach(numbers, k, n) {
      const bt_live *l = &f.at[json_integer_value(n)];
      most = l->total > most ? l->total : most;
      wide = l->kind[BT_ROLE_WIDE] > wide ? l->kind[BT_ROLE_WIDE] : wide;
    }
    same(t, "footprint", value_at(t, "footprint", t->file.slice[i].from), 1000 * most);
    same(t, "wide values", value_at(t, "wide values", t->file.slice[i].from), 1000 * wide);
    peak = most > peak ? most : peak;
  }
  same(t, "the footprint's peak", peak, f.at[f.peak].total);
  bt_footprint_free(&f);
}

/* Some chains only: those of the whole file, at the same place, with their transfers. */
static void check_chosen(const timed *whole) {
  timed part = {.seed = whole->seed, .drawn = whole->drawn};
  bool chosen[4096] = {false};
  chosen[whole->seed % bt_program_size(whole->drawn->program)] = true;
  write_case(&part, false, chosen);
  size_t found = 0;
  for (size_t i = 0; i < whole->file.slices && whole->file.slice[i].track == CHAINS; i++) {
    const timeline_slice *s = &whole->file.slice[i];
    json_t *numbers = json_object_get(s->args, "commands"), *n;
    bool any = false;
    size_t k;
    json_array_foreach(numbers, k, n) { any = any || chosen[json_integer_value(n)]; }
    if (any) {
      const timeline_slice *p = &part.file.slice[found++];
      assert_true(p->track == CHAINS && json_equal(p->args, s->args));
    }
    for (unsigned write = 0; write < 2; write++) {
      const char *name = write ? "DRAM write" : "DRAM read";
      same(&part, name, integral(&part, name, s->from, s->to),
           any ? integral(whole, name, s->from, s->to) : 0);
    }
  }
  assert_true(found <= 1 && (found == part.file.slices || part.file.slice[found].track > CHAINS));
  free_case(&part);
}

static uint64_t first = FIRST_SEED, last = FIRST_SEED + CASES - 1;

static void check_case(const random_case *r, uint64_t seed, bool steps) {
  timed t = {.seed = seed, .drawn = r};
  char why[200] = "";
  write_case(&t, steps, NULL);
  check_chains(&t);
  check_work(&t, steps);
  check_bytes(&t);
  check_rates(&t, steps);
  check_footprint(&t);
  if (steps && !timeline_rules(&t.file, r->program, why)) {
    fail_case(&t, why);
  }
  if (!steps) {
    check_chosen(&t);
  }
  free_case(&t);
}

static void test_drawn_programs(void **state) {
  (void)state;
  for (uint64_t seed = first; seed <= last; seed++) {
    static random_case r;
    random_case_draw(&r, seed);
    r.machine.clock_hz = clocks[seed % (sizeof clocks / sizeof clocks[0])];
    if (!r.fp32) {
      check_case(&r, seed, false);
      check_case(&r, seed, true);
    }
    random_case_free(&r);
  }
}

int main(int argc, char **argv) {
  first = argc > 1 ? strtoull(argv[1], NULL, 10) : first;
  last = argc > 2 ? strtoull(argv[2], NULL, 10) : argc > 1 ? first : last;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_drawn_programs),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
