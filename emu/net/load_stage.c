/* Stages of residual blocks: one entry of a net file stands for all their layers. */
#include <stdio.h>
#include <string.h>

#include "net/loading.h"
#include "num/error.h"

typedef enum { BASIC, PREACT, PREACT_BOTTLENECK } block_kind;

#define WIDENING 4u /* of a bottleneck's last convolution */

/* The block being built: its layers are named "STAGEbN.WHAT", its sum "STAGEbN". */
typedef struct {
  const bt_net_reader *r;
  const char *stage;
  block_kind kind;
  size_t number, out, stride;
  size_t last; /* the layer appended last */
} block;

static bt_status name_layer(const block *b, bt_layer *l, const char *what) {
  char name[256];
  snprintf(name, sizeof name, "%.200sb%zu%s%s", b->stage, b->number, what[0] == '\0' ? "" : ".",
           what);
  return bt_net_name_layer(b->r, l, name);
}

static bt_status append(block *b, bt_layer *l, const char *what) {
  bt_status s = name_layer(b, l, what);
  s = s == BT_OK ? bt_net_append(b->r, l) : s;
  b->last = b->r->net->layers - 1;
  return s;
}

static bt_status append_conv(block *b, const char *what, size_t from, size_t out, size_t kernel,
                             size_t stride, bt_layer_output output) {
  bt_layer l = {.kind = BT_LAYER_CONV, .inputs = 1, .input = {from}, .out_c = out,
                .kernel = kernel, .stride = stride, .pad = kernel / 2, .output = output};
  return append(b, &l, what);
}

static bt_status append_norm(block *b, const char *what, size_t from, bool relu,
                             bt_layer_output output) {
  bt_layer l = {.kind = BT_LAYER_NORM, .inputs = 1, .input = {from}, .relu = relu,
                .eps = {1, 100000}, .output = output};
  return append(b, &l, what);
}

static bt_status append_sum(block *b, size_t branch, size_t shortcut, bool relu,
                            bt_layer_output output) {
  bt_layer l = {.kind = BT_LAYER_ADD, .inputs = 2, .input = {branch, shortcut}, .relu = relu,
                .output = output};
  return append(b, &l, "");
}

/* Whether the shortcut needs a convolution to meet the branch. */
static bool reshapes(const block *b, size_t from, size_t out) {
  size_t channels = from == BT_NET_IMAGE ? b->r->net->channels : b->r->net->layer[from].out_c;
  return b->stride != 1 || channels != out;
}

/* (batch norm, ReLU, convolution) two or three times, the sum residual; the shortcut's convolution
 * reads the block's input and is not quantized (the public PreResNet). */
static bt_status build_preact(block *b, size_t from) {
  bool bottleneck = b->kind == PREACT_BOTTLENECK;
  size_t convs = bottleneck ? 3 : 2, wide = bottleneck ? WIDENING * b->out : b->out;
  size_t x = from;
  bt_status s = BT_OK;
  for (size_t i = 1; s == BT_OK && i <= convs; i++) {
    char norm[8], conv[8];
    bool strided = i == (bottleneck ? 2 : 1);
    snprintf(norm, sizeof norm, "bn%zu", i);
    snprintf(conv, sizeof conv, "conv%zu", i);
    s = append_norm(b, norm, x, true, BT_OUTPUT_ACTIVATIONS);
    s = s == BT_OK ? append_conv(b, conv, b->last, i == convs ? wide : b->out,
                                 bottleneck && i != 2 ? 1 : 3, strided ? b->stride : 1,
                                 BT_OUTPUT_ACTIVATIONS)
                   : s;
    x = b->last;
  }
  size_t shortcut = from;
  if (s == BT_OK && reshapes(b, from, wide)) {
    s = append_conv(b, "down", from, wide, 1, b->stride, BT_OUTPUT_WIDE);
    shortcut = b->last;
  }
  return s == BT_OK ? append_sum(b, x, shortcut, false, BT_OUTPUT_RESIDUAL) : s;
}

/* convolution, batch norm, ReLU, convolution, batch norm, sum, ReLU. */
static bt_status build_basic(block *b, size_t from) {
  bt_status s = append_conv(b, "conv1", from, b->out, 3, b->stride, BT_OUTPUT_ACTIVATIONS);
  s = s == BT_OK ? append_norm(b, "bn1", b->last, true, BT_OUTPUT_ACTIVATIONS) : s;
  s = s == BT_OK ? append_conv(b, "conv2", b->last, b->out, 3, 1, BT_OUTPUT_ACTIVATIONS) : s;
  s = s == BT_OK ? append_norm(b, "bn2", b->last, false, BT_OUTPUT_RESIDUAL) : s;
  size_t branch = b->last, shortcut = from;
  if (s == BT_OK && reshapes(b, from, b->out)) {
    s = append_conv(b, "down", from, b->out, 1, b->stride, BT_OUTPUT_ACTIVATIONS);
    s = s == BT_OK ? append_norm(b, "down.bn", b->last, false, BT_OUTPUT_RESIDUAL) : s;
    shortcut = b->last;
  }
  return s == BT_OK ? append_sum(b, branch, shortcut, true, BT_OUTPUT_ACTIVATIONS) : s;
}

bt_status bt_net_read_stage(const bt_net_reader *r, const char *name) {
  static const char *const words[] = {"basic", "preact", "preact_bottleneck", NULL};
  int kind = BASIC;
  size_t blocks = 0, stride = 1;
  block b = {.r = r, .stage = name};
  bt_status s = bt_yaml_word(r->doc, r->map, "block", false, words, &kind, r->error);
  s = s == BT_OK ? bt_net_read_size(r, "blocks", false, 1, 200, &blocks) : s;
  s = s == BT_OK ? bt_net_read_size(r, "out", false, 1, 16384, &b.out) : s;
  s = s == BT_OK ? bt_net_read_size(r, "stride", true, 1, 8, &stride) : s;
  s = s == BT_OK ? bt_yaml_done(r->doc, r->map, r->error) : s;
  b.kind = (block_kind)kind;
  for (size_t i = 1; s == BT_OK && i <= blocks; i++) {
    b.number = i;
    b.stride = i == 1 ? stride : 1;
    size_t from = bt_net_last_output(r->net);
    s = kind == BASIC ? build_basic(&b, from) : build_preact(&b, from);
  }
  return s;
}
