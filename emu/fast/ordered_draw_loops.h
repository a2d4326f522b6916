/* Part of ordered_loops.h: draws, and their way from one column after the other to terms. */
#define GROUP (16u / LANES32) /* vectors of 16 lanes of the generator */

/* A lane's next draw, at the top of 32 bits (numerics 4.2), and its state after that. */
LOOP v32 draw_top(v32 x, unsigned bits) { return x << (32 - bits); }
LOOP v32 drawn(v32 x, v32 top, unsigned bits) {
  return (x >> bits) ^ top ^ (top >> 2) ^ (top >> 6) ^ (top >> 7);
}

/* 16 of s->width lanes. At the top of 32 bits a draw is an addend shifted up, whichever of R and S
 * is larger (numerics 3). */
LOOP void draw_group(bt_lane_state *s, unsigned first, unsigned bits, unsigned skip, size_t rounds,
                     unsigned shift, uint16_t *to) {
  uint32_t *lane = s->lane + first;
  size_t width = s->width;
  v32 x[GROUP], addend[GROUP], half = all32((int32_t)s->half);
  memcpy(x, lane, sizeof x);
  for (size_t i = 0; i < rounds; i++) {
    UNROLL
    for (size_t v = 0; v < GROUP; v++) {
      v32 top = draw_top(x[v], bits);
      addend[v] = (top | half) >> (32 - shift);
      x[v] = drawn(x[v], top, bits);
      for (unsigned j = 0; j < skip; j++) {
        x[v] = drawn(x[v], draw_top(x[v], bits), bits);
      }
    }
    store_group(to + i * width + first, addend);
  }
  memcpy(lane, x, sizeof x);
}

LOOP void draw_rounds(bt_lane_state *s, size_t rounds, unsigned shift, uint16_t *to) {
  for (unsigned first = 0; first < s->width; first += 16) {
    if (s->bits == 16 && s->skip == 0) { /* shifts by constants */
      draw_group(s, first, 16, 0, rounds, shift, to);
    } else {
      draw_group(s, first, s->bits, s->skip, rounds, shift, to);
    }
  }
}

/* The 8 x 8 words of each 16 bytes' place are transposed: three times, what stood 32 words apart
 * comes together. */
LOOP void transpose(v16 x[8]) {
  UNROLL
  for (int step = 0; step < 3; step++) {
    v16 y[8];
    UNROLL
    for (size_t i = 0; i < 4; i++) {
      y[2 * i] = low16(x[i], x[i + 4]);
      y[2 * i + 1] = high16(x[i], x[i + 4]);
    }
    memcpy(x, y, sizeof y);
  }
}

/* Terms k..k+n-1, n at most 8. */
LOOP void turn_terms(bt_ordered_turn t, size_t k, size_t n) {
  v16 x[8];
  UNROLL
  for (size_t i = 0; i < 8; i++) {
    x[i] = load_eights(t.from + i * t.step + k, 8 * t.step);
  }
  transpose(x);
  UNROLL
  for (size_t i = 0; i < 8; i++) {
    if (i < n) {
      memcpy(t.to + t.place[k + i] * t.width, &x[i], sizeof x[i]);
    }
  }
}

LOOP void turn_columns(bt_ordered_turn t) {
  size_t k = 0;
  for (; k + 8 <= t.terms; k += 8) {
    turn_terms(t, k, 8);
  }
  if (k < t.terms) {
    turn_terms(t, k, t.terms - k);
  }
}
