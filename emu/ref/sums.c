/* reduce, moments and products: exact sums per last index (numerics 11.2). */
#include "ref/commands.h"

bt_status bt_ref_sums(const bt_command *c) {
  bool pair = c->u.reduce.kind == BT_PRODUCTS;
  const bt_tensor *x = c->in[0], *y = pair ? c->in[1] : x;
  size_t last = bt_tensor_last(x), n = bt_tensor_elements(x);
  int64_t *first = c->out[0]->data, *second = c->out[1]->data;
  for (size_t j = 0; j < last; j++) {
    first[j] = second[j] = 0;
  }
  for (size_t i = 0; i < n; i++) {
    int64_t m = bt_tensor_mantissa(x, i);
    first[i % last] += m;
    second[i % last] += m * bt_tensor_mantissa(y, i);
  }
  c->out[0]->exp[0] = (int16_t)bt_tensor_step(x, 0);
  c->out[1]->exp[0] = (int16_t)(bt_tensor_step(x, 0) + bt_tensor_step(y, 0));
  return BT_OK;
}
