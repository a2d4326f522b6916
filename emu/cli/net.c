/* bittrue net: layers, shapes, MACs and parameters of a net. */
#include <argp.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

#include "cli/cli.h"
#include "net/net.h"

enum { KEY_JSON = 256 };

typedef struct {
  const char *net;
  bool json;
} options;

static const struct argp_option known[] = {
    {"json", KEY_JSON, NULL, 0, "Print as JSON", 0}, {0}};

static error_t parse_option(int key, char *text, struct argp_state *state) {
  options *o = state->input;
  switch (key) {
    case KEY_JSON: o->json = true; return 0;
    default: return bt_cli_one_argument(key, text, state, &o->net, "net");
  }
}

static const char doc[] =
    "Prints the layers of a net with their shapes, the multiply-accumulates of one image in a "
    "forward pass and in a training step, and the parameters.\v" BT_CLI_EXITS;

typedef struct {
  uint64_t forward, training, parameters;
} sizes;

/* A training step adds the weight gradient, and the data gradient but for the first layer. */
static sizes layer_sizes(const bt_net *net, size_t i) {
  const bt_layer *l = &net->layer[i];
  sizes s = {0, 0, 0};
  for (size_t p = 0; p < l->parameters; p++) {
    size_t dim[4], fan, ndim = bt_net_parameter(net, (size_t)l->parameter + p, dim, &fan);
    s.parameters += bt_elements(ndim, dim);
  }
  if (l->kind != BT_LAYER_CONV && l->kind != BT_LAYER_FC) {
    return s;
  }
  bt_geometry g = bt_layer_geometry(l, 1);
  bt_extent x = bt_geometry_extent(&g, BT_FORWARD), d = bt_geometry_extent(&g, BT_DATA_GRADIENT);
  s.forward = x.rows * x.cols * x.k;
  s.training = 2 * s.forward + (l->parameter == 0 ? 0 : d.rows * d.cols * d.k);
  return s;
}

static void print_text(const bt_net *net) {
  sizes sum = {0, 0, 0};
  printf("%s: %zux%zux%zu images, %zu classes\n", net->name, net->height, net->width,
         net->channels, net->classes);
  printf("%-14s %-12s %-14s %-14s %6s %12s %12s %12s\n", "layer", "kind", "input", "output", "relu",
         "MACs", "MACs/step", "parameters");
  for (size_t i = 0; i < net->layers; i++) {
    const bt_layer *l = &net->layer[i];
    char in[48], out[48];
    sizes s = layer_sizes(net, i);
    snprintf(in, sizeof in, "%zux%zux%zu", l->in_h, l->in_w, l->in_c);
    snprintf(out, sizeof out, "%zux%zux%zu", l->out_h, l->out_w, l->out_c);
    printf("%-14s %-12s %-14s %-14s %6s %12" PRIu64 " %12" PRIu64 " %12" PRIu64 "\n", l->name,
           bt_layer_kind_name(l->kind), in, out, l->relu ? "yes" : "", s.forward, s.training,
           s.parameters);
    sum.forward += s.forward;
    sum.training += s.training;
    sum.parameters += s.parameters;
  }
  printf("%-64s %12" PRIu64 " %12" PRIu64 " %12" PRIu64 "\n", "total", sum.forward, sum.training,
         sum.parameters);
}

static json_t *shape(size_t h, size_t w, size_t c) {
  return json_pack("[I,I,I]", (json_int_t)h, (json_int_t)w, (json_int_t)c);
}

static void print_json(const bt_net *net) {
  json_t *o = json_object(), *layers = json_array();
  json_object_set_new(o, "name", json_string(net->name));
  json_object_set_new(o, "input", shape(net->height, net->width, net->channels));
  json_object_set_new(o, "classes", json_integer((json_int_t)net->classes));
  for (size_t i = 0; i < net->layers; i++) {
    const bt_layer *l = &net->layer[i];
    sizes s = layer_sizes(net, i);
    json_t *item = json_object();
    json_object_set_new(item, "name", json_string(l->name));
    json_object_set_new(item, "kind", json_string(bt_layer_kind_name(l->kind)));
    json_object_set_new(item, "input", shape(l->in_h, l->in_w, l->in_c));
    json_object_set_new(item, "output", shape(l->out_h, l->out_w, l->out_c));
    json_object_set_new(item, "relu", json_boolean(l->relu));
    json_object_set_new(item, "macs", json_integer((json_int_t)s.forward));
    json_object_set_new(item, "macs_step", json_integer((json_int_t)s.training));
    json_object_set_new(item, "parameters", json_integer((json_int_t)s.parameters));
    json_array_append_new(layers, item);
  }
  json_object_set_new(o, "layers", layers);
  json_dumpf(o, stdout, JSON_INDENT(2));
  printf("\n");
  json_decref(o);
}

int bt_cli_net(int argc, char **argv) {
  options o = {0};
  bt_net net;
  bt_error error = {""};
  const struct argp parser = {known, parse_option, "NET.yaml", doc, NULL, NULL, NULL};
  argp_parse(&parser, argc, argv, 0, NULL, &o);
  bt_status s = bt_net_load(o.net, &net, &error);
  if (s != BT_OK) {
    return bt_cli_fail("net", s, &error);
  }
  if (o.json) {
    print_json(&net);
  } else {
    print_text(&net);
  }
  return 0;
}
