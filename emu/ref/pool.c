/* pool, pool_back: max over k x k windows, and the error back to its place (numerics 13). */
#include <string.h>

#include "ref/commands.h"

/* NHWC offset. */
static size_t at(const bt_tensor *t, size_t n, size_t h, size_t w, size_t c) {
  return ((n * t->dim[1] + h) * t->dim[2] + w) * t->dim[3] + c;
}

/* Calls visit for each window's output element. */
typedef void window_visit(const bt_command *c, size_t small, size_t n, size_t h, size_t w,
                          size_t ch);

static void each_window(const bt_command *c, const bt_tensor *small, window_visit *visit) {
  for (size_t n = 0; n < small->dim[0]; n++) {
    for (size_t h = 0; h < small->dim[1]; h++) {
      for (size_t w = 0; w < small->dim[2]; w++) {
        for (size_t ch = 0; ch < small->dim[3]; ch++) {
          visit(c, at(small, n, h, w, ch), n, h, w, ch);
        }
      }
    }
  }
}

static void copy_element(bt_tensor *to, size_t j, const bt_tensor *from, size_t i) {
  size_t size = bt_tensor_element_size(from);
  memcpy((uint8_t *)to->data + j * size, (const uint8_t *)from->data + i * size, size);
}

static void find_largest(const bt_command *c, size_t small, size_t n, size_t h, size_t w,
                         size_t ch) {
  const bt_tensor *x = c->in[0];
  size_t k = c->u.pool.k, best = at(x, n, h * k, w * k, ch);
  uint8_t index = 0;
  for (size_t i = 1; i < k * k; i++) {
    size_t place = at(x, n, h * k + i / k, w * k + i % k, ch);
    if (bt_tensor_mantissa(x, place) > bt_tensor_mantissa(x, best)) {
      best = place;
      index = (uint8_t)i;
    }
  }
  copy_element(c->out[0], small, x, best);
  ((uint8_t *)c->out[1]->data)[small] = index;
}

static void scatter(const bt_command *c, size_t small, size_t n, size_t h, size_t w, size_t ch) {
  size_t k = c->u.pool.k, index = ((const uint8_t *)c->in[1]->data)[small];
  size_t place = at(c->out[0], n, h * k + index / k, w * k + index % k, ch);
  copy_element(c->out[0], place, c->in[0], small);
}

bt_status bt_ref_pool(const bt_command *c) {
  memcpy(c->out[0]->exp, c->in[0]->exp, bt_tensor_exponents(c->in[0]) * sizeof *c->in[0]->exp);
  each_window(c, c->out[0], find_largest);
  return BT_OK;
}

bt_status bt_ref_pool_back(const bt_command *c) {
  bt_tensor *out = c->out[0];
  memcpy(out->exp, c->in[0]->exp, bt_tensor_exponents(c->in[0]) * sizeof *out->exp);
  memset(out->data, 0, bt_tensor_elements(out) * bt_tensor_element_size(out));
  each_window(c, c->in[0], scatter);
  return BT_OK;
}
