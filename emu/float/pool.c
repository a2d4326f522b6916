/* Max-pool and average pool; a task's unit is a sample. */
#include <string.h>

#include "float/layers.h"

typedef struct {
  const bt_layer *layer;
  const bt_real *from;
  bt_real *to;
  uint8_t *place;
  const uint8_t *places; /* where they are read */
} job;

static size_t in_size(const bt_layer *l) { return l->in_h * l->in_w * l->in_c; }
static size_t out_size(const bt_layer *l) { return l->out_h * l->out_w * l->out_c; }

/* The first element of output place p's window in the batch, p counting samples too. */
static size_t window_start(const bt_layer *l, size_t p) {
  const size_t ow = p % l->out_w, oh = p / l->out_w % l->out_h, s = p / l->out_w / l->out_h;
  return ((s * l->in_h + oh * l->kernel) * l->in_w + ow * l->kernel) * l->in_c;
}

/* Place q of a window, from its start. */
static size_t window_place(const bt_layer *l, size_t q) {
  return (q / l->kernel * l->in_w + q % l->kernel) * l->in_c;
}

static void largest(const bt_layer *l, const bt_real *restrict x, bt_real *restrict y,
                    uint8_t *restrict place) {
  const size_t c = l->out_c;
  memcpy(y, x, c * sizeof *y);
  memset(place, 0, c);
  for (size_t q = 1; q < l->kernel * l->kernel; q++) {
    const bt_real *restrict candidate = x + window_place(l, q);
    for (size_t j = 0; j < c; j++) {
      const bool better = candidate[j] > y[j]; /* not >=: the first of equals stays */
      y[j] = better ? candidate[j] : y[j];
      place[j] = better ? (uint8_t)q : place[j];
    }
  }
}

static void max_forward(const void *context, size_t first, size_t end) {
  const job *j = context;
  const bt_layer *l = j->layer;
  const size_t places = l->out_h * l->out_w;
  for (size_t p = first * places; p < end * places; p++) {
    largest(l, j->from + window_start(l, p), j->to + p * l->out_c, j->place + p * l->out_c);
  }
}

void bt_pool_forward(const bt_float_work *work, const bt_layer *layer, size_t n, const bt_real *x,
                     bt_real *y, uint8_t *place) {
  const job j = {.layer = layer, .from = x, .to = y, .place = place};
  bt_float_each(work, n, in_size(layer), max_forward, &j);
}

static void max_backward(const void *context, size_t first, size_t end) {
  const job *j = context;
  const bt_layer *l = j->layer;
  const size_t places = l->out_h * l->out_w, c = l->out_c, row = l->in_w * c, k = l->kernel;
  memset(j->to + first * in_size(l), 0, (end - first) * in_size(l) * sizeof *j->to);
  for (size_t p = first * places; p < end * places; p++) {
    bt_real *to = j->to + window_start(l, p);
    const bt_real *e = j->from + p * c;
    const uint8_t *place = j->places + p * c;
    for (size_t i = 0; i < c; i++) {
      to[place[i] / k * row + place[i] % k * c + i] = e[i];
    }
  }
}

void bt_pool_backward(const bt_float_work *work, const bt_layer *layer, size_t n, const bt_real *e,
                      const uint8_t *place, bt_real *dx) {
  const job j = {.layer = layer, .from = e, .to = dx, .places = place};
  bt_float_each(work, n, in_size(layer), max_backward, &j);
}

static void average_forward(const void *context, size_t first, size_t end) {
  const job *j = context;
  const bt_layer *l = j->layer;
  const size_t places = l->out_h * l->out_w, window = l->kernel * l->kernel, c = l->out_c;
  const bt_real share = 1 / (bt_real)window;
  for (size_t p = first * places; p < end * places; p++) {
    const bt_real *x = j->from + window_start(l, p);
    bt_real *y = j->to + p * c;
    memcpy(y, x, c * sizeof *y);
    for (size_t q = 1; q < window; q++) {
      const bt_real *other = x + window_place(l, q);
      for (size_t i = 0; i < c; i++) {
        y[i] += other[i];
      }
    }
    for (size_t i = 0; i < c; i++) {
      y[i] *= share;
    }
  }
}

void bt_average_pool_forward(const bt_float_work *work, const bt_layer *layer, size_t n,
                             const bt_real *x, bt_real *y) {
  const job j = {.layer = layer, .from = x, .to = y};
  bt_float_each(work, n, in_size(layer), average_forward, &j);
}

static void average_backward(const void *context, size_t first, size_t end) {
  const job *j = context;
  const bt_layer *l = j->layer;
  const size_t places = l->out_h * l->out_w, window = l->kernel * l->kernel, c = l->out_c;
  const bt_real share = 1 / (bt_real)window;
  if (out_size(l) * window != in_size(l)) {
    memset(j->to + first * in_size(l), 0, (end - first) * in_size(l) * sizeof *j->to);
  }
  for (size_t p = first * places; p < end * places; p++) {
    const bt_real *e = j->from + p * c;
    for (size_t q = 0; q < window; q++) {
      bt_real *to = j->to + window_start(l, p) + window_place(l, q);
      for (size_t i = 0; i < c; i++) {
        to[i] = e[i] * share;
      }
    }
  }
}

void bt_average_pool_backward(const bt_float_work *work, const bt_layer *layer, size_t n,
                              const bt_real *e, bt_real *dx) {
  const job j = {.layer = layer, .from = e, .to = dx};
  bt_float_each(work, n, in_size(layer), average_backward, &j);
}
