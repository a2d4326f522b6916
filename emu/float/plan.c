#include "float/plan.h"

#include <stdint.h>

#define NO_SLOT SIZE_MAX

static bt_real *take_reals(bt_float_model *m, bt_float_sizes *end, size_t count) {
  bt_real *at = m->reals == NULL ? NULL : m->reals + end->reals;
  end->reals += (count + 15) / 16 * 16; /* whole cache lines */
  return at;
}

static double *take_doubles(bt_float_model *m, bt_float_sizes *end, size_t count) {
  double *at = m->doubles == NULL ? NULL : m->doubles + end->doubles;
  end->doubles += (count + 7) / 8 * 8;
  return at;
}

static uint8_t *take_bytes(bt_float_model *m, bt_float_sizes *end, size_t count) {
  uint8_t *at = m->bytes == NULL ? NULL : m->bytes + end->bytes;
  end->bytes += (count + 63) / 64 * 64;
  return at;
}

static void place_layer(bt_float_model *m, size_t l, bt_float_sizes *end) {
  const bt_layer *layer = &m->net.layer[l];
  const size_t out = m->batch * bt_layer_out_size(layer), c = layer->out_c;
  m->output[l] = take_reals(m, end, out);
  if (layer->kind == BT_LAYER_POOL || layer->kind == BT_LAYER_DROPOUT) {
    m->byte[l] = take_bytes(m, end, out);
  }
  if (layer->kind == BT_LAYER_NORM) {
    m->norm[l].mean = take_reals(m, end, c);
    m->norm[l].factor = take_reals(m, end, c);
    m->norm[l].squares = take_doubles(m, end, c);
    m->norm[l].mean_sum = take_doubles(m, end, c);
    m->norm[l].variance_sum = take_doubles(m, end, c);
    m->norm[l].rows = take_doubles(m, end, 1);
  }
}

/* Errors in a backward pass: layer l's lives from the first contribution to it, its last reader's,
 * until l itself has been passed. */
typedef struct {
  size_t slots;
  size_t size[BT_MAX_LAYERS];    /* of each buffer, in elements of a sample */
  bool taken[BT_MAX_LAYERS];
  size_t slot[BT_MAX_LAYERS];    /* of each layer; NO_SLOT: its error is not needed */
  size_t scratch;                /* size of the largest further contribution */
} errors;

/* Whether some parameter lies at or before each layer. */
static void find_trained(const bt_net *net, bool trained[BT_MAX_LAYERS]) {
  for (size_t l = 0; l < net->layers; l++) {
    const bt_layer *layer = &net->layer[l];
    trained[l] = layer->parameters > 0;
    for (size_t i = 0; i < layer->inputs; i++) {
      trained[l] = trained[l] || (layer->input[i] != BT_NET_IMAGE && trained[layer->input[i]]);
    }
  }
}

static void give_slot(errors *e, size_t l, size_t size) {
  size_t s = 0;
  while (s < e->slots && e->taken[s]) {
    s++;
  }
  e->slots = s == e->slots ? s + 1 : e->slots;
  e->taken[s] = true;
  e->size[s] = size > e->size[s] ? size : e->size[s];
  e->slot[l] = s;
}

static void plan_errors(const bt_net *net, errors *e) {
  bool trained[BT_MAX_LAYERS];
  find_trained(net, trained);
  for (size_t l = 0; l < net->layers; l++) {
    e->slot[l] = NO_SLOT;
  }
  give_slot(e, net->layers - 1, net->classes);
  for (size_t l = net->layers; l-- > 0;) {
    const bt_layer *layer = &net->layer[l];
    for (size_t i = 0; i < layer->inputs && e->slot[l] != NO_SLOT; i++) {
      const size_t x = layer->input[i];
      const size_t size = bt_layer_in_size(layer);
      if (x != BT_NET_IMAGE && trained[x] && e->slot[x] != NO_SLOT) {
        e->scratch = size > e->scratch ? size : e->scratch;
      } else if (x != BT_NET_IMAGE && trained[x]) {
        give_slot(e, x, size);
      }
    }
    if (e->slot[l] != NO_SLOT) {
      e->taken[e->slot[l]] = false;
    }
  }
}

static void place_errors(bt_float_model *m, bt_float_sizes *end) {
  errors e = {0};
  bt_real *start[BT_MAX_LAYERS];
  plan_errors(&m->net, &e);
  for (size_t s = 0; s < e.slots; s++) {
    start[s] = take_reals(m, end, m->batch * e.size[s]);
  }
  for (size_t l = 0; l < m->net.layers; l++) {
    m->error[l] = e.slot[l] == NO_SLOT ? NULL : start[e.slot[l]];
  }
  m->scratch = take_reals(m, end, m->batch * e.scratch);
}

static void place_work(bt_float_model *m, bt_float_sizes *end) {
  bt_float_work *work = &m->work;
  work->columns = work->partials = work->channels = 0;
  for (size_t l = 0; l < m->net.layers; l++) {
    const bt_layer *layer = &m->net.layer[l];
    work->channels = layer->out_c > work->channels ? layer->out_c : work->channels;
    if (bt_layer_contracts(layer)) {
      const bt_geometry g = bt_layer_geometry(layer, m->batch);
      const size_t columns = bt_conv_columns(&g), weight = g.o * g.kh * g.kw * g.c;
      work->columns = columns > work->columns ? columns : work->columns;
      work->partials = weight > work->partials ? weight : work->partials;
    }
  }
  work->column = take_reals(m, end, bt_threads_count(work->threads) * work->columns);
  work->partial = take_reals(m, end, BT_FLOAT_PARTS * work->partials);
  work->constant = take_reals(m, end, 3 * work->channels);
  work->sum = take_doubles(m, end, BT_FLOAT_PARTS * 2 * work->channels);
}

bt_float_sizes bt_float_plan(bt_float_model *m) {
  bt_float_sizes end = {0, 0, 0};
  m->w = take_reals(m, &end, m->weights);
  m->g = take_reals(m, &end, m->weights);
  m->image = take_reals(m, &end, m->batch * m->net.height * m->net.width * m->net.channels);
  for (size_t l = 0; l < m->net.layers; l++) {
    place_layer(m, l, &end);
  }
  place_errors(m, &end);
  place_work(m, &end);
  return end;
}
