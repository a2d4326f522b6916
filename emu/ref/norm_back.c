/* norm_back: the sums of both passes to the constants b' and c' of the error of x, and to the
 * gradients of scale and shift (numerics 19). */
#include "num/align.h"
#include "num/norm.h"
#include "ref/commands.h"
#include "ref/vector.h"

static void store_gradient(bt_tensor *t, size_t i, bt_constant g) {
  bt_vector_store(t, i, g.mantissa == 0 ? (bt_constant){0, BT_ZERO_EXPONENT} : g);
}

static bt_norm_backward channel(const bt_command *c, size_t i) {
  const bt_tensor *s1 = c->in[0], *s2 = c->in[1], *a = c->in[3], *se = c->in[4], *sex = c->in[5];
  int64_t n = (int64_t)c->u.norm.rows, first = bt_vector_sum(s1, i);
  bt_norm_channel x = bt_norm_of_sums(first, bt_vector_sum(s2, i), n, s1->exp[0], c->u.norm.eps);
  bt_norm_error error = {bt_vector_sum(se, i), bt_vector_sum(sex, i), se->exp[0]};
  return bt_norm_back_constants(x, bt_vector_constant(a, i), first, n, s1->exp[0], error);
}

bt_status bt_ref_norm_back(const bt_command *c) {
  for (size_t i = 0; i < bt_tensor_elements(c->in[2]); i++) {
    bt_norm_backward b = channel(c, i);
    bt_vector_store(c->out[0], i, b.b);
    bt_vector_store(c->out[1], i, b.c);
    store_gradient(c->out[2], i, b.dgamma);
    store_gradient(c->out[3], i, b.dbeta);
  }
  c->out[0]->bits = 15;
  for (size_t o = 1; o < 4; o++) {
    c->out[o]->bits = 31;
  }
  return BT_OK;
}
