/* Reading one entry of a net's layers. */
#include <string.h>

#include "net/loading.h"
#include "num/error.h"

static const bt_rational default_eps = {1, 100000};

bt_status bt_net_read_size(const bt_net_reader *r, const char *key, bool optional, int64_t min,
                           int64_t max, size_t *value) {
  int64_t v = (int64_t)*value;
  bt_status status = bt_yaml_integer(r->doc, r->map, key, optional, min, max, &v, r->error);
  *value = (size_t)v;
  return status;
}

static bt_status read_bool(const bt_net_reader *r, const char *key, bool *value) {
  return bt_yaml_bool(r->doc, r->map, key, true, value, r->error);
}

static bt_status read_conv(const bt_net_reader *r, bt_layer *l) {
  l->stride = 1;
  l->bias = true;
  bt_status s = bt_net_read_size(r, "out", false, 1, 65536, &l->out_c);
  s = s == BT_OK ? bt_net_read_size(r, "kernel", false, 1, 64, &l->kernel) : s;
  s = s == BT_OK ? bt_net_read_size(r, "stride", true, 1, 64, &l->stride) : s;
  s = s == BT_OK ? bt_net_read_size(r, "pad", true, 0, 63, &l->pad) : s;
  s = s == BT_OK ? read_bool(r, "bias", &l->bias) : s;
  return s == BT_OK ? read_bool(r, "relu", &l->relu) : s;
}

static bt_status read_fc(const bt_net_reader *r, bt_layer *l) {
  l->bias = true;
  bt_status s = bt_net_read_size(r, "out", false, 1, 65536, &l->out_c);
  s = s == BT_OK ? read_bool(r, "bias", &l->bias) : s;
  return s == BT_OK ? read_bool(r, "relu", &l->relu) : s;
}

static bt_status read_pool(const bt_net_reader *r, bt_layer *l) {
  return bt_net_read_size(r, "kernel", false, 1, l->kind == BT_LAYER_POOL ? 16 : 64, &l->kernel);
}

static bt_status read_dropout(const bt_net_reader *r, bt_layer *l) {
  bt_status s = bt_yaml_rational(r->doc, r->map, "p", false, &l->drop, r->error);
  if (s == BT_OK && (l->drop.num < 0 || l->drop.num >= l->drop.den)) {
    return bt_net_misfit(r, l, "a probability p of dropping, at least 0 and below 1");
  }
  return s;
}

static bt_status read_norm(const bt_net_reader *r, bt_layer *l) {
  l->eps = default_eps;
  bt_status s = bt_yaml_rational(r->doc, r->map, "eps", true, &l->eps, r->error);
  if (s == BT_OK && l->eps.num <= 0) {
    return bt_net_misfit(r, l, "an eps above 0");
  }
  return s == BT_OK ? read_bool(r, "relu", &l->relu) : s;
}

static bt_status read_add(const bt_net_reader *r, bt_layer *l) {
  return read_bool(r, "relu", &l->relu);
}

typedef struct {
  const char *key;
  bt_status (*read)(const bt_net_reader *r, bt_layer *l);
  bool forms; /* takes `output` */
} layer_kind;

static const layer_kind kinds[] = {
    [BT_LAYER_CONV] = {"conv", read_conv, true},
    [BT_LAYER_FC] = {"fc", read_fc, false},
    [BT_LAYER_POOL] = {"pool", read_pool, false},
    [BT_LAYER_DROPOUT] = {"dropout", read_dropout, false},
    [BT_LAYER_NORM] = {"batch_norm", read_norm, true},
    [BT_LAYER_ADD] = {"add", read_add, true},
    [BT_LAYER_AVERAGE_POOL] = {"average_pool", read_pool, false},
};
#define KINDS (sizeof kinds / sizeof kinds[0])

const char *bt_layer_kind_name(bt_layer_kind kind) { return kinds[kind].key; }

size_t bt_net_last_output(const bt_net *net) {
  return net->layers == 0 ? BT_NET_IMAGE : net->layers - 1;
}

static bt_status find_input(const bt_net_reader *r, const bt_layer *l, const char *name,
                            size_t *input) {
  for (size_t i = 0; i < r->net->layers; i++) {
    if (strcmp(r->net->layer[i].name, name) == 0) {
      *input = i;
      return BT_OK;
    }
  }
  return bt_fail(r->error, BT_BAD_INPUT, "%s:%u: layer %s: from '%.40s': expected the name of an "
                 "earlier layer", bt_yaml_path(r->doc), bt_yaml_line(r->map), l->name, name);
}

/* `from`: a layer's name, or a list of them. */
static bt_status read_inputs(const bt_net_reader *r, bt_layer *l) {
  const char *name[BT_MAX_LAYER_INPUTS];
  size_t count = 0;
  bt_status s = bt_yaml_strings(r->doc, r->map, "from", BT_MAX_LAYER_INPUTS, name, &count,
                                r->error);
  if (s == BT_OK && count == 0) {
    l->inputs = 1;
    l->input[0] = bt_net_last_output(r->net);
  }
  for (; s == BT_OK && l->inputs < count; l->inputs++) {
    s = find_input(r, l, name[l->inputs], &l->input[l->inputs]);
  }
  if (s != BT_OK) {
    return s;
  }
  bt_net_input_shape(r->net, l->input[0], l);
  return l->kind != BT_LAYER_ADD && l->inputs > 1 ? bt_net_misfit(r, l, "one input") : BT_OK;
}

static bt_status read_output(const bt_net_reader *r, bt_layer *l) {
  static const char *const forms[] = {"activations", "residual", "wide", NULL};
  int form = BT_OUTPUT_ACTIVATIONS;
  bt_status s = bt_yaml_word(r->doc, r->map, "output", true, forms, &form, r->error);
  l->output = (bt_layer_output)form;
  return s;
}

/* The entry's kind and name: the key that is a kind's. */
static bt_status read_kind(const bt_net_reader *r, bt_layer *l, const char **name) {
  for (size_t k = 0; k < KINDS; k++) {
    bt_status s = bt_yaml_string(r->doc, r->map, kinds[k].key, true, name, r->error);
    if (s != BT_OK) {
      return s;
    }
    if (*name != NULL) {
      l->kind = (bt_layer_kind)k;
      return bt_net_name_layer(r, l, *name);
    }
  }
  return bt_fail(r->error, BT_BAD_INPUT,
                 "%s:%u: a layer of unknown kind: expected one of conv, fc, pool, dropout, "
                 "batch_norm, add, average_pool, or a stage",
                 bt_yaml_path(r->doc), bt_yaml_line(r->map));
}

bt_status bt_net_read_layer(const bt_net_reader *r) {
  bt_layer l = {.parameter = -1};
  const char *name = NULL;
  bt_status s = bt_yaml_is_map(r->doc, r->map, r->error);
  s = s == BT_OK ? bt_yaml_string(r->doc, r->map, "stage", true, &name, r->error) : s;
  if (s == BT_OK && name != NULL) {
    return bt_net_read_stage(r, name);
  }
  s = s == BT_OK ? read_kind(r, &l, &name) : s;
  s = s == BT_OK ? read_inputs(r, &l) : s;
  s = s == BT_OK ? kinds[l.kind].read(r, &l) : s;
  s = s == BT_OK && kinds[l.kind].forms ? read_output(r, &l) : s;
  s = s == BT_OK ? bt_yaml_done(r->doc, r->map, r->error) : s;
  return s == BT_OK ? bt_net_append(r, &l) : s;
}
