/* The peak that rates are compared with, measured in the run itself. */
#include <time.h>

#include "cli/bench.h"

#define SECONDS 4e-3 /* of a thread's turn: long beside the start of a job */

typedef struct {
  const bt_bench *b;
  size_t rounds;
  double rate[BT_MAX_THREADS]; /* products a second, by task */
} job;

/* The thread's own time: what others take of the processor must not lower the peak. */
static double processor_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void run_task(void *context, size_t task, unsigned thread) {
  job *j = context;
  (void)thread;
  double begin = processor_seconds();
  uint64_t products = j->b->kernels.peak(j->rounds);
  j->rate[task] = (double)products / (processor_seconds() - begin);
}

static double run_threads(job *j) {
  unsigned count = bt_threads_count(j->b->threads);
  double sum = 0;
  bt_threads_run(j->b->threads, count, run_task, j);
  for (unsigned i = 0; i < count; i++) {
    sum += j->rate[i];
  }
  return sum;
}

void bt_bench_peak(bt_bench *b) {
  job j = {.b = b, .rounds = 1000};
  double seconds = 0;
  while (seconds < SECONDS) {
    j.rounds *= 2;
    seconds = processor_seconds();
    (void)b->kernels.peak(j.rounds);
    seconds = processor_seconds() - seconds;
  }
  for (size_t i = 0; i < b->o->repeat; i++) {
    double rate = run_threads(&j);
    b->peak = rate > b->peak ? rate : b->peak;
  }
}
