#include "float/model.h"

#include <limits.h>
#include <stdlib.h>

#include "float/plan.h"
#include "num/error.h"

/* Whether every matrix of every layer has extents that OpenBLAS can count. */
static bool extents_fit(const bt_net *net, size_t batch) {
  const size_t most = INT_MAX;
  for (size_t l = 0; l < net->layers; l++) {
    const bt_layer *layer = &net->layer[l];
    if (bt_layer_in_size(layer) > most / batch || bt_layer_out_size(layer) > most / batch) {
      return false;
    }
    if (bt_layer_contracts(layer) && layer->kernel * layer->kernel * layer->in_c > most) {
      return false;
    }
  }
  return true;
}

static void count_weights(bt_float_model *m) {
  for (size_t p = 0; p < m->net.parameters; p++) {
    size_t dim[4], fan_in;
    const size_t ndim = bt_net_parameter(&m->net, p, dim, &fan_in);
    m->offset[p] = m->weights;
    m->weights += bt_elements(ndim, dim);
    m->offset[p + 1] = m->weights;
  }
}

static bool allocate(bt_float_model *m) {
  const bt_float_sizes sizes = bt_float_plan(m);
  m->reals = calloc(sizes.reals + 1, sizeof *m->reals);
  m->doubles = calloc(sizes.doubles + 1, sizeof *m->doubles);
  m->bytes = calloc(sizes.bytes + 1, 1);
  const bool good = m->reals != NULL && m->doubles != NULL && m->bytes != NULL;
  if (good) {
    bt_float_plan(m);
  }
  return good;
}

bt_status bt_float_model_create(const bt_net *net, size_t batch, unsigned threads,
                                bt_float_model **model, bt_error *error) {
  *model = NULL;
  if (batch == 0 || !extents_fit(net, batch)) {
    return bt_fail(error, BT_BAD_INPUT,
                   "net %s: a batch of %zu: expected at least 1 and at most %d values a layer",
                   net->name, batch, INT_MAX);
  }
  bt_float_model *m = calloc(1, sizeof *m);
  if (m == NULL) {
    return bt_fail(error, BT_FAILED, "net %s: no memory for the fp32 model", net->name);
  }
  m->net = *net;
  m->batch = batch;
  count_weights(m);
  m->work.threads = bt_threads_new(threads);
  if (m->work.threads == NULL || !allocate(m)) {
    bt_float_model_destroy(m);
    return bt_fail(error, BT_FAILED, "net %s: no memory or threads for an fp32 model", net->name);
  }
  openblas_set_num_threads(1);
  *model = m;
  return BT_OK;
}

void bt_float_model_destroy(bt_float_model *m) {
  if (m != NULL) {
    bt_threads_free(m->work.threads);
    free(m->reals);
    free(m->doubles);
    free(m->bytes);
    free(m);
  }
}

void bt_float_model_initialize(bt_float_model *m, uint64_t seed) {
  for (size_t p = 0; p < m->net.parameters; p++) {
    for (size_t i = m->offset[p]; i < m->offset[p + 1]; i++) {
      const int32_t v = bt_net_initial(&m->net, p, i - m->offset[p], seed);
      m->w[i] = (bt_real)((double)v / 16777216.0); /* units of 2^-24 */
    }
  }
}

bt_float_normal bt_float_normal_make(size_t channels, const bt_rational *mean,
                                     const bt_rational *std) {
  bt_float_normal normal = {.channels = channels};
  for (size_t c = 0; c < channels && c < BT_MAX_CHANNELS; c++) {
    const double m = (double)mean[c].num / (double)mean[c].den;
    const double s = (double)std[c].num / (double)std[c].den;
    normal.scale[c] = (bt_real)(1.0 / (255.0 * s));
    normal.shift[c] = (bt_real)(-m / s);
  }
  return normal;
}

void bt_float_input(bt_float_model *m, const bt_float_normal *normal, const uint8_t *pixels,
                    size_t n) {
  const size_t places = n * m->net.height * m->net.width, channels = normal->channels;
  for (size_t p = 0; p < places; p++) {
    for (size_t c = 0; c < channels; c++) {
      m->image[p * channels + c] =
          normal->scale[c] * (bt_real)pixels[p * channels + c] + normal->shift[c];
    }
  }
}
