/* Part of ordered_loops.h: accumulators in 16-bit lanes. */
/* What an entry needs beside the operands. */
typedef struct {
  v16 mask, less; /* less: half - 1 */
  int shift, right;
} constants16;

LOOP constants16 constants_of16(const bt_ordered_way *w) {
  int32_t half = w->shift > 0 ? 1 << (w->shift - 1) : 1;
  return (constants16){all16(w->mask), all16(half - 1), w->shift, w->right};
}

LOOP v16 entry16(bt_entry kind, constants16 c, v16 a, v16 b, v16 draw) {
  switch (kind) {
    case BT_ENTRY_FLOOR:
      return mulhi16(a, b) & c.mask;
    case BT_ENTRY_NEAREST: {
      v16 p = a * b;
      return sra16(p + c.less + (sra16(p, c.shift) & 1), c.right) & c.mask;
    }
    case BT_ENTRY_DRAWN:
      return sra16(a * b + draw, c.right) & c.mask;
    case BT_ENTRY_EXACT:
    default:
      return a * b;
  }
}

LOOP void load_state16(bt_entry kind, const bt_ordered_tile *t, v16 s[BT_ROWS][BT_SIDE]) {
  const size_t rows = ROWS_OF(kind);
  UNROLL
  for (size_t r = 0; r < rows; r++) {
    UNROLL
    for (size_t v = 0; v < BT_SIDE; v++) {
      s[r][v] = load16((const uint16_t *)t->acc + r * WIDTH16 + v * LANES16);
    }
  }
}

LOOP void store_state16(bt_entry kind, const bt_ordered_tile *t, v16 s[BT_ROWS][BT_SIDE]) {
  const size_t rows = ROWS_OF(kind);
  UNROLL
  for (size_t r = 0; r < rows; r++) {
    UNROLL
    for (size_t v = 0; v < BT_SIDE; v++) {
      memcpy((uint16_t *)t->acc + r * WIDTH16 + v * LANES16, &s[r][v], sizeof s[r][v]);
    }
  }
}

/* Goes on from `stretch` until one may saturate or wrap, and leaves that one to be counted. A
 * saturating sum and a wrapping one run side by side: in a quiet stretch they part for good. */
LOOP size_t go16(bt_entry kind, const bt_ordered_tile *t, size_t stretch) {
  const size_t rows = ROWS_OF(kind);
  constants16 c = constants_of16(t->way);
  const uint16_t *b = t->b, *draws = t->draws;
  v16 s[BT_ROWS][BT_SIDE], w[BT_ROWS][BT_SIDE];
  load_state16(kind, t, s);
  for (; stretch * BT_ORDERED_STRETCH < t->terms; stretch++) {
    if (t->sums[stretch] > t->way->quiet) {
      return stretch;
    }
    memcpy(w, s, sizeof w);
    for (size_t k = stretch * BT_ORDERED_STRETCH, end = stretch_end(t, stretch); k < end; k++) {
      UNROLL
      for (size_t v = 0; v < BT_SIDE; v++) {
        v16 y = load16(b + k * WIDTH16 + v * LANES16);
        v16 d = kind == BT_ENTRY_DRAWN ? load16(draws + k * WIDTH16 + v * LANES16) : (v16){0};
        UNROLL
        for (size_t r = 0; r < rows; r++) {
          v16 p = entry16(kind, c, (v16)all32(t->a[r * t->a_step + k]), y, d);
          s[r][v] = adds16(s[r][v], p);
          w[r][v] = w[r][v] + p;
        }
      }
    }
    v16 parted = {0};
    UNROLL
    for (size_t r = 0; r < rows; r++) {
      UNROLL
      for (size_t v = 0; v < BT_SIDE; v++) {
        parted |= s[r][v] ^ w[r][v];
      }
    }
    if (any16(parted)) {
      return stretch;
    }
    store_state16(kind, t, s);
  }
  return stretch;
}

/* acc + p; *tally loses 1 in the lanes that neither saturated nor wrapped. */
LOOP v16 add16(bt_over over, const bt_ordered_way *w, v16 acc, v16 p, v16 *tally) {
  v16 exact = acc + p, sum;
  switch (over) {
    case BT_OVER_LANE_SATURATE:
    case BT_OVER_LANE_WRAP:
      sum = adds16(acc, p);
      *tally = equal16(*tally, exact, sum);
      return over == BT_OVER_LANE_WRAP ? exact : sum;
    case BT_OVER_SATURATE:
      sum = min16(max16(exact, all16(w->low)), all16(w->high));
      break;
    case BT_OVER_WRAP:
    default:
      sum = sra16(exact << (16 - w->bits), 16 - w->bits);
  }
  *tally = equal16(*tally, exact, sum);
  return sum;
}

LOOP uint64_t count16(bt_entry kind, bt_over over, const bt_ordered_tile *t, size_t stretch) {
  const size_t rows = ROWS_OF(kind);
  constants16 c = constants_of16(t->way);
  const uint16_t *b = t->b, *draws = t->draws;
  v16 s[BT_ROWS][BT_SIDE], tally = {0};
  size_t begin = stretch * BT_ORDERED_STRETCH, end = stretch_end(t, stretch);
  load_state16(kind, t, s);
  for (size_t k = begin; k < end; k++) {
    UNROLL
    for (size_t v = 0; v < BT_SIDE; v++) {
      v16 y = load16(b + k * WIDTH16 + v * LANES16);
      v16 d = kind == BT_ENTRY_DRAWN ? load16(draws + k * WIDTH16 + v * LANES16) : (v16){0};
      UNROLL
      for (size_t r = 0; r < rows; r++) {
        v16 p = entry16(kind, c, (v16)all32(t->a[r * t->a_step + k]), y, d);
        s[r][v] = add16(over, t->way, s[r][v], p, &tally);
      }
    }
  }
  store_state16(kind, t, s);
  uint32_t additions = (uint32_t)((end - begin) * rows * BT_SIDE), sum = 0;
  v16 missing = tally + (uint16_t)additions;
  if (!any16(missing)) {
    return 0;
  }
  for (size_t l = 0; l < LANES16; l++) {
    sum += missing[l];
  }
  return sum;
}
