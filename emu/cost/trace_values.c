#include "cost/trace_values.h"

#include <string.h>

/* Item i as its low bits. */
static uint64_t item(const bt_trace_section *s, const bt_tensor *t, uint64_t i) {
  if (s->exponents) {
    return (uint64_t)(int64_t)t->exp[i];
  }
  int64_t v = bt_tensor_integer(t, (size_t)i);
  return s->bits == 1 ? v != 0 : (uint64_t)v;
}

/* Items that lie in bytes of their own. */
static void whole_items(const bt_trace_section *s, const bt_tensor *t, uint64_t from, size_t size,
                        uint8_t *out) {
  unsigned each = s->bits / 8;
  for (size_t k = 0; k < size; k++) {
    uint64_t at = from + k;
    out[k] = (uint8_t)(item(s, t, at / each) >> (8 * (at % each)));
  }
}

static void packed_items(const bt_trace_section *s, const bt_tensor *t, uint64_t from, size_t size,
                         uint8_t *out) {
  memset(out, 0, size);
  for (uint64_t i = from * 8 / s->bits; i < s->items && i * s->bits < (from + size) * 8; i++) {
    uint64_t bits = item(s, t, i) & ((UINT64_C(1) << s->bits) - 1);
    for (unsigned b = 0; b < s->bits; b++) {
      uint64_t at = i * s->bits + b;
      if (at / 8 >= from && at / 8 < from + size) {
        out[at / 8 - from] |= (uint8_t)((bits >> b & 1) << (at % 8));
      }
    }
  }
}

void bt_trace_values(const bt_trace_section *s, const bt_tensor *t, uint64_t from, size_t size,
                     uint8_t *out) {
  uint64_t left = from < s->bytes ? s->bytes - from : 0;
  size_t inside = left < size ? (size_t)left : size;
  bool held = t != NULL && (const void *)s->tensor == s->key && t->data != NULL;
  memset(out + inside, 0, size - inside);
  if (!held) {
    memset(out, 0, inside);
  } else if (s->bits == 8 && !s->exponents) { /* int8 and bytes: as they are */
    memcpy(out, (const uint8_t *)t->data + from, inside);
  } else if (s->bits % 8 == 0) {
    whole_items(s, t, from, inside, out);
  } else {
    packed_items(s, t, from, inside, out);
  }
}
