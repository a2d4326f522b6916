/* Contractions whose SAIF and VCD the tests read back. Behind cmocka.h. */
#ifndef BT_TESTS_COST_WAVES_CASE_H
#define BT_TESTS_COST_WAVES_CASE_H

#include "cases.h"
#include "cost/saif.h"
#include "cost/vcd.h"
#include "num/stream.h"
#include "saif_reader.h"
#include "vcd_reader.h"

static inline bt_machine machine_of(size_t rows, size_t cols, int acc_bits, bool wrap) {
  bt_machine m = bt_machine_default();
  m.rows = rows;
  m.cols = cols;
  m.acc.acc_bits = acc_bits;
  m.acc.wrap = wrap;
  return m;
}

typedef struct {
  char *data;
  size_t size, room;
  size_t fails_at; /* 0: never */
} memory;

static inline bt_status take(void *context, unsigned file, const void *data, size_t size,
                      bt_error *error) {
  memory *m = context;
  assert_int_equal(file, 0);
  if (m->fails_at > 0 && m->size + size >= m->fails_at) {
    snprintf(error->text, sizeof error->text, "full");
    return BT_BAD_INPUT;
  }
  if (m->size + size > m->room) {
    m->room = 2 * (m->size + size);
    m->data = realloc(m->data, m->room);
    assert_non_null(m->data);
  }
  memcpy(m->data + m->size, data, size);
  m->size += size;
  return BT_OK;
}

/* A contraction of random operands, per-sample and per-channel exponents: several groups. */
static inline contraction drawn(bt_direction d, size_t n, size_t c, size_t o, size_t w) {
  bt_block second = d == BT_WEIGHT_GRADIENT ? BT_BLOCK_SAMPLE : BT_BLOCK_DIM0;
  contraction t = contraction_of(d, n, c, o, w, BT_BLOCK_SAMPLE, second, 8);
  bt_stream s = bt_stream_open(5, BT_STREAM_SYNTHETIC, (uint64_t)d);
  uint64_t draw = 0;
  bt_tensor *both[2] = {&t.a, &t.b};
  assert_true(bt_tensor_alloc(&t.a) && bt_tensor_alloc(&t.b) && bt_tensor_alloc(&t.out));
  for (int k = 0; k < 2; k++) {
    for (size_t i = 0; i < bt_tensor_elements(both[k]); i++) {
      bt_tensor_store(both[k], i, (int32_t)bt_stream_below(s, draw++, 255) - 127);
    }
    for (size_t i = 0; i < bt_tensor_exponents(both[k]); i++) {
      both[k]->exp[i] = (int16_t)bt_stream_below(s, draw++, 3);
    }
  }
  return t;
}

static inline void release(contraction *t) {
  bt_tensor_free(&t->a);
  bt_tensor_free(&t->b);
  bt_tensor_free(&t->out);
}

static inline saif_file saif_of(bt_saif *saif, memory *text) {
  saif_file f;
  bt_error error;
  bt_trace_sink sink = {take, text};
  assert_int_equal(bt_saif_write(saif, &sink, &error), BT_OK);
  if (!saif_read(&f, text->data, text->size)) {
    fail_msg("%s", f.error);
  }
  return f;
}

static inline vcd_file vcd_of(const bt_machine *m, contraction *t, size_t tile, memory *text,
                       uint64_t *cycles) {
  vcd_file f;
  bt_error error;
  bt_trace_sink sink = {take, text};
  assert_int_equal(bt_vcd_tile(m, command_of(t), tile, &sink, cycles, &error), BT_OK);
  if (!vcd_read(&f, text->data, text->size)) {
    fail_msg("%s", f.error);
  }
  return f;
}

#endif
