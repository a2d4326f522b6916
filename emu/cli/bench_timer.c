#include "cli/bench_timer.h"

#include <stdlib.h>
#include <time.h>

#include "engine/run.h"

double bt_bench_now(const bt_bench *b) {
  struct timespec t;
  bool wall = !b->o->processor;
  clock_gettime(wall ? CLOCK_MONOTONIC : CLOCK_PROCESS_CPUTIME_ID, &t);
  double seconds = (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
  return wall ? seconds : seconds / bt_threads_count(b->threads);
}

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

bt_timing bt_timing_of(double *sample, size_t count) {
  qsort(sample, count, sizeof *sample, by_value);
  return (bt_timing){(sample[(count - 1) / 2] + sample[count / 2]) / 2, sample[0],
                     sample[count - 1]};
}

bt_status bt_bench_time(const bt_bench *b, bt_status (*work)(void *context, bt_error *error),
                        void *context, bt_timing *t, bt_error *error) {
  double sample[BT_BENCH_MAX_REPEAT], least = (double)b->o->milliseconds * 1e-3;
  bt_status s = work(context, error);
  for (size_t i = 0; s == BT_OK && i < b->o->repeat; i++) {
    double begin = bt_bench_now(b), passed = 0;
    size_t runs = 0;
    while (s == BT_OK && (runs == 0 || passed < least)) {
      s = work(context, error);
      runs++;
      passed = bt_bench_now(b) - begin;
    }
    sample[i] = passed / (double)runs;
  }
  if (s == BT_OK) {
    *t = bt_timing_of(sample, b->o->repeat);
  }
  return s;
}

typedef struct {
  bt_bench *b;
  const bt_command *c;
  const bt_program *p;
} job;

static bt_status run_command(void *context, bt_error *error) {
  job *j = context;
  bt_counts counts = {0};
  return j->b->engine->run(j->b->engine, j->c, &j->b->rng, &counts, error);
}

bt_status bt_bench_command(bt_bench *b, const bt_command *c, bt_timing *t, bt_error *error) {
  job j = {.b = b, .c = c};
  bt_status s = bt_command_check(c, error);
  return s == BT_OK ? bt_bench_time(b, run_command, &j, t, error) : s;
}

static bt_status run_program(void *context, bt_error *error) {
  job *j = context;
  bt_counts counts = {0};
  return bt_program_run(j->p, j->b->engine, &j->b->rng, &counts, NULL, error);
}

bt_status bt_bench_program(bt_bench *b, bt_program *p, bt_timing *t, bt_error *error) {
  job j = {.b = b, .p = p};
  bt_status s = bt_program_plan(p, error);
  for (size_t i = 0; s == BT_OK && i < bt_program_size(p); i++) {
    s = bt_command_check(bt_program_at(p, i), error);
  }
  return s == BT_OK ? bt_bench_time(b, run_program, &j, t, error) : s;
}

void bt_bench_number(json_t *row, const char *key, double value) {
  json_object_set_new(row, key, json_real(value));
}

json_t *bt_bench_row(bt_bench *b, const char *shape, const char *what, const bt_timing *t) {
  json_t *row = json_pack("{s:s, s:s, s:f, s:f, s:f}", "shape", shape, "what", what,
                          "milliseconds", t->median * 1e3, "min", t->min * 1e3, "max",
                          t->max * 1e3);
  return json_array_append_new(b->rows, row) == 0 ? row : NULL;
}
