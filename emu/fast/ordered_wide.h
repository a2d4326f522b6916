/* Part of ordered_loops.h: accumulators in 32-bit lanes. */
typedef struct {
  v32 less;
  int shift;
} constants32;

LOOP v32 entry32(bt_entry kind, constants32 c, v32 a, v32 b, v32 draw) {
  v32 p = mul32(a, b);
  switch (kind) {
    case BT_ENTRY_FLOOR:
      return sra32(p, c.shift);
    case BT_ENTRY_NEAREST:
      return sra32(p + c.less + (sra32(p, c.shift) & 1), c.shift);
    case BT_ENTRY_DRAWN:
      return sra32(p + draw, c.shift);
    case BT_ENTRY_EXACT:
    default:
      return p;
  }
}

LOOP void load_state32(bt_entry kind, const bt_ordered_tile *t, v32 s[BT_ROWS][BT_SIDE]) {
  const size_t rows = ROWS_OF(kind);
  UNROLL
  for (size_t r = 0; r < rows; r++) {
    UNROLL
    for (size_t v = 0; v < BT_SIDE; v++) {
      s[r][v] = load32((const uint32_t *)t->acc + r * WIDTH32 + v * LANES32);
    }
  }
}

LOOP void store_state32(bt_entry kind, const bt_ordered_tile *t, v32 s[BT_ROWS][BT_SIDE]) {
  const size_t rows = ROWS_OF(kind);
  UNROLL
  for (size_t r = 0; r < rows; r++) {
    UNROLL
    for (size_t v = 0; v < BT_SIDE; v++) {
      memcpy((uint32_t *)t->acc + r * WIDTH32 + v * LANES32, &s[r][v], sizeof s[r][v]);
    }
  }
}

/* Whether no accumulator can leave its range in the stretch. */
LOOP bool far_from_ends(bt_entry kind, const bt_ordered_tile *t, v32 s[BT_ROWS][BT_SIDE],
                        size_t stretch) {
  const size_t rows = ROWS_OF(kind);
  int64_t room = t->way->high - bt_ordered_reach(t->way, t->sums[stretch]);
  if (room < 0) {
    return false;
  }
  v32 most = s[0][0], least = s[0][0], high = all32((int32_t)room), low = all32((int32_t)-room);
  UNROLL
  for (size_t r = 0; r < rows; r++) {
    UNROLL
    for (size_t v = 0; v < BT_SIDE; v++) {
      most = max32(most, s[r][v]);
      least = min32(least, s[r][v]);
    }
  }
  return !any32((max32(most, high) ^ high) | (min32(least, low) ^ low));
}

LOOP constants32 constants_of32(const bt_ordered_way *w) {
  return (constants32){all32(w->shift > 0 ? (1 << (w->shift - 1)) - 1 : 0), w->shift};
}

/* Goes on from `stretch` until one may saturate or wrap, and leaves that one to be counted. */
LOOP size_t go32(bt_entry kind, const bt_ordered_tile *t, size_t stretch) {
  const size_t rows = ROWS_OF(kind);
  constants32 c = constants_of32(t->way);
  const uint32_t *b = t->b;
  const uint16_t *draws = t->draws;
  v32 s[BT_ROWS][BT_SIDE];
  load_state32(kind, t, s);
  for (; stretch * BT_ORDERED_STRETCH < t->terms; stretch++) {
    if (!far_from_ends(kind, t, s, stretch)) {
      break;
    }
    for (size_t k = stretch * BT_ORDERED_STRETCH, end = stretch_end(t, stretch); k < end; k++) {
      UNROLL
      for (size_t v = 0; v < BT_SIDE; v++) {
        v32 y = load32(b + k * WIDTH32 + v * LANES32);
        v32 d = kind == BT_ENTRY_DRAWN ? widen(draws + k * WIDTH32 + v * LANES32) : (v32){0};
        UNROLL
        for (size_t r = 0; r < rows; r++) {
          s[r][v] += entry32(kind, c, all32(t->a[r * t->a_step + k]), y, d);
        }
      }
    }
  }
  store_state32(kind, t, s);
  return stretch;
}

LOOP v32 add32(bt_over over, const bt_ordered_way *w, v32 acc, v32 p, v32 *tally) {
  v32 exact = acc + p, sum;
  switch (over) {
    case BT_OVER_LANE_SATURATE:
    case BT_OVER_LANE_WRAP: {
      v32 left = sra32((acc ^ exact) & (p ^ exact), 31);
      *tally = equal32(*tally, left, (v32){0});
      sum = exact ^ ((exact ^ sra32(acc, 31) ^ 0x7FFFFFFFu) & left);
      return over == BT_OVER_LANE_WRAP ? exact : sum;
    }
    case BT_OVER_SATURATE:
      sum = min32(max32(exact, all32(w->low)), all32(w->high));
      break;
    case BT_OVER_WRAP:
    default:
      sum = sra32(exact << (32 - w->bits), 32 - w->bits);
  }
  *tally = equal32(*tally, exact, sum);
  return sum;
}

LOOP uint64_t count32(bt_entry kind, bt_over over, const bt_ordered_tile *t, size_t stretch) {
  const size_t rows = ROWS_OF(kind);
  constants32 c = constants_of32(t->way);
  const uint32_t *b = t->b;
  const uint16_t *draws = t->draws;
  v32 s[BT_ROWS][BT_SIDE], tally = {0};
  size_t begin = stretch * BT_ORDERED_STRETCH, end = stretch_end(t, stretch);
  load_state32(kind, t, s);
  for (size_t k = begin; k < end; k++) {
    UNROLL
    for (size_t v = 0; v < BT_SIDE; v++) {
      v32 y = load32(b + k * WIDTH32 + v * LANES32);
      v32 d = kind == BT_ENTRY_DRAWN ? widen(draws + k * WIDTH32 + v * LANES32) : (v32){0};
      UNROLL
      for (size_t r = 0; r < rows; r++) {
        v32 p = entry32(kind, c, all32(t->a[r * t->a_step + k]), y, d);
        s[r][v] = add32(over, t->way, s[r][v], p, &tally);
      }
    }
  }
  store_state32(kind, t, s);
  uint32_t additions = (uint32_t)((end - begin) * rows * BT_SIDE), sum = 0;
  v32 missing = tally + additions;
  if (!any32(missing)) {
    return 0;
  }
  for (size_t l = 0; l < LANES32; l++) {
    sum += missing[l];
  }
  return sum;
}
