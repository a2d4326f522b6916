/* dropout: which elements are kept (numerics 5.5). */
#include "fast/commands.h"
#include "fast/parts.h"
#include "num/stream.h"

typedef struct {
  bt_stream stream;
  uint64_t base, limit; /* the first element's index; the threshold */
  size_t n;
  uint8_t *mask;
} dropout_job;

/* round_half_even(p * 65536) */
static uint64_t threshold(bt_rational p) {
  unsigned __int128 scaled = (unsigned __int128)(uint64_t)p.num << 16;
  uint64_t den = (uint64_t)p.den;
  uint64_t quotient = (uint64_t)(scaled / den), rest = (uint64_t)(scaled % den);
  bool up = rest > den - rest || (rest == den - rest && (quotient & 1) != 0);
  return quotient + (up ? 1 : 0);
}

static void run_part(void *context, size_t first, size_t end, unsigned thread) {
  const dropout_job *j = context;
  (void)thread;
  end = end * BT_PART_ELEMENTS < j->n ? end * BT_PART_ELEMENTS : j->n;
  for (size_t i = first * BT_PART_ELEMENTS; i < end; i++) {
    j->mask[i] = bt_stream_at(j->stream, j->base + i) >> 48 >= j->limit;
  }
}

bool bt_fast_dropout(bt_fast *f, const bt_command *c) {
  size_t n = bt_tensor_elements(c->out[0]);
  dropout_job j = {.stream = bt_stream_open(c->u.dropout.seed, BT_STREAM_DROPOUT,
                                            c->u.dropout.epoch * 65536 + c->u.dropout.layer),
                   .base = c->u.dropout.step * n,
                   .limit = threshold(c->u.dropout.drop),
                   .n = n,
                   .mask = c->out[0]->data};
  bt_parts_run(f, (n + BT_PART_ELEMENTS - 1) / BT_PART_ELEMENTS, BT_PART_ELEMENTS, run_part, &j);
  return true;
}
