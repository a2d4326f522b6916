/* Shapes of layers and parameters. */
#include <stdio.h>
#include <string.h>

#include "net/net.h"
#include "num/scalar.h"
#include "num/stream.h"

bt_geometry bt_layer_geometry(const bt_layer *l, size_t n) {
  if (l->kind == BT_LAYER_FC) {
    return (bt_geometry){.n = n, .h = 1, .w = 1, .c = l->in_c, .o = l->out_c, .kh = 1, .kw = 1,
                         .stride = 1, .pad = 0, .oh = 1, .ow = 1};
  }
  return (bt_geometry){.n = n, .h = l->in_h, .w = l->in_w, .c = l->in_c, .o = l->out_c,
                       .kh = l->kernel, .kw = l->kernel, .stride = l->stride, .pad = l->pad,
                       .oh = l->out_h, .ow = l->out_w};
}

const bt_layer *bt_net_parameter_layer(const bt_net *net, size_t p) {
  for (size_t i = 0; i < net->layers; i++) {
    int first = net->layer[i].parameter;
    if (first >= 0 && p >= (size_t)first && p - (size_t)first < net->layer[i].parameters) {
      return &net->layer[i];
    }
  }
  return NULL;
}

size_t bt_net_parameter(const bt_net *net, size_t p, size_t dim[4], size_t *fan_in) {
  const bt_layer *l = bt_net_parameter_layer(net, p);
  dim[0] = l->out_c;
  if ((size_t)l->parameter != p || l->kind == BT_LAYER_NORM) {
    *fan_in = 0;
    return 1;
  }
  *fan_in = l->kernel * l->kernel * l->in_c;
  if (l->kind == BT_LAYER_FC) {
    dim[1] = l->in_c;
    return 2;
  }
  dim[1] = dim[2] = l->kernel;
  dim[3] = l->in_c;
  return 4;
}

void bt_net_parameter_name(const bt_net *net, size_t p, char *text, size_t size) {
  const bt_layer *l = bt_net_parameter_layer(net, p);
  bool norm = l->kind == BT_LAYER_NORM, first = (size_t)l->parameter == p;
  snprintf(text, size, "%s.%s", l->name,
           norm ? (first ? "scale" : "shift") : (first ? "weight" : "bias"));
}

int32_t bt_net_initial(const bt_net *net, size_t p, size_t i, uint64_t seed) {
  const bt_layer *l = bt_net_parameter_layer(net, p);
  size_t dim[4], fan;
  bt_net_parameter(net, p, dim, &fan);
  if (fan == 0) {
    bool scale = l->kind == BT_LAYER_NORM && (size_t)l->parameter == p;
    return scale ? 1 << 24 : 0;
  }
  bool out = net->fan_out && l->kind == BT_LAYER_CONV;
  fan = out ? l->kernel * l->kernel * l->out_c : fan;
  int64_t sd = (int64_t)bt_isqrt((UINT64_C(1) << (out || l->relu ? 61 : 60)) / fan);
  int64_t z = bt_stream_normal(bt_stream_open(seed, BT_STREAM_WEIGHTS, p), i);
  return (int32_t)(z * sd >> 30);
}
