/* The weight gradient gives the sums of numerics 8.2 on shapes around each of its blockings, with
 * samples of equal, near and distant exponents, for every instruction set (AVX-512 through SIMDe)
 * and 1, 2, 3 and 7 threads; extremes too.
 *
 *   test_fast_weight_gradient [SEED [FIRST [COUNT]]]    default: 1 0 160 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fast/fast.h"
#include "fast/weight.h"
#include "num/round.h"
#include "num/stream.h"
#include "support/drawn.h"

typedef struct {
  uint64_t seed, first, count;
} range;

typedef enum { ONE, NEAR, DISTANT } exponents;
typedef enum { ANY, ENDS, SMALL } values;

/* h, w of the image follow from the output and `more` places at its end that no window needs. */
typedef struct {
  size_t n, oh, ow, c, o, kh, kw, stride, pad, more;
  exponents exponents;
  values values;
} shape;

/* Around lines, tiles and panels; slabs, blocks and steps (weight_plan.c, weight_gradient.c). */
static const shape fixed[] = {
    {1, 1, 1, 1, 1, 1, 1, 1, 0, 0, ONE, ANY},       {2, 3, 3, 8, 6, 3, 3, 1, 1, 0, ONE, ENDS},
    {5, 4, 4, 15, 17, 3, 3, 1, 1, 0, NEAR, ENDS},   {4, 7, 5, 16, 18, 3, 3, 1, 1, 0, DISTANT, ENDS},
    {3, 6, 6, 17, 19, 2, 3, 2, 1, 1, NEAR, ANY},    {8, 5, 5, 64, 31, 3, 3, 1, 1, 0, ONE, ENDS},
    {6, 5, 5, 21, 32, 3, 1, 3, 2, 2, DISTANT, ANY}, {9, 5, 4, 33, 65, 1, 1, 2, 0, 1, NEAR, ENDS},
    {4, 24, 24, 1, 6, 5, 5, 1, 0, 0, ONE, ENDS},    {7, 8, 8, 6, 16, 5, 5, 1, 0, 0, DISTANT, ENDS},
    {127, 1, 1, 40, 13, 1, 1, 1, 0, 0, ONE, ENDS},  {1021, 1, 1, 9, 7, 1, 1, 1, 0, 0, ONE, ANY},
    {128, 1, 1, 40, 13, 1, 1, 1, 0, 0, DISTANT, ENDS}, {64, 5, 4, 3, 9, 1, 1, 1, 0, 0, ONE, ANY},
    {40, 9, 9, 5, 8, 3, 3, 1, 1, 0, ONE, ENDS},     {70, 8, 9, 5, 8, 3, 3, 1, 1, 0, NEAR, SMALL},
    {90, 8, 9, 3, 34, 3, 3, 1, 1, 0, DISTANT, SMALL},
    {3, 50, 50, 3, 5, 3, 3, 1, 1, 0, DISTANT, ENDS},
    {2, 1, 2500, 2, 7, 1, 3, 1, 1, 0, ONE, ENDS},   {1, 2, 2100, 2, 3, 2, 2, 2, 0, 3, ONE, ANY},
    {3, 20, 20, 700, 2, 1, 2, 1, 0, 0, NEAR, ENDS}, {2, 2, 400, 1100, 1, 1, 1, 2, 0, 0, ONE, ENDS},
    {2, 2, 2, 3, 4, 2, 2, 1, 4, 0, NEAR, ENDS},     {300, 1, 1, 30000, 1, 3, 3, 1, 1, 0, ONE, ENDS},
};
#define FIXED (sizeof fixed / sizeof fixed[0])

typedef struct {
  uint64_t state;
  shape s;
  bt_tensor error, image, out;
  bt_command c;
  bt_contraction w;
  int32_t *expected;
  size_t rows;                    /* of extremes */
  int32_t *low, *high;
} gradient_case;

static uint64_t below(gradient_case *k, uint64_t n) {
  k->state += BT_SPLITMIX_GAMMA;
  return (bt_splitmix64(k->state) >> 8) % n;
}

static size_t up_to(gradient_case *k, size_t most) { return 1 + (size_t)below(k, most); }

static shape random_shape(gradient_case *k) {
  shape s = {.n = up_to(k, 12), .oh = up_to(k, 9), .ow = up_to(k, 9), .c = up_to(k, 40),
             .o = up_to(k, 40), .kh = up_to(k, 3), .kw = up_to(k, 3), .stride = up_to(k, 3),
             .pad = (size_t)below(k, 3), .more = (size_t)below(k, 2)};
  if (below(k, 4) == 0) {
    s = (shape){.n = up_to(k, 700), .oh = 1, .ow = 1, .c = s.c, .o = s.o, .kh = 1, .kw = 1,
                .stride = 1};
  }
  s.exponents = (exponents)below(k, 3);
  s.values = (values)below(k, 3);
  return s;
}

static void fill(gradient_case *k, bt_tensor *t) {
  int8_t *m = t->data;
  for (size_t i = 0; i < bt_tensor_elements(t); i++) {
    uint64_t v = below(k, 256);
    m[i] = (int8_t)(k->s.values == ENDS ? (v < 200 ? -128 : 127)
                                        : (int)v - 128);
    m[i] = t == &k->error && k->s.values == SMALL ? (int8_t)(v < 4) : m[i];
  }
}

static void make_shifts(gradient_case *k, size_t places) {
  int most = 0;
  bt_contraction *w = &k->w;
  w->k_blocks = k->s.exponents == ONE ? 1 : k->s.n;
  w->k_block_size = w->x.k / w->k_blocks;
  w->shift = calloc(w->k_blocks, sizeof *w->shift);
  for (size_t i = 0; k->s.exponents != ONE && i < w->k_blocks; i++) {
    w->shift[i] = (int)below(k, k->s.exponents == NEAR ? 4 : BT_ALIGN_BITS + 1);
    w->shift[i] = below(k, 6) == 0 ? BT_UNUSED_BLOCK : w->shift[i];
    most = w->shift[i] > most ? w->shift[i] : most;
  }
  w->plan = bt_align_plan(0, most, k->s.n * places, 0);
}

static void make(gradient_case *k, uint64_t seed, uint64_t number) {
  *k = (gradient_case){.state = bt_splitmix64(seed) ^ (number * BT_SPLITMIX_GAMMA)};
  k->s = number < FIXED ? fixed[number] : random_shape(k);
  const shape *s = &k->s;
  size_t h = (s->oh - 1) * s->stride + s->kh + s->more;
  size_t w = (s->ow - 1) * s->stride + s->kw + s->more;
  bt_geometry g = {.n = s->n, .c = s->c, .o = s->o, .kh = s->kh, .kw = s->kw, .stride = s->stride,
                   .pad = s->pad, .oh = s->oh, .ow = s->ow};
  g.h = h > 2 * s->pad ? h - 2 * s->pad : 1;
  g.w = w > 2 * s->pad ? w - 2 * s->pad : 1;
  bt_format f = {.kind = BT_BFP, .wl = 8, .asymmetric = true};
  k->error = bt_tensor_bfp("e", f, 4, (size_t[]){g.n, g.oh, g.ow, g.o});
  k->image = bt_tensor_bfp("x", f, 4, (size_t[]){g.n, g.h, g.w, g.c});
  k->out = bt_tensor_wide("out", 4, (size_t[]){g.o, g.kh, g.kw, g.c}, false, false);
  assert_true(bt_tensor_alloc(&k->error) && bt_tensor_alloc(&k->image) &&
              bt_tensor_alloc(&k->out));
  fill(k, &k->error);
  fill(k, &k->image);
  k->c = (bt_command){.op = BT_OP_CONTRACT, .in = {&k->error, &k->image}, .out = {&k->out}};
  k->w = (bt_contraction){.c = &k->c, .g = g, .d = BT_WEIGHT_GRADIENT, .a_max = 128, .b_max = 128,
                          .x = bt_geometry_extent(&g, BT_WEIGHT_GRADIENT), .any = true};
  make_shifts(k, g.oh * g.ow);
  k->rows = below(k, 2) == 0 ? 1 : g.o;
}

/* The sum of one output, by the formula. */
static int32_t oracle(const gradient_case *k, size_t o, size_t kh, size_t kw, size_t c) {
  const bt_geometry *g = &k->w.g;
  const int8_t *error = k->error.data, *image = k->image.data;
  int64_t sum = 0;
  for (size_t n = 0; n < g->n; n++) {
    int shift = k->w.shift[k->w.k_blocks == 1 ? 0 : n];
    for (size_t i = 0; shift != BT_UNUSED_BLOCK && i < g->oh * g->ow; i++) {
      size_t y = i / g->ow * g->stride + kh - g->pad, x = i % g->ow * g->stride + kw - g->pad;
      if (y < g->h && x < g->w) { /* below 0 is far above */
        int64_t p = error[(n * g->oh * g->ow + i) * g->o + o] *
                    image[((n * g->h + y) * g->w + x) * g->c + c];
        sum += bt_shift_left(p, shift);
      }
    }
  }
  return (int32_t)bt_saturate(bt_shift_floor(sum, k->w.plan.t), INT32_MIN, INT32_MAX);
}

static void expect(gradient_case *k) {
  const bt_geometry *g = &k->w.g;
  size_t places = g->kh * g->kw * g->c, cells = k->rows * g->c;
  k->expected = malloc(g->o * places * sizeof *k->expected);
  k->low = malloc(cells * sizeof *k->low);
  k->high = malloc(cells * sizeof *k->high);
  for (size_t i = 0; i < cells; i++) {
    k->low[i] = INT32_MAX;
    k->high[i] = INT32_MIN;
  }
  for (size_t i = 0; i < g->o * places; i++) {
    size_t o = i / places, j = i % places, cell = (k->rows == 1 ? 0 : o) * g->c + j % g->c;
    int32_t m = oracle(k, o, j / (g->kw * g->c), j / g->c % g->kw, j % g->c);
    k->expected[i] = m;
    k->low[cell] = m < k->low[cell] ? m : k->low[cell];
    k->high[cell] = m > k->high[cell] ? m : k->high[cell];
  }
}

static void compare(gradient_case *k, bt_fast *f, const char *replay) {
  size_t n = bt_tensor_elements(&k->out), cells = k->rows * k->s.c;
  bt_extremes x = {.rows = k->rows, .columns = k->s.c};
  x.low = malloc(cells * sizeof *x.low);
  x.high = malloc(cells * sizeof *x.high);
  memset(k->out.data, 0x55, n * sizeof(int32_t));
  k->w.f = f;
  k->w.extremes = &x;
  bt_scratch_reset(f->scratch);
  assert_true(bt_fast_weight_gradient(&k->w));
  for (size_t i = 0; i < n; i++) {
    if (((int32_t *)k->out.data)[i] != k->expected[i]) {
      fail_msg("output %zu is %d, expected %d, with %s, %u threads; run it alone: %s", i,
               ((int32_t *)k->out.data)[i], k->expected[i], f->kernels.isa,
               bt_threads_count(f->threads), replay);
    }
  }
  if (memcmp(x.low, k->low, cells * sizeof *x.low) != 0 ||
      memcmp(x.high, k->high, cells * sizeof *x.high) != 0) {
    fail_msg("extremes, with %s, %u threads; run it alone: %s", f->kernels.isa,
             bt_threads_count(f->threads), replay);
  }
  free(x.low);
  free(x.high);
}

/* What the case is a case of, with this instruction set. */
typedef struct {
  size_t one_group, shifted, several_groups;
} tally;

static void count(const gradient_case *k, tally *t) {
  bt_weight s = {.w = &k->w, .g = k->w.g};
  bt_scratch_reset(k->w.f->scratch);
  assert_true(bt_weight_plan(&s));
  bool falls = s.slabs > 0 && s.slab[0].shift > s.slab[s.slabs - 1].shift;
  t->one_group += s.groups == 1 && !falls;
  t->shifted += s.groups == 1 && falls;
  t->several_groups += s.groups > 1;
}

static void free_case(gradient_case *k) {
  bt_tensor_free(&k->error);
  bt_tensor_free(&k->image);
  bt_tensor_free(&k->out);
  free(k->w.shift);
  free(k->expected);
  free(k->low);
  free(k->high);
}

static void sums_are_exact(void **state) {
  static const unsigned threads[] = {1, 2, 3, 7};
  const range *r = *state;
  tally t = {0};
  print_message("seed %llu\n", (unsigned long long)r->seed);
  for (uint64_t i = r->first; i < r->first + r->count; i++) {
    gradient_case k;
    char replay[80];
    snprintf(replay, sizeof replay, "test_fast_weight_gradient %llu %llu 1",
             (unsigned long long)r->seed, (unsigned long long)i);
    make(&k, r->seed, i);
    expect(&k);
    for (const char *const *isa = bt_fast_isas(); *isa != NULL; isa++) {
      for (size_t j = 0; bt_fast_supports(*isa) && j < 4; j++) {
        bt_fast f = {.threads = bt_threads_new(threads[j]), .scratch = bt_scratch_new()};
        assert_true(f.threads != NULL && f.scratch != NULL);
        bt_kernels_fill(&f.kernels, *isa);
        compare(&k, &f, replay);
        count(&k, &t);
        bt_threads_free(f.threads);
        bt_scratch_free(f.scratch);
      }
    }
    free_case(&k);
  }
  print_message("runs: %zu of one exponent, %zu shifted in int32, %zu summed in int64\n",
                t.one_group, t.shifted, t.several_groups);
  if (r->first == 0 && r->count >= 100) {
    assert_true(t.one_group > 0 && t.shifted > 0 && t.several_groups > 0);
  }
}

int main(int argc, char **argv) {
  range r = {1, 0, BT_DRAWN(160)};
  r.seed = argc > 1 ? strtoull(argv[1], NULL, 10) : r.seed;
  r.first = argc > 2 ? strtoull(argv[2], NULL, 10) : r.first;
  r.count = argc > 3 ? strtoull(argv[3], NULL, 10) : r.count;
  const struct CMUnitTest tests[] = {cmocka_unit_test_prestate(sums_are_exact, &r)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
