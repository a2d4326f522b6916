/* Appending layers to a net: names, shapes from shapes, parameters. */
#include <stdio.h>
#include <string.h>

#include "net/loading.h"
#include "num/error.h"

bt_status bt_net_misfit(const bt_net_reader *r, const bt_layer *l, const char *expected) {
  return bt_fail(r->error, BT_BAD_INPUT,
                 "%s:%u: layer %s: expected %s; its input is %zux%zux%zu (height, width, channels)",
                 bt_yaml_path(r->doc), bt_yaml_line(r->map), l->name, expected, l->in_h, l->in_w,
                 l->in_c);
}

bt_status bt_net_name_layer(const bt_net_reader *r, bt_layer *l, const char *name) {
  if (strlen(name) >= sizeof l->name) {
    return bt_fail(r->error, BT_BAD_INPUT, "%s:%u: layer name '%s': expected at most %zu bytes",
                   bt_yaml_path(r->doc), bt_yaml_line(r->map), name, sizeof l->name - 1);
  }
  strcpy(l->name, name);
  return BT_OK;
}

/* Names tell parameters apart, also in checkpoints. */
static bt_status check_name(const bt_net_reader *r, const bt_layer *l) {
  for (size_t i = 0; i < r->net->layers; i++) {
    if (strcmp(r->net->layer[i].name, l->name) == 0) {
      return bt_fail(r->error, BT_BAD_INPUT,
                     "%s:%u: layer name '%s': an earlier layer has it, expected a name of its own",
                     bt_yaml_path(r->doc), bt_yaml_line(r->map), l->name);
    }
  }
  return BT_OK;
}

bool bt_net_input_shape(const bt_net *net, size_t input, bt_layer *l) {
  const bt_layer *from = input == BT_NET_IMAGE ? NULL : &net->layer[input];
  l->in_h = from == NULL ? net->height : from->out_h;
  l->in_w = from == NULL ? net->width : from->out_w;
  l->in_c = from == NULL ? net->channels : from->out_c;
  return from != NULL && from->flat;
}

static const char *input_name(const bt_net *net, size_t input) {
  return input == BT_NET_IMAGE ? "the image" : net->layer[input].name;
}

static bt_status infer_conv(const bt_net_reader *r, bt_layer *l) {
  if (l->pad >= l->kernel || l->kernel > l->in_h + 2 * l->pad || l->kernel > l->in_w + 2 * l->pad) {
    return bt_net_misfit(r, l, "a kernel inside the padded image and a pad below the kernel");
  }
  l->out_h = (l->in_h + 2 * l->pad - l->kernel) / l->stride + 1;
  l->out_w = (l->in_w + 2 * l->pad - l->kernel) / l->stride + 1;
  return BT_OK;
}

static bt_status infer_fc(const bt_net_reader *r, bt_layer *l) {
  (void)r;
  l->in_c *= l->in_h * l->in_w; /* NHWC flattens to the features */
  l->in_h = l->in_w = l->out_h = l->out_w = l->kernel = l->stride = 1;
  l->flat = true;
  return BT_OK;
}

static bt_status infer_pool(const bt_net_reader *r, bt_layer *l) {
  l->stride = l->kernel;
  l->out_h = l->in_h / l->kernel;
  l->out_w = l->in_w / l->kernel;
  l->out_c = l->in_c;
  return l->out_h == 0 || l->out_w == 0 ? bt_net_misfit(r, l, "a window inside the image") : BT_OK;
}

static bt_status infer_same(const bt_net_reader *r, bt_layer *l) {
  (void)r;
  l->out_h = l->in_h;
  l->out_w = l->in_w;
  l->out_c = l->in_c;
  return BT_OK;
}

static bt_status infer_add(const bt_net_reader *r, bt_layer *l) {
  const bt_net *net = r->net;
  bt_layer other;
  bool flat = bt_net_input_shape(net, l->input[0], l);
  if (l->inputs < 2) {
    return bt_net_misfit(r, l, "from: a list of two to four layers to add");
  }
  for (size_t i = 1; i < l->inputs; i++) {
    if (bt_net_input_shape(net, l->input[i], &other) != flat || other.in_h != l->in_h ||
        other.in_w != l->in_w || other.in_c != l->in_c) {
      return bt_fail(r->error, BT_BAD_INPUT,
                     "%s:%u: layer %s: expected inputs of one shape; %s gives %zux%zux%zu, %s "
                     "gives %zux%zux%zu", bt_yaml_path(r->doc), bt_yaml_line(r->map), l->name,
                     input_name(net, l->input[0]), l->in_h, l->in_w, l->in_c,
                     input_name(net, l->input[i]), other.in_h, other.in_w, other.in_c);
    }
  }
  l->flat = flat;
  return infer_same(r, l);
}

static bt_status infer(const bt_net_reader *r, bt_layer *l) {
  bool flat = bt_net_input_shape(r->net, l->input[0], l);
  switch (l->kind) {
    case BT_LAYER_FC:
      return infer_fc(r, l);
    case BT_LAYER_ADD:
      return infer_add(r, l);
    case BT_LAYER_DROPOUT:
    case BT_LAYER_NORM:
      l->flat = flat;
      return infer_same(r, l);
    case BT_LAYER_POOL:
    case BT_LAYER_AVERAGE_POOL:
      return flat ? bt_net_misfit(r, l, "an image, not an fc's output") : infer_pool(r, l);
    case BT_LAYER_CONV:
    default:
      return flat ? bt_net_misfit(r, l, "an image, not an fc's output") : infer_conv(r, l);
  }
}

static size_t count_parameters(const bt_layer *l) {
  switch (l->kind) {
    case BT_LAYER_CONV:
    case BT_LAYER_FC:
      return l->bias ? 2 : 1;
    case BT_LAYER_NORM:
      return 2;
    default:
      return 0;
  }
}

/* Only an add reads sums that nothing quantized. */
static bt_status check_wide(const bt_net_reader *r, const bt_layer *l) {
  for (size_t i = 0; i < l->inputs; i++) {
    const bt_layer *from = l->input[i] == BT_NET_IMAGE ? NULL : &r->net->layer[l->input[i]];
    if (from != NULL && from->output == BT_OUTPUT_WIDE && l->kind != BT_LAYER_ADD) {
      return bt_fail(r->error, BT_BAD_INPUT,
                     "%s:%u: layer %s: reads %s, whose output is wide: expected an add to read it",
                     bt_yaml_path(r->doc), bt_yaml_line(r->map), l->name, from->name);
    }
  }
  return BT_OK;
}

bt_status bt_net_append(const bt_net_reader *r, const bt_layer *layer) {
  bt_net *net = r->net;
  if (net->layers == BT_MAX_LAYERS) {
    return bt_fail(r->error, BT_BAD_INPUT, "%s:%u: layer %s: more than %u layers",
                   bt_yaml_path(r->doc), bt_yaml_line(r->map), layer->name, BT_MAX_LAYERS);
  }
  bt_layer *l = &net->layer[net->layers];
  *l = *layer;
  l->line = bt_yaml_line(r->map);
  bt_status s = check_name(r, l);
  s = s == BT_OK ? check_wide(r, l) : s;
  s = s == BT_OK ? infer(r, l) : s;
  if (s != BT_OK) {
    return s;
  }
  l->parameters = count_parameters(l);
  l->parameter = l->parameters == 0 ? -1 : (int)net->parameters;
  net->parameters += l->parameters;
  net->layers++;
  return BT_OK;
}
