#include "io/hexmem.h"

#include <string.h>

static int64_t element(bt_npy_type type, const void *data, size_t i) {
  switch (type) {
    case BT_NPY_I1: return ((const int8_t *)data)[i];
    case BT_NPY_I2: return ((const int16_t *)data)[i];
    case BT_NPY_I4: return ((const int32_t *)data)[i];
    case BT_NPY_I8: return ((const int64_t *)data)[i];
    case BT_NPY_U1:
    default: return ((const uint8_t *)data)[i];
  }
}

/* The digits of the low `width` bits; returns their number. */
static size_t put_digits(uint64_t v, int width, char *text) {
  static const char digit[] = "0123456789abcdef";
  size_t n = ((size_t)width + 3) / 4;
  v &= width >= 64 ? UINT64_MAX : (UINT64_C(1) << width) - 1;
  for (size_t i = n; i-- > 0; v >>= 4) {
    text[i] = digit[v & 15];
  }
  return n;
}

void bt_hex_text(int64_t v, int width, char text[17]) {
  text[put_digits((uint64_t)v, width, text)] = '\0';
}

#define LINES 512u

bt_status bt_hexmem_put(bt_file *f, bt_npy_type type, int width, size_t count, const void *data,
                        bt_error *error) {
  char text[LINES * 17];
  bt_status s = BT_OK;
  for (size_t i = 0; s == BT_OK && i < count;) {
    size_t at = 0;
    for (size_t end = count - i < LINES ? count : i + LINES; i < end; i++) {
      at += put_digits((uint64_t)element(type, data, i), width, text + at);
      text[at++] = '\n';
    }
    s = bt_file_put(f, text, at, error);
  }
  return s;
}

bt_status bt_hexmem_put_bits(bt_file *f, size_t count, const uint8_t *bits, bt_error *error) {
  bt_status s = BT_OK;
  for (size_t i = 0; s == BT_OK && i < count; i += 32) {
    uint32_t word = 0;
    for (size_t b = 0; b < 32 && i + b < count; b++) {
      word |= (uint32_t)(bits[i + b] != 0) << b;
    }
    int64_t line = word;
    s = bt_hexmem_put(f, BT_NPY_I8, 32, 1, &line, error);
  }
  return s;
}
