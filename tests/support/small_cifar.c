#include <stdio.h>

#include "num/stream.h"
#include "support/small.h"

#define SIDE 32u
#define CELLS 8u /* a pattern is 8 x 8 squares a channel */

/* As in small_set.c: a class is a pattern of dark and bright squares under noise. */
static uint8_t pixel(const small_cifar *set, size_t label, size_t split, size_t image, size_t c,
                     size_t y, size_t x) {
  bt_stream pattern = bt_stream_open(set->seed, BT_STREAM_SYNTHETIC, label);
  bt_stream noise = bt_stream_open(set->seed, BT_STREAM_SYNTHETIC, 1000 + split);
  size_t cell = (c * CELLS + y * CELLS / SIDE) * CELLS + x * CELLS / SIDE;
  bool bright = bt_stream_below(pattern, cell, 2) == 1;
  uint64_t n = bt_stream_below(noise, ((image * 3 + c) * SIDE + y) * SIDE + x, 160);
  return (uint8_t)((bright ? 96u : 0u) + n);
}

static bool write_record(FILE *f, const small_cifar *set, size_t split, size_t image) {
  bt_stream labels = bt_stream_open(set->seed, BT_STREAM_SYNTHETIC, 2000 + split);
  size_t label = bt_stream_below(labels, image, set->classes);
  if (set->classes == 100) {
    fputc((int)(label / 5), f); /* its coarse label, here simply five to one */
  }
  fputc((int)label, f);
  for (size_t i = 0; i < 3u * SIDE * SIDE; i++) {
    fputc(pixel(set, label, split, image, i / (SIDE * SIDE), i / SIDE % SIDE, i % SIDE), f);
  }
  return ferror(f) == 0;
}

/* Images first..end-1 of a half. */
static bool write_file(const char *directory, const char *name, const small_cifar *set,
                       size_t split, size_t first, size_t end) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", directory, name);
  FILE *f = fopen(path, "wb");
  bool good = f != NULL;
  for (size_t i = first; good && i < end; i++) {
    good = write_record(f, set, split, i);
  }
  return f != NULL && fclose(f) == 0 && good;
}

bool small_cifar_write(const char *directory, const small_cifar *set) {
  if (set->classes == 100) {
    return write_file(directory, "train.bin", set, 0, 0, set->train) &&
           write_file(directory, "test.bin", set, 1, 0, set->test);
  }
  bool good = write_file(directory, "test_batch.bin", set, 1, 0, set->test);
  for (size_t i = 0; i < 5 && good; i++) {
    char name[32];
    snprintf(name, sizeof name, "data_batch_%zu.bin", i + 1);
    good = write_file(directory, name, set, 0, set->train * i / 5, set->train * (i + 1) / 5);
  }
  return good;
}
