#include "command_bench.h"

#include <dlfcn.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/user.h"
#include "ref/ref.h"
#include "support/drawn.h"
#ifdef BT_HAVE_FAST
#include "fast/fast.h"
#endif

bench_options bench_read_options(int argc, char **argv, uint64_t seed, size_t cases) {
  const char *slash = strrchr(argv[0], '/');
  bench_options opt = {slash == NULL ? argv[0] : slash + 1, seed, BT_DRAWN(cases), -1};
  for (int i = 1; i + 1 < argc; i += 2) {
    if (strcmp(argv[i], "--seed") == 0)
      opt.seed = strtoull(argv[i + 1], NULL, 10);
    else if (strcmp(argv[i], "--cases") == 0)
      opt.cases = strtoull(argv[i + 1], NULL, 10);
    else if (strcmp(argv[i], "--case") == 0)
      opt.only = strtol(argv[i + 1], NULL, 10);
  }
  return opt;
}

bench_case bench_start(const bench_options *opt, size_t number) {
  bench_case b = {.opt = opt, .number = number, .machine = bt_machine_default()};
  b.stream.seed = oracle_splitmix64(opt->seed, number + 1);
  return b;
}

static void load_objects(void);

size_t bench_all(const bench_options *opt, void (*one)(bench_case *b)) {
  load_objects();
  size_t first = opt->only >= 0 ? (size_t)opt->only : 0;
  size_t end = opt->only >= 0 ? first + 1 : opt->cases;
  for (size_t number = first; number < end; number++) {
    bench_case b = bench_start(opt, number);
    one(&b);
  }
  print_message("%zu cases, seed %" PRIu64 ", %zu engines\n", end - first, opt->seed,
                bench_engines());
  return end - first;
}

/* ---- Engines ---- */

/* Behind the engines of the library, user engines (engine/user.h). */
static const char *const user_object[] = {BENCH_USER_OBJECTS};
#ifdef BT_HAVE_FAST
#define BUILT_IN 3
#else
#define BUILT_IN 1
#endif

/* Keeps the objects loaded, or each case would load them again. */
static void load_objects(void) {
  for (size_t i = 0; i < sizeof user_object / sizeof *user_object; i++)
    assert_non_null(dlopen(user_object[i], RTLD_NOW | RTLD_LOCAL));
}

bt_engine *bench_engine(size_t number, const bt_machine *machine) {
#ifdef BT_HAVE_FAST
  if (number == 1)
    return bt_fast_engine_on(machine, "portable", 2);
  if (number == 2)
    return bt_fast_engine(machine, 2);
#endif
  if (number == 0)
    return bt_ref_engine(machine);
  bt_engine *engine = NULL;
  bt_error error;
  const char *object = user_object[number - BUILT_IN];
  if (bt_user_open(object, object, "", machine, &engine, &error) != BT_OK)
    fail_msg("%s", error.text);
  return engine;
}

size_t bench_engines(void) { return BUILT_IN + sizeof user_object / sizeof *user_object; }

/* ---- Comparison ---- */

static void fail_case(const bench_case *b, const bt_engine *engine, const char *text) {
  fail_msg("engine %s: %s; %s; alone: %s --seed %" PRIu64 " --case %zu", engine->name, text,
           b->about, b->opt->program, b->opt->seed, b->number);
}

static void compare_tensor(const bench_case *b, const bt_engine *engine, unsigned which,
                           const bt_tensor *got, const bt_tensor *want) {
  char text[200];
  for (size_t e = 0; e < bt_tensor_exponents(want); e++)
    if (got->exp[e] != want->exp[e]) {
      snprintf(text, sizeof text, "output %u exponent %zu: %d, the oracle's %d", which, e,
               got->exp[e], want->exp[e]);
      fail_case(b, engine, text);
    }
  for (size_t i = 0; i < bt_tensor_elements(want); i++)
    if (bench_mantissa(got, i) != bench_mantissa(want, i)) {
      snprintf(text, sizeof text, "output %u element %zu: %" PRId64 ", the oracle's %" PRId64,
               which, i, bench_mantissa(got, i), bench_mantissa(want, i));
      fail_case(b, engine, text);
    }
  if (want->kind == BT_T_WIDE && got->bits != want->bits) {
    snprintf(text, sizeof text, "output %u bits: %d, the oracle's %d", which, got->bits,
             want->bits);
    fail_case(b, engine, text);
  }
}

static void compare_effects(const bench_case *b, const bt_engine *engine, const bt_lfsr *rng,
                            const bt_counts *counts, const bench_effects *want) {
  static const char *const name[] = {"saturations", "dropped", "clipped", "overflow", "flushed"};
  const uint64_t got_count[] = {counts->saturations, counts->dropped, counts->quantize.clipped,
                                counts->quantize.overflow, counts->quantize.flushed};
  const uint64_t want_count[] = {want->counts.saturations, want->counts.dropped,
                                 want->counts.quantize.clipped, want->counts.quantize.overflow,
                                 want->counts.quantize.flushed};
  char text[200];
  for (size_t i = 0; i < 5; i++)
    if (got_count[i] != want_count[i]) {
      snprintf(text, sizeof text, "%s %" PRIu64 ", the oracle's %" PRIu64, name[i], got_count[i],
               want_count[i]);
      fail_case(b, engine, text);
    }
  for (unsigned l = 0; l < want->after.lanes; l++)
    if (rng->lane[l] != want->after.lane[l] || rng->steps != want->after.steps) {
      snprintf(text, sizeof text, "lane %u: 0x%08X at step %" PRIu64 ", the oracle's 0x%08X at %"
               PRIu64, l, (unsigned)rng->lane[l], rng->steps, (unsigned)want->after.lane[l],
               want->after.steps);
      fail_case(b, engine, text);
    }
}

void bench_check_on(const bench_case *b, size_t number, const bt_command *c,
                    const bench_effects *want) {
  bt_engine *engine = bench_engine(number, &b->machine);
  assert_non_null(engine);
  bt_error error = {""};
  bt_command run = *c;
  bt_tensor out[BT_MAX_OUTPUTS] = {{0}};
  if (bt_command_check(c, &error) != BT_OK)
    fail_case(b, engine, error.text);
  for (unsigned o = 0; o < BT_MAX_OUTPUTS; o++) {
    if (c->out[o] == NULL)
      continue;
    out[o] = *c->out[o];
    assert_true(bt_tensor_alloc(&out[o]));
    memset(out[o].data, 0xA5, bt_tensor_elements(&out[o]) * bt_tensor_element_size(&out[o]));
    memset(out[o].exp, 0x5A, bt_tensor_exponents(&out[o]) * sizeof *out[o].exp);
    out[o].bits = 17;
    run.out[o] = &out[o];
  }
  bt_lfsr rng = want->before;
  bt_counts counts = {.saturations = 1000, .dropped = 2000, .quantize = {3000, 4000, 5000}};
  bench_effects all = *want;
  all.counts.saturations += counts.saturations;
  all.counts.dropped += counts.dropped;
  all.counts.quantize.clipped += counts.quantize.clipped;
  all.counts.quantize.overflow += counts.quantize.overflow;
  all.counts.quantize.flushed += counts.quantize.flushed;
  assert_true(engine->covers(engine, &run));
  if (engine->run(engine, &run, &rng, &counts, &error) != BT_OK)
    fail_case(b, engine, error.text);
  for (unsigned o = 0; o < BT_MAX_OUTPUTS; o++)
    if (c->out[o] != NULL)
      compare_tensor(b, engine, o, &out[o], c->out[o]);
  compare_effects(b, engine, &rng, &counts, &all);
  for (unsigned o = 0; o < BT_MAX_OUTPUTS; o++)
    bt_tensor_free(&out[o]);
  engine->destroy(engine);
}

void bench_check(const bench_case *b, const bt_command *c, const bench_effects *want) {
  for (size_t e = 0; e < bench_engines(); e++)
    bench_check_on(b, e, c, want);
}
