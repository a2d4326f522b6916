/* pool_sum, spread: sums of k x k windows, and the error to all of a window (numerics 13.1). */
#include <string.h>

#include "num/round.h"
#include "ref/commands.h"

/* The element of the large image at place i of the window of the small image's element j. */
static size_t window_place(const bt_tensor *large, const bt_tensor *small, size_t k, size_t j,
                           size_t i) {
  size_t channel = j % small->dim[3], w = j / small->dim[3] % small->dim[2];
  size_t h = j / (small->dim[3] * small->dim[2]) % small->dim[1];
  size_t n = j / (small->dim[3] * small->dim[2] * small->dim[1]);
  size_t row = n * large->dim[1] + h * k + i / k, column = w * k + i % k;
  return (row * large->dim[2] + column) * large->dim[3] + channel;
}

bt_status bt_ref_pool_sum(const bt_command *c) {
  const bt_tensor *x = c->in[0];
  bt_tensor *y = c->out[0];
  size_t k = c->u.pool.k, n = bt_tensor_elements(y);
  for (size_t j = 0; j < n; j++) {
    int32_t sum = 0;
    for (size_t i = 0; i < k * k; i++) {
      sum += bt_tensor_mantissa(x, window_place(x, y, k, j, i));
    }
    ((int32_t *)y->data)[j] = sum;
  }
  for (size_t b = 0; b < bt_tensor_exponents(x); b++) {
    y->exp[b] = (int16_t)(x->exp[b] - (x->fmt.wl - 2));
  }
  y->bits = bt_tensor_width(x) + bt_clog2(k * k);
  return BT_OK;
}

bt_status bt_ref_spread(const bt_command *c) {
  const bt_tensor *e = c->in[0];
  bt_tensor *out = c->out[0];
  size_t k = c->u.pool.k, n = bt_tensor_elements(e);
  memset(out->data, 0, bt_tensor_elements(out) * bt_tensor_element_size(out));
  for (size_t j = 0; j < n; j++) {
    for (size_t i = 0; i < k * k; i++) {
      bt_tensor_store(out, window_place(out, e, k, j, i), bt_tensor_mantissa(e, j));
    }
  }
  memcpy(out->exp, e->exp, bt_tensor_exponents(e) * sizeof *e->exp);
  return BT_OK;
}
