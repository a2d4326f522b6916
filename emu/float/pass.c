/* Forward and backward passes over a model's graph. */
#include <string.h>

#include "float/model.h"
#include "float/plan.h"

/* One pass over a batch. */
typedef struct {
  bt_float_model *m;
  size_t n;
  bt_float_pass pass;
  const bt_dropout_key *key;
  bool begun[BT_MAX_LAYERS]; /* backward: something has been written to the layer's error */
} run;

static const bt_real *input_of(const bt_float_model *m, const bt_layer *layer, size_t i) {
  return layer->input[i] == BT_NET_IMAGE ? m->image : m->output[layer->input[i]];
}

static bt_real *parameter(const bt_float_model *m, bt_real *of, const bt_layer *layer, size_t i) {
  return of + m->offset[(size_t)layer->parameter + i];
}

static size_t rows_of(const run *r, const bt_layer *layer) {
  return r->n * layer->out_h * layer->out_w;
}

static void norm_forward(run *r, size_t l) {
  bt_float_model *m = r->m;
  const bt_layer *layer = &m->net.layer[l];
  const bt_real *x = input_of(m, layer, 0);
  bt_norm *norm = &m->norm[l];
  if (r->pass != BT_PASS_EVALUATE) {
    bt_norm_batch(&m->work, layer, rows_of(r, layer), x, norm);
  }
  if (r->pass == BT_PASS_COLLECT) {
    bt_norm_collect(layer, rows_of(r, layer), norm);
  }
  bt_norm_forward(&m->work, layer, rows_of(r, layer), norm, x, parameter(m, m->w, layer, 0),
                  parameter(m, m->w, layer, 1), m->output[l]);
}

static void dropout_forward(run *r, size_t l, const bt_real *x) {
  bt_float_model *m = r->m;
  const bt_layer *layer = &m->net.layer[l];
  const size_t count = r->n * bt_layer_out_size(layer);
  if (r->pass != BT_PASS_TRAIN) {
    bt_copy(&m->work, count, x, m->output[l]);
    return;
  }
  bt_dropout_mask(&m->work, r->key, l, layer->drop, count, m->byte[l]);
  bt_dropout_apply(&m->work, layer->drop, count, m->byte[l], x, m->output[l]);
}

static void add_forward(run *r, size_t l) {
  bt_float_model *m = r->m;
  const bt_layer *layer = &m->net.layer[l];
  const bt_real *x[BT_MAX_LAYER_INPUTS];
  for (size_t i = 0; i < layer->inputs; i++) {
    x[i] = input_of(m, layer, i);
  }
  bt_add_forward(&m->work, r->n * bt_layer_out_size(layer), layer->inputs, x, layer->relu,
                 m->output[l]);
}

static void layer_forward(run *r, size_t l) {
  bt_float_model *m = r->m;
  const bt_layer *layer = &m->net.layer[l];
  const bt_real *x = input_of(m, layer, 0);
  const bt_geometry g = bt_layer_geometry(layer, r->n);
  switch (layer->kind) {
    case BT_LAYER_CONV:
    case BT_LAYER_FC:
      bt_conv_forward(&m->work, &g, x, parameter(m, m->w, layer, 0),
                      layer->bias ? parameter(m, m->w, layer, 1) : NULL, layer->relu,
                      m->output[l]);
      break;
    case BT_LAYER_POOL:
      bt_pool_forward(&m->work, layer, r->n, x, m->output[l], m->byte[l]);
      break;
    case BT_LAYER_AVERAGE_POOL:
      bt_average_pool_forward(&m->work, layer, r->n, x, m->output[l]);
      break;
    case BT_LAYER_DROPOUT:
      dropout_forward(r, l, x);
      break;
    case BT_LAYER_NORM:
      norm_forward(r, l);
      break;
    case BT_LAYER_ADD:
      add_forward(r, l);
      break;
  }
}

void bt_float_forward(bt_float_model *m, size_t n, bt_float_pass pass, const bt_dropout_key *key) {
  run r = {.m = m, .n = n, .pass = pass, .key = key};
  for (size_t l = 0; l < m->net.layers; l++) {
    layer_forward(&r, l);
  }
}

/* Where a contribution to input x's error is to be written; NULL where none is needed. */
static bt_real *contribution(const run *r, size_t x) {
  if (x == BT_NET_IMAGE || r->m->error[x] == NULL) {
    return NULL;
  }
  return r->begun[x] ? r->m->scratch : r->m->error[x];
}

/* After it has been written. */
static void contributed(run *r, size_t x) {
  if (x == BT_NET_IMAGE || r->m->error[x] == NULL) {
    return;
  }
  if (r->begun[x]) {
    bt_add_to(&r->m->work, r->n * bt_layer_out_size(&r->m->net.layer[x]), r->m->scratch,
              r->m->error[x]);
  }
  r->begun[x] = true;
}

static void add_backward(run *r, const bt_layer *layer, const bt_real *e) {
  const size_t count = r->n * bt_layer_out_size(layer);
  for (size_t i = 0; i < layer->inputs; i++) {
    const size_t x = layer->input[i];
    if (x == BT_NET_IMAGE || r->m->error[x] == NULL) {
      continue;
    }
    (r->begun[x] ? bt_add_to : bt_copy)(&r->m->work, count, e, r->m->error[x]);
    r->begun[x] = true;
  }
}

static void weights_backward(run *r, size_t l, const bt_real *x, const bt_real *e, bt_real *dx) {
  bt_float_model *m = r->m;
  const bt_layer *layer = &m->net.layer[l];
  const bt_real *w = parameter(m, m->w, layer, 0);
  bt_real *dw = parameter(m, m->g, layer, 0);
  if (layer->kind == BT_LAYER_NORM) {
    bt_norm_backward(&m->work, layer, rows_of(r, layer), &m->norm[l], x, w, e, dw,
                     parameter(m, m->g, layer, 1), dx);
  } else {
    const bt_geometry g = bt_layer_geometry(layer, r->n);
    bt_conv_backward(&m->work, &g, x, w, e, dw,
                     layer->bias ? parameter(m, m->g, layer, 1) : NULL, dx);
  }
}

static void layer_backward(run *r, size_t l) {
  bt_float_model *m = r->m;
  const bt_layer *layer = &m->net.layer[l];
  bt_real *e = m->error[l];
  if (layer->relu) {
    bt_relu_backward(&m->work, r->n * bt_layer_out_size(layer), m->output[l], e);
  }
  if (layer->kind == BT_LAYER_ADD) {
    add_backward(r, layer, e);
    return;
  }
  bt_real *dx = contribution(r, layer->input[0]);
  if (layer->parameters > 0) {
    weights_backward(r, l, input_of(m, layer, 0), e, dx);
  } else if (dx != NULL && layer->kind == BT_LAYER_POOL) {
    bt_pool_backward(&m->work, layer, r->n, e, m->byte[l], dx);
  } else if (dx != NULL && layer->kind == BT_LAYER_AVERAGE_POOL) {
    bt_average_pool_backward(&m->work, layer, r->n, e, dx);
  } else if (dx != NULL) {
    bt_dropout_apply(&m->work, layer->drop, r->n * bt_layer_out_size(layer), m->byte[l], e, dx);
  }
  contributed(r, layer->input[0]);
}

double bt_float_loss(const bt_float_model *m, size_t n, const uint8_t *labels, uint64_t *correct) {
  return bt_softmax_loss(n, m->net.classes, m->output[m->net.layers - 1], labels, correct, NULL);
}

double bt_float_backward(bt_float_model *m, size_t n, const uint8_t *labels, uint64_t *correct) {
  const size_t last = m->net.layers - 1;
  run r = {.m = m, .n = n};
  const double loss = bt_softmax_loss(n, m->net.classes, m->output[last], labels, correct,
                                      m->error[last]);
  for (size_t l = m->net.layers; l-- > 0;) {
    if (m->error[l] != NULL) {
      layer_backward(&r, l);
    }
  }
  return loss;
}

void bt_float_statistics_clear(bt_float_model *m) {
  for (size_t l = 0; l < m->net.layers; l++) {
    if (m->net.layer[l].kind == BT_LAYER_NORM) {
      const size_t size = m->net.layer[l].out_c * sizeof(double);
      memset(m->norm[l].mean_sum, 0, size);
      memset(m->norm[l].variance_sum, 0, size);
      *m->norm[l].rows = 0;
    }
  }
}

void bt_float_statistics_use(bt_float_model *m) {
  for (size_t l = 0; l < m->net.layers; l++) {
    if (m->net.layer[l].kind == BT_LAYER_NORM) {
      bt_norm_use_collected(&m->net.layer[l], &m->norm[l]);
    }
  }
}

bool bt_float_has_statistics(const bt_float_model *m) {
  for (size_t l = 0; l < m->net.layers; l++) {
    if (m->net.layer[l].kind == BT_LAYER_NORM) {
      return true;
    }
  }
  return false;
}
