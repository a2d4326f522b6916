/* The word tiles of each instruction set (AVX-512 through SIMDe) give what fast/dispatch.h says,
 * on random words: every count of vectors, start or none, accumulate and shift.
 *
 *   test_fast_tiles [SEED [FIRST [COUNT]]]    default: 1 0 2000 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fast/dispatch.h"
#include "fast/fast.h"
#include "num/stream.h"

#define WORDS 40u
#define COLUMNS (BT_TILE_VECTORS * BT_TILE_LANES)
#define STEP (COLUMNS + 5u)
#define BYTES (4u * COLUMNS * (WORDS + 1u))

typedef struct {
  uint64_t seed, first, count;
} range;

typedef struct {
  uint64_t state;
  uint8_t a[BYTES], b[BYTES];
  int32_t a_offset[WORDS], b_offset[WORDS], start[COLUMNS];
  int32_t out[BT_TILE_ROWS * STEP], expected[BT_TILE_ROWS * STEP];
  bt_word_tile t;
} random_tile;

static uint64_t below(random_tile *k, uint64_t n) {
  k->state += BT_SPLITMIX_GAMMA;
  return (bt_splitmix64(k->state) >> 8) % n;
}

/* Bytes of any value, or of the ends of the range alone; PAIR: A is int8 in int16. */
static void fill(random_tile *k, const bt_kernels *f) {
  bool ends = below(k, 3) == 0;
  for (size_t i = 0; i < BYTES; i++) {
    k->a[i] = (uint8_t)(ends ? 255 * below(k, 2) : below(k, 256));
    k->b[i] = (uint8_t)(ends ? 255 * below(k, 2) : below(k, 256));
  }
  for (size_t i = 0; i < BYTES && f->word == BT_PAIR; i += 2) {
    int16_t m = (int16_t)((int)below(k, 256) - 128);
    memcpy(k->a + i, &m, sizeof m);
  }
  for (size_t i = 0; i < BT_TILE_ROWS * STEP; i++) {
    k->out[i] = k->expected[i] = (int32_t)(uint32_t)below(k, UINT64_C(1) << 32);
  }
  for (size_t i = 0; i < COLUMNS; i++) {
    k->start[i] = (int32_t)(uint32_t)below(k, UINT64_C(1) << 32);
  }
}

static void make(random_tile *k, const bt_kernels *f, size_t vectors) {
  size_t unit = f->word == BT_PAIR ? 2 : 1;
  fill(k, f);
  k->t = (bt_word_tile){.words = (size_t)below(k, WORDS + 1), .vectors = vectors,
                        .a_offset = k->a_offset, .b_offset = k->b_offset,
                        .start = below(k, 2) == 0 ? NULL : k->start,
                        .accumulate = below(k, 2) == 0, .shift = (unsigned)below(k, 32),
                        .out = k->out, .out_step = f->lanes * vectors + (size_t)below(k, 6)};
  for (size_t r = 0; r < BT_TILE_ROWS; r++) {
    k->t.a[r] = k->a + unit * below(k, 100);
  }
  for (size_t v = 0; v < vectors; v++) {
    k->t.b[v] = k->b + unit * below(k, 100);
  }
  for (size_t w = 0; w < WORDS; w++) {
    k->a_offset[w] = (int32_t)(unit * below(k, 1000));
    k->b_offset[w] = (int32_t)(unit * below(k, 1000));
  }
}

static uint32_t product(const uint8_t *a, const uint8_t *b, bt_word word, bool a_unsigned) {
  uint32_t sum = 0;
  if (word == BT_PAIR) {
    int16_t x[2], y[2];
    memcpy(x, a, sizeof x);
    memcpy(y, b, sizeof y);
    return (uint32_t)(x[0] * y[0]) + (uint32_t)(x[1] * y[1]);
  }
  for (size_t i = 0; i < 4; i++) {
    sum += (uint32_t)(a_unsigned ? a[i] * (int8_t)b[i] : (int8_t)a[i] * b[i]);
  }
  return sum;
}

static void expect(random_tile *k, const bt_kernels *f, bool a_unsigned) {
  const bt_word_tile *t = &k->t;
  for (size_t r = 0; r < BT_TILE_ROWS; r++) {
    for (size_t j = 0; j < t->vectors * f->lanes; j++) {
      int32_t *out = &k->expected[r * t->out_step + j];
      uint32_t sum = t->start == NULL ? 0 : (uint32_t)t->start[j];
      for (size_t w = 0; w < t->words; w++) {
        const uint8_t *b = t->b[j / f->lanes] + t->b_offset[w] + 4 * (j % f->lanes);
        sum += product(t->a[r] + t->a_offset[w], b, f->word, a_unsigned);
      }
      *out = (int32_t)(sum + (t->accumulate ? (uint32_t)*out << t->shift : 0));
    }
  }
}

static void compare(const range *r, const char *isa) {
  if (!bt_fast_supports(isa)) {
    print_message("this CPU has no %s\n", isa);
    skip(); /* another processor: this instruction set cannot run here */
  }
  bt_kernels f;
  bt_kernels_fill(&f, isa);
  random_tile *k = malloc(sizeof *k);
  assert_non_null(k);
  for (uint64_t i = r->first; i < r->first + r->count; i++) {
    k->state = bt_splitmix64(r->seed + BT_SPLITMIX_GAMMA) ^ (i * BT_SPLITMIX_GAMMA);
    bool a_unsigned = below(k, 2) == 0;
    make(k, &f, 1 + (size_t)(i % f.vectors));
    expect(k, &f, a_unsigned);
    (a_unsigned ? f.tile_a : f.tile_b)(&k->t);
    if (memcmp(k->out, k->expected, sizeof k->out) != 0) {
      fail_msg("the tile of %zu words, %zu vectors differs on %s; run it alone: "
               "test_fast_tiles %llu %llu 1", k->t.words, k->t.vectors, isa,
               (unsigned long long)r->seed, (unsigned long long)i);
    }
  }
  free(k);
}

static void portable_tiles(void **state) { compare(*state, "portable"); }
static void avx2_tiles(void **state) { compare(*state, "avx2"); }
static void avx512_tiles(void **state) { compare(*state, "avx512"); }
static void vnni_tiles(void **state) { compare(*state, "vnni"); }

int main(int argc, char **argv) {
  range r = {1, 0, 2000};
  r.seed = argc > 1 ? strtoull(argv[1], NULL, 10) : r.seed;
  r.first = argc > 2 ? strtoull(argv[2], NULL, 10) : r.first;
  r.count = argc > 3 ? strtoull(argv[3], NULL, 10) : r.count;
  const struct CMUnitTest tests[] = {cmocka_unit_test_prestate(portable_tiles, &r),
                                     cmocka_unit_test_prestate(avx2_tiles, &r),
                                     cmocka_unit_test_prestate(avx512_tiles, &r),
                                     cmocka_unit_test_prestate(vnni_tiles, &r)};
  print_message("seed %llu, tiles %llu to %llu\n", (unsigned long long)r.seed,
                (unsigned long long)r.first, (unsigned long long)(r.first + r.count - 1));
  return cmocka_run_group_tests(tests, NULL, NULL);
}
