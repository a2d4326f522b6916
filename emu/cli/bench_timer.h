/* Times of work: a warm-up, then samples of several runs each. */
#ifndef BT_CLI_BENCH_TIMER_H
#define BT_CLI_BENCH_TIMER_H

#include <jansson.h>

#include "cli/bench.h"

/* Seconds of one run; over samples. */
typedef struct {
  double median, min, max;
} bt_timing;

/* Runs work(context, error) once to warm up, then takes options.repeat samples of as many runs as
 * last options.milliseconds, at least one. Stops at the first error. */
bt_status bt_bench_time(const bt_bench *b, bt_status (*work)(void *context, bt_error *error),
                        void *context, bt_timing *t, bt_error *error);

/* The median, least and greatest of sample[count]; sorts them. The median of an even count is the
 * mean of the middle two. */
bt_timing bt_timing_of(double *sample, size_t count);

/* Seconds since some time in the past, by the clock of the options. */
double bt_bench_now(const bt_bench *b);

/* Checks a command and times it, as bt_bench_time does. */
bt_status bt_bench_command(bt_bench *b, const bt_command *c, bt_timing *t, bt_error *error);

/* Plans a program and times running all of it, in whatever portions the engine takes. */
bt_status bt_bench_program(bt_bench *b, bt_program *p, bt_timing *t, bt_error *error);

/* Adds a row {shape, what, milliseconds, min, max}; returns it for more, or NULL. */
json_t *bt_bench_row(bt_bench *b, const char *shape, const char *what, const bt_timing *t);

/* Adds a number to a row or to the facts. */
void bt_bench_number(json_t *row, const char *key, double value);

#endif
