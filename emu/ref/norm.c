/* norm: a channel's sums or statistics, scale and shift to the constants a and b of its affine
 * (numerics 19, 19.1). */
#include "num/error.h"
#include "num/norm.h"
#include "ref/commands.h"
#include "ref/vector.h"

/* numerics 19.1: mean and variance are the sums over the rows. */
static bt_norm_channel channel_of_statistics(const bt_statistics *s, size_t i, bt_constant eps) {
  bt_scalar_value rows = bt_scalar_make((__int128)s->rows, 0);
  bt_scalar_value first = bt_scalar_make(s->first[i], s->first_step);
  bt_scalar_value second = bt_scalar_make(s->second[i], s->second_step);
  return (bt_norm_channel){bt_scalar_div(first, rows),
                           bt_norm_reciprocal(bt_scalar_div(second, rows), eps)};
}

static bt_norm_channel channel(const bt_command *c, size_t i) {
  const bt_tensor *s1 = c->in[0], *s2 = c->in[1];
  if (c->u.norm.statistics != NULL) {
    return channel_of_statistics(c->u.norm.statistics, i, c->u.norm.eps);
  }
  return bt_norm_of_sums(bt_vector_sum(s1, i), bt_vector_sum(s2, i), (int64_t)c->u.norm.rows,
                         s1->exp[0], c->u.norm.eps);
}

bt_status bt_ref_norm(const bt_command *c, bt_error *error) {
  const bt_tensor *gamma = c->in[2], *beta = c->in[3];
  if (c->u.norm.statistics != NULL && c->u.norm.statistics->rows == 0) {
    return bt_fail(error, BT_FAILED, "%s: no statistics: expected those of at least one batch",
                   c->label.text);
  }
  for (size_t i = 0; i < bt_tensor_elements(gamma); i++) {
    bt_norm_forward f = bt_norm_constants(channel(c, i), bt_vector_scalar(gamma, i),
                                          bt_vector_scalar(beta, i));
    bt_vector_store(c->out[0], i, f.a);
    bt_vector_store(c->out[1], i, f.b);
  }
  c->out[0]->bits = 15;
  c->out[1]->bits = 31;
  return BT_OK;
}
