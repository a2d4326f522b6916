#include "cmd/gather.h"

/* The coordinate seen through a window: position * stride + tap - pad, or -1 outside 0..size-1. */
static int32_t seen(size_t position, size_t stride, size_t tap, size_t pad, size_t size) {
  size_t shifted = position * stride + tap;
  return shifted < pad || shifted - pad >= size ? -1 : (int32_t)(shifted - pad);
}

/* The output position whose window has `at` under `tap`: (at + pad - tap) / stride, or -1. */
static int32_t seer(size_t at, size_t stride, size_t tap, size_t pad, size_t size) {
  if (at + pad < tap || (at + pad - tap) % stride != 0 || (at + pad - tap) / stride >= size) {
    return -1;
  }
  return (int32_t)((at + pad - tap) / stride);
}

static void window_row(const bt_geometry *g, size_t row, int32_t *offset) {
  size_t n = row / (g->oh * g->ow), oh = row / g->ow % g->oh, ow = row % g->ow;
  size_t k = 0;
  for (size_t kh = 0; kh < g->kh; kh++) {
    int32_t h = seen(oh, g->stride, kh, g->pad, g->h);
    for (size_t kw = 0; kw < g->kw; kw++) {
      int32_t w = seen(ow, g->stride, kw, g->pad, g->w);
      size_t base = ((n * g->h + (size_t)h) * g->w + (size_t)w) * g->c;
      for (size_t c = 0; c < g->c; c++) {
        offset[k++] = h < 0 || w < 0 ? -1 : (int32_t)(base + c);
      }
    }
  }
}

/* k runs over (o, kh, kw): the taps' places are found once, for o = 0, and repeat for each o. */
static void data_gradient_row(const bt_geometry *g, size_t row, int32_t *offset) {
  size_t n = row / (g->h * g->w), h = row / g->w % g->h, w = row % g->w;
  size_t taps = g->kh * g->kw;
  for (size_t tap = 0; tap < taps; tap++) {
    int32_t oh = seer(h, g->stride, tap / g->kw, g->pad, g->oh);
    int32_t ow = seer(w, g->stride, tap % g->kw, g->pad, g->ow);
    size_t base = ((n * g->oh + (size_t)oh) * g->ow + (size_t)ow) * g->o;
    offset[tap] = oh < 0 || ow < 0 ? -1 : (int32_t)base;
  }
  for (size_t o = 1; o < g->o; o++) {
    for (size_t tap = 0; tap < taps; tap++) {
      offset[o * taps + tap] = offset[tap] < 0 ? -1 : offset[tap] + (int32_t)o;
    }
  }
}

void bt_gather_a(const bt_geometry *g, bt_direction d, size_t row, int32_t *offset) {
  size_t k = bt_geometry_extent(g, d).k;
  switch (d) {
    case BT_DATA_GRADIENT:
      data_gradient_row(g, row, offset);
      break;
    case BT_WEIGHT_GRADIENT:
      for (size_t i = 0; i < k; i++) {
        offset[i] = (int32_t)(i * g->o + row);
      }
      break;
    case BT_FORWARD:
    default:
      window_row(g, row, offset);
  }
}

static void weight_gradient_column(const bt_geometry *g, size_t column, int32_t *offset) {
  size_t kh = column / (g->kw * g->c), kw = column / g->c % g->kw, c = column % g->c;
  size_t k = 0;
  for (size_t n = 0; n < g->n; n++) {
    for (size_t oh = 0; oh < g->oh; oh++) {
      int32_t h = seen(oh, g->stride, kh, g->pad, g->h);
      for (size_t ow = 0; ow < g->ow; ow++) {
        int32_t w = seen(ow, g->stride, kw, g->pad, g->w);
        size_t at = ((n * g->h + (size_t)h) * g->w + (size_t)w) * g->c + c;
        offset[k++] = h < 0 || w < 0 ? -1 : (int32_t)at;
      }
    }
  }
}

void bt_gather_b(const bt_geometry *g, bt_direction d, size_t column, int32_t *offset) {
  size_t k = bt_geometry_extent(g, d).k;
  switch (d) {
    case BT_DATA_GRADIENT:
      for (size_t i = 0; i < k; i++) {
        offset[i] = (int32_t)(i * g->c + column);
      }
      break;
    case BT_WEIGHT_GRADIENT:
      weight_gradient_column(g, column, offset);
      break;
    case BT_FORWARD:
    default:
      for (size_t i = 0; i < k; i++) {
        offset[i] = (int32_t)(column * k + i);
      }
  }
}
