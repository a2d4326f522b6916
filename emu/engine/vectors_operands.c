#include "engine/vectors_operands.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "num/error.h"
#include "num/format.h"

static const char *folder_of(const json_t *command) {
  return json_string_value(json_object_get(command, "folder"));
}

bt_status bt_vectors_read_exponents(const char *directory, const char *folder,
                                    const json_t *tensor, bt_tensor *t, bt_error *error) {
  const json_t *array = json_object_get(tensor, "exponents");
  bt_vectors_values v = {0};
  size_t count = bt_tensor_exponents(t);
  t->exp = malloc((count + 1) * sizeof *t->exp);
  bt_status s = t->exp == NULL ? bt_fail(error, BT_FAILED, "out of memory") : BT_OK;
  if (s == BT_OK && array == NULL) { /* fixed point: numerics 2.2 */
    for (size_t i = 0; i < count; i++) {
      t->exp[i] = (int16_t)bt_fixed_exponent(&t->fmt);
    }
    return BT_OK;
  }
  s = s == BT_OK ? bt_vectors_read_expected(directory, folder, array, &v, error) : s;
  if (s == BT_OK && v.count != count) {
    s = bt_fail(error, BT_BAD_INPUT, "manifest: tensor %s: %zu exponents, expected %zu", t->name,
                v.count, count);
  }
  for (size_t i = 0; s == BT_OK && i < count; i++) {
    t->exp[i] = (int16_t)v.value[i];
  }
  bt_vectors_values_free(&v);
  return s;
}

static bt_status read_operand(const char *directory, const json_t *command, const json_t *tensor,
                              bt_tensor *t, bt_vectors_values *v, bt_error *error) {
  const char *folder = folder_of(command);
  bt_status s = bt_vectors_read_tensor(tensor, t, error);
  s = s == BT_OK ? bt_vectors_read_exponents(directory, folder, tensor, t, error) : s;
  return s == BT_OK ? bt_vectors_read_expected(directory, folder,
                                               json_object_get(tensor, "mantissas"), v, error)
                    : s;
}

bt_status bt_vectors_read_quantization(const char *directory, const json_t *command,
                                       const bt_tensor *out, bt_vectors_quantization *q,
                                       bt_error *error) {
  const json_t *parameters = json_object_get(command, "parameters");
  const json_t *draws = json_object_get(json_object_get(command, "draws"), "values");
  const char *mode = json_string_value(json_object_get(parameters, "rounding"));
  const json_t *in0 = json_object_get(json_object_get(command, "inputs"), "in0");
  *q = (bt_vectors_quantization){.out = *out};
  bt_status s = bt_rounding_parse(mode == NULL ? "" : mode, &q->round.mode, error);
  q->round.random_bits =
      (unsigned)json_integer_value(json_object_get(parameters, "random_bits")) % 25;
  q->round.sr_half = json_is_true(json_object_get(parameters, "sr_half"));
  s = s == BT_OK ? read_operand(directory, command, in0, &q->in, &q->x, error) : s;
  if (s == BT_OK && draws != NULL) {
    s = bt_vectors_read_expected(directory, folder_of(command), draws, &q->draws, error);
  }
  if (s == BT_OK && q->x.count != bt_tensor_elements(out)) {
    return bt_fail(error, BT_BAD_INPUT, "manifest: %s: in0 and out0 differ in size",
                   folder_of(command));
  }
  return s;
}

void bt_vectors_quantization_free(bt_vectors_quantization *q) {
  free(q->in.exp);
  bt_vectors_values_free(&q->x);
  bt_vectors_values_free(&q->draws);
}

/* Whether operand x is read at a place that follows from the output's: *at. */
static bool place_of(const bt_tensor *out, const bt_tensor *x, size_t i, size_t *at) {
  bool vector = x->ndim == 1 && x->dim[0] == bt_tensor_last(out);
  *at = vector ? i % x->dim[0] : i;
  return vector ||
         (x->ndim == out->ndim && memcmp(x->dim, out->dim, x->ndim * sizeof x->dim[0]) == 0);
}

static bool goes_by_place(const json_t *command) {
  const char *op = json_string_value(json_object_get(command, "op"));
  return op != NULL && (strcmp(op, "quantize") == 0 || strcmp(op, "affine") == 0 ||
                        strcmp(op, "gate") == 0);
}

static bt_status describe_draw(const char *directory, const json_t *command, size_t i, char *text,
                               size_t size, bt_error *error) {
  const json_t *draws = json_object_get(command, "draws");
  bt_vectors_values before = {0};
  if (draws == NULL) {
    return BT_OK;
  }
  unsigned bits = (unsigned)json_integer_value(json_object_get(draws, "bits"));
  bt_status s = bt_vectors_read_expected(directory, folder_of(command),
                                         json_object_get(draws, "before"), &before, error);
  if (s == BT_OK && (before.count == 0 || bits < 1 || bits > 24)) {
    s = bt_fail(error, BT_BAD_INPUT, "manifest: %s: draws of %u bits in %zu lanes",
                folder_of(command), bits, before.count);
  }
  if (s == BT_OK) {
    size_t lane = i % before.count;
    uint32_t state = bt_lfsr_jump((uint32_t)before.value[lane], i / before.count * bits);
    uint32_t next = state, draw = bt_lfsr_draw(&next, bits);
    snprintf(text, size, "draw      0x%x of %u bits: lane %zu, state 0x%08x before it\n", draw,
             bits, lane, state);
  }
  bt_vectors_values_free(&before);
  return s;
}

bt_status bt_vectors_describe_operands(const char *directory, const json_t *command,
                                       const bt_tensor *out, size_t i, char *text, size_t size,
                                       bt_error *error) {
  const char *name;
  json_t *tensor;
  size_t used = 0, at;
  bt_status s = BT_OK;
  text[0] = '\0';
  if (!goes_by_place(command)) {
    return BT_OK;
  }
  json_object_foreach(json_object_get(command, "inputs"), name, tensor) {
    bt_tensor t = {0};
    bt_vectors_values v = {0};
    s = s == BT_OK ? read_operand(directory, command, tensor, &t, &v, error) : s;
    if (s == BT_OK && place_of(out, &t, i, &at) && used + 1 < size) {
      int n = snprintf(text + used, size - used, "operand   %s, %s: mantissa %" PRId64
                       " at step 2^%d\n", name, t.name, v.value[at], bt_tensor_step(&t, at));
      used += n < 0 ? 0 : (size_t)n < size - used ? (size_t)n : size - used - 1;
    }
    free(t.exp);
    bt_vectors_values_free(&v);
  }
  return s == BT_OK ? describe_draw(directory, command, i, text + used, size - used, error) : s;
}
