#include "cli/sweep_variant.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "num/accumulate.h"
#include "num/error.h"

static bt_status expected(const char *text, bt_error *error) {
  return bt_fail(error, BT_BAD_INPUT,
                 "accumulator '%s': expected BITS[/SHIFT][:OPTION...] with BITS 8..32, SHIFT 0..14 "
                 "or fit, and options saturate, wrap, floor, nearest_even, stochastic, chunkN@P",
                 text);
}

/* A whole number at *text, which moves behind it. */
static bool read_number(const char **text, unsigned long max, unsigned long *value) {
  char *end;
  if (**text < '0' || **text > '9') {
    return false;
  }
  *value = strtoul(*text, &end, 10);
  *text = end;
  return *value <= max;
}

static bool read_chunk(const char *text, bt_accumulator *acc) {
  unsigned long products, bits;
  if (strncmp(text, "chunk", 5) != 0) {
    return false;
  }
  text += 5;
  if (!read_number(&text, UINT32_MAX, &products) || products == 0 || *text++ != '@' ||
      !read_number(&text, 32, &bits) || bits < 8 || *text != '\0') {
    return false;
  }
  acc->chunk = products;
  acc->psum_bits = (int)bits;
  return true;
}

static bool read_option(const char *text, bt_accumulator *acc) {
  if (strcmp(text, "saturate") == 0 || strcmp(text, "wrap") == 0) {
    acc->wrap = text[0] == 'w';
    return true;
  }
  bt_error ignored;
  return (strcmp(text, "nearest_away") != 0 &&
          bt_rounding_parse(text, &acc->acc_round.mode, &ignored) == BT_OK) ||
         read_chunk(text, acc);
}

bt_status bt_variant_parse(const char *text, bt_variant *v, bt_error *error) {
  const char *at = text;
  unsigned long bits, shift = 0;
  char option[32];
  *v = (bt_variant){.acc = bt_accumulator_default()};
  snprintf(v->text, sizeof v->text, "%s", text);
  if (strlen(text) >= sizeof v->text || !read_number(&at, 32, &bits) || bits < 8) {
    return expected(text, error);
  }
  if (strncmp(at, "/fit", 4) == 0) {
    v->fitted = true;
    at += 4;
  } else if (*at == '/') {
    at++;
    if (!read_number(&at, 14, &shift)) {
      return expected(text, error);
    }
  }
  v->acc.acc_bits = (int)bits;
  v->acc.acc_shift = (int)shift;
  while (*at == ':') {
    size_t length = strcspn(++at, ":");
    if (length >= sizeof option) {
      return expected(text, error);
    }
    memcpy(option, at, length);
    option[length] = '\0';
    if (!read_option(option, &v->acc)) {
      return expected(text, error);
    }
    at += length;
  }
  return *at == '\0' ? bt_accumulator_check(&v->acc, error) : expected(text, error);
}

bt_status bt_variants_parse(const char *text, bt_variant *v, size_t *count, bt_error *error) {
  char one[64];
  *count = 0;
  for (const char *at = text;; at++) {
    size_t length = strcspn(at, ",");
    if (*count == BT_MAX_VARIANTS) {
      return bt_fail(error, BT_BAD_INPUT, "--accumulators: more than %u of them", BT_MAX_VARIANTS);
    }
    snprintf(one, sizeof one, "%.*s", length < sizeof one ? (int)length : (int)sizeof one - 1, at);
    bt_status s = bt_variant_parse(one, &v[*count], error);
    if (s != BT_OK) {
      return s;
    }
    ++*count;
    at += length;
    if (*at == '\0') {
      return BT_OK;
    }
  }
}

int bt_variant_fit(int bits, int acc_bits) {
  int shift = bits - acc_bits;
  return shift < 0 ? 0 : shift > 14 ? 14 : shift;
}

void bt_variant_name(const bt_accumulator *acc, char text[64]) {
  static const char *const mode[] = {" stochastic", " nearest_even", " nearest_away", " floor"};
  char chunk[32] = "";
  if (acc->chunk > 0) {
    snprintf(chunk, sizeof chunk, " chunk%zu@%d", acc->chunk, acc->psum_bits);
  }
  snprintf(text, 64, "%d/%d %s%s%s", acc->acc_bits, acc->acc_shift,
           acc->wrap ? "wrap" : "saturate", acc->acc_shift > 0 ? mode[acc->acc_round.mode] : "",
           chunk);
}
