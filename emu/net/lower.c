#include "net/lower.h"

#include <stdlib.h>
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

bt_tensor *bt_build_kept(bt_builder *b, bt_tensor shape) {
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
  if (b->mode != BT_BUILD_TRAINING && c.u.quantize.round.mode == BT_STOCHASTIC) {
    c.u.quantize.round.mode = BT_NEAREST_EVEN;
  }
  bt_build_command(b, c, phase, layer, name, what);
}

bt_tensor bt_build_wide_like(const char *name, const bt_tensor *t, size_t count,
                             bt_tensor *const *from) {
  const bt_tensor *all[BT_MAX_TERMS];
  bool per0 = false, per_last = false;
  for (size_t k = 0; k < count; k++) {
    const bt_tensor *x = all[k] = from[k];
    bool wide = x->kind == BT_T_WIDE;
    per0 = per0 || (wide ? x->n0 > 1 : x->fmt.block == BT_BLOCK_SAMPLE);
    per_last = per_last || (wide && x->nl > 1);
    if (wide && x->n0 > 1 && x->n0 != x->dim[0]) {
      return bt_tensor_wide_each(name, t->ndim, t->dim);
    }
  }
  return bt_tensor_wide_from(name, t->ndim, t->dim, per0, per_last, count, all);
}

bt_tensor bt_build_bfp(bt_tensor_role role, const char *name, bt_format format, size_t ndim,
                       const size_t *dim) {
  return bt_tensor_as(role, bt_tensor_bfp(name, format, ndim, dim));
}

bt_tensor bt_build_bytes(bt_tensor_role role, const char *name, size_t ndim, const size_t *dim) {
  return bt_tensor_as(role, bt_tensor_byte(name, ndim, dim));
}

bt_tensor_role bt_build_role(bt_phase phase) {
  return phase == BT_PHASE_DATA_GRADIENT ? BT_ROLE_ERROR : BT_ROLE_ACTIVATION;
}

bt_tensor *bt_build_narrow(bt_builder *b, bt_tensor *x, bt_format format, bt_phase phase,
                           size_t layer, const char *what) {
  bool fits = b->status != BT_OK || (x->kind != BT_T_WIDE && x->fmt.wl <= 8);
  return fits ? x : bt_build_shared(b, x, format, phase, layer, what);
}

bt_tensor *bt_build_shared(bt_builder *b, bt_tensor *x, bt_format format, bt_phase phase,
                           size_t layer, const char *what) {
  for (size_t k = 0; k < b->narrowings; k++) {
    if (b->narrowed[k].from == x) {
      return b->narrowed[k].to;
    }
  }
  const char *name = b->net->layer[layer].name;
  bt_tensor *y =
      bt_build_tensor(b, bt_build_bfp(bt_build_role(phase), name, format, x->ndim, x->dim));
  bt_build_quantize(b, x, y, phase, layer, name, what);
  b->narrowed[b->narrowings++] = (bt_narrowed){x, y};
  return y;
}

bt_constant bt_build_one(void) { return (bt_constant){16384, -14}; }

bt_constant bt_build_reciprocal(size_t n) {
  return bt_constant_make((bt_rational){1, (int64_t)n}, 16);
}

bt_phase bt_build_forward_phase(const bt_builder *b) {
  static const bt_phase phase[] = {[BT_BUILD_TRAINING] = BT_PHASE_FORWARD,
                                   [BT_BUILD_EVALUATION] = BT_PHASE_EVALUATION,
                                   [BT_BUILD_STATISTICS] = BT_PHASE_STATISTICS};
  return phase[b->mode];
}

/* Where a batch's pixels go in. */
static bt_tensor *build_pixels(bt_builder *b, bt_step *step) {
  size_t pixels[4] = {b->n, b->net->height, b->net->width, b->net->channels};
  step->batch = b->n;
  return step->pixels = bt_build_kept(b, bt_build_bytes(BT_ROLE_INPUT, "pixels", 4, pixels));
}

/* Input tensors, the forward part, and the loss; returns the logits' error in training. */
static bt_tensor *build_to_loss(bt_builder *b, bt_loss *loss, bt_step *step) {
  size_t logits[2] = {b->n, b->net->classes};
  bool training = b->mode == BT_BUILD_TRAINING;
  bt_tensor *error = NULL;
  step->loss = loss;
  bt_tensor *pixels = build_pixels(b, step);
  step->labels = bt_build_kept(b, bt_build_bytes(BT_ROLE_INPUT, "labels", 1, logits));
  bt_tensor *y = b->status == BT_OK ? bt_build_forward(b, pixels) : NULL;
  if (training) {
    error = bt_build_tensor(b, bt_tensor_wide("loss error", 2, logits, false, false));
  }
  bt_command c = {.op = BT_OP_SOFTMAX, .in = {y, step->labels}, .out = {error}};
  c.u.softmax.loss = loss;
  bt_build_command(b, c, bt_build_forward_phase(b), b->net->layers - 1, "loss",
                   training ? "and error" : "alone");
  return error;
}

/* The mean's error: times 1/n, quantized as errors are. */
static bt_tensor *build_mean_error(bt_builder *b, bt_tensor *error) {
  if (b->status != BT_OK) {
    return NULL;
  }
  size_t last = b->net->layers - 1;
  bt_tensor *wide = bt_build_tensor(b, bt_tensor_wide("loss error", 2, error->dim, false, false));
  bt_tensor *e = bt_build_tensor(
      b, bt_build_bfp(BT_ROLE_ERROR, "loss error", b->how->e, 2, error->dim));
  bt_command c = {.op = BT_OP_AFFINE, .in = {error}, .out = {wide}};
  c.u.affine.terms = 1;
  c.u.affine.c[0] = bt_build_reciprocal(b->n);
  bt_build_command(b, c, BT_PHASE_DATA_GRADIENT, last, "loss", "mean");
  bt_build_quantize(b, wide, e, BT_PHASE_DATA_GRADIENT, last, "loss", "quantize");
  return e;
}

/* A builder is too large for every stack. */
bt_status bt_build_start(bt_builder **builder, const bt_lowering *how, const bt_net *net,
                         bt_build_mode mode, bool shapes, size_t n, bt_error *error) {
  bt_builder *b = *builder = calloc(1, sizeof *b);
  bt_program *program = shapes ? bt_program_new_shapes() : bt_program_new();
  if (b == NULL || program == NULL) {
    bt_program_free(program);
    free(b);
    *builder = NULL;
    return bt_fail(error, BT_FAILED, "out of memory for a program");
  }
  b->how = how;
  b->net = net;
  b->mode = mode;
  b->n = n;
  b->program = program;
  b->error = error;
  return BT_OK;
}

bt_status bt_build_finish(bt_builder *b, bt_program **program) {
  bt_status s = b->status == BT_OK ? bt_program_plan(b->program, b->error) : b->status;
  if (s != BT_OK) {
    bt_program_free(b->program);
    b->program = NULL;
  }
  *program = b->program;
  free(b);
  return s;
}

bt_status bt_lower_training(const bt_lowering *how, bt_model *model, size_t n, bt_loss *loss,
                            bt_step *step, bt_error *error) {
  bt_builder *b;
  memset(step, 0, sizeof *step);
  bt_status s = bt_build_start(&b, how, model->net, BT_BUILD_TRAINING,
                               how->shapes || model->shapes, n, error);
  if (s != BT_OK) {
    return s;
  }
  b->weights = model->w;
  bt_tensor *wide = build_to_loss(b, loss, step);
  bt_tensor *e = build_mean_error(b, wide);
  bt_build_backward(b, e);
  bt_build_update(b, model);
  return bt_build_finish(b, &step->program);
}

static bool wants_shapes(const bt_lowering *how, const bt_evaluated *of) {
  return how->shapes || of->weights[0]->data == NULL;
}

bt_status bt_lower_evaluation(const bt_lowering *how, const bt_evaluated *of, size_t n,
                              bt_loss *loss, bt_step *step, bt_error *error) {
  bt_builder *b;
  memset(step, 0, sizeof *step);
  bt_status s = bt_build_start(&b, how, of->net, BT_BUILD_EVALUATION, wants_shapes(how, of), n,
                               error);
  if (s != BT_OK) {
    return s;
  }
  b->weights = of->weights;
  b->statistics = of->statistics;
  build_to_loss(b, loss, step);
  return bt_build_finish(b, &step->program);
}

bt_status bt_lower_statistics(const bt_lowering *how, const bt_evaluated *of, size_t n,
                              bt_step *step, bt_error *error) {
  bt_builder *b;
  memset(step, 0, sizeof *step);
  bt_status s = bt_build_start(&b, how, of->net, BT_BUILD_STATISTICS, wants_shapes(how, of), n,
                               error);
  if (s != BT_OK) {
    return s;
  }
  b->weights = of->weights;
  b->statistics = of->statistics;
  bt_tensor *pixels = build_pixels(b, step);
  if (b->status == BT_OK) {
    bt_build_forward(b, pixels);
  }
  return bt_build_finish(b, &step->program);
}

bt_status bt_lower_averaging(bt_model *model, bt_program **program, bt_error *error) {
  bt_builder *b;
  *program = NULL;
  bt_status s = bt_build_start(&b, NULL, model->net, BT_BUILD_TRAINING, model->shapes, 1, error);
  if (s != BT_OK) {
    return s;
  }
  for (size_t p = 0; p < model->parameters; p++) {
    const bt_layer *l = bt_net_parameter_layer(model->net, p);
    bt_command c = {.op = BT_OP_AVERAGE, .in = {model->w[p]}};
    c.u.average.average = &model->average[p];
    bt_build_command(b, c, BT_PHASE_AVERAGE, (size_t)(l - model->net->layer), model->name[p],
                     "average");
  }
  return bt_build_finish(b, program);
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
