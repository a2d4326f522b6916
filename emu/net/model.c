#include "net/model.h"

#include <stdlib.h>

#include "num/error.h"
#include "num/quantize.h"
#include "num/format.h"

/* A vector has one exponent in all (numerics 2.3). */
static bt_format parameter_format(bt_format f, size_t ndim) {
  if (ndim == 1) {
    f.block = BT_BLOCK_TENSOR;
  }
  return f;
}

/* A parameter's tensor, in the parameter's format of its kind; NULL when out of memory. */
static bt_tensor *new_tensor(const bt_model *model, size_t p, bt_tensor_role role, bt_format f) {
  size_t dim[4], fan_in, ndim = bt_net_parameter(model->net, p, dim, &fan_in);
  bt_tensor *t = malloc(sizeof *t);
  if (t == NULL) {
    return NULL;
  }
  f = parameter_format(f, ndim);
  *t = bt_tensor_as(role, bt_tensor_bfp(model->name[p], f, ndim, dim));
  if (!model->shapes && !bt_tensor_alloc(t)) {
    free(t);
    return NULL;
  }
  return t;
}

static bool new_average(bt_average *a, const bt_tensor *w) {
  size_t blocks = bt_tensor_exponents(w);
  a->sum = calloc(bt_tensor_elements(w) + 1, sizeof *a->sum);
  a->emin = malloc((blocks + 1) * sizeof *a->emin);
  for (size_t b = 0; a->emin != NULL && b < blocks; b++) {
    a->emin[b] = BT_EMIN_NONE;
  }
  return a->sum != NULL && a->emin != NULL;
}

/* Quantizes the initial values of parameter p to nearest (numerics 5.4). */
static void start_weights(bt_model *model, size_t p, uint64_t seed) {
  static const bt_round_options nearest = {.mode = BT_NEAREST_EVEN, .random_bits = 16};
  bt_tensor *w = model->w[p];
  size_t blocks = bt_tensor_exponents(w);
  bt_quantize_counts counts = {0};
  for (size_t b = 0; b < blocks; b++) {
    bt_block_extent x = bt_block_elements(&w->fmt, w->ndim, w->dim, b);
    int largest = BT_ALL_ZERO;
    for (size_t j = 0; j < x.runs * x.length; j++) {
      size_t i = x.first + j / x.length * x.stride + j % x.length;
      int32_t m = bt_net_initial(model->net, p, i, seed);
      if (m != 0 && bt_log2_floor(m, -24) > largest) {
        largest = bt_log2_floor(m, -24);
      }
    }
    bool fixed = w->fmt.kind == BT_FIXED;
    w->exp[b] = (int16_t)(fixed ? bt_fixed_exponent(&w->fmt) : bt_scale_of(largest).exponent);
    for (size_t j = 0; largest != BT_ALL_ZERO && j < x.runs * x.length; j++) {
      size_t i = x.first + j / x.length * x.stride + j % x.length;
      int surplus = w->exp[b] - (w->fmt.wl - 2) + 24;
      int32_t m = bt_net_initial(model->net, p, i, seed);
      bt_tensor_store(w, i, bt_quantize_one(m, surplus, &w->fmt, &nearest, 0, &counts));
    }
  }
}

/* A model without initial values. */
static bt_status new_model(const bt_net *net, bt_format w, bt_format m, bool shapes,
                           bt_model **model, bt_error *error) {
  bt_model *new = *model = calloc(1, sizeof *new);
  if (new == NULL) {
    return bt_fail(error, BT_FAILED, "out of memory for a model");
  }
  new->net = net;
  new->parameters = net->parameters;
  new->shapes = shapes;
  for (size_t p = 0; p < net->parameters; p++) {
    bt_net_parameter_name(net, p, new->name[p], sizeof new->name[p]);
    new->w[p] = new_tensor(new, p, BT_ROLE_WEIGHT, w);
    new->v[p] = new_tensor(new, p, BT_ROLE_MOMENTUM, m);
    if (new->w[p] == NULL || new->v[p] == NULL ||
        (!shapes && !new_average(&new->average[p], new->w[p]))) {
      bt_model_free(new);
      *model = NULL;
      return bt_fail(error, BT_FAILED, "out of memory for a model");
    }
  }
  return BT_OK;
}

bt_status bt_model_new(const bt_net *net, bt_format w, bt_format m, uint64_t seed, bt_model **model,
                       bt_error *error) {
  bt_status s = new_model(net, w, m, false, model, error);
  for (size_t p = 0; s == BT_OK && p < net->parameters; p++) {
    start_weights(*model, p, seed);
  }
  return s;
}

bt_status bt_model_shapes(const bt_net *net, bt_format w, bt_format m, bt_model **model,
                          bt_error *error) {
  return new_model(net, w, m, true, model, error);
}

static void free_tensor(bt_tensor *t) {
  if (t != NULL) {
    bt_tensor_free(t);
    free(t);
  }
}

void bt_model_free(bt_model *model) {
  if (model == NULL) {
    return;
  }
  for (size_t p = 0; p < model->parameters; p++) {
    free_tensor(model->w[p]);
    free_tensor(model->v[p]);
    free(model->average[p].sum);
    free(model->average[p].emin);
  }
  free(model);
}
