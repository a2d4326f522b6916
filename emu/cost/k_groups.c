#include "cost/k_groups.h"

#include <limits.h>
#include <stdlib.h>

#include "cost/along_k.h"
#include "num/error.h"

static void add_group(const bt_along_k *v, int exponent, bt_k_groups *groups) {
  size_t before = groups->total;
  for (size_t step = 0; step < v->steps; step++) {
    int own;
    if (!bt_along_k_exponent(v, step, &own) || own != exponent) {
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
  bt_along_k v = bt_along_k_of(c);
  int least = INT_MAX, greatest = INT_MIN;
  *groups = (bt_k_groups){.k = malloc((v.steps * v.length + 1) * sizeof *groups->k)};
  if (groups->k == NULL) {
    return bt_fail(error, BT_FAILED, "%s: out of memory", c->label.text);
  }
  for (size_t step = 0; step < v.steps; step++) {
    int exponent;
    if (bt_along_k_exponent(&v, step, &exponent)) {
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
