/* A recipe's training step as SCALE-Sim layers: what its convolutions and fully connected layers
 * are as products of matrices, in both directions. */
#include <inttypes.h>
#include <stdlib.h>

#include "cli/cost_scalesim.h"
#include "net/lower.h"
#include "num/error.h"
#include "train/train.h"

static bt_status add_products(const bt_program *program, bt_scalesim_topology *t, bt_error *error) {
  size_t size = bt_program_size(program);
  t->gemm = true;
  t->layer = calloc(size == 0 ? 1 : size, sizeof *t->layer);
  if (t->layer == NULL) {
    return bt_fail(error, BT_FAILED, "no memory for %zu layers", size);
  }
  for (size_t i = 0; i < size; i++) {
    const bt_command *c = bt_program_at(program, i);
    if (c->op != BT_OP_CONTRACT) {
      continue;
    }
    bt_extent x = bt_geometry_extent(&c->u.contract.geometry, c->u.contract.direction);
    if (x.rows > INT32_MAX || x.cols > INT32_MAX || x.k > INT32_MAX) {
      return bt_fail(error, BT_BAD_INPUT, "%s: expected sizes of at most %" PRId32
                     ": a smaller --batch", c->label.text, INT32_MAX);
    }
    t->layer[t->count++] = bt_scalesim_gemm(c->label.text, x.rows, x.cols, x.k);
  }
  return BT_OK;
}

bt_status bt_cli_cost_recipe_products(const char *recipe, size_t *batch,
                                      bt_scalesim_topology *topology, bt_error *error) {
  bt_recipe r;
  bt_model *model = NULL;
  bt_loss loss = {0};
  bt_step step;
  *topology = (bt_scalesim_topology){0};
  bt_status s = bt_recipe_load(recipe, &r, error);
  s = s == BT_OK ? bt_model_shapes(&r.net, r.w, r.m, &model, error) : s;
  if (s != BT_OK) {
    return s;
  }
  *batch = *batch == 0 ? r.batch : *batch;
  bt_lowering how = bt_recipe_lowering(&r, r.lr);
  s = bt_lower_training(&how, model, *batch, &loss, &step, error);
  if (s == BT_OK) {
    s = add_products(step.program, topology, error);
    bt_step_free(&step);
  }
  bt_model_free(model);
  if (s != BT_OK) {
    bt_scalesim_topology_free(topology);
  }
  return s;
}
