#include "net/lower.h"

#include <string.h>

#include "net/lowering.h"
#include "num/error.h"

static bt_tensor *built(bt_builder *b, bt_tensor *t, const bt_tensor *shape) {
  if (t == NULL && b->status == BT_OK) {
    b->status = bt_fail(b->error, BT_FAILED, "out of memory for tensor %s of %zu elements",
                        shape->name, bt_tensor_elements(shape));
  }
  return t;
}

bt_tensor *bt_build_tensor(bt_builder *b, bt_tensor shape) {
  return built(b, b->status == BT_OK ? bt_program_temporary(b->program, shape) : NULL, &shape);
}

/* Where a batch goes in. */
static bt_tensor *build_input_tensor(bt_builder *b, bt_tensor shape) {
  return built(b, b->status == BT_OK ? bt_program_tensor(b->program, shape) : NULL, &shape);
}

void bt_build_command(bt_builder *b, bt_command c, bt_phase phase, size_t layer, const char *name,
                      const char *what) {
  if (b->status != BT_OK) {
    return;
  }
  c.label.phase = phase;
  c.label.layer = (uint32_t)layer;
  bt_command *added = bt_program_add(b->program, &c, "%s %s", name, what);
  b->status = added == NULL ? bt_fail(b->error, BT_FAILED, "out of memory for command %s", name)
                            : bt_command_check(added, b->error);
}

void bt_build_quantize(bt_builder *b, const bt_tensor *wide, bt_tensor *out, bt_phase phase,
                       size_t layer, const char *name, const char *what) {
  bt_command c = {.op = BT_OP_QUANTIZE, .in = {wide}, .out = {out}};
  c.u.quantize.round = b->how->round;
  if (!b->training && c.u.quantize.round.mode == BT_STOCHASTIC) {
    c.u.quantize.round.mode = BT_NEAREST_EVEN;
  }
  bt_build_command(b, c, phase, layer, name, what);
}

/* Input tensors, the forward part, and the loss; returns the logits' error in training. */
static bt_tensor *build_to_loss(bt_builder *b, bt_loss *loss, bt_step *step) {
  size_t pixels[4] = {b->n, b->net->height, b->net->width, b->net->channels};
  size_t logits[2] = {b->n, b->net->classes};
  bt_tensor *error = NULL;
  step->batch = b->n;
  step->loss = loss;
  step->pixels = build_input_tensor(b, bt_tensor_byte("pixels", 4, pixels));
  step->labels = build_input_tensor(b, bt_tensor_byte("labels", 1, pixels));
  bt_tensor *y = b->status == BT_OK ? bt_build_forward(b, step->pixels) : NULL;
  if (b->training) {
    error = bt_build_tensor(b, bt_tensor_wide("loss error", 2, logits, false, false));
  }
  bt_command c = {.op = BT_OP_SOFTMAX, .in = {y, step->labels}, .out = {error}};
  c.u.softmax.loss = loss;
  bt_build_command(b, c, b->training ? BT_PHASE_FORWARD : BT_PHASE_EVALUATION, b->net->layers - 1,
                   "loss", b->training ? "and error" : "alone");
  return error;
}

/* The mean's error: times 1/n, quantized as errors are. */
static bt_tensor *build_mean_error(bt_builder *b, bt_tensor *error) {
  if (b->status != BT_OK) {
    return NULL;
  }
  size_t last = b->net->layers - 1;
  bt_tensor *wide = bt_build_tensor(b, bt_tensor_wide("loss error", 2, error->dim, false, false));
  bt_tensor *e = bt_build_tensor(b, bt_tensor_bfp("loss error", b->how->e, 2, error->dim));
  bt_command c = {.op = BT_OP_AFFINE, .in = {error}, .out = {wide}};
  c.u.affine.terms = 1;
  c.u.affine.c[0] = bt_constant_make((bt_rational){1, (int64_t)b->n}, 16);
  bt_build_command(b, c, BT_PHASE_DATA_GRADIENT, last, "loss", "mean");
  bt_build_quantize(b, wide, e, BT_PHASE_DATA_GRADIENT, last, "loss", "quantize");
  return e;
}

static bt_status finish(bt_builder *b, bt_step *step) {
  step->program = b->program;
  if (b->status == BT_OK) {
    b->status = bt_program_plan(b->program, b->error);
  }
  if (b->status != BT_OK) {
    bt_step_free(step);
  }
  return b->status;
}

static void start(bt_builder *b, const bt_net *net, size_t n, bt_error *error) {
  b->net = net;
  b->n = n;
  b->error = error;
  b->program = bt_program_new();
  b->status = b->program == NULL ? bt_fail(error, BT_FAILED, "out of memory for a program") : BT_OK;
}

bt_status bt_lower_training(const bt_lowering *how, bt_model *model, size_t n, bt_loss *loss,
                            bt_step *step, bt_error *error) {
  bt_builder b = {.how = how, .weights = model->w, .training = true};
  memset(step, 0, sizeof *step);
  start(&b, model->net, n, error);
  bt_tensor *wide = build_to_loss(&b, loss, step);
  bt_tensor *e = build_mean_error(&b, wide);
  bt_build_backward(&b, e);
  bt_build_update(&b, model);
  return finish(&b, step);
}

bt_status bt_lower_evaluation(const bt_lowering *how, const bt_net *net, bt_tensor *const *weights,
                              size_t n, bt_loss *loss, bt_step *step, bt_error *error) {
  bt_builder b = {.how = how, .weights = weights};
  memset(step, 0, sizeof *step);
  start(&b, net, n, error);
  build_to_loss(&b, loss, step);
  return finish(&b, step);
}

bt_status bt_lower_averaging(bt_model *model, bt_program **program, bt_error *error) {
  bt_builder b = {0};
  start(&b, model->net, 1, error);
  for (size_t p = 0; p < model->parameters; p++) {
    const bt_layer *l = bt_net_parameter_layer(model->net, p);
    bt_command c = {.op = BT_OP_AVERAGE, .in = {model->w[p]}};
    c.u.average.average = &model->average[p];
    bt_build_command(&b, c, BT_PHASE_AVERAGE, (size_t)(l - model->net->layer), model->name[p],
                     "average");
  }
  *program = b.program;
  if (b.status != BT_OK) {
    bt_program_free(b.program);
    *program = NULL;
  }
  return b.status;
}

void bt_step_place(bt_step *step, uint64_t epoch, uint64_t step_in_epoch, uint64_t step_of_run) {
  size_t n = bt_program_size(step->program);
  for (size_t i = 0; i < n; i++) {
    bt_command *c = bt_program_at(step->program, i);
    c->label.step = (uint32_t)step_of_run;
    if (c->op == BT_OP_DROPOUT) {
      c->u.dropout.epoch = epoch;
      c->u.dropout.step = step_in_epoch;
    }
  }
}

void bt_step_free(bt_step *step) {
  bt_program_free(step->program);
  step->program = NULL;
}
