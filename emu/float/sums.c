/* Sums over the rows of x[rows][channels], by channel. */
#include <string.h>

#include "float/layers.h"

typedef struct {
  const bt_float_work *work;
  size_t rows, channels, parts;
  const bt_real *x, *e, *mean;
} job;

static double *part_sums(const job *j, size_t part) {
  return j->work->sum + part * 2 * j->work->channels;
}

static void sum_part(void *context, size_t part, unsigned thread) {
  const job *j = context;
  const size_t c = j->channels, end = bt_float_part(j->rows, j->parts, part + 1);
  double *restrict sum = part_sums(j, part);
  (void)thread;
  memset(sum, 0, c * sizeof *sum);
  for (size_t r = bt_float_part(j->rows, j->parts, part); r < end; r++) {
    const bt_real *restrict x = j->x + r * c;
    for (size_t i = 0; i < c; i++) {
      sum[i] += (double)x[i];
    }
  }
}

static void square_part(void *context, size_t part, unsigned thread) {
  const job *j = context;
  const size_t c = j->channels, end = bt_float_part(j->rows, j->parts, part + 1);
  double *restrict sum = part_sums(j, part);
  const bt_real *restrict mean = j->mean;
  (void)thread;
  memset(sum, 0, c * sizeof *sum);
  for (size_t r = bt_float_part(j->rows, j->parts, part); r < end; r++) {
    const bt_real *restrict x = j->x + r * c;
    for (size_t i = 0; i < c; i++) {
      const bt_real d = x[i] - mean[i];
      sum[i] += (double)(d * d);
    }
  }
}

/* Of e, and of e * (x - mean) behind them. */
static void product_part(void *context, size_t part, unsigned thread) {
  const job *j = context;
  const size_t c = j->channels, end = bt_float_part(j->rows, j->parts, part + 1);
  double *restrict sum = part_sums(j, part);
  double *restrict product = sum + j->work->channels;
  const bt_real *restrict mean = j->mean;
  (void)thread;
  memset(sum, 0, c * sizeof *sum);
  memset(product, 0, c * sizeof *product);
  for (size_t r = bt_float_part(j->rows, j->parts, part); r < end; r++) {
    const bt_real *restrict x = j->x + r * c;
    const bt_real *restrict e = j->e + r * c;
    for (size_t i = 0; i < c; i++) {
      sum[i] += (double)e[i];
      product[i] += (double)(e[i] * (x[i] - mean[i]));
    }
  }
}

/* Runs it; the parts' sums of channel i are then added in their order by total(). */
static void run(job *j, void (*part)(void *context, size_t part, unsigned thread)) {
  j->parts = bt_float_parts(j->rows);
  bt_threads_run(j->work->threads, j->parts, part, j);
}

static double total(const job *j, size_t i) {
  double sum = 0;
  for (size_t part = 0; part < j->parts; part++) {
    sum += part_sums(j, part)[i];
  }
  return sum;
}

void bt_channel_sums(const bt_float_work *work, size_t rows, size_t channels, const bt_real *x,
                     bt_real *sum) {
  job j = {.work = work, .rows = rows, .channels = channels, .x = x};
  run(&j, sum_part);
  for (size_t i = 0; i < channels; i++) {
    sum[i] = (bt_real)total(&j, i);
  }
}

void bt_channel_moments(const bt_float_work *work, size_t rows, size_t channels, const bt_real *x,
                        bt_real *mean, double *squares) {
  job j = {.work = work, .rows = rows, .channels = channels, .x = x, .mean = mean};
  run(&j, sum_part);
  for (size_t i = 0; i < channels; i++) {
    mean[i] = (bt_real)(total(&j, i) / (double)rows);
  }
  run(&j, square_part);
  for (size_t i = 0; i < channels; i++) {
    squares[i] = total(&j, i);
  }
}

void bt_channel_products(const bt_float_work *work, size_t rows, size_t channels, const bt_real *x,
                         const bt_real *e, const bt_real *mean, bt_real *sum, bt_real *product) {
  job j = {.work = work, .rows = rows, .channels = channels, .x = x, .e = e, .mean = mean};
  run(&j, product_part);
  for (size_t i = 0; i < channels; i++) {
    sum[i] = (bt_real)total(&j, i);
    product[i] = (bt_real)total(&j, work->channels + i);
  }
}
