/* What check says of a wrong result: each wrong design here is computed by the formula beside it,
 * and exactly its own hint must come. Alone: ctest -R '^test_vectors_hint$' */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/vectors_hint.h"

enum { N = 96 };

/* A bfp8 tensor [6][16] in block tensor, E = 10: step exponent 4; in0 is wide at step exponent 0,
 * so s = 4 surplus bits, and draws of 16 bits give their top four: (m + (r >> 12)) >> 4. */
typedef struct {
  bt_vectors_quantization q;
  bt_vectors_pair pair;
  bt_vectors_values expected, got;
  int64_t x[N], draw[N], want[N], have[N];
  uint8_t known[N];
  int16_t in_exp, out_exp, got_exp;
} world;

static int64_t clip(int64_t v, int64_t low, int64_t high) {
  return v < low ? low : v > high ? high : v;
}

static world *make_world(bt_rounding mode) {
  static const size_t dim[2] = {6, 16};
  world *w = calloc(1, sizeof *w);
  assert_non_null(w);
  bt_format f = {.kind = BT_BFP, .wl = 8, .block = BT_BLOCK_TENSOR};
  uint32_t random = 1;
  w->q.in = bt_tensor_wide("x", 2, dim, false, false);
  w->q.out = bt_tensor_bfp("y", f, 2, dim);
  w->in_exp = 0;
  w->out_exp = w->got_exp = 10;
  w->q.in.exp = &w->in_exp;
  w->q.out.exp = &w->out_exp;
  w->q.round = (bt_round_options){.mode = mode, .random_bits = 16};
  for (size_t i = 0; i < N; i++) {
    random = random * 1664525u + 1013904223u;
    w->x[i] = (int64_t)(random >> 20) - 2048; /* -2048 .. 2047: 2047 / 16 needs the clip */
    w->draw[i] = (int64_t)(random >> 4 & 0xffff);
    w->known[i] = BT_HEX_VALUE;
  }
  w->x[3] = 2047; /* 127.9375 */
  w->x[4] = -2048;
  w->x[5] = 8;    /* a tie: 0.5 */
  w->x[6] = 24;   /* a tie: 1.5 */
  w->q.x = (bt_vectors_values){.count = N, .value = w->x, .state = w->known};
  w->q.draws = (bt_vectors_values){.count = mode == BT_STOCHASTIC ? N : 0, .value = w->draw,
                                   .state = w->known};
  w->expected = (bt_vectors_values){.count = N, .value = w->want, .state = w->known};
  w->got = (bt_vectors_values){.count = N, .value = w->have, .state = w->known};
  w->pair = (bt_vectors_pair){&w->q.out, &w->expected, &w->got, true};
  for (size_t i = 0; i < N; i++) {
    int64_t up = mode == BT_STOCHASTIC ? w->draw[i] >> 12 : 8 - ((w->x[i] >> 4 & 1) == 0);
    w->want[i] = clip((w->x[i] + up) >> 4, -127, 127); /* the latter: nearest, ties to even */
    w->have[i] = w->want[i];
  }
  return w;
}

static void hint_is(world *w, const char *want, const char *not_this) {
  char text[1024] = "";
  bt_vectors_rounding_hints(&w->q, &w->pair, text, sizeof text);
  if (want[0] == '\0' ? text[0] != '\0' : strstr(text, want) == NULL) {
    fail_msg("'%s', expected '%s'", text, want);
  }
  if (not_this != NULL && strstr(text, not_this) != NULL) {
    fail_msg("'%s' says '%s'", text, not_this);
  }
}

typedef int64_t wrong_design(const world *w, size_t i);

static int64_t high(const world *w, size_t i) { return (w->x[i] + (w->draw[i] >> 11)) >> 4; }
static int64_t low(const world *w, size_t i) { return (w->x[i] + (w->draw[i] >> 13)) >> 4; }
static int64_t next(const world *w, size_t i) {
  return (w->x[i] + (w->draw[i + 1 < N ? i + 1 : 0] >> 12)) >> 4;
}
static int64_t previous(const world *w, size_t i) {
  return (w->x[i] + (w->draw[i > 0 ? i - 1 : 50] >> 12)) >> 4;
}
static int64_t floored(const world *w, size_t i) { return w->x[i] >> 4; }
static int64_t away(const world *w, size_t i) {
  return w->x[i] < 0 ? -((-w->x[i] + 8) >> 4) : (w->x[i] + 8) >> 4;
}

static void test_rounding(void **state) {
  static const struct {
    wrong_design *design;
    const char *hint;
  } wrong[] = {{high, "one bit too high"}, {low, "one bit too low"},
               {next, "draw of the element after it"},
               {previous, "draw of the element before it"}, {floored, "rounding `floor`"},
               {away, "rounding `nearest_away`"}};
  (void)state;
  for (size_t k = 0; k < sizeof wrong / sizeof wrong[0]; k++) {
    world *w = make_world(BT_STOCHASTIC);
    for (size_t i = 0; i < N; i++) {
      w->have[i] = clip(wrong[k].design(w, i), -127, 127);
    }
    for (size_t other = 0; other < sizeof wrong / sizeof wrong[0]; other++) {
      hint_is(w, wrong[k].hint, other == k ? NULL : wrong[other].hint);
    }
    w->have[40] += 2; /* now not every element is so */
    hint_is(w, "", NULL);
    free(w);
  }
}

/* The clip: 2047 rounds to 128 with any draw of 0x1000 and more, which is -128 in 8 bits. */
static void test_clip(void **state) {
  (void)state;
  world *w = make_world(BT_STOCHASTIC);
  w->draw[3] = 0xf000;
  for (size_t i = 0; i < N; i++) {
    int64_t v = (w->x[i] + (w->draw[i] >> 12)) >> 4;
    w->want[i] = clip(v, -127, 127);
    w->have[i] = v > 127 ? v - 256 : v;
  }
  hint_is(w, "wraps around", "other clip");
  for (size_t i = 0; i < N; i++) {
    w->have[i] = clip((w->x[i] + (w->draw[i] >> 12)) >> 4, -128, 127);
  }
  w->draw[4] = 0; /* -2048 / 16 = -128, which only the asymmetric clip has */
  w->have[4] = -128;
  hint_is(w, "other clip", "wraps around");
  free(w);
}

/* Right mantissas for a wrong exponent, and nothing said of the rounding then. */
static void test_exponent(void **state) {
  (void)state;
  world *w = make_world(BT_STOCHASTIC);
  w->got_exp = 11; /* s = 5 */
  w->q.got_exp = &w->got_exp;
  for (size_t i = 0; i < N; i++) {
    w->have[i] = clip((w->x[i] + (w->draw[i] >> 11)) >> 5, -127, 127);
  }
  hint_is(w, "right for the exponents that came", "draw");
  free(w);
}

static void test_ties(void **state) {
  (void)state;
  world *w = make_world(BT_NEAREST_EVEN);
  assert_int_equal(w->want[5], 0); /* 0.5 to even */
  assert_int_equal(w->want[6], 2); /* 1.5 to even */
  w->have[5] = 1;
  hint_is(w, "all are ties", "draw");
  w->have[7] += w->have[7] > 0 ? -1 : 1;
  assert_int_not_equal(w->x[7] & 15, 8);
  hint_is(w, "", NULL);
  free(w);
}

/* Places: 5, 13 and 21 agree modulo 8, but three that do may do so by chance. */
static void test_places(void **state) {
  bt_places p = {0};
  (void)state;
  assert_int_equal(bt_places_modulus(&p), 1);
  for (uint64_t place = 5; place <= 21; place += 8) {
    bt_places_add(&p, place);
  }
  assert_int_equal(bt_places_modulus(&p), 1); /* 2 distances of 3 bits: one in 64 */
  bt_places_add(&p, 45);
  bt_places_add(&p, 5);
  assert_int_equal(bt_places_modulus(&p), 8); /* 4 of 3 bits */
  bt_places_add(&p, 6);
  assert_int_equal(bt_places_modulus(&p), 1);
  p = (bt_places){0};
  bt_places_add(&p, 7);
  bt_places_add(&p, 7 + 1024);
  bt_places_add(&p, 7 + 2048);
  assert_int_equal(bt_places_modulus(&p), 64); /* no more lanes than that */
}

static void hints_say(world *w, const char *want) {
  char text[512];
  bt_vectors_hints(&w->pair, text, sizeof text);
  if (want[0] == '\0' ? text[0] != '\0' : strstr(text, want) == NULL) {
    fail_msg("'%s', expected '%s'", text, want);
  }
  memcpy(w->have, w->want, sizeof w->have);
}

static void test_patterns(void **state) {
  (void)state;
  world *w = make_world(BT_STOCHASTIC);
  hints_say(w, "");
  w->have[10] += 1;
  w->have[20] -= 1;
  hints_say(w, "off by one: 1 above, 1 below\n");
  for (size_t i = 2; i < N; i += 16) {
    w->have[i] += 5;
  }
  hints_say(w, "all have last index 2\n");
  for (size_t i = 3; i < N; i += 8) {
    w->have[i] += 5;
  }
  hints_say(w, "i mod 8 = 3: one lane");
  for (size_t i = 0; i < N; i++) {
    w->have[i] = w->want[(i + 1) % N];
  }
  hints_say(w, "value of the element after it");
  for (size_t i = 0; i < N; i++) {
    w->have[i] = w->want[(i + N - 1) % N];
  }
  hints_say(w, "value of the element before it");
  for (size_t i = 0; i < 40; i++) {
    w->have[i] = -w->want[i];
  }
  hints_say(w, "all have the wrong sign");
  for (size_t i = 0; i < 40; i++) {
    w->have[i] = 0;
  }
  hints_say(w, "all are 0");
  w->want[30] = w->want[31] = w->want[40] = 127;
  w->have[30] = w->have[31] = w->have[40] = 3;
  hints_say(w, "that the clip holds");
  free(w);
}

/* The element that decides: the largest magnitude, the first of equals, by its place in the block;
 * others as large are those with the same floor(log2). */
static void test_deciding(void **state) {
  char text[256];
  bt_places places = {0};
  (void)state;
  world *w = make_world(BT_STOCHASTIC);
  w->q.out.fmt.block = BT_BLOCK_DIM0; /* six blocks of 16 */
  for (size_t i = 16; i < 32; i++) {
    w->x[i] = (int64_t)i;             /* floor(log2) = 4 */
  }
  w->x[23] = -33;
  w->x[29] = 63;
  bt_vectors_deciding(&w->q, 1, &places, text, sizeof text);
  assert_string_equal(text, "decided   by element 23 of in0, number 7 of the block: mantissa -33 "
                            "at step 2^0; as large are 1 more\n");
  assert_int_equal(places.count, 2);
  assert_int_equal(places.first, 7);
  assert_int_equal(places.steps, 6); /* 7 and 13 */
  memset(w->x + 16, 0, 16 * sizeof w->x[0]);
  bt_vectors_deciding(&w->q, 1, &places, text, sizeof text);
  assert_string_equal(text, "decided   by no element: the block is all 0\n");
  free(w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_rounding), cmocka_unit_test(test_clip),
      cmocka_unit_test(test_exponent), cmocka_unit_test(test_ties),
      cmocka_unit_test(test_places), cmocka_unit_test(test_patterns),
      cmocka_unit_test(test_deciding)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
