/* dropout: which elements are kept (numerics 5.5). */
#include "num/stream.h"
#include "ref/commands.h"

/* round_half_even(p * 65536) */
static uint64_t threshold(bt_rational p) {
  unsigned __int128 scaled = (unsigned __int128)(uint64_t)p.num << 16;
  uint64_t den = (uint64_t)p.den;
  uint64_t quotient = (uint64_t)(scaled / den), rest = (uint64_t)(scaled % den);
  bool up = rest > den - rest || (rest == den - rest && (quotient & 1) != 0);
  return quotient + (up ? 1 : 0);
}

bt_status bt_ref_dropout(const bt_command *c) {
  bt_tensor *mask = c->out[0];
  size_t n = bt_tensor_elements(mask);
  uint64_t limit = threshold(c->u.dropout.drop);
  bt_stream s = bt_stream_open(c->u.dropout.seed, BT_STREAM_DROPOUT,
                               c->u.dropout.epoch * 65536 + c->u.dropout.layer);
  for (size_t i = 0; i < n; i++) {
    ((uint8_t *)mask->data)[i] = bt_stream_at(s, c->u.dropout.step * n + i) >> 48 >= limit;
  }
  return BT_OK;
}
