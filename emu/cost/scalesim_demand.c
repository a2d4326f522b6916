#include "cost/scalesim_demand.h"

#include <inttypes.h>
#include <stdlib.h>

#include "num/error.h"

static uint64_t divide_up(uint64_t a, uint64_t b) {
  return a / b + (a % b != 0);
}

/* a * b * c, or UINT64_MAX beyond 64 bits. */
static uint64_t product(uint64_t a, uint64_t b, uint64_t c) {
  uint64_t p;
  return __builtin_mul_overflow(a, b, &p) || __builtin_mul_overflow(p, c, &p) ? UINT64_MAX : p;
}

static bt_status set_sizes(bt_scalesim_demand *d, const bt_scalesim_layer *l, bt_error *error) {
  uint64_t height = divide_up(l->ifmap_height - l->filter_height + l->stride_height,
                              l->stride_height);
  uint64_t width = divide_up(l->ifmap_width - l->filter_width + l->stride_width, l->stride_width);
  const uint64_t most = UINT64_C(1) << 32;
  d->m = height * width;
  d->n = l->filters;
  d->k = product(l->filter_height, l->filter_width, l->channels);
  d->ifmap.words = product(l->ifmap_height, l->ifmap_width, l->channels);
  d->filter.words = product(d->n, d->k, 1);
  if (d->m > most || d->ifmap.words > most || d->filter.words > most) {
    return bt_fail(error, BT_BAD_INPUT, "layer %s: expected operands of at most 2^32 words",
                   l->name);
  }
  d->ifmap.height = l->ifmap_height;
  d->ifmap.width = l->ifmap_width;
  d->ifmap.overhang = (height - 1) * l->stride_height + l->filter_height > l->ifmap_height ||
                      (width - 1) * l->stride_width + l->filter_width > l->ifmap_width;
  return BT_OK;
}

static bt_status set_folds(bt_scalesim_demand *d, const bt_scalesim_layer *l, bt_error *error) {
  bool os = d->dataflow == BT_DATAFLOW_OS;
  d->sr = os ? d->m : d->k;
  d->sc = d->dataflow == BT_DATAFLOW_IS ? d->m : d->n;
  d->t = os ? d->k : d->dataflow == BT_DATAFLOW_WS ? d->m : d->n;
  d->row_folds = divide_up(d->sr, d->rows);
  d->col_folds = divide_up(d->sc, d->cols);
  d->fold_cycles = (os ? d->rows : 2 * d->rows) + d->cols + d->t - 2;
  if (product(d->row_folds, d->col_folds, d->fold_cycles) > UINT64_C(1) << 62) {
    return bt_fail(error, BT_BAD_INPUT, "layer %s: expected at most 2^62 cycles", l->name);
  }
  return BT_OK;
}

static bool get(uint64_t **array, uint64_t count) {
  *array = count <= SIZE_MAX / sizeof **array ? malloc((size_t)count * sizeof **array) : NULL;
  return *array != NULL;
}

static bool get_places(uint32_t **array, uint64_t count) {
  *array = count <= SIZE_MAX / sizeof **array ? malloc((size_t)count * sizeof **array) : NULL;
  return *array != NULL;
}

/* Channels lie together, then columns, then rows. */
static bool place_windows(bt_scalesim_demand *d, const bt_scalesim_layer *l) {
  bt_scalesim_operand *o = &d->ifmap;
  uint64_t across = divide_up(l->ifmap_width - l->filter_width + l->stride_width, l->stride_width);
  uint64_t line = l->ifmap_width * l->channels, filter_line = l->filter_width * l->channels;
  if (!get(&o->first, d->m) || !get(&o->step, d->k) || !get_places(&o->row, d->m) ||
      !get_places(&o->col, d->m) || !get_places(&o->step_row, d->k) ||
      !get_places(&o->step_col, d->k)) {
    return false;
  }
  for (uint64_t v = 0; v < d->m; v++) {
    o->row[v] = (uint32_t)(v / across * l->stride_height);
    o->col[v] = (uint32_t)(v % across * l->stride_width);
    o->first[v] = o->row[v] * line + o->col[v] * l->channels;
  }
  for (uint64_t k = 0; k < d->k; k++) {
    o->step_row[k] = (uint32_t)(k / filter_line);
    o->step_col[k] = (uint32_t)(k % filter_line / l->channels);
    o->step[k] = o->step_row[k] * line + k % filter_line;
  }
  return true;
}

static bool place_filters(bt_scalesim_demand *d) {
  bt_scalesim_operand *o = &d->filter;
  if (!get(&o->first, d->n) || !get(&o->step, d->k)) {
    return false;
  }
  for (uint64_t v = 0; v < d->n; v++) {
    o->first[v] = v * d->k;
  }
  for (uint64_t k = 0; k < d->k; k++) {
    o->step[k] = k;
  }
  return true;
}

bt_status bt_scalesim_demand_new(bt_scalesim_demand *d, const bt_scalesim_config *config,
                                 const bt_scalesim_layer *layer, bt_error *error) {
  *d = (bt_scalesim_demand){.dataflow = config->dataflow, .rows = config->rows,
                            .cols = config->cols};
  bt_status status = set_sizes(d, layer, error);
  status = status == BT_OK ? set_folds(d, layer, error) : status;
  if (status == BT_OK && !(place_windows(d, layer) && place_filters(d))) {
    status = bt_fail(error, BT_FAILED, "layer %s: no memory for its places", layer->name);
  }
  if (status != BT_OK) {
    bt_scalesim_demand_free(d);
  }
  return status;
}

static void operand_free(bt_scalesim_operand *o) {
  free(o->first);
  free(o->step);
  free(o->row);
  free(o->col);
  free(o->step_row);
  free(o->step_col);
}

void bt_scalesim_demand_free(bt_scalesim_demand *d) {
  operand_free(&d->ifmap);
  operand_free(&d->filter);
  *d = (bt_scalesim_demand){0};
}

/* Lanes 0..used-1 are busy from cycle `lead` on, each a cycle after the one before it, for `length`
 * cycles: the lanes busy in `cycle` are *first and the next ones; returns how many. */
static uint64_t busy(uint64_t used, uint64_t lead, uint64_t length, uint64_t cycle,
                     uint64_t *first) {
  if (cycle < lead) {
    return 0;
  }
  uint64_t behind = cycle - lead; /* of lane 0, which is the furthest */
  uint64_t last = behind < used - 1 ? behind : used - 1;
  *first = behind >= length ? behind - length + 1 : 0;
  return *first <= last ? last - *first + 1 : 0;
}

static uint64_t used_rows(const bt_scalesim_demand *d, uint64_t row_fold) {
  uint64_t left = d->sr - row_fold * d->rows;
  return left < d->rows ? left : d->rows;
}

static uint64_t used_cols(const bt_scalesim_demand *d, uint64_t col_fold) {
  uint64_t left = d->sc - col_fold * d->cols;
  return left < d->cols ? left : d->cols;
}

/* Output stationary: a lane has a vector of its own, and goes along k. */
static bt_scalesim_span along_k(const bt_scalesim_demand *d, uint64_t vector, uint64_t used,
                                uint64_t cycle) {
  uint64_t lane = 0, count = busy(used, 0, d->t, cycle, &lane);
  return (bt_scalesim_span){vector + lane, cycle - lane, count, 1, -1};
}

/* The operand that moves past a stationary one: a lane has a k of its own, and goes along the
 * vectors, once the other is in place. */
static bt_scalesim_span along_vectors(const bt_scalesim_demand *d, uint64_t row_fold,
                                      uint64_t cycle) {
  uint64_t lane = 0, count = busy(used_rows(d, row_fold), d->rows, d->t, cycle, &lane);
  return count == 0 ? (bt_scalesim_span){0}
                    : (bt_scalesim_span){cycle - d->rows - lane, row_fold * d->rows + lane, count,
                                         -1, 1};
}

/* The stationary operand enters a row a cycle, the last row first. */
static bt_scalesim_span preload(const bt_scalesim_demand *d, uint64_t row_fold, uint64_t col_fold,
                                uint64_t cycle) {
  if (cycle >= d->rows || d->rows - 1 - cycle >= used_rows(d, row_fold)) {
    return (bt_scalesim_span){0};
  }
  return (bt_scalesim_span){col_fold * d->cols, row_fold * d->rows + d->rows - 1 - cycle,
                            used_cols(d, col_fold), 1, 0};
}

bt_scalesim_span bt_scalesim_ifmap_span(const bt_scalesim_demand *d, uint64_t row_fold,
                                        uint64_t col_fold, uint64_t cycle) {
  switch (d->dataflow) {
    case BT_DATAFLOW_OS:
      return along_k(d, row_fold * d->rows, used_rows(d, row_fold), cycle);
    case BT_DATAFLOW_WS: return along_vectors(d, row_fold, cycle);
    default: return preload(d, row_fold, col_fold, cycle);
  }
}

bt_scalesim_span bt_scalesim_filter_span(const bt_scalesim_demand *d, uint64_t row_fold,
                                         uint64_t col_fold, uint64_t cycle) {
  switch (d->dataflow) {
    case BT_DATAFLOW_OS:
      return along_k(d, col_fold * d->cols, used_cols(d, col_fold), cycle);
    case BT_DATAFLOW_WS: return preload(d, row_fold, col_fold, cycle);
    default: return along_vectors(d, row_fold, cycle);
  }
}

uint64_t bt_scalesim_outputs(const bt_scalesim_demand *d, uint64_t row_fold, uint64_t col_fold,
                             uint64_t cycle) {
  uint64_t cols = used_cols(d, col_fold), lane;
  if (d->dataflow == BT_DATAFLOW_OS) { /* the array's last row leaves first; idle rows hold none */
    uint64_t rows = used_rows(d, row_fold);
    return busy(cols, d->t - 1 + d->rows - rows, rows, cycle, &lane);
  }
  return busy(cols, 2 * d->rows - 1, d->t, cycle, &lane);
}
