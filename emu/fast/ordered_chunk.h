/* Part of ordered_loops.h: chunks that enter accumulators. */
/* x rounded by `shift`, any x of 32 bits. */
LOOP int32_t rounded(bt_entry kind, int32_t x, int shift, int32_t draw) {
  uint32_t unit = UINT32_C(1) << shift, rest = (uint32_t)x & (unit - 1);
  int32_t quotient = x >> shift;
  switch (kind) {
    case BT_ENTRY_NEAREST:
      return quotient + (int32_t)((rest + (unit >> 1) - 1 + ((uint32_t)quotient & 1)) >> shift);
    case BT_ENTRY_DRAWN:
      return quotient + (int32_t)((rest + (uint32_t)draw) >> shift);
    case BT_ENTRY_EXACT:
    case BT_ENTRY_FLOOR:
    default:
      return quotient;
  }
}

/* The state of one output: the chunk's sum x enters *acc. Returns 1 if that left the range. */
LOOP uint32_t enter_one(bt_entry kind, bool wrap, const bt_ordered_chunk *c, int32_t x,
                        int32_t draw, int32_t *acc) {
  uint32_t a = (uint32_t)*acc, e = (uint32_t)rounded(kind, x, c->shift, draw);
  uint32_t t = a + e, left = ((a ^ t) & (e ^ t)) >> 31;
  int32_t high = (int32_t)((UINT32_C(1) << (c->bits - 1)) - 1), sum;
  if (wrap) {
    sum = (int32_t)(t << (32 - c->bits)) >> (32 - c->bits);
  } else {
    int32_t held = left != 0 ? (int32_t)((a >> 31) + 0x7FFFFFFFu) : (int32_t)t;
    sum = held > high ? high : held < -high - 1 ? -high - 1 : held;
  }
  *acc = sum;
  return left | (sum != (int32_t)t);
}

LOOP uint64_t enter_kind(bt_entry kind, bool wrap, bool wide, const bt_ordered_chunk *c) {
  uint32_t saturations = 0;
  for (size_t r = 0; r < c->rows; r++) {
    int16_t *narrow = (int16_t *)c->partial + r * c->columns;
    int32_t *full = (int32_t *)c->partial + r * c->columns;
    int32_t *restrict acc = c->acc + r * c->columns;
    for (size_t j = 0; j < c->columns; j++) {
      int32_t x = wide ? full[j] : narrow[j] >> c->scale;
      int32_t draw = kind == BT_ENTRY_DRAWN ? c->draws[j] : 0;
      saturations += enter_one(kind, wrap, c, x, draw, &acc[j]);
    }
  }
  memset(c->partial, 0, c->rows * c->columns * (wide ? sizeof(int32_t) : sizeof(int16_t)));
  return saturations;
}

LOOP uint64_t enter_over(bt_entry kind, const bt_ordered_chunk *c) {
  return c->wrap ? c->wide ? enter_kind(kind, true, true, c) : enter_kind(kind, true, false, c)
         : c->wide ? enter_kind(kind, false, true, c)
                   : enter_kind(kind, false, false, c);
}

LOOP uint64_t enter_chunk(const bt_ordered_chunk *c) {
  switch (c->entry) {
    case BT_ENTRY_NEAREST:
      return enter_over(BT_ENTRY_NEAREST, c);
    case BT_ENTRY_DRAWN:
      return enter_over(BT_ENTRY_DRAWN, c);
    case BT_ENTRY_EXACT:
    case BT_ENTRY_FLOOR:
    default:
      return enter_over(BT_ENTRY_FLOOR, c);
  }
}
