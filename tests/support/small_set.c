#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include "num/stream.h"
#include "support/small.h"

#define CLASSES 10u
#define CELL 2u /* a pattern is made of squares of this side */

/* A pattern's square is dark or bright; noise takes 96 of the 256 levels, so that a class is seen
 * in many squares and not in one. */
static uint8_t pixel(const small_set *set, size_t label, size_t split, size_t image, size_t y,
                     size_t x) {
  bt_stream pattern = bt_stream_open(set->seed, BT_STREAM_SYNTHETIC, label);
  bt_stream noise = bt_stream_open(set->seed, BT_STREAM_SYNTHETIC, 1000 + split);
  size_t cells = (set->side + CELL - 1) / CELL;
  bool bright = bt_stream_below(pattern, y / CELL * cells + x / CELL, 2) == 1;
  uint64_t n = bt_stream_below(noise, (image * set->side + y) * set->side + x, 160);
  return (uint8_t)((bright ? 96u : 0u) + n);
}

static size_t label_of(const small_set *set, size_t split, size_t image) {
  bt_stream s = bt_stream_open(set->seed, BT_STREAM_SYNTHETIC, 2000 + split);
  return bt_stream_below(s, image, CLASSES);
}

static uint8_t *put_word(uint8_t *at, size_t v) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    *at++ = (uint8_t)(v >> shift);
  }
  return at;
}

static bool write_bytes(const char *directory, const char *name, bool gzip, const uint8_t *data,
                        size_t size) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s%s", directory, name, gzip ? ".gz" : "");
  gzFile f = gzopen(path, gzip ? "wb" : "wbT"); /* T: as it is, without gzip */
  if (f == NULL) {
    return false;
  }
  bool whole = gzwrite(f, data, (unsigned)size) == (int)size;
  return gzclose(f) == Z_OK && whole;
}

static bool write_split(const char *directory, const small_set *set, size_t split) {
  static const char *const images[] = {"train-images-idx3-ubyte", "t10k-images-idx3-ubyte"};
  static const char *const labels[] = {"train-labels-idx1-ubyte", "t10k-labels-idx1-ubyte"};
  size_t n = split == 0 ? set->train : set->test, size = set->side * set->side;
  uint8_t *data = malloc(16 + n * size);
  if (data == NULL) {
    return false;
  }
  uint8_t *at = put_word(put_word(put_word(put_word(data, 0x803), n), set->side), set->side);
  for (size_t i = 0; i < n; i++) {
    size_t label = label_of(set, split, i);
    for (size_t p = 0; p < size; p++) {
      *at++ = pixel(set, label, split, i, p / set->side, p % set->side);
    }
  }
  bool good = write_bytes(directory, images[split], set->gzip, data, (size_t)(at - data));
  at = put_word(put_word(data, 0x801), n);
  for (size_t i = 0; i < n; i++) {
    *at++ = (uint8_t)label_of(set, split, i);
  }
  good = good && write_bytes(directory, labels[split], set->gzip, data, (size_t)(at - data));
  free(data);
  return good;
}

bool small_set_write(const char *directory, const small_set *set) {
  return write_split(directory, set, 0) && write_split(directory, set, 1);
}
