/* Text of a trace: numbers into a large buffer that a sink empties. */
#ifndef BT_COST_TRACE_TEXT_H
#define BT_COST_TRACE_TEXT_H

#include <stddef.h>
#include <string.h>

#include "bittrue.h"

/* Takes the text of a file, 0 or above, piece by piece. */
typedef struct {
  bt_status (*put)(void *context, unsigned file, const void *data, size_t size, bt_error *error);
  void *context;
} bt_trace_sink;

#define BT_TRACE_BUFFER (1u << 20)
#define BT_TRACE_LINE 4096u /* the longest line */

typedef struct {
  const bt_trace_sink *sink;
  unsigned file;
  size_t used;
  bt_status status; /* the sink's first that is not BT_OK; later text is dropped */
  bt_error error;
  char data[BT_TRACE_BUFFER + BT_TRACE_LINE];
} bt_trace_text;

static inline void bt_trace_flush(bt_trace_text *t) {
  if (t->status == BT_OK && t->used > 0) {
    t->status = t->sink->put(t->sink->context, t->file, t->data, t->used, &t->error);
  }
  t->used = 0;
}

/* Where a line of up to BT_TRACE_LINE goes; bt_trace_line_end() with its end puts it there. */
static inline char *bt_trace_line(bt_trace_text *t) { return t->data + t->used; }

static inline void bt_trace_line_end(bt_trace_text *t, const char *end) {
  t->used = (size_t)(end - t->data);
  if (t->used >= BT_TRACE_BUFFER) {
    bt_trace_flush(t);
  }
}

/* These write at p and return the place behind. */
static inline char *bt_trace_word(char *p, const char *word, size_t length) {
  memcpy(p, word, length);
  return p + length;
}

static inline char *bt_trace_decimal(char *p, uint64_t n) {
  char digits[20];
  unsigned i = 20;
  do {
    digits[--i] = (char)('0' + n % 10);
    n /= 10;
  } while (n > 0);
  return bt_trace_word(p, digits + i, 20 - i);
}

/* Without leading zeros. */
static inline char *bt_trace_hex(char *p, uint64_t n) {
  unsigned digits = n == 0 ? 1 : (67 - (unsigned)__builtin_clzll(n)) / 4;
  for (unsigned i = digits; i-- > 0;) {
    *p++ = "0123456789abcdef"[n >> (4 * i) & 15];
  }
  return p;
}

/* Two digits a byte, in order. */
static inline char *bt_trace_bytes(char *p, const uint8_t *data, size_t size) {
  for (size_t i = 0; i < size; i++) {
    *p++ = "0123456789abcdef"[data[i] >> 4];
    *p++ = "0123456789abcdef"[data[i] & 15];
  }
  return p;
}

#endif
