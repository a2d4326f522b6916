/* Where a model's arrays lie in its blocks of storage (float only). */
#ifndef BT_FLOAT_PLAN_H
#define BT_FLOAT_PLAN_H

#include "float/model.h"

static inline size_t bt_layer_out_size(const bt_layer *l) { return l->out_h * l->out_w * l->out_c; }
static inline size_t bt_layer_in_size(const bt_layer *l) { return l->in_h * l->in_w * l->in_c; }
static inline bool bt_layer_contracts(const bt_layer *l) {
  return l->kind == BT_LAYER_CONV || l->kind == BT_LAYER_FC;
}

/* Elements of the three blocks. */
typedef struct {
  size_t reals, doubles, bytes;
} bt_float_sizes;

/* Lays the arrays out from the starts of the blocks, of which all pointers of `m` are then made;
 * with NULL blocks only the sizes mean something. m's net, batch, weights and threads are set. */
bt_float_sizes bt_float_plan(bt_float_model *m);

#endif
