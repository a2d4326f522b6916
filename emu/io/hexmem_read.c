#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "io/hexmem.h"
#include "num/error.h"

typedef struct {
  const char *path;
  const char *text;
  size_t at, size, line;
  uint64_t address;
  bt_hexmem *memory;
  bt_error *error;
} reader;

static bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

static void step_over(reader *r) {
  r->line += r->text[r->at] == '\n';
  r->at++;
}

/* Spaces and comments. */
static bt_status skip_blank(reader *r) {
  while (r->at < r->size) {
    if (is_space(r->text[r->at])) {
      step_over(r);
    } else if (strncmp(r->text + r->at, "//", 2) == 0) {
      while (r->at < r->size && r->text[r->at] != '\n') {
        r->at++;
      }
    } else if (strncmp(r->text + r->at, "/*", 2) == 0) {
      size_t start = r->line;
      while (r->at < r->size && strncmp(r->text + r->at, "*/", 2) != 0) {
        step_over(r);
      }
      if (r->at == r->size) {
        return bt_fail(r->error, BT_BAD_INPUT, "%s:%zu: a comment without end, expected */",
                       r->path, start);
      }
      r->at += 2;
    } else {
      break;
    }
  }
  return BT_OK;
}

/* 0..15, 16 for x, 17 for z, -1 for what is no digit. */
static int digit_of(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  char low = (char)(c | 0x20);
  if (low >= 'a' && low <= 'f') {
    return low - 'a' + 10;
  }
  return low == 'x' ? 16 : low == 'z' || c == '?' ? 17 : -1;
}

static bool ends_word(const reader *r, size_t at) {
  return at == r->size || is_space(r->text[at]) || r->text[at] == '/';
}

static bt_status refuse(const reader *r) {
  size_t n = 0;
  while (n < 24 && !ends_word(r, r->at + n)) {
    n++;
  }
  return bt_fail(r->error, BT_BAD_INPUT, "%s:%zu: '%.*s': expected hexadecimal digits of up to 64 "
                 "bits (x and z among them), @address, or a comment", r->path, r->line, (int)n,
                 r->text + r->at);
}

static bt_status read_word(reader *r, bt_hex_word *word) {
  size_t at = r->at;
  *word = (bt_hex_word){.state = BT_HEX_VALUE};
  size_t significant = 0;
  for (; !ends_word(r, at); at++) {
    int d = digit_of(r->text[at]);
    if (r->text[at] == '_' && at > r->at) {
      continue;
    }
    significant += significant > 0 || (d != 0);
    if (d < 0 || significant > 16) {
      return refuse(r);
    }
    word->digits = (uint8_t)(word->digits + (word->digits < 16));
    word->value = word->value << 4 | (uint64_t)(d & 15) * (d < 16);
    if (d >= 16 && word->state != BT_HEX_X) {
      word->state = d == 16 ? BT_HEX_X : BT_HEX_Z;
    }
  }
  if (at == r->at) {
    return refuse(r);
  }
  r->at = at;
  return BT_OK;
}

static void keep(reader *r, bt_hex_word word) {
  if (r->address < r->memory->count) {
    r->memory->word[r->address] = word;
  } else {
    r->memory->beyond += word.state == BT_HEX_VALUE; /* x: a memory that is larger */
  }
  r->address++;
}

static bt_status read_all(reader *r) {
  bt_hex_word word;
  bt_status s = skip_blank(r);
  while (s == BT_OK && r->at < r->size) {
    bool address = r->text[r->at] == '@';
    r->at += address;
    s = read_word(r, &word);
    if (s == BT_OK && address && word.state != BT_HEX_VALUE) {
      s = bt_fail(r->error, BT_BAD_INPUT, "%s:%zu: an address with x or z", r->path, r->line);
    }
    if (s == BT_OK && address) {
      r->address = word.value;
    } else if (s == BT_OK) {
      keep(r, word);
    }
    s = s == BT_OK ? skip_blank(r) : s;
  }
  return s;
}

bt_status bt_hexmem_read(const char *path, size_t count, bt_hexmem *m, bt_error *error) {
  uint8_t *data = NULL;
  size_t size = 0;
  *m = (bt_hexmem){.count = count};
  bt_status s = bt_file_read(path, SIZE_MAX / 8, &data, &size, error);
  if (s != BT_OK) {
    return s;
  }
  m->word = calloc(count + 1, sizeof *m->word);
  reader r = {.path = path, .text = (const char *)data, .size = size, .line = 1, .memory = m,
              .error = error};
  s = m->word == NULL ? bt_fail(error, BT_FAILED, "%s: out of memory", path) : read_all(&r);
  free(data);
  if (s != BT_OK) {
    bt_hexmem_free(m);
  }
  return s;
}

void bt_hexmem_free(bt_hexmem *m) {
  free(m->word);
  *m = (bt_hexmem){0};
}

int64_t bt_hex_integer(bt_hex_word w, int width, bool is_signed) {
  int written = (width + 3) / 4;
  int bits = w.digits > written ? 4 * w.digits : width;
  uint64_t v = w.value;
  if (is_signed && bits < 64 && w.digits <= written && v >> width != 0) {
    /* The last digit's bits above the width: copies of the sign, or zeros, or a wrong value. */
    uint64_t above = v >> width, sign = v >> (width - 1) & 1;
    uint64_t ones = (UINT64_C(1) << (4 * written - width)) - 1;
    if (!(sign == 1 && above == ones)) {
      return (int64_t)v;
    }
  }
  if (!is_signed || bits >= 64 || (v >> (bits - 1) & 1) == 0) {
    return (int64_t)v;
  }
  return (int64_t)(v | UINT64_MAX << bits);
}
