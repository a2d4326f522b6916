/* Every allocation of the public functions refused in turn: each ends with BT_FAILED and a line,
 * has written nothing and has freed what it took. */
#include "bittrue_wide.h"
#include "unit/api/api.h"

/* Allocations that are still granted, and how many are held. */
static struct {
  bool counting;
  size_t until;
  long held;
} memory;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void __real_free(void *p);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void __wrap_free(void *p);

static bool granted(void) {
  if (memory.counting && memory.until == 0) {
    return false;
  }
  memory.until -= memory.counting;
  memory.held += memory.counting;
  return true;
}

void *__wrap_malloc(size_t size) { return granted() ? __real_malloc(size) : NULL; }
void *__wrap_calloc(size_t count, size_t size) {
  return granted() ? __real_calloc(count, size) : NULL;
}
void __wrap_free(void *p) {
  memory.held -= memory.counting && p != NULL;
  __real_free(p);
}

static const int16_t mantissa[] = {1, 2, 3, 4};
static const int8_t exponent[] = {0, 1, 2, 3};
static int32_t wide_mantissa[] = {1, 2, 3, 4};
static int16_t wide_step[] = {0};

typedef bt_status call(bt_wide *y, bt_error *error);

static bt_status from_blocks(bt_wide *y, bt_error *error) {
  bt_blocks x = {{.kind = BT_BFP, .wl = 8, .block = BT_BLOCK_DIM0}, 2, {2, 2}, mantissa, exponent};
  return bt_wide_from_blocks(&x, y, error);
}

static bt_status contract(const bt_format *format, bt_wide *y, bt_error *error) {
  bt_blocks x = {*format, 2, {2, 2}, mantissa, exponent};
  bt_geometry g = {.n = 2, .h = 1, .w = 1, .c = 2, .o = 2, .kh = 1, .kw = 1, .stride = 1, .oh = 1,
                   .ow = 1};
  bt_accumulator acc = bt_accumulator_default();
  bt_lfsr rng;
  (void)bt_lfsr_start(&rng, 1, 16);
  acc.acc_shift = 1;
  acc.acc_round.mode = BT_STOCHASTIC;
  return bt_wide_contract(&acc, BT_FORWARD, &g, &x, &x, &rng, y, NULL, error);
}

static bt_status contract_rows(bt_wide *y, bt_error *error) {
  return contract(&(bt_format){.kind = BT_BFP, .wl = 8, .block = BT_BLOCK_DIM0}, y, error);
}

static bt_status contract_tiles(bt_wide *y, bt_error *error) {
  return contract(&(bt_format){.kind = BT_BFP, .wl = 8, .block = BT_BLOCK_K32}, y, error);
}

static bt_status affine(bt_wide *y, bt_error *error) {
  const bt_constant each[] = {{16384, 0}, {16384, 1}}, sums[] = {{1 << 30, 0}, {1 << 30, 1}};
  bt_wide x = {2, {2, 2}, 1, 1, 8, wide_mantissa, wide_step};
  bt_affine f = {.terms = 1, .term = {{.x = &x, .each = each}}, .c0_each = sums, .relu = true};
  return bt_wide_affine(&f, y, NULL, error);
}

static bt_status quantize(bt_wide *y, bt_error *error) {
  bt_wide x = {2, {2, 2}, 1, 1, 8, wide_mantissa, wide_step};
  bt_format f = {.kind = BT_BFP, .wl = 8};
  bt_round_options round = {.mode = BT_FLOOR};
  int16_t m[4] = {9, 9, 9, 9};
  int8_t e[] = {9};
  bt_status s = bt_wide_quantize(&x, &f, &round, NULL, m, e, NULL, error);
  assert_true(s == BT_OK || (m[0] == 9 && e[0] == 9));
  *y = s == BT_OK ? (bt_wide){.ndim = 0} : *y;
  return s;
}

static bt_status gemm(bt_wide *y, bt_error *error) {
  const int8_t a[] = {1, 2}, b[] = {3, 4};
  bt_accumulator acc = bt_accumulator_default();
  int32_t out = 9;
  bt_status s = bt_gemm_s8(&acc, 1, 1, 2, a, b, NULL, &out, NULL, error);
  assert_int_equal(out, s == BT_OK ? 11 : 9);
  *y = s == BT_OK ? (bt_wide){.ndim = 0} : *y;
  return s;
}

/* Refuses allocation 0, 1, ... until the call takes none that is refused; least: how many it must
 * at least take, so that a call which never allocates is noticed. */
static void refuse_each(const char *name, call *make, size_t least) {
  bt_status s = BT_FAILED;
  size_t n = 0;
  for (; s != BT_OK; n++) {
    bt_wide y = {.bits = 99};
    bt_error error = {""};
    memory.until = n;
    memory.held = 0;
    memory.counting = true;
    s = make(&y, &error);
    if (s == BT_OK) {
      bt_wide_free(&y);
    }
    memory.counting = false;
    if (memory.held != 0 ||
        (s != BT_OK && (s != BT_FAILED || y.bits != 99 || strstr(error.text, "memory") == NULL))) {
      fail_msg("%s, allocation %zu refused: status %d, %ld still held, '%s'", name, n, (int)s,
               memory.held, error.text);
    }
  }
  assert_true(n > least);
}

static void test_all(void **state) {
  (void)state;
  refuse_each("bt_wide_from_blocks", from_blocks, 4);
  refuse_each("bt_wide_contract", contract_rows, 10);
  refuse_each("bt_wide_contract, k32", contract_tiles, 10);
  refuse_each("bt_wide_affine", affine, 8);
  refuse_each("bt_wide_quantize", quantize, 1);
  refuse_each("bt_gemm_s8", gemm, 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_all)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
