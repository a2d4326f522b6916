/* The integer step against the fp32 baseline, whose own gradients are checked by finite
 * differences (tests/unit/float): same net, weights, batch and dropout masks.
 *
 * Forward, what may differ is rounding: with one exponent a tensor, a step is 2^-6 to 2^-7 of the
 * largest value, the noise of stochastic rounding at most sqrt(1/4) of it; for values spread as
 * here (rms a quarter of the largest) that is up to 0.5 / 64 / 0.25 = 3 % a layer.
 *
 * Backward, the baseline gets the integer run's activations, ReLU masks and maxima: a unit near
 * zero that falls to the other side is no error. What is left is the rounding of errors and
 * gradients. It is unbiased, so that the mean over 100 runs of other draws has a tenth of its
 * noise: 3 % for each of up to six roundings (7.4 %), more where sums cancel (biases), in all
 * below 3 % of the norm after the tenth. A gradient's direction then has a cosine of 0.9995. */
#include <math.h>

#include "float/model.h"
#include "num/stream.h"
#include "support/job.h"

#define N 32u
#define RUNS 100u

#define FORWARD 0.10 /* of an activation tensor's norm: three roundings and more on the way */
#define BACKWARD 0.03

static bool ends_in(const char *text, const char *end) {
  size_t n = strlen(text), m = strlen(end);
  return n >= m && strcmp(text + n - m, end) == 0;
}

/* Biases and shifts start at zero, scales at one: give them values that matter. */
static void set_vectors(bt_model *m) {
  for (size_t p = 0; p < m->parameters; p++) {
    bool scale = ends_in(m->name[p], ".scale");
    bt_stream s = bt_stream_open(9, BT_STREAM_SYNTHETIC, p);
    if (m->w[p]->ndim != 1) {
      continue;
    }
    m->w[p]->exp[0] = scale ? 0 : -2;
    for (size_t i = 0; i < bt_tensor_elements(m->w[p]); i++) {
      int32_t draw = (int32_t)bt_stream_below(s, i, scale ? 96 : 255);
      bt_tensor_store(m->w[p], i, scale ? draw + 32 : draw - 127);
    }
  }
}

static double value(const bt_tensor *t, size_t i) {
  return ldexp(bt_tensor_mantissa(t, i), bt_tensor_step(t, i));
}

/* What the integer step's own commands leave, in the fp32 model's layout. */
typedef struct {
  bt_float_model *model; /* gets activations and maxima */
  double *g;             /* gradients are added */
  double forward;        /* largest relative error of a layer's activations */
  size_t kept;
} listener;

static double relative_error(const bt_tensor *t, const bt_real *x) {
  double difference = 0, norm = 0;
  for (size_t i = 0; i < bt_tensor_elements(t); i++) {
    difference += (value(t, i) - x[i]) * (value(t, i) - x[i]);
    norm += (double)x[i] * x[i];
  }
  return sqrt(difference / norm);
}

/* Activations of the integer run in place of the fp32 ones, after a look at how far they differ. */
static void keep_activation(listener *k, bt_real *x, const bt_tensor *t) {
  k->forward = fmax(k->forward, relative_error(t, x));
  for (size_t i = 0; i < bt_tensor_elements(t); i++) {
    x[i] = (bt_real)value(t, i);
  }
  k->kept++;
}

/* A unit that is on may be rounded to zero: it stays on. */
static void keep_mask(bt_real *x, const uint8_t *mask, size_t n) {
  for (size_t i = 0; i < n; i++) {
    x[i] = mask[i] == 0 ? 0 : fmaxf(x[i], 1e-30f);
  }
}

static bool is(const bt_command *c, const char *name, const char *what) {
  char label[96];
  snprintf(label, sizeof label, "%s %s", name, what);
  return strcmp(c->label.text, label) == 0;
}

/* Whether c writes layer l's output as later layers read it. */
static bool writes_output(const bt_layer *l, const bt_command *c) {
  switch (l->kind) {
    case BT_LAYER_POOL:
      return c->op == BT_OP_POOL;
    default:
      return is(c, l->name, l->output == BT_OUTPUT_WIDE ? "forward" : "quantize");
  }
}

static void keep_forward(listener *k, const bt_command *c, const uint8_t *mask[]) {
  size_t l = c->label.layer;
  const bt_layer *layer = &k->model->net.layer[l];
  bt_real *x = k->model->output[l];
  if (c->op == BT_OP_AFFINE && c->u.affine.relu) {
    mask[l] = c->out[1]->data;
  }
  if (is(c, "input", "quantize")) {
    keep_activation(k, k->model->image, c->out[0]);
  } else if (writes_output(layer, c)) {
    size_t n = bt_tensor_elements(c->out[0]);
    keep_activation(k, x, c->out[0]);
    if (layer->kind == BT_LAYER_POOL) {
      memcpy(k->model->byte[l], c->out[1]->data, n);
    }
    if (layer->relu) {
      keep_mask(x, mask[l], n);
    }
  }
}

static void keep_gradient(listener *k, const bt_model *model, const bt_command *c) {
  for (size_t p = 0; p < model->parameters; p++) {
    if (strcmp(c->out[0]->name, model->name[p]) == 0) {
      for (size_t i = 0; i < bt_tensor_elements(c->out[0]); i++) {
        k->g[k->model->offset[p] + i] += value(c->out[0], i);
      }
      k->kept++;
    }
  }
}

static void integer_step(job *j, bt_model *model, uint64_t draws, listener *k) {
  bt_error error = {""};
  bt_lowering how = bt_recipe_lowering(&j->recipe, j->recipe.lr);
  bt_loss loss = {0};
  bt_step step;
  bt_lfsr rng;
  bt_counts counts = {0};
  const uint8_t *mask[BT_MAX_LAYERS] = {NULL};
  bt_engine *engine = bt_ref_engine(&j->machine);
  MUST(bt_lower_training(&how, model, N, &loss, &step, &error));
  bt_batch_place(&j->data.train, 0, &step);
  bt_step_place(&step, 3, 5, 5);
  MUST(bt_lfsr_start(&rng, draws, j->machine.lanes));
  for (size_t i = 0; i < bt_program_size(step.program); i++) {
    const bt_command *c = bt_program_at(step.program, i);
    MUST(engine->run(engine, c, &rng, &counts, &error));
    if (c->label.phase == BT_PHASE_FORWARD) {
      keep_forward(k, c, mask);
    } else if (c->label.phase == BT_PHASE_WEIGHT_GRADIENT && c->op == BT_OP_QUANTIZE) {
      keep_gradient(k, model, c);
    }
  }
  bt_step_free(&step);
  engine->destroy(engine);
}

/* Batch norms of the baseline see the integer run's activations. */
static void refresh_norms(bt_float_model *m) {
  for (size_t l = 0; l < m->net.layers; l++) {
    const bt_layer *layer = &m->net.layer[l];
    if (layer->kind == BT_LAYER_NORM) {
      size_t from = layer->input[0], rows = N * layer->in_h * layer->in_w;
      bt_norm_batch(&m->work, layer, rows, from == BT_NET_IMAGE ? m->image : m->output[from],
                    &m->norm[l]);
    }
  }
}

static void copy_weights(const bt_model *model, bt_float_model *m) {
  for (size_t p = 0; p < model->parameters; p++) {
    for (size_t i = 0; i < bt_tensor_elements(model->w[p]); i++) {
      m->w[m->offset[p] + i] = (bt_real)value(model->w[p], i);
    }
  }
}

/* One step on both; adds the gradients to g and f. */
static void run_both(job *j, bt_float_model *m, uint64_t draws, double *g, double *f) {
  bt_error error = {""};
  bt_model *model;
  uint64_t correct = 0;
  bt_float_normal normal = bt_float_normal_make(j->recipe.net.channels, j->recipe.mean,
                                                j->recipe.std);
  bt_dropout_key key = {j->recipe.seed, 3, 5};
  listener k = {.model = m, .g = g};
  MUST(bt_model_new(&j->recipe.net, j->recipe.w, j->recipe.m, j->recipe.seed, &model, &error));
  set_vectors(model);
  copy_weights(model, m); /* the step changes the model's */
  bt_float_input(m, &normal, j->data.train.pixels, N);
  bt_float_forward(m, N, BT_PASS_TRAIN, &key);
  integer_step(j, model, draws, &k);
  assert_int_equal(k.kept, 1 + m->net.layers + model->parameters);
  if (!(k.forward <= FORWARD)) {
    fail_msg("activations differ by %.4f of their norm, expected at most %.2f", k.forward, FORWARD);
  }
  refresh_norms(m);
  bt_float_backward(m, N, j->data.train.labels, &correct);
  for (size_t i = 0; i < m->weights; i++) {
    f[i] += m->g[i];
  }
  bt_model_free(model);
}

static void compare(const bt_float_model *m, size_t p, const double *g, const double *f) {
  double aa = 0, bb = 0, ab = 0, dd = 0;
  char name[64];
  for (size_t i = m->offset[p]; i < m->offset[p + 1]; i++) {
    double a = f[i] / RUNS, b = g[i] / RUNS;
    aa += a * a;
    bb += b * b;
    ab += a * b;
    dd += (a - b) * (a - b);
  }
  double cosine = ab / sqrt(aa * bb), relative = sqrt(dd / aa);
  bt_net_parameter_name(&m->net, p, name, sizeof name);
  if (!(aa > 1e-6) || !(cosine >= 1 - BACKWARD * BACKWARD / 2) || !(relative <= BACKWARD)) {
    fail_msg("%s: norm %g, cosine %.6f, relative error %.4f; expected at least %.6f, at most %.2f",
             name, sqrt(aa), cosine, relative, 1 - BACKWARD * BACKWARD / 2, BACKWARD);
  }
}

static void compare_net(const char *layers, bt_block a, bt_block w) {
  bt_error error = {""};
  bt_float_model *m;
  job *j = job_open(layers, 1, 1);
  j->recipe.a.block = a;
  j->recipe.w.block = j->recipe.g.block = w;
  MUST(bt_float_model_create(&j->recipe.net, N, 1, &m, &error));
  double *g = calloc(m->weights, sizeof *g), *f = calloc(m->weights, sizeof *f);
  assert_non_null(g);
  assert_non_null(f);
  for (uint64_t run = 0; run < RUNS; run++) {
    run_both(j, m, 1000 + run, g, f);
  }
  for (size_t p = 0; p < j->recipe.net.parameters; p++) {
    compare(m, p, g, f);
  }
  free(g);
  free(f);
  bt_float_model_destroy(m);
  job_close(j);
}

static void test_every_layer(void **state) {
  (void)state;
  compare_net(SMALL_DEEP, BT_BLOCK_TENSOR, BT_BLOCK_DIM0);
}

static void test_stride_and_pad(void **state) {
  (void)state;
  compare_net("  - {conv: conv1, out: 6, kernel: 4, stride: 2, pad: 1, relu: true}\n"
              "  - {conv: conv2, out: 8, kernel: 3, stride: 2, pad: 2, relu: true}\n"
              "  - {fc: fc1, out: 10}\n", BT_BLOCK_TENSOR, BT_BLOCK_DIM0);
}

static void test_other_blocks(void **state) {
  (void)state;
  compare_net(SMALL_DEEP, BT_BLOCK_SAMPLE, BT_BLOCK_TENSOR);
}

/* Blocks of both kinds; then a stage whose shortcut is a convolution that nothing quantizes. */
static void test_residual_blocks(void **state) {
  (void)state;
  compare_net(SMALL_RESIDUAL, BT_BLOCK_TENSOR, BT_BLOCK_DIM0);
}

static void test_wide_shortcut(void **state) {
  (void)state;
  compare_net("  - {conv: conv1, out: 6, kernel: 3, pad: 1, bias: false}\n"
              "  - {stage: s1, block: preact, blocks: 1, out: 8, stride: 2}\n"
              "  - {batch_norm: bn, relu: true}\n"
              "  - {average_pool: pool, kernel: 4}\n"
              "  - {fc: fc, out: 10}\n", BT_BLOCK_TENSOR, BT_BLOCK_DIM0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_layer),
                                     cmocka_unit_test(test_stride_and_pad),
                                     cmocka_unit_test(test_other_blocks),
                                     cmocka_unit_test(test_residual_blocks),
                                     cmocka_unit_test(test_wide_shortcut)};
  return scratch_report("test_quantized_gradients", cmocka_run_group_tests(tests, NULL, NULL));
}
