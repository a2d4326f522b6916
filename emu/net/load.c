/* Reading net files (models/nets). */
#include <string.h>

#include "net/loading.h"
#include "num/error.h"

/* How the error of a layer's output comes about (numerics 20): terms and addends of its affine. */
typedef struct {
  size_t readers, terms, addends;
} contributions;

static contributions count_contributions(const bt_net *net, size_t layer) {
  contributions c = {0, 0, 0};
  for (size_t i = layer + 1; i < net->layers; i++) {
    const bt_layer *l = &net->layer[i];
    for (size_t k = 0; k < l->inputs; k++) {
      if (l->input[k] == layer) {
        bool norm = l->kind == BT_LAYER_NORM;
        c.readers++;
        c.terms += norm ? 2 : 1;
        c.addends += norm ? 1 : 0;
      }
    }
  }
  return c;
}

/* Every output but the last is read, by no more than one affine sums. */
static bt_status check_readers(const bt_net_reader *r) {
  for (size_t i = 0; i + 1 < r->net->layers; i++) {
    contributions c = count_contributions(r->net, i);
    const char *name = r->net->layer[i].name;
    unsigned line = r->net->layer[i].line;
    if (c.readers == 0) {
      return bt_fail(r->error, BT_BAD_INPUT, "%s:%u: layer %s: expected a later layer to read it",
                     bt_yaml_path(r->doc), line, name);
    }
    if (c.readers > 1 && (c.terms > BT_MAX_TERMS || c.addends > 1)) {
      return bt_fail(r->error, BT_BAD_INPUT,
                     "%s:%u: layer %s: its error is a sum of %zu terms and %zu constants: expected "
                     "at most %u terms (a batch norm makes two) and one batch norm",
                     bt_yaml_path(r->doc), line, name, c.terms, c.addends,
                     BT_MAX_TERMS);
    }
  }
  return BT_OK;
}

static bt_status check_last(const bt_net_reader *r) {
  const bt_net *net = r->net;
  const bt_layer *last = &net->layer[net->layers - 1];
  if (last->kind != BT_LAYER_FC || last->relu || last->out_c != net->classes) {
    return bt_fail(r->error, BT_BAD_INPUT,
                   "%s:%u: last layer %s: expected an fc without relu and %zu outputs, one a class",
                   bt_yaml_path(r->doc), bt_yaml_line(r->map), last->name, net->classes);
  }
  return BT_OK;
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
  bt_net_reader r = {doc, NULL, net, error};
  for (size_t i = 0; s == BT_OK && i < count; i++) {
    r.map = items[i];
    s = bt_net_read_layer(&r);
  }
  s = s == BT_OK ? check_last(&r) : s;
  return s == BT_OK ? check_readers(&r) : s;
}

static bt_status read_input(const bt_yaml *doc, const bt_yaml_node *root, bt_net *net,
                            bt_error *error) {
  bt_net_reader r = {doc, NULL, net, error};
  bt_status s = bt_yaml_map(doc, root, "input", false, &r.map, error);
  s = s == BT_OK ? bt_net_read_size(&r, "height", false, 1, 4096, &net->height) : s;
  s = s == BT_OK ? bt_net_read_size(&r, "width", false, 1, 4096, &net->width) : s;
  s = s == BT_OK ? bt_net_read_size(&r, "channels", false, 1, BT_MAX_CHANNELS, &net->channels) : s;
  return s == BT_OK ? bt_yaml_done(doc, r.map, error) : s;
}

static bt_status read_net(const bt_yaml *doc, bt_net *net, bt_error *error) {
  static const char *const inits[] = {"fan_in", "fan_out", NULL};
  const bt_yaml_node *root = bt_yaml_root(doc);
  const char *name = NULL;
  int init = 0;
  bt_net_reader r = {doc, root, net, error};
  bt_status s = bt_yaml_is_map(doc, root, error);
  s = s == BT_OK ? bt_yaml_string(doc, root, "name", false, &name, error) : s;
  s = s == BT_OK ? read_input(doc, root, net, error) : s;
  s = s == BT_OK ? bt_net_read_size(&r, "classes", false, 2, 256, &net->classes) : s;
  s = s == BT_OK ? bt_yaml_word(doc, root, "init", true, inits, &init, error) : s;
  s = s == BT_OK ? read_layers(doc, root, net, error) : s;
  s = s == BT_OK ? bt_yaml_done(doc, root, error) : s;
  if (s == BT_OK && strlen(name) >= sizeof net->name) {
    return bt_fail(error, BT_BAD_INPUT, "%s:%u: name: expected at most %zu bytes",
                   bt_yaml_path(doc), bt_yaml_line(bt_yaml_get(root, "name")),
                   sizeof net->name - 1);
  }
  net->fan_out = init == 1;
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
