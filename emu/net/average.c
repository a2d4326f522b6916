/* Averages as weights to evaluate with (numerics 16). */
#include <stdlib.h>

#include "net/model.h"
#include "num/average.h"
#include "num/error.h"
#include "num/format.h"
#include "num/quantize.h"

/* The largest |sum| of a block. */
static uint64_t largest_sum(const bt_average *a, bt_block_extent x) {
  uint64_t largest = 0;
  for (size_t j = 0; j < x.runs * x.length; j++) {
    uint64_t m = bt_magnitude(a->sum[x.first + j / x.length * x.stride + j % x.length]);
    largest = m > largest ? m : largest;
  }
  return largest;
}

/* The format of an average: bfp in the weights' blocks (numerics 16). */
static bt_format average_format(bt_format f, int bits) {
  f.wl = bits;
  if (f.kind == BT_FIXED) {
    f.kind = BT_BFP;
    f.asymmetric = false;
  }
  return f;
}

static void average_block(const bt_tensor *w, const bt_average *a, size_t block, bt_tensor *out) {
  bt_block_extent x = bt_block_elements(&out->fmt, out->ndim, out->dim, block);
  uint64_t largest = largest_sum(a, x);
  if (largest == 0) {
    return;
  }
  int step = a->emin[block] - (w->fmt.wl - 2);
  bt_scale scale = bt_scale_of(bt_quotient_log2(largest, a->count) + step);
  out->exp[block] = (int16_t)scale.exponent;
  if (scale.kind == BT_SCALE_FLUSHED) {
    return;
  }
  int shift = scale.exponent - (out->fmt.wl - 2) - step;
  for (size_t j = 0; j < x.runs * x.length; j++) {
    size_t i = x.first + j / x.length * x.stride + j % x.length;
    int64_t m = bt_quotient_round(a->sum[i], a->count, shift);
    m = bt_saturate(m, bt_clip_low(&out->fmt), bt_clip_high(&out->fmt));
    bt_tensor_store(out, i, (int32_t)m);
  }
}

bt_status bt_model_average(const bt_model *model, int bits, bt_tensor **weights, bt_error *error) {
  for (size_t p = 0; p < model->parameters; p++) {
    const bt_tensor *w = model->w[p];
    const bt_average *a = &model->average[p];
    if (a->count == 0) {
      return bt_fail(error, BT_BAD_INPUT, "%s: no snapshot was averaged yet", model->name[p]);
    }
    weights[p] = malloc(sizeof **weights);
    if (weights[p] == NULL) {
      return bt_fail(error, BT_FAILED, "out of memory for averages");
    }
    bt_format f = average_format(w->fmt, bits);
    *weights[p] = bt_tensor_as(w->role, bt_tensor_bfp(model->name[p], f, w->ndim, w->dim));
    if (!bt_tensor_alloc(weights[p])) {
      free(weights[p]);
      weights[p] = NULL;
      return bt_fail(error, BT_FAILED, "out of memory for averages");
    }
    for (size_t b = 0; b < bt_tensor_exponents(w); b++) {
      average_block(w, a, b, weights[p]);
    }
  }
  return BT_OK;
}

void bt_weights_free(bt_tensor **weights) {
  for (size_t p = 0; p < BT_MAX_PARAMETERS; p++) {
    if (weights[p] != NULL) {
      bt_tensor_free(weights[p]);
      free(weights[p]);
      weights[p] = NULL;
    }
  }
}
