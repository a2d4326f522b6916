#include "net/linear.h"

#include <stdlib.h>
#include <string.h>

#include "net/lowering.h"

bt_net *bt_net_linear(bt_linear_loss loss, size_t features, size_t outputs,
                      bool bias) {
  bt_net *net = calloc(1, sizeof *net);
  if (net == NULL) {
    return NULL;
  }
  strcpy(net->name, "linear");
  net->height = net->width = 1;
  net->channels = features;
  net->classes = outputs;
  net->layers = 1;
  net->parameters = bias ? 2 : 1;
  bt_layer *l = &net->layer[0];
  *l = (bt_layer){.kind = BT_LAYER_FC, .inputs = 1, .input = {BT_NET_IMAGE}, .in_h = 1, .in_w = 1,
                  .in_c = features, .out_h = 1, .out_w = 1, .out_c = outputs, .flat = true,
                  .kernel = 1, .stride = 1, .bias = bias, .parameters = net->parameters};
  l->output = loss == BT_LINEAR_SOFTMAX ? BT_OUTPUT_ACTIVATIONS : BT_OUTPUT_WIDE;
  strcpy(l->name, "linear");
  return net;
}

/* (y - target) / n, wide. */
static bt_tensor *build_difference(bt_builder *b, bt_tensor *y, bt_tensor *targets) {
  if (b->status != BT_OK) {
    return NULL;
  }
  bt_tensor *const terms[] = {y, targets};
  bt_tensor *e = bt_build_tensor(b, bt_build_wide_like("loss error", y, 2, terms));
  bt_command c = {.op = BT_OP_AFFINE, .in = {y, targets}, .out = {e}};
  c.u.affine.terms = 2;
  c.u.affine.c[0] = c.u.affine.c[1] = bt_build_reciprocal(b->n);
  c.u.affine.c[1].mantissa = -c.u.affine.c[1].mantissa;
  bt_build_command(b, c, BT_PHASE_FORWARD, 0, "loss", "difference");
  return e;
}

/* The softmax's error over n, wide. */
static bt_tensor *build_softmax(bt_builder *b, bt_tensor *y, bt_tensor *labels, bt_loss *sum) {
  if (b->status != BT_OK) {
    return NULL;
  }
  bt_tensor *error = bt_build_tensor(b, bt_tensor_wide("loss error", 2, y->dim, false, false));
  bt_tensor *mean = bt_build_tensor(b, bt_tensor_wide("loss error", 2, y->dim, false, false));
  bt_command c = {.op = BT_OP_SOFTMAX, .in = {y, labels}, .out = {error}};
  c.u.softmax.loss = sum;
  bt_build_command(b, c, BT_PHASE_FORWARD, 0, "loss", "and error");
  bt_command scale = {.op = BT_OP_AFFINE, .in = {error}, .out = {mean}};
  scale.u.affine.terms = 1;
  scale.u.affine.c[0] = bt_build_reciprocal(b->n);
  bt_build_command(b, scale, BT_PHASE_DATA_GRADIENT, 0, "loss", "mean");
  return mean;
}

/* Where a batch goes in. */
static void build_inputs(bt_builder *b, bt_linear_loss loss, int x_fl, bt_linear_step *step) {
  const bt_format x = {.kind = BT_BFP, .wl = 8}, target = {.kind = BT_FIXED, .wl = 16, .fl = 8,
                                                           .asymmetric = true};
  size_t in[4] = {b->n, 1, 1, b->net->channels}, out[2] = {b->n, 1};
  b->image = step->x = bt_build_kept(b, bt_build_bfp(BT_ROLE_INPUT, "inputs", x, 4, in));
  if (loss == BT_LINEAR_SQUARES) {
    step->targets = bt_build_kept(b, bt_build_bfp(BT_ROLE_INPUT, "targets", target, 2, out));
  } else {
    step->labels = bt_build_kept(b, bt_build_bytes(BT_ROLE_INPUT, "labels", 1, out));
  }
  if (b->status == BT_OK && step->x->exp != NULL) {
    step->x->exp[0] = (int16_t)(x.wl - 2 - x_fl);
  }
}

bt_status bt_lower_linear(const bt_lowering *how, bt_linear_loss loss, bt_model *model, size_t n,
                          int x_fl, bt_loss *sum, bt_linear_step *step, bt_error *error) {
  bt_builder *b;
  memset(step, 0, sizeof *step);
  bt_status s = bt_build_start(&b, how, model->net, BT_BUILD_TRAINING,
                               how->shapes || model->shapes, n, error);
  if (s != BT_OK) {
    return s;
  }
  step->batch = n;
  b->weights = model->w;
  build_inputs(b, loss, x_fl, step);
  bt_tensor *y = bt_build_layers(b);
  bt_tensor *wide = loss == BT_LINEAR_SQUARES ? build_difference(b, y, step->targets)
                                              : build_softmax(b, y, step->labels, sum);
  if (b->status == BT_OK) {
    bt_tensor *e =
        bt_build_tensor(b, bt_build_bfp(BT_ROLE_ERROR, "loss error", how->e, 2, wide->dim));
    bt_build_quantize(b, wide, e, BT_PHASE_DATA_GRADIENT, 0, "loss", "quantize");
    bt_build_backward(b, e);
  }
  bt_build_update(b, model);
  return bt_build_finish(b, &step->program);
}

void bt_linear_step_place(bt_linear_step *step, uint64_t step_of_run) {
  for (size_t i = 0; i < bt_program_size(step->program); i++) {
    bt_program_at(step->program, i)->label.step = (uint32_t)step_of_run;
  }
}

void bt_linear_step_free(bt_linear_step *step) {
  bt_program_free(step->program);
  step->program = NULL;
}
