// The scalar unit against emu/num's functions: every fraction of 2^x, every mantissa of a reduced
// domain and patterns at the edges through each operation, pairs weighted toward close exponents
// and equal mantissas, exact differences and variances; every latency; unasked starts ignored.
extern "C" {
#include "num/norm.h"
#include "num/scalar.h"
#include "num/scalar_value.h"
}

#include "Vcheck_scalar_constant.h"
#include "Vcheck_scalar_make.h"
#include "Vcheck_scalar_unit.h"
#include "bench.h"
#include "simulation.h"

typedef __int128 wide;
typedef unsigned __int128 uwide;

enum Op { MUL, ADD, DIV, RSQRT, RECIP, LOG2, DIFF, QUOT };
static const char *const op_name[] = {"mul",   "add",  "div",  "rsqrt",
                                      "recip", "log2", "diff", "quot"};
// docs/cost.md 4 and 4.1.
static const int op_cycles[] = {1, 1, 33, 64, 32, 16, 9, 128};

static bench::Checks checks("test_rtl_scalar");
static bench::Random noise(checks.seed() + 77);
static uint64_t compared[8];

// 20-bit exponents.
static uint32_t to20(int e) { return static_cast<uint32_t>(e) & 0xfffff; }
static int from20(uint32_t e) { return static_cast<int>(e ^ 0x80000u) - 0x80000; }

template <class Words> static uwide join(const Words &w) {
  return uwide(w[3]) << 96 | uwide(w[2]) << 64 | uwide(w[1]) << 32 | w[0];
}

static bool same(bt_scalar_value a, bt_scalar_value b) {
  return a.sign == b.sign && a.mantissa == b.mantissa && a.exponent == b.exponent;
}

static bt_scalar_value scalar_from(bool negative, uint32_t mant, uint32_t exp) {
  return {mant == 0 ? (negative ? 9 : 0) : negative ? -1 : 1, mant, from20(exp)};
}

class Unit {
public:
  Unit() {
    unit_.clk_i = 0;
    unit_.rst_ni = 1;
    unit_.start_i = 0;
    unit_.exp2_valid_i = 0;
    unit_.eval();
    unit_.rst_ni = 0;
    clock();
    unit_.rst_ni = 1;
    unit_.eval();
    checks.that(unit_.ready_o && !unit_.done_o && !unit_.exp2_valid_o, "not idle after the reset");
  }
  ~Unit() { unit_.final(); }

  void clock() {
    unit_.clk_i = 1;
    unit_.eval();
    unit_.clk_i = 0;
    unit_.eval();
  }

  // Starts in this cycle; returns in the cycle of done_o, and checks that it is the right one.
  // Operands are noise from the second cycle on, and starts of other operations come between.
  void operate(Op op, bt_scalar_value a, bt_scalar_value b, const int64_t *x = nullptr) {
    unit_.start_i = 1;
    unit_.op_i = op;
    set(a, b);
    for (int i = 0; i < 4; i++) integer(i) = x ? static_cast<uint64_t>(x[i]) : noise.next();
    unit_.eval();
    checks.that(unit_.ready_o, "%s: not ready at its start", op_name[op]);
    int cycles = 0;
    do {
      clock();
      cycles++;
      unit_.op_i = noise.next() & 7;
      unit_.start_i = !unit_.ready_o && noise.below(4) == 0;
      set({noise.below(2) ? 1 : -1, static_cast<uint32_t>(noise.next()), 5},
          {1, static_cast<uint32_t>(noise.next()), 3});
      for (int i = 0; i < 4 && op != DIFF; i++) integer(i) = noise.next();
      unit_.eval();
    } while (!unit_.done_o && cycles < 200);
    checks.that(cycles == op_cycles[op] && unit_.ready_o, "%s: done after %d cycles, expected %d",
                op_name[op], cycles, op_cycles[op]);
    compared[op]++;
  }

  // Some cycles later the result must stand, without done_o.
  void idle() {
    bt_scalar_value before = result();
    uwide number = exact();
    unit_.start_i = 0;
    for (uint64_t i = noise.range(1, 5); i > 0; i--) {
      clock();
      checks.that(!unit_.done_o && unit_.ready_o, "done or busy without an operation");
    }
    checks.that(same(result(), before) && exact() == number, "a result did not stay");
  }

  bt_scalar_value result() const {
    return scalar_from(unit_.negative_o, unit_.mant_o, unit_.exp_o);
  }
  uwide exact() const { return join(unit_.exact_o); }
  bool exact_negative() const { return unit_.exact_negative_o; }
  int64_t log() const {
    return static_cast<int64_t>(unit_.log_o << 27) >> 27; // 37 bits
  }
  Vcheck_scalar_unit &model() { return unit_; }

private:
  Vcheck_scalar_unit unit_;

  void set(bt_scalar_value a, bt_scalar_value b) {
    unit_.a_negative_i = a.sign < 0;
    unit_.a_mant_i = a.mantissa;
    unit_.a_exp_i = to20(a.exponent);
    unit_.b_negative_i = b.sign < 0;
    unit_.b_mant_i = b.mantissa;
    unit_.b_exp_i = to20(b.exponent);
  }
  uint64_t &integer(int i) {
    QData *const ports[] = {&unit_.x0_i, &unit_.y0_i, &unit_.x1_i, &unit_.y1_i};
    return *reinterpret_cast<uint64_t *>(ports[i]);
  }
};

static void check(Unit &unit, Op op, bt_scalar_value a, bt_scalar_value b) {
  bt_scalar_value expected = {0, 0, 0};
  switch (op) {
  case MUL: expected = bt_scalar_mul(a, b); break;
  case ADD: expected = bt_scalar_add(a, b); break;
  case DIV: if (b.sign != 0) expected = bt_scalar_div(a, b); break;
  case RSQRT: if (a.sign > 0) expected = bt_scalar_rsqrt(a); break;
  default: break;
  }
  unit.operate(op, a, b);
  bt_scalar_value got = unit.result();
  checks.that(same(got, expected), "%s of %d * %u * 2^%d and %d * %u * 2^%d: %d * %u * 2^%d, "
              "expected %d * %u * 2^%d", op_name[op], a.sign, a.mantissa, a.exponent, b.sign,
              b.mantissa, b.exponent, got.sign, got.mantissa, got.exponent, expected.sign,
              expected.mantissa, expected.exponent);
  if (op == MUL) // what softmax takes its p_i from
    checks.that(unit.exact() == uwide(a.mantissa) * b.mantissa, "mul: the exact product of %u, %u",
                a.mantissa, b.mantissa);
}

// The reciprocal of a mantissa, and the logarithm of the integer x, in both operations.
static void check_recip(Unit &unit, uint64_t x) {
  bt_scalar_value a = bt_scalar_make(static_cast<wide>(x), 0);
  unit.operate(RECIP, a, a);
  uint64_t r = bt_recip(a.mantissa);
  bt_scalar_value inverse = bt_scalar_make(static_cast<wide>(r), -62 - a.exponent);
  checks.that(unit.exact() == r && same(unit.result(), inverse),
              "recip of %u: %" PRIu64 ", expected %" PRIu64, a.mantissa,
              static_cast<uint64_t>(unit.exact()), r);
  checks.that(unit.log() == bt_log2(x), "recip's log2 of %" PRIu64 ": %" PRId64 ", expected "
              "%" PRId64, x, unit.log(), bt_log2(x));
}

static void check_log2(Unit &unit, uint64_t x) {
  bt_scalar_value a = bt_scalar_make(static_cast<wide>(x), 0);
  unit.operate(LOG2, a, a);
  checks.that(unit.log() == bt_log2(x), "log2 of %" PRIu64 ": %" PRId64 ", expected %" PRId64,
              x, unit.log(), bt_log2(x));
  checks.that(unit.exact() == 0 && unit.result().sign == 0, "log2: a scalar beside it");
}

static int64_t random_integer(bench::Random &random, int most) {
  int64_t x = static_cast<int64_t>(random.next() >> (64 - most));
  x >>= random.below(static_cast<uint64_t>(most));
  if (random.below(16) == 0) x = (INT64_C(1) << (most - 1)) - random.range(0, 1);
  return random.below(2) ? x : -x;
}

static void check_difference(Unit &unit, const int64_t *x, int e) {
  unit.operate(DIFF, {0, 0, e}, {0, 0, 0}, x);
  wide z = bt_norm_product(x[0], x[1], x[2], x[3]);
  uwide magnitude = z < 0 ? 0 - static_cast<uwide>(z) : static_cast<uwide>(z);
  checks.that(same(unit.result(), bt_scalar_make(z, e)) && unit.exact() == magnitude &&
              unit.exact_negative() == (z < 0), "diff %" PRId64 " * %" PRId64 " - %" PRId64
              " * %" PRId64, x[0], x[1], x[2], x[3]);
}

// floor(D * 2^32 / (n - 1)) of numerics 19.1, after a difference that makes D.
static void check_variance(Unit &unit, uint64_t d_high, uint64_t d_low, bool negative,
                           int64_t divisor, int e) {
  // D = +-(high * 2^32 + low) as the difference of two products.
  int64_t sign = negative ? -1 : 1;
  const int64_t x[4] = {INT64_C(1) << 32, sign * static_cast<int64_t>(d_high), -sign,
                        static_cast<int64_t>(d_low)};
  check_difference(unit, x, 0);
  uwide d = (uwide(d_high) << 32) + d_low, by_wide = static_cast<uint64_t>(divisor);
  negative = negative && d != 0;
  uwide quotient = ((d << 32) + (negative ? by_wide - 1 : 0)) / by_wide;
  const int64_t by[4] = {divisor, 0, 0, 0};
  unit.operate(QUOT, {0, 0, e}, {0, 0, 0}, by);
  wide exact = static_cast<wide>(quotient);
  checks.that(unit.exact() == quotient && unit.exact_negative() == negative &&
                  same(unit.result(), bt_scalar_make(negative ? -exact : exact, e)),
              "quot of %s(%" PRIu64 " * 2^32 + %" PRIu64 ") * 2^32 / %" PRId64,
              negative ? "-" : "", d_high, d_low, divisor);
}

static uint32_t edge(uint64_t i) {
  static const uint32_t edges[] = {0x80000000, 0x80000001, 0x80000002, 0xffffffff, 0xfffffffe,
                                   0xaaaaaaaa, 0xd5555555, 0xb504f333, 0xb504f334, 0xc0000000,
                                   0xbfffffff, 0x8000ffff, 0xffff0000, 0x80010000};
  return edges[i % 14];
}

static bt_scalar_value random_scalar(bench::Random &random, int base, int spread) {
  uint32_t m = static_cast<uint32_t>(random.next()) | 0x80000000u;
  if (random.below(4) == 0) m = edge(random.next());
  if (random.below(64) == 0) return {0, 0, 0};
  return {random.below(2) ? 1 : -1, m, base + static_cast<int>(random.range(-spread, spread))};
}

static void binary(Unit &unit, bench::Random &random) {
  static const int distances[] = {0, 1, 2, 30, 31, 32, 33, 61, 62, 63, 64, 65, 127, 128, 60000};
  for (Op op : {MUL, ADD, DIV})
    for (uint64_t i = 0; i < 14; i++)
      for (uint64_t j = 0; j < 14; j++)
        for (int d : distances)
          for (int sign : {1, -1}) {
            check(unit, op, {1, edge(i), d - 7}, {sign, edge(j), -7});
            check(unit, op, {-1, edge(i), -9}, {sign, edge(j), d - 9});
          }
  for (int n = 0; n < bench::drawn(300000); n++) {
    int base = static_cast<int>(random.range(-100000, 100000));
    bt_scalar_value a = random_scalar(random, base, 40), b = random_scalar(random, base, 40);
    if (random.below(8) == 0) b.mantissa = a.mantissa + (a.mantissa < 0xffffffffu && a.sign != 0);
    if (b.mantissa == 0) b = {0, 0, 0};
    if (b.mantissa != 0 && b.sign == 0) b.sign = 1;
    check(unit, random.below(3) != 0 ? ADD : MUL, a, b);
    if (n % 6 == 0) check(unit, DIV, a, b);
    if (n % 64 == 0) unit.idle();
    if (n % 16 != 0) continue;
    // Softmax multiplies numbers that are no scalars: any 32 bits.
    uint32_t u = static_cast<uint32_t>(random.next() >> (32 + random.below(32)));
    uint32_t r = static_cast<uint32_t>(random.next() >> 33);
    unit.operate(MUL, {1, u, 0}, {1, r, 0});
    checks.that(unit.exact() == uwide(u) * r, "mul: the exact product of %u and %u", u, r);
  }
}

// The 2^16 mantissas of 17 bits, and mantissas at random, through the functions of one scalar.
static void unary(Unit &unit, bench::Random &random) {
  for (uint32_t m = 0; m < 65536; m++) {
    bt_scalar_value a = {1, 0x80000000u | m << 15, static_cast<int>(random.range(-500, 500))};
    check(unit, RSQRT, a, a);
    check_recip(unit, a.mantissa);
    check(unit, DIV, {1, 0x80000000u, 0}, a);
  }
  for (uint64_t x = 1; x < 65536; x++) check_log2(unit, x);
  for (int n = 0; n < bench::drawn(60000); n++) {
    uint64_t x = (random.next() >> 1 | UINT64_C(1) << 62) >> random.below(63);
    if (random.below(8) == 0) x = (UINT64_C(1) << random.below(63)) - random.below(2);
    if (x == 0) x = UINT64_MAX >> 1;
    check_log2(unit, x);
    check_recip(unit, x);
    bt_scalar_value a = random_scalar(random, static_cast<int>(random.range(-70000, 70000)), 9);
    check(unit, RSQRT, a, a);
    // Of perfect squares and their neighbours.
    uint64_t root = random.next() >> 33;
    a = bt_scalar_make(static_cast<wide>(root) * root + static_cast<int>(random.range(-1, 1)),
                       static_cast<int>(random.range(-40, 40)));
    check(unit, RSQRT, a, a);
  }
  for (uint64_t i = 0; i < 14; i++)
    for (int x = -66; x <= 66; x++) check(unit, RSQRT, {1, edge(i), x}, {0, 0, 0});
}

static void integers(Unit &unit, bench::Random &random) {
  static const int64_t corners[] = {0, 1, -1, INT32_MAX, INT32_MIN, INT64_C(1) << 32,
                                    -(INT64_C(1) << 32), UINT32_MAX, INT64_MAX, INT64_MIN + 1};
  for (int64_t a : corners)
    for (int64_t b : corners)
      for (int64_t c : {INT64_C(0), INT64_C(1), INT64_C(-1), INT64_C(0xffffffff)}) {
        const int64_t x[4] = {a, b, c, a < 0 ? -3 : 3};
        check_difference(unit, x, 7);
      }
  for (int n = 0; n < bench::drawn(100000); n++) {
    const int64_t x[4] = {random_integer(random, 63), random_integer(random, 62),
                          random_integer(random, 62), random_integer(random, 63)};
    check_difference(unit, x, static_cast<int>(random.range(-65536, 65536)));
  }
  for (int n = 0; n < bench::drawn(20000); n++) {
    // D below 2^94: a high part below 2^62 - 2^31, and a low one below 2^63.
    uint64_t high = (random.next() >> 3) >> random.below(61), low = random.next() >> 1;
    uint64_t bits = random.below(4) ? 31 : 63; // of n - 1; the wider ones are beyond any batch
    int64_t divisor = static_cast<int64_t>(random.next() >> (64 - bits) >> random.below(bits));
    if (divisor == 0) divisor = INT32_MAX;
    check_variance(unit, high, random.below(8) ? low : 0, random.below(4) == 0, divisor,
                   static_cast<int>(random.range(-1000, 1000)));
  }
}

// All fractions, one a cycle with gaps; each power exactly 16 cycles behind, while the unit works.
static void powers(Unit &unit) {
  Vcheck_scalar_unit &m = unit.model();
  int queue[16];
  for (int &f : queue) f = -1;
  uint64_t count = 0;
  for (int next = 0, cycle = 0; count < 65536 && cycle < 200000; cycle++) {
    int f = cycle % 5 == 3 || next > 65535 ? -1 : next++;
    m.exp2_valid_i = f >= 0;
    m.exp2_fraction_i = f >= 0 ? static_cast<uint16_t>(f) : noise.next() & 0xffff;
    int &slot = queue[cycle % 16]; // entered 16 cycles ago
    checks.that(m.exp2_valid_o == (slot >= 0) &&
                (slot < 0 || m.exp2_o == bt_exp2(static_cast<uint32_t>(slot))),
                "2^(%d / 65536): valid %d, %u", slot, m.exp2_valid_o, m.exp2_o);
    count += slot >= 0;
    slot = f;
    unit.clock();
  }
  m.exp2_valid_i = 0;
  checks.that(count == 65536, "exp2: %" PRIu64 " powers", count);
  std::printf("exp2: %" PRIu64 " compared\n", count);
}

static void make_and_round(bench::Random &random) {
  Vcheck_scalar_make make;
  Vcheck_scalar_constant constant;
  uint64_t count = 0;
  for (int n = 0; n < bench::drawn(600000); n++) {
    int length = static_cast<int>(random.range(0, 126));
    int e = static_cast<int>(random.range(-99999, 99999));
    uwide u = (uwide(random.next()) << 64 | random.next()) & ((uwide(1) << length) - 1);
    if (n < 254) u = (uwide(1) << n / 2) - (n & 1);
    bool negative = random.below(2);
    wide z = static_cast<wide>(u);
    bt_scalar_value expected = bt_scalar_make(negative ? -z : z, e);
    make.negative_i = negative;
    for (int i = 0; i < 4; i++) make.magnitude_i[i] = static_cast<uint32_t>(u >> 32 * i);
    make.exp_i = to20(e);
    make.eval();
    checks.that(same(scalar_from(make.negative_o, make.mant_o, make.exp_o), expected),
                "make of an integer of %d bits at 2^%d", length, e);
    // All upper halves of a mantissa in turn, over the corners of the lower.
    static const uint32_t low[] = {0, 1, 2, 3, 0x7fff, 0x8000, 0x8001, 0xffff, 0xfffe, 0xfffd};
    bt_scalar_value s = {negative ? -1 : 1, 0x80000000u | static_cast<uint32_t>(n) << 16 |
                         low[random.below(10)], e};
    if (random.below(4) == 0) s.mantissa |= 0x7fff0000u << random.below(15);
    if (random.below(50) == 0) s = {0, 0, 0};
    for (bool wide_constant : {false, true}) {
      constant.wide_i = wide_constant;
      constant.negative_i = s.sign < 0;
      constant.mant_i = s.mantissa;
      constant.exp_i = to20(s.exponent);
      constant.eval();
      bt_constant c = bt_scalar_constant(s, wide_constant ? 32 : 16);
      checks.that(static_cast<int32_t>(constant.mant_o) == c.mantissa &&
                  from20(constant.exp_o) == c.exponent, "%u at 2^%d as a constant of %d bits: %d "
                  "* 2^%d, expected %d * 2^%d", s.mantissa, s.exponent, wide_constant ? 32 : 16,
                  static_cast<int32_t>(constant.mant_o), from20(constant.exp_o), c.mantissa,
                  c.exponent);
    }
    count++;
  }
  std::printf("make: %" PRIu64 ", constant: %" PRIu64 " compared\n", count, 2 * count);
}

int main() {
  bench::Random random(checks.seed());
  Unit unit;
  binary(unit, random);
  unary(unit, random);
  integers(unit, random);
  powers(unit);
  make_and_round(random);
  bt_rtl::write_coverage(*Verilated::threadContextp());
  for (int op = 0; op < 8; op++) {
    std::printf("%s: %" PRIu64 " operations of %d cycles\n", op_name[op], compared[op],
                op_cycles[op]);
    checks.that(compared[op] > static_cast<uint64_t>(bench::drawn(10000)), "%s: hardly tested", op_name[op]);
  }
  return checks.status();
}
