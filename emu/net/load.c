/* Reading net files (models/nets) and inferring shapes. */
#include <string.h>

#include "io/yaml.h"
#include "net/net.h"
#include "num/error.h"

/* The layer being read, and the shape that reaches it. */
typedef struct {
  const bt_yaml *doc;
  const bt_yaml_node *map;
  bt_net *net;
  bt_layer *layer;
  bt_error *error;
} reader;

static bt_status read_size(const reader *r, const bt_yaml_node *map, const char *key, bool optional,
                           int64_t min, int64_t max, size_t *value) {
  int64_t v = (int64_t)*value;
  bt_status status = bt_yaml_integer(r->doc, map, key, optional, min, max, &v, r->error);
  *value = (size_t)v;
  return status;
}

static bt_status misfit(const reader *r, const char *expected) {
  const bt_layer *l = r->layer;
  return bt_fail(r->error, BT_BAD_INPUT,
                 "%s:%u: layer %s: expected %s; its input is %zux%zux%zu (height, width, channels)",
                 bt_yaml_path(r->doc), bt_yaml_line(r->map), l->name, expected, l->in_h, l->in_w,
                 l->in_c);
}

static bt_status read_conv(const reader *r) {
  bt_layer *l = r->layer;
  l->stride = 1;
  bt_status s = read_size(r, r->map, "out", false, 1, 65536, &l->out_c);
  s = s == BT_OK ? read_size(r, r->map, "kernel", false, 1, 64, &l->kernel) : s;
  s = s == BT_OK ? read_size(r, r->map, "stride", true, 1, 64, &l->stride) : s;
  s = s == BT_OK ? read_size(r, r->map, "pad", true, 0, 63, &l->pad) : s;
  s = s == BT_OK ? bt_yaml_bool(r->doc, r->map, "relu", true, &l->relu, r->error) : s;
  if (s != BT_OK) {
    return s;
  }
  if (l->pad >= l->kernel || l->kernel > l->in_h + 2 * l->pad || l->kernel > l->in_w + 2 * l->pad) {
    return misfit(r, "a kernel inside the padded image and a pad below the kernel");
  }
  l->out_h = (l->in_h + 2 * l->pad - l->kernel) / l->stride + 1;
  l->out_w = (l->in_w + 2 * l->pad - l->kernel) / l->stride + 1;
  return BT_OK;
}

static bt_status read_fc(const reader *r) {
  bt_layer *l = r->layer;
  l->in_c *= l->in_h * l->in_w; /* NHWC flattens to the features */
  l->in_h = l->in_w = l->out_h = l->out_w = l->kernel = l->stride = 1;
  bt_status s = read_size(r, r->map, "out", false, 1, 65536, &l->out_c);
  return s == BT_OK ? bt_yaml_bool(r->doc, r->map, "relu", true, &l->relu, r->error) : s;
}

/* An fc's output is [n][features]; dropout keeps its input's dimensions. */
static bool follows_fc(const reader *r) {
  for (const bt_layer *l = r->layer; l-- != r->net->layer;) {
    if (l->kind != BT_LAYER_DROPOUT) {
      return l->kind == BT_LAYER_FC;
    }
  }
  return false;
}

static bt_status read_pool(const reader *r) {
  bt_layer *l = r->layer;
  bt_status s = read_size(r, r->map, "kernel", false, 1, 16, &l->kernel);
  if (s != BT_OK) {
    return s;
  }
  if (follows_fc(r)) {
    return misfit(r, "an image, not an fc's output");
  }
  l->stride = l->kernel;
  l->out_h = l->in_h / l->kernel;
  l->out_w = l->in_w / l->kernel;
  l->out_c = l->in_c;
  return l->out_h == 0 || l->out_w == 0 ? misfit(r, "a window inside the image") : BT_OK;
}

static bt_status read_dropout(const reader *r) {
  bt_layer *l = r->layer;
  l->out_h = l->in_h;
  l->out_w = l->in_w;
  l->out_c = l->in_c;
  bt_status s = bt_yaml_rational(r->doc, r->map, "p", false, &l->drop, r->error);
  if (s == BT_OK && (l->drop.num < 0 || l->drop.num >= l->drop.den)) {
    return misfit(r, "a probability p of dropping, at least 0 and below 1");
  }
  return s;
}

/* Names tell parameters apart, also in checkpoints. */
static bt_status read_name(const reader *r, const char *name) {
  if (strlen(name) >= sizeof r->layer->name) {
    return bt_fail(r->error, BT_BAD_INPUT, "%s:%u: layer name '%s': expected at most %zu bytes",
                   bt_yaml_path(r->doc), bt_yaml_line(r->map), name, sizeof r->layer->name - 1);
  }
  for (const bt_layer *l = r->net->layer; l != r->layer; l++) {
    if (strcmp(l->name, name) == 0) {
      return bt_fail(r->error, BT_BAD_INPUT,
                     "%s:%u: layer name '%s': an earlier layer has it, expected a name of its own",
                     bt_yaml_path(r->doc), bt_yaml_line(r->map), name);
    }
  }
  strcpy(r->layer->name, name);
  return BT_OK;
}

static bt_status read_kind(const reader *r) {
  static const char *const kinds[] = {"conv", "fc", "pool", "dropout"};
  for (int k = 0; k < 4; k++) {
    const char *name = NULL;
    bt_status s = bt_yaml_string(r->doc, r->map, kinds[k], true, &name, r->error);
    if (s != BT_OK) {
      return s;
    }
    if (name != NULL) {
      r->layer->kind = (bt_layer_kind)k;
      return read_name(r, name);
    }
  }
  return bt_fail(r->error, BT_BAD_INPUT,
                 "%s:%u: a layer of unknown kind: expected one of conv, fc, pool, dropout",
                 bt_yaml_path(r->doc), bt_yaml_line(r->map));
}

static bt_status read_layer(const reader *r) {
  static bt_status (*const read[])(const reader *) = {read_conv, read_fc, read_pool, read_dropout};
  bt_layer *l = r->layer;
  bt_status s = bt_yaml_is_map(r->doc, r->map, r->error);
  s = s == BT_OK ? read_kind(r) : s;
  s = s == BT_OK ? read[l->kind](r) : s;
  s = s == BT_OK ? bt_yaml_done(r->doc, r->map, r->error) : s;
  l->parameter = -1;
  if (s == BT_OK && (l->kind == BT_LAYER_CONV || l->kind == BT_LAYER_FC)) {
    l->parameter = (int)r->net->parameters;
    r->net->parameters += 2;
  }
  return s;
}

static bt_status read_layers(const bt_yaml *doc, const bt_yaml_node *root, bt_net *net,
                             bt_error *error) {
  size_t count;
  const bt_yaml_node *const *items;
  bt_status s = bt_yaml_list(doc, root, "layers", false, &count, &items, error);
  if (s != BT_OK) {
    return s;
  }
  if (count == 0 || count > BT_MAX_LAYERS) {
    return bt_fail(error, BT_BAD_INPUT, "%s:%u: %zu layers: expected 1 to %u", bt_yaml_path(doc),
                   bt_yaml_line(root), count, BT_MAX_LAYERS);
  }
  size_t h = net->height, w = net->width, c = net->channels;
  for (size_t i = 0; s == BT_OK && i < count; i++) {
    bt_layer *l = &net->layer[net->layers++];
    l->in_h = h;
    l->in_w = w;
    l->in_c = c;
    reader r = {doc, items[i], net, l, error};
    s = read_layer(&r);
    h = l->out_h;
    w = l->out_w;
    c = l->out_c;
  }
  const bt_layer *last = &net->layer[net->layers - 1];
  if (s == BT_OK && (last->kind != BT_LAYER_FC || last->relu || last->out_c != net->classes)) {
    return bt_fail(error, BT_BAD_INPUT,
                   "%s:%u: last layer %s: expected an fc without relu and %zu outputs, one a class",
                   bt_yaml_path(doc), bt_yaml_line(items[count - 1]), last->name, net->classes);
  }
  return s;
}

static bt_status read_net(const bt_yaml *doc, bt_net *net, bt_error *error) {
  const bt_yaml_node *root = bt_yaml_root(doc), *input = NULL;
  const char *name = NULL;
  reader r = {.doc = doc, .net = net, .error = error};
  bt_status s = bt_yaml_is_map(doc, root, error);
  s = s == BT_OK ? bt_yaml_string(doc, root, "name", false, &name, error) : s;
  s = s == BT_OK ? bt_yaml_map(doc, root, "input", false, &input, error) : s;
  s = s == BT_OK ? read_size(&r, input, "height", false, 1, 4096, &net->height) : s;
  s = s == BT_OK ? read_size(&r, input, "width", false, 1, 4096, &net->width) : s;
  s = s == BT_OK ? read_size(&r, input, "channels", false, 1, 4096, &net->channels) : s;
  s = s == BT_OK ? bt_yaml_done(doc, input, error) : s;
  s = s == BT_OK ? read_size(&r, root, "classes", false, 2, 256, &net->classes) : s;
  s = s == BT_OK ? read_layers(doc, root, net, error) : s;
  s = s == BT_OK ? bt_yaml_done(doc, root, error) : s;
  if (s == BT_OK && strlen(name) >= sizeof net->name) {
    return bt_fail(error, BT_BAD_INPUT, "%s:%u: name: expected at most %zu bytes",
                   bt_yaml_path(doc), bt_yaml_line(bt_yaml_get(root, "name")),
                   sizeof net->name - 1);
  }
  if (s == BT_OK) {
    strcpy(net->name, name);
  }
  return s;
}

bt_status bt_net_load(const char *path, bt_net *net, bt_error *error) {
  bt_yaml *doc = NULL;
  memset(net, 0, sizeof *net);
  bt_status s = bt_yaml_load(path, &doc, error);
  if (s == BT_OK) {
    s = read_net(doc, net, error);
  }
  bt_yaml_free(doc);
  return s;
}
