/* The digest of a model (numerics 18). */
#include "io/digest.h"

#include "net/model.h"

/* Appends an integer's low `bytes` bytes, little-endian. */
static void add_integer(bt_digest *d, int64_t v, size_t bytes) {
  uint8_t b[8];
  for (size_t i = 0; i < bytes; i++) {
    b[i] = (uint8_t)((uint64_t)v >> (8 * i));
  }
  bt_digest_add(d, b, bytes);
}

static void add_tensor(bt_digest *d, const bt_tensor *t) {
  size_t n = bt_tensor_elements(t), blocks = bt_tensor_exponents(t);
  for (size_t i = 0; i < n; i++) {
    add_integer(d, bt_tensor_mantissa(t, i), 2);
  }
  for (size_t b = 0; b < blocks; b++) {
    add_integer(d, t->exp[b], 1);
  }
}

bt_status bt_model_digest(const bt_model *model, uint64_t draw_steps, uint64_t training_steps,
                          char text[65], bt_error *error) {
  bt_digest *d = bt_digest_start();
  uint64_t snapshots = model->parameters == 0 ? 0 : model->average[0].count;
  bt_digest_add(d, "bittrue-digest-1\n", 17);
  for (size_t p = 0; p < model->parameters; p++) {
    const bt_tensor *w = model->w[p];
    add_tensor(d, w);
    add_tensor(d, model->v[p]);
    if (snapshots > 0) {
      for (size_t i = 0; i < bt_tensor_elements(w); i++) {
        add_integer(d, model->average[p].sum[i], 8);
      }
      for (size_t b = 0; b < bt_tensor_exponents(w); b++) {
        add_integer(d, model->average[p].emin[b], 2);
      }
    }
  }
  add_integer(d, (int64_t)snapshots, 8);
  add_integer(d, (int64_t)draw_steps, 8);
  add_integer(d, (int64_t)training_steps, 8);
  return bt_digest_finish(d, text, error);
}
