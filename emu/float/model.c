#include "float/model.h"

#include <limits.h>
#include <stdlib.h>

#include "num/error.h"

static size_t in_size(const bt_layer *l) { return l->in_h * l->in_w * l->in_c; }
static size_t out_size(const bt_layer *l) { return l->out_h * l->out_w * l->out_c; }
static bool has_weights(const bt_layer *l) {
  return l->kind == BT_LAYER_CONV || l->kind == BT_LAYER_FC;
}

/* Places of everything in the two blocks of storage: measured first, then set. */
typedef struct {
  size_t reals, bytes;
  size_t activation[BT_MAX_LAYERS + 1], byte[BT_MAX_LAYERS], error[2], column;
} layout;

static size_t reserve(size_t *end, size_t count) {
  const size_t at = *end;
  *end += count;
  return at;
}

static layout plan(const bt_float_model *m) {
  layout p = {.reals = 2 * m->weights};
  size_t largest = 0, columns = 0;
  for (size_t l = 0; l < m->net.layers; l++) {
    const bt_layer *layer = &m->net.layer[l];
    const size_t in = m->batch * in_size(layer), out = m->batch * out_size(layer);
    p.activation[l] = reserve(&p.reals, in);
    p.byte[l] = reserve(&p.bytes, has_weights(layer) ? 0 : out);
    largest = in > largest ? in : largest;
    largest = out > largest ? out : largest;
    if (has_weights(layer)) {
      const bt_geometry g = bt_layer_geometry(layer, m->batch);
      const size_t need = bt_conv_columns(&g);
      columns = need > columns ? need : columns;
    }
  }
  p.activation[m->net.layers] = reserve(&p.reals, m->batch * m->net.classes);
  p.error[0] = reserve(&p.reals, largest);
  p.error[1] = reserve(&p.reals, largest);
  p.column = reserve(&p.reals, columns);
  return p;
}

static void place(bt_float_model *m, const layout *p) {
  m->w = m->reals;
  m->g = m->reals + m->weights;
  for (size_t l = 0; l <= m->net.layers; l++) {
    m->activation[l] = m->reals + p->activation[l];
  }
  for (size_t l = 0; l < m->net.layers; l++) {
    m->byte[l] = m->bytes + p->byte[l];
  }
  m->error[0] = m->reals + p->error[0];
  m->error[1] = m->reals + p->error[1];
  m->column = m->reals + p->column;
}

/* Whether every matrix of every layer has extents that OpenBLAS can count. */
static bool extents_fit(const bt_net *net, size_t batch) {
  const size_t most = INT_MAX;
  for (size_t l = 0; l < net->layers; l++) {
    const bt_layer *layer = &net->layer[l];
    if (in_size(layer) > most / batch || out_size(layer) > most / batch) {
      return false;
    }
    if (has_weights(layer) && layer->kernel * layer->kernel * layer->in_c > most) {
      return false;
    }
  }
  return batch > 0;
}

bt_status bt_float_model_create(const bt_net *net, size_t batch, bt_float_model **model,
                                bt_error *error) {
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
  for (size_t p = 0; p < net->parameters; p++) {
    size_t dim[4], fan_in;
    const size_t ndim = bt_net_parameter(net, p, dim, &fan_in);
    m->offset[p] = m->weights;
    m->weights += bt_elements(ndim, dim);
    m->offset[p + 1] = m->weights;
  }
  const layout p = plan(m);
  m->reals = calloc(p.reals, sizeof *m->reals);
  m->bytes = calloc(p.bytes + 1, 1);
  if (m->reals == NULL || m->bytes == NULL) {
    bt_float_model_destroy(m);
    return bt_fail(error, BT_FAILED, "net %s: no memory for %zu values of an fp32 model", net->name,
                   p.reals);
  }
  place(m, &p);
  *model = m;
  return BT_OK;
}

void bt_float_model_destroy(bt_float_model *m) {
  if (m != NULL) {
    free(m->reals);
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

bt_float_source bt_float_source_make(const bt_images *images, const bt_rational *mean,
                                     const bt_rational *std) {
  bt_float_source source = {.images = images};
  for (size_t c = 0; c < images->channels && c < BT_MAX_CHANNELS; c++) {
    const double m = (double)mean[c].num / (double)mean[c].den;
    const double s = (double)std[c].num / (double)std[c].den;
    source.scale[c] = (bt_real)(1.0 / (255.0 * s));
    source.shift[c] = (bt_real)(-m / s);
  }
  return source;
}

void bt_float_input(bt_float_model *m, const bt_float_source *source, const uint32_t *order,
                    size_t first, size_t n, uint8_t *labels) {
  const bt_images *images = source->images;
  const size_t size = images->height * images->width * images->channels;
  for (size_t s = 0; s < n; s++) {
    const size_t sample = order == NULL ? first + s : order[s];
    const uint8_t *pixel = images->pixels + sample * size;
    if (source->sample != NULL) {
      bt_augment(&source->augmentation, source->seed, source->epoch, images, sample,
                 source->sample);
      pixel = source->sample;
    }
    bt_real *x = m->activation[0] + s * size;
    for (size_t i = 0; i < size; i += images->channels) {
      for (size_t c = 0; c < images->channels; c++) {
        x[i + c] = source->scale[c] * (bt_real)pixel[i + c] + source->shift[c];
      }
    }
    labels[s] = images->labels[sample];
  }
}

static void layer_forward(bt_float_model *m, size_t l, size_t n, const bt_dropout_key *key) {
  const bt_layer *layer = &m->net.layer[l];
  const bt_real *x = m->activation[l];
  bt_real *y = m->activation[l + 1];
  const size_t count = n * out_size(layer);
  if (layer->kind == BT_LAYER_POOL) {
    bt_pool_forward(layer, n, x, y, m->byte[l]);
  } else if (layer->kind == BT_LAYER_DROPOUT) {
    if (key == NULL) {
      for (size_t i = 0; i < count; i++) {
        y[i] = x[i];
      }
    } else {
      bt_dropout_mask(key, l, layer->drop, count, m->byte[l]);
      bt_dropout_apply(layer->drop, count, m->byte[l], x, y);
    }
  } else {
    const bt_geometry g = bt_layer_geometry(layer, n);
    const bt_real *w = m->w + m->offset[layer->parameter];
    const bt_real *bias = m->w + m->offset[layer->parameter + 1];
    bt_conv_forward(&g, x, w, bias, layer->relu, m->column, y);
  }
}

void bt_float_forward(bt_float_model *m, size_t n, const bt_dropout_key *key) {
  for (size_t l = 0; l < m->net.layers; l++) {
    layer_forward(m, l, n, key);
  }
}

/* e: the error of layer l's output (a ReLU gates it in place); dx: of its input, NULL for none. */
static void layer_backward(bt_float_model *m, size_t l, size_t n, bt_real *e, bt_real *dx) {
  const bt_layer *layer = &m->net.layer[l];
  if (has_weights(layer)) {
    const bt_geometry g = bt_layer_geometry(layer, n);
    const size_t weight = m->offset[layer->parameter], bias = m->offset[layer->parameter + 1];
    if (layer->relu) {
      bt_relu_backward(n * out_size(layer), m->activation[l + 1], e);
    }
    bt_conv_backward(&g, m->activation[l], m->w + weight, e, m->column, m->g + weight, m->g + bias,
                     dx);
  } else if (dx != NULL && layer->kind == BT_LAYER_POOL) {
    bt_pool_backward(layer, n, e, m->byte[l], dx);
  } else if (dx != NULL) {
    bt_dropout_apply(layer->drop, n * out_size(layer), m->byte[l], e, dx);
  }
}

double bt_float_backward(bt_float_model *m, size_t n, const uint8_t *labels, bool gradient,
                         uint64_t *correct) {
  bt_real *e = m->error[0], *dx = m->error[1];
  const double loss = bt_softmax_loss(n, m->net.classes, m->activation[m->net.layers], labels,
                                      correct, gradient ? e : NULL);
  for (size_t l = m->net.layers; gradient && l-- > 0;) {
    layer_backward(m, l, n, e, l == 0 ? NULL : dx);
    bt_real *swap = e;
    e = dx;
    dx = swap;
  }
  return loss;
}
