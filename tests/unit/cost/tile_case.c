#include "tile_case.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases.h"
#include "cost/vcd.h"
#include "num/stream.h"

static bt_status take(void *context, unsigned file, const void *data, size_t size,
                      bt_error *error) {
  tile_case *t = context;
  char *text = realloc(t->text, t->size + size);
  (void)file;
  (void)error;
  if (text == NULL) {
    return BT_FAILED;
  }
  memcpy(text + t->size, data, size);
  t->text = text;
  t->size += size;
  return BT_OK;
}

static void fill(bt_tensor *t, bt_stream s, uint64_t *draw) {
  for (size_t i = 0; i < bt_tensor_elements(t); i++) {
    int32_t value = (int32_t)bt_stream_below(s, (*draw)++, 256) - 128;
    bool large = bt_stream_below(s, (*draw)++, 3) == 0;
    bt_tensor_store(t, i, !large ? value : value < 0 ? -128 : 127);
  }
  for (size_t i = 0; i < bt_tensor_exponents(t); i++) {
    t->exp[i] = (int16_t)bt_stream_below(s, (*draw)++, 3);
  }
}

tile_case tile_case_waves(size_t rows, size_t cols, int acc_bits, bool wrap, uint64_t seed) {
  bt_stream s = bt_stream_open(seed, BT_STREAM_SYNTHETIC, 0);
  uint64_t draw = 0;
  tile_case t = {0};
  bt_machine m = bt_machine_default();
  m.rows = rows;
  m.cols = cols;
  m.acc.acc_bits = acc_bits;
  m.acc.wrap = wrap;
  size_t n = (size_t)bt_stream_below(s, draw++, 40) + 1;
  size_t c = (size_t)bt_stream_below(s, draw++, 2 * cols) + 1;
  size_t o = (size_t)bt_stream_below(s, draw++, 2 * rows) + 1;
  contraction k =
      contraction_of(BT_WEIGHT_GRADIENT, n, c, o, 1, BT_BLOCK_SAMPLE, BT_BLOCK_SAMPLE, 8);
  bt_error error = {"out of memory"};
  bt_status status = BT_FAILED;
  if (bt_tensor_alloc(&k.a) && bt_tensor_alloc(&k.b) && bt_tensor_alloc(&k.out)) {
    fill(&k.a, s, &draw);
    fill(&k.b, s, &draw);
    size_t tile = (size_t)bt_stream_below(s, draw++, bt_tile_count(&m, command_of(&k)));
    bt_trace_sink sink = {take, &t};
    status = bt_vcd_tile(&m, command_of(&k), tile, &sink, &t.cycles, &error);
  }
  if (status != BT_OK) {
    tile_case_free(&t);
    snprintf(t.error, sizeof t.error, "%.200s", error.text);
  }
  bt_tensor_free(&k.a);
  bt_tensor_free(&k.b);
  bt_tensor_free(&k.out);
  return t;
}

void tile_case_free(tile_case *t) {
  free(t->text);
  t->text = NULL;
}
