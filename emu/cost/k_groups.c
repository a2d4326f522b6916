#include "cost/k_groups.h"

#include <limits.h>
#include <stdlib.h>

#include "num/error.h"

/* k falls into steps of equal length, each with a block of its own in those operands whose blocks
 * follow the dimension that k begins with: the weights' output channels in the data gradient, both
 * operands' samples in the weight gradient. */
typedef struct {
  const bt_tensor *operand[2]; /* those with a block for each step; NULL otherwise */
  size_t steps, length;
} along_k;

static const bt_tensor *varying(const bt_tensor *t) {
  bool rows = t->fmt.kind == BT_BFP &&
              (t->fmt.block == BT_BLOCK_DIM0 || t->fmt.block == BT_BLOCK_SAMPLE);
  return rows ? t : NULL;
}

static along_k find_along_k(const bt_command *c) {
  const bt_geometry *g = &c->u.contract.geometry;
  along_k v = {{NULL, NULL}, 1, bt_geometry_extent(g, c->u.contract.direction).k};
  if (c->u.contract.direction == BT_DATA_GRADIENT) {
    v = (along_k){{NULL, varying(c->in[1])}, g->o, g->kh * g->kw};
  } else if (c->u.contract.direction == BT_WEIGHT_GRADIENT) {
    v = (along_k){{varying(c->in[0]), varying(c->in[1])}, g->n, g->oh * g->ow};
  }
  return v;
}

/* The sum of the step's exponents that vary; false if one of their blocks is a zero block. */
static bool exponent_at(const along_k *v, size_t step, int *exponent) {
  *exponent = 0;
  for (int i = 0; i < 2; i++) {
    const bt_tensor *t = v->operand[i];
    if (t == NULL) {
      continue;
    }
    size_t block = bt_tensor_exponent_of(t, step * (bt_tensor_elements(t) / v->steps));
    if (bt_tensor_zero_block(t, block)) {
      return false;
    }
    *exponent += t->exp[block];
  }
  return true;
}

static void add_group(const along_k *v, int exponent, bt_k_groups *groups) {
  size_t before = groups->total;
  for (size_t step = 0; step < v->steps; step++) {
    int own;
    if (!exponent_at(v, step, &own) || own != exponent) {
      continue;
    }
    for (size_t i = 0; i < v->length; i++) {
      groups->k[groups->total++] = step * v->length + i;
    }
  }
  if (groups->total > before) {
    groups->length[groups->groups++] = groups->total - before;
  }
}

bt_status bt_k_groups_make(const bt_command *c, bt_k_groups *groups, bt_error *error) {
  along_k v = find_along_k(c);
  int least = INT_MAX, greatest = INT_MIN;
  *groups = (bt_k_groups){.k = malloc((v.steps * v.length + 1) * sizeof *groups->k)};
  if (groups->k == NULL) {
    return bt_fail(error, BT_FAILED, "%s: out of memory", c->label.text);
  }
  for (size_t step = 0; step < v.steps; step++) {
    int exponent;
    if (exponent_at(&v, step, &exponent)) {
      least = exponent < least ? exponent : least;
      greatest = exponent > greatest ? exponent : greatest;
    }
  }
  if (greatest == INT_MIN) {
    return BT_OK; /* zero blocks only */
  }
  least = least < greatest - BT_ALIGN_BITS ? greatest - BT_ALIGN_BITS : least;
  for (int exponent = least; exponent <= greatest; exponent++) {
    add_group(&v, exponent, groups);
  }
  return BT_OK;
}

void bt_k_groups_free(bt_k_groups *groups) {
  free(groups->k);
  groups->k = NULL;
}
