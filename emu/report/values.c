#include "report/values.h"

#include <limits.h>

#define ZERO_EXPONENT (-128)

static const char *const column[] = {"label", "role", "wl", "elements", "blocks", "zero_blocks",
                                     "min", "max", "limit", "zero", "clipped", "flushed",
                                     "overflow"};

json_t *bt_page_values_new(void) {
  json_t *values = json_object();
  for (size_t i = 0; i < sizeof column / sizeof column[0]; i++) {
    json_object_set_new(values, column[i], json_array());
  }
  return values;
}

static void append(json_t *o, const char *key, json_t *value) {
  json_array_append_new(json_object_get(o, key), value);
}

static json_t *integer(uint64_t n) { return json_integer((json_int_t)n); }

static void add_exponents(json_t *values, const bt_tensor *t) {
  size_t blocks = bt_tensor_exponents(t), zero = 0;
  int min = INT_MAX, max = INT_MIN;
  for (size_t b = 0; b < blocks; b++) {
    if (t->exp[b] == ZERO_EXPONENT && bt_tensor_zero_block(t, b)) {
      zero++;
      continue;
    }
    min = t->exp[b] < min ? t->exp[b] : min;
    max = t->exp[b] > max ? t->exp[b] : max;
  }
  append(values, "blocks", integer(blocks));
  append(values, "zero_blocks", integer(zero));
  append(values, "min", zero == blocks ? json_null() : json_integer(min));
  append(values, "max", zero == blocks ? json_null() : json_integer(max));
}

static void add_mantissas(json_t *values, const bt_tensor *t) {
  uint64_t limit = 0, zero = 0;
  size_t n = bt_tensor_elements(t);
  int32_t most = (int32_t)((1u << (t->fmt.wl - 1)) - 1);
  for (size_t i = 0; i < n; i++) {
    int32_t m = bt_tensor_mantissa(t, i);
    limit += m >= most || m <= -most;
    zero += m == 0;
  }
  append(values, "elements", integer(n));
  append(values, "limit", integer(limit));
  append(values, "zero", integer(zero));
}

void bt_page_values_add(json_t *values, const bt_command *c, const bt_quantize_counts *counted) {
  const bt_tensor *t = c->out[0];
  append(values, "label", json_string(c->label.text));
  append(values, "role", json_string(bt_role_name(t->role)));
  append(values, "wl", json_integer(t->fmt.wl));
  add_exponents(values, t);
  add_mantissas(values, t);
  append(values, "clipped", integer(counted->clipped));
  append(values, "flushed", integer(counted->flushed));
  append(values, "overflow", integer(counted->overflow));
}
