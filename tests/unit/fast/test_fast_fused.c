/* Groups of commands that the fast engine runs as one (fast/fused.h) give what the reference gives
 * command by command: outputs, masks, exponents, counts and the generator; and they are really run
 * as one: the wide tensors between them stay as they were.
 *
 *   test_fast_fused [SEED [FIRST [COUNT]]]    default: 1 0 600 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/program.h"
#include "fast/fast.h"
#include "num/round.h"
#include "random_case.h"
#include "ref/ref.h"

enum { AFFINE, CONTRACT_AFFINE, CONTRACT, UPDATE, POOL, KINDS };
static const char *const kind_name[KINDS] = {"affine, quantize", "contract, affine, quantize",
                                             "contract, quantize", "update", "pool_back, gate"};
#define POISON 0xA5
#define WIDE_BITS 20
#define WIDE (1 << WIDE_BITS)

typedef struct {
  uint64_t seed, first, count;
} range;

typedef struct {
  bt_program *p;
  bt_tensor *out[4], *own[2]; /* what is compared; what only the group uses and never needs */
  size_t outs, owns;
  int kind;
  bt_lfsr rng;
  bt_counts counts;
  bool fused;
} scenario;

static size_t size(chance *r, size_t most) { return 1 + (size_t)below(r, most); }

static bt_format format(chance *r, int wl, bt_block block) {
  return (bt_format){.kind = BT_BFP, .wl = wl, .asymmetric = below(r, 4) == 0, .block = block};
}

static bt_block split(bool yes) { return yes ? BT_BLOCK_DIM0 : BT_BLOCK_TENSOR; }

/* A kept tensor of random contents: zero blocks, ends of the range, exponents near and far. */
static bt_tensor *add(scenario *s, chance *r, bt_tensor shape) {
  bt_tensor *t = bt_program_tensor(s->p, shape);
  assert_non_null(t);
  int base = below(r, 12) == 0 ? 240 * (int)below(r, 2) - 120 : (int)below(r, 12) - 6;
  uint64_t spread = below(r, 4) == 0 ? 30 : 3;
  for (size_t b = 0; b < bt_tensor_exponents(t); b++) {
    int e = base + (int)below(r, spread);
    t->exp[b] = (int16_t)(below(r, 10) == 0 ? -128 : e < -128 ? -128 : e > 127 ? 127 : e);
  }
  t->bits = t->kind == BT_T_WIDE ? WIDE_BITS : t->bits;
  for (size_t i = 0; i < bt_tensor_elements(t); i++) {
    if (t->kind == BT_T_BYTE) {
      ((uint8_t *)t->data)[i] = (uint8_t)below(r, 3);
      continue;
    }
    bool wide = t->kind == BT_T_WIDE;
    int32_t high = wide ? WIDE - 1 : bt_clip_high(&t->fmt);
    int32_t low = wide ? -WIDE : bt_clip_low(&t->fmt);
    uint64_t any = below(r, (uint64_t)(high - low + 1));
    int32_t m = below(r, 16) == 0 ? low : low + (int32_t)any;
    m = wide ? m >> i % bt_tensor_last(t) % WIDE_BITS : m; /* columns of all sizes */
    bt_tensor_store(t, i, t->exp[bt_tensor_exponent_of(t, i)] == -128 ? 0 : m);
  }
  return t;
}

static bt_tensor *result(scenario *s, bt_tensor *t) {
  assert_non_null(t);
  s->out[s->outs++] = t;
  return t;
}

/* A wide temporary; the contraction's is written in every group. */
static bt_tensor *wide(scenario *s, bt_tensor shape, bool stays) {
  bt_tensor *t = bt_program_temporary(s->p, shape);
  assert_non_null(t);
  if (stays) {
    s->own[s->owns++] = t;
  }
  return t;
}

static void command(scenario *s, bt_command c) {
  c.label.text = "case";
  assert_non_null(bt_program_add(s->p, &c, "case %d", s->kind));
}

static bt_round_options rounding(chance *r) {
  return (bt_round_options){below(r, 3) > 0 ? BT_STOCHASTIC : (bt_rounding)below(r, 4),
                            1 + (unsigned)below(r, 24), below(r, 3) == 0};
}

static void quantize(scenario *s, chance *r, bt_tensor *from, bt_tensor *to) {
  bt_command c = {.op = BT_OP_QUANTIZE, .in = {from}, .out = {to}};
  c.u.quantize.round = rounding(r);
  command(s, c);
}

static bt_constant constant(chance *r) {
  static const bt_constant one = {16384, -14}, zero = {0, 0};
  int32_t m = below(r, 3) == 0 ? 16384 : 16384 + (int32_t)below(r, 16384);
  uint64_t kind = below(r, 12);
  return kind < 5    ? one
         : kind == 5 ? zero
                     : (bt_constant){below(r, 2) == 0 ? -m : m, (int)below(r, 12) - 18};
}

static bt_constant addend(chance *r) {
  int32_t m = (int32_t)((INT64_C(1) << 30) + (int64_t)below(r, 1 << 30));
  return (bt_constant){below(r, 2) == 0 ? -m : m, (int)below(r, 40) - 48};
}

static bt_geometry geometry(chance *r, bool large) {
  bt_geometry g = {.n = size(r, large ? 24 : 4), .c = size(r, 9), .o = size(r, 20), .stride = 1};
  if (below(r, 3) == 0) {
    g.h = g.w = g.kh = g.kw = g.oh = g.ow = 1;
    g.n = size(r, large ? 900 : 30);
    g.o += large ? 20 : 0;
    return g;
  }
  g.kh = size(r, 3), g.kw = size(r, 3);
  g.h = g.kh + (large ? 14 : below(r, 5)), g.w = g.kw + (large ? 12 : below(r, 5));
  g.oh = g.h - g.kh + 1, g.ow = g.w - g.kw + 1;
  return g;
}

static bt_tensor *contract(scenario *s, chance *r, bt_geometry g, bt_direction d) {
  size_t x[4] = {g.n, g.h, g.w, g.c}, w[4] = {g.o, g.kh, g.kw, g.c}, y[4] = {g.n, g.oh, g.ow, g.o};
  bool samples = below(r, 3) == 0, channels = below(r, 2) == 0;
  bt_command c = {.op = BT_OP_CONTRACT};
  c.u.contract.direction = d;
  c.u.contract.geometry = g;
  c.in[0] = add(s, r, bt_tensor_bfp("a", format(r, 8, split(samples)), 4, d == BT_FORWARD ? x : y));
  bool gradient = d == BT_WEIGHT_GRADIENT;
  c.in[1] = add(s, r, bt_tensor_bfp("b", format(r, 8, split(channels)), 4, gradient ? x : w));
  /* A fully connected layer's input may have been an image: several columns a last index. */
  size_t image[4] = {g.n, 1, 1, g.c}, *out = d == BT_FORWARD ? y : gradient ? w : x;
  if (d == BT_DATA_GRADIENT && g.h * g.w == 1 && g.c % 3 == 0) {
    image[2] = 3;
    image[3] = g.c / 3;
    out = image;
  }
  c.out[0] = wide(s, bt_tensor_wide("y", 4, out, samples && !gradient,
                                    channels && d == BT_FORWARD), false);
  command(s, c);
  return c.out[0];
}

/* The output of a quantization of t. */
static bt_tensor *quantized(scenario *s, chance *r, const bt_tensor *t) {
  int wl = below(r, 4) == 0 ? 2 + (int)below(r, 15) : 8;
  bt_block block = split(t->n0 > 1 && below(r, 2) == 0);
  return result(s, bt_program_tensor(s->p, bt_tensor_bfp("q", format(r, wl, block), t->ndim,
                                                         t->dim)));
}

static void affine(scenario *s, chance *r, const bt_tensor *x, bool masks) {
  bool per0 = x->kind == BT_T_WIDE ? x->n0 > 1 : x->fmt.block == BT_BLOCK_DIM0;
  bt_tensor *z = wide(s, bt_tensor_wide("z", x->ndim, x->dim, per0, x->nl > 1), true);
  bt_command c = {.op = BT_OP_AFFINE, .in = {x}, .out = {z}};
  c.u.affine.terms = 1;
  c.u.affine.c[0] = constant(r);
  if (below(r, 2) == 0) {
    bt_format f = format(r, 8, BT_BLOCK_TENSOR);
    c.in[c.u.affine.terms] = add(s, r, bt_tensor_bfp("bias", f, 1, &x->dim[x->ndim - 1]));
    c.u.affine.c[c.u.affine.terms++] = constant(r);
  }
  c.u.affine.has_c0 = below(r, 3) == 0;
  c.u.affine.c0 = addend(r);
  c.u.affine.relu = below(r, 2) == 0;
  c.u.affine.masked = masks && !c.u.affine.relu && below(r, 2) == 0;
  if (c.u.affine.relu) {
    c.out[1] = result(s, bt_program_tensor(s->p, bt_tensor_byte("mask", x->ndim, x->dim)));
  } else if (c.u.affine.masked) {
    c.in[BT_IN_MASK] = add(s, r, bt_tensor_byte("mask", x->ndim, x->dim));
  }
  command(s, c);
  quantize(s, r, z, quantized(s, r, z));
}

static void build_affine(scenario *s, chance *r, bool large) {
  size_t dim[3] = {size(r, 12), size(r, 9), size(r, large ? 700 : 40)};
  uint64_t kind = below(r, 4);
  int wl = kind == 1 ? 8 : 16;
  if (kind == 3) { /* exponents by column, in rows enough that they run as one */
    dim[1] += large ? 200 : 0;
    dim[2] = size(r, 70);
  }
  const bt_tensor *x =
      add(s, r, kind == 0   ? bt_tensor_byte("x", 3, dim)
                : kind == 3 ? bt_tensor_wide("x", 3, dim, below(r, 2) == 0, true)
                            : bt_tensor_bfp("x", format(r, wl, split(below(r, 2))), 3, dim));
  affine(s, r, x, true);
}

static void build_contract_affine(scenario *s, chance *r, bool large) {
  affine(s, r, contract(s, r, geometry(r, large), BT_FORWARD), false);
}

static void build_contract(scenario *s, chance *r, bool large) {
  bt_direction d = (bt_direction)below(r, 3);
  const bt_tensor *y = contract(s, r, geometry(r, large), d);
  quantize(s, r, (bt_tensor *)(uintptr_t)y, quantized(s, r, y));
}

/* numerics 15, with any constants: momentum and weights are read by both affines, then written. */
static void build_update(scenario *s, chance *r, bool large) {
  size_t dim[2] = {size(r, large ? 300 : 12), size(r, large ? 200 : 60)};
  bool rows = below(r, 2) == 0;
  int wl = below(r, 4) == 0 ? 16 : 8;
  bt_tensor *t[3], *z[2];
  for (size_t i = 0; i < 3; i++) { /* w, v, g */
    bt_format f = format(r, wl, split(rows && below(r, 2) == 0));
    t[i] = add(s, r, bt_tensor_bfp("t", f, 2, dim));
  }
  result(s, t[0]);
  result(s, t[1]);
  for (size_t i = 0; i < 2; i++) {
    z[i] = wide(s, bt_tensor_wide("z", 2, dim, rows, false), true);
    bt_command c = {.op = BT_OP_AFFINE, .in = {t[1 - i], t[2 - i], i == 0 ? t[0] : t[2]}};
    c.in[3] = t[0];
    c.out[0] = z[i];
    c.u.affine.terms = 3 + i;
    for (size_t k = 0; k < 4; k++) {
      c.u.affine.c[k] = constant(r);
    }
    command(s, c);
  }
  quantize(s, r, z[0], t[1]);
  quantize(s, r, z[1], t[0]);
}

static void build_pool(scenario *s, chance *r, bool large) {
  size_t k = size(r, 3), small[4] = {size(r, large ? 30 : 3), size(r, 6), size(r, 6), size(r, 40)};
  size_t big[4] = {small[0], small[1] * k + below(r, k), small[2] * k + below(r, k), small[3]};
  bt_format f = format(r, below(r, 4) == 0 ? 16 : 8,
                       below(r, 2) == 0 ? BT_BLOCK_SAMPLE : BT_BLOCK_TENSOR);
  bt_tensor *e = add(s, r, bt_tensor_bfp("e", f, 4, small));
  bt_tensor *index = add(s, r, bt_tensor_byte("index", 4, small));
  for (size_t i = 0; i < bt_tensor_elements(index); i++) {
    ((uint8_t *)index->data)[i] = (uint8_t)below(r, k * k);
  }
  bt_tensor *back = wide(s, bt_tensor_bfp("back", f, 4, big), true);
  bt_command c = {.op = BT_OP_POOL_BACK, .in = {e, index}, .out = {back}};
  c.u.pool.k = k;
  command(s, c);
  bt_tensor *mask = add(s, r, bt_tensor_byte("mask", 4, big));
  bt_tensor *out = result(s, bt_program_tensor(s->p, bt_tensor_bfp("out", f, 4, big)));
  command(s, (bt_command){.op = BT_OP_GATE, .in = {back, mask}, .out = {out}});
}

static void build(scenario *s, uint64_t seed, uint64_t number) {
  static void (*const make[KINDS])(scenario *, chance *, bool) = {
      build_affine, build_contract_affine, build_contract, build_update, build_pool};
  chance r = {.state = seed * UINT64_C(0x9E3779B97F4A7C15) + number * 1000003, .scale = 1};
  bt_error error = {""};
  *s = (scenario){.p = bt_program_new(), .kind = (int)(number % KINDS)};
  assert_non_null(s->p);
  assert_int_equal(bt_lfsr_start(&s->rng, below(&r, 1000), 1u << below(&r, 7)), BT_OK);
  make[s->kind](s, &r, below(&r, 6) == 0);
  if (bt_program_plan(s->p, &error) != BT_OK) {
    fail_msg("case %llu: %s", (unsigned long long)number, error.text);
  }
  for (size_t i = 0; i < bt_program_size(s->p); i++) {
    if (bt_command_check(bt_program_at(s->p, i), &error) != BT_OK) {
      fail_msg("the case itself is wrong: %llu: %s", (unsigned long long)number, error.text);
    }
  }
}

static size_t bytes(const bt_tensor *t) {
  return bt_tensor_elements(t) * bt_tensor_element_size(t);
}

static bool poisoned(const bt_tensor *t) {
  const uint8_t *b = t->data;
  size_t i = 0;
  while (i < bytes(t) && b[i] == POISON) {
    i++;
  }
  return i == bytes(t);
}

static void run_one_by_one(scenario *s, bt_engine *engine) {
  bt_error error = {""};
  for (size_t i = 0; i < bt_program_size(s->p); i++) {
    assert_int_equal(engine->run(engine, bt_program_at(s->p, i), &s->rng, &s->counts, &error),
                     BT_OK);
  }
  engine->destroy(engine);
}

static void run_groups(scenario *s, bt_engine *engine) {
  bt_error error = {""};
  size_t n = bt_program_size(s->p), done = 0;
  for (size_t i = 0; i < s->owns; i++) {
    memset(s->own[i]->data, POISON, bytes(s->own[i]));
  }
  for (size_t i = 0; i < n; i += done) {
    assert_int_equal(engine->run_from(engine, s->p, i, &done, &s->rng, &s->counts, &error), BT_OK);
    assert_true(done >= 1 && i + done <= n);
    s->fused = done == n;
  }
  for (size_t i = 0; s->fused && i < s->owns; i++) {
    assert_true(poisoned(s->own[i]));
  }
  engine->destroy(engine);
}

static const char *difference(const scenario *a, const scenario *b) {
  for (size_t i = 0; i < a->outs; i++) {
    const bt_tensor *x = a->out[i], *y = b->out[i];
    if (memcmp(x->data, y->data, bytes(x)) != 0) {
      return x->kind == BT_T_BYTE ? "mask" : "mantissas";
    }
    if (memcmp(x->exp, y->exp, bt_tensor_exponents(x) * sizeof *x->exp) != 0) {
      return "exponents";
    }
  }
  return memcmp(&a->counts, &b->counts, sizeof a->counts) != 0 ? "counts"
         : memcmp(&a->rng, &b->rng, sizeof a->rng) != 0        ? "generator"
                                                               : NULL;
}

static void compare_all(const range *r, const char *isa) {
  static const unsigned threads[] = {1, 2, 3, 7};
  uint64_t fused[KINDS] = {0}, cases[KINDS] = {0};
  bt_machine machine = bt_machine_default();
  if (!bt_fast_supports(isa)) {
    print_message("this CPU has no %s\n", isa);
    skip(); /* another processor: this instruction set cannot run here */
  }
  print_message("seed %llu, cases %llu to %llu, %s\n", (unsigned long long)r->seed,
                (unsigned long long)r->first, (unsigned long long)(r->first + r->count - 1), isa);
  for (uint64_t i = r->first; i < r->first + r->count; i++) {
    scenario ref, fast;
    build(&ref, r->seed, i);
    build(&fast, r->seed, i);
    run_one_by_one(&ref, bt_ref_engine(&machine));
    run_groups(&fast, bt_fast_engine_on(&machine, isa, threads[i / KINDS % 4]));
    const char *what = difference(&ref, &fast);
    if (what != NULL) {
      fail_msg("%s of (%s) differ on %s; run it alone: test_fast_fused %llu %llu 1", what,
               kind_name[fast.kind], isa, (unsigned long long)r->seed, (unsigned long long)i);
    }
    cases[fast.kind]++;
    fused[fast.kind] += fast.fused;
    bt_program_free(ref.p);
    bt_program_free(fast.p);
  }
  for (int k = 0; k < KINDS; k++) {
    print_message("%s: %llu of %llu as one\n", kind_name[k], (unsigned long long)fused[k],
                  (unsigned long long)cases[k]);
    assert_true(cases[k] < 20 || 2 * fused[k] > cases[k]);
  }
}

static void portable_groups(void **state) { compare_all(*state, "portable"); }
static void avx2_groups(void **state) { compare_all(*state, "avx2"); }
static void avx512_groups(void **state) { compare_all(*state, "avx512"); }
static void vnni_groups(void **state) { compare_all(*state, "vnni"); }

int main(int argc, char **argv) {
  range r = {1, 0, 600};
  r.seed = argc > 1 ? strtoull(argv[1], NULL, 10) : r.seed;
  r.first = argc > 2 ? strtoull(argv[2], NULL, 10) : r.first;
  r.count = argc > 3 ? strtoull(argv[3], NULL, 10) : r.count;
  const struct CMUnitTest tests[] = {cmocka_unit_test_prestate(portable_groups, &r),
                                     cmocka_unit_test_prestate(avx2_groups, &r),
                                     cmocka_unit_test_prestate(avx512_groups, &r),
                                     cmocka_unit_test_prestate(vnni_groups, &r)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
