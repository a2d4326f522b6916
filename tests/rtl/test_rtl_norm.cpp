// A channel of batch norm on the scalar unit, forward and backward, against emu/num/norm: sums of
// real rows and sums at random, constant channels, negative variances, far exponents; the cycles.
// From statistics: test_rtl_norm_sequencer.
extern "C" {
#include "num/norm.h"
}

#include "Vcheck_norm_channel.h"
#include "Vcheck_scalar_unit.h"
#include "bench.h"
#include "simulation.h"

typedef __int128 wide;

static bench::Checks checks("test_rtl_norm");
static const uint64_t forward_cycles = 143, backward_cycles = 254; // docs/cost.md 4.1

struct Channel {
  int64_t n, s1, s2, se, sex;
  int e, e_d, e_gamma, e_beta;
  int gamma, beta;
  bt_constant eps, a;
};

static bool same(bt_constant expected, uint32_t mant, uint32_t exp) { // exponents of 20 bits
  return static_cast<int32_t>(mant) == expected.mantissa &&
         static_cast<int>(exp ^ 0x80000u) - 0x80000 == expected.exponent;
}

// The sequencer and the unit, wire by wire.
class Pair {
public:
  Pair() {
    norm_.start_i = 0;
    norm_.rst_ni = unit_.rst_ni = 1;
    norm_.statistics_i = 0;
    norm_.second_exp_i = 0;
    unit_.exp2_valid_i = 0;
    clock();
    norm_.rst_ni = unit_.rst_ni = 0;
    clock();
    norm_.rst_ni = unit_.rst_ni = 1;
    settle();
  }
  ~Pair() {
    norm_.final();
    unit_.final();
  }

  // Runs one channel; returns its cycles, in the last of which the outputs stand.
  uint64_t run(const Channel &c, bool back) {
    set(c);
    norm_.back_i = back;
    norm_.start_i = 1;
    uint64_t cycles = 0;
    settle();
    do {
      clock();
      norm_.start_i = 0;
      settle();
      cycles++;
    } while (!norm_.done_o && cycles < 1000);
    return cycles;
  }

  Vcheck_norm_channel &norm() { return norm_; }

private:
  Vcheck_norm_channel norm_;
  Vcheck_scalar_unit unit_;

  void clock() {
    norm_.clk_i = unit_.clk_i = 1;
    norm_.eval();
    unit_.eval();
    norm_.clk_i = unit_.clk_i = 0;
    settle();
  }

  void settle() {
    unit_.eval();
    norm_.unit_done_i = unit_.done_o;
    norm_.unit_negative_i = unit_.negative_o;
    norm_.unit_mant_i = unit_.mant_o;
    norm_.unit_exp_i = unit_.exp_o;
    norm_.eval();
    unit_.start_i = norm_.unit_start_o;
    unit_.op_i = norm_.unit_op_o;
    unit_.a_negative_i = norm_.unit_a_negative_o;
    unit_.a_mant_i = norm_.unit_a_mant_o;
    unit_.a_exp_i = norm_.unit_a_exp_o;
    unit_.b_negative_i = norm_.unit_b_negative_o;
    unit_.b_mant_i = norm_.unit_b_mant_o;
    unit_.b_exp_i = norm_.unit_b_exp_o;
    unit_.x0_i = norm_.unit_x0_o;
    unit_.y0_i = norm_.unit_y0_o;
    unit_.x1_i = norm_.unit_x1_o;
    unit_.y1_i = norm_.unit_y1_o;
    unit_.eval();
  }

  void set(const Channel &c) {
    bt_scalar_value square = bt_scalar_make(static_cast<wide>(c.n) * c.n, 0);
    norm_.rows_i = static_cast<uint64_t>(c.n);
    norm_.square_mant_i = square.mantissa;
    norm_.square_exp_i = static_cast<uint32_t>(square.exponent) & 0xfffff;
    norm_.eps_mant_i = static_cast<uint32_t>(c.eps.mantissa);
    norm_.eps_exp_i = static_cast<uint16_t>(c.eps.exponent);
    norm_.x_exp_i = static_cast<uint16_t>(c.e);
    norm_.d_exp_i = static_cast<uint16_t>(c.e_d);
    norm_.gamma_exp_i = static_cast<uint16_t>(c.e_gamma);
    norm_.beta_exp_i = static_cast<uint16_t>(c.e_beta);
    for (int i = 0; i < 4; i++) {
      norm_.s1_i[i] = static_cast<uint32_t>(wide(c.s1) >> 32 * i);
      norm_.s2_i[i] = static_cast<uint32_t>(wide(c.s2) >> 32 * i);
    }
    norm_.se_i = static_cast<uint64_t>(c.se);
    norm_.sex_i = static_cast<uint64_t>(c.sex);
    norm_.gamma_i = static_cast<uint16_t>(c.gamma);
    norm_.beta_i = static_cast<uint16_t>(c.beta);
    norm_.a_mant_i = static_cast<uint16_t>(c.a.mantissa);
    norm_.a_exp_i = static_cast<uint32_t>(c.a.exponent) & 0xfffff;
  }
};

static int64_t shortened(bench::Random &random, int bits) {
  int64_t x = static_cast<int64_t>(random.next()) >> (64 - bits);
  return x >> random.below(static_cast<uint64_t>(bits));
}

// Sums of a few rows of x and d, a constant column now and then; or any sums.
static void make_sums(bench::Random &random, Channel &c) {
  c.s1 = c.s2 = c.se = c.sex = 0;
  if (random.below(3) == 0) {
    c.n = static_cast<int64_t>(random.next() >> 33 >> random.below(31)) | 1;
    c.s1 = shortened(random, 46);
    c.s2 = shortened(random, 60);
    c.se = shortened(random, 46);
    c.sex = shortened(random, 60);
    return;
  }
  c.n = random.range(1, 40);
  int64_t level = random.range(-127, 127), spread = random.below(4) ? random.range(0, 60) : 0;
  for (int64_t i = 0; i < c.n; i++) {
    int64_t x = level + random.range(-spread, spread), d = random.byte();
    c.s1 += x;
    c.s2 += x * x;
    c.se += d;
    c.sex += x * d;
  }
}

static Channel make_channel(bench::Random &random) {
  Channel c;
  make_sums(random, c);
  int far = random.below(8) ? 40 : 30000;
  int *const exponents[] = {&c.e, &c.e_d, &c.e_gamma, &c.e_beta};
  for (int *e : exponents) *e = static_cast<int>(random.range(-far, far));
  c.gamma = static_cast<int>(random.below(9) ? random.range(-32768, 32767) : 0);
  c.beta = static_cast<int>(random.below(9) ? random.range(-127, 127) : 0);
  int32_t eps = static_cast<int32_t>(random.next() >> 34 | 1u << 30);
  c.eps = {eps, random.below(2) ? -47 : 2 * c.e - static_cast<int>(random.range(0, 60))};
  if (c.eps.exponent < -32768 || c.eps.exponent > 32767) c.eps.exponent = -47;
  if (random.below(4) == 0) c.eps = {0, 0};
  return c;
}

// Numerics 19's example: x = (1, 3), gamma 1: a = 16384 * 2^-14 and b = -2.
static void example(Pair &pair) {
  Channel c = {2, 4, 10, 0, 0, 0, 0, 0, 0, 1, 0, {0, 0}, {0, 0}};
  pair.run(c, false);
  Vcheck_norm_channel &m = pair.norm();
  int32_t a = static_cast<int16_t>(m.factor_mant_o);
  checks.that(same({16384, -14}, static_cast<uint32_t>(a), m.factor_exp_o) &&
              same({-(1 << 30), -29}, m.addend_mant_o, m.addend_exp_o),
              "the example: a %d, b %d", a, static_cast<int32_t>(m.addend_mant_o));
}

int main() {
  bench::Random random(checks.seed());
  Pair pair;
  Vcheck_norm_channel &m = pair.norm();
  example(pair);
  uint64_t zero_r = 0, count = 0;
  for (; count < static_cast<uint64_t>(bench::drawn(12000)); count++) {
    Channel c = make_channel(random);
    bt_norm_channel statistics = bt_norm_of_sums(c.s1, c.s2, c.n, c.e, c.eps);
    bt_norm_forward f = bt_norm_constants(statistics, bt_scalar_make(c.gamma, c.e_gamma),
                                          bt_scalar_make(c.beta, c.e_beta));
    zero_r += statistics.r.sign == 0;
    uint64_t cycles = pair.run(c, false);
    uint32_t factor = static_cast<uint32_t>(static_cast<int16_t>(m.factor_mant_o));
    checks.that(same(f.a, factor, m.factor_exp_o) && same(f.b, m.addend_mant_o, m.addend_exp_o) &&
                cycles == forward_cycles, "channel %" PRIu64 " of %" PRId64 " rows, forward: "
                "%" PRIu64 " cycles; a %d, expected %d * 2^%d; b %d, expected %d * 2^%d", count,
                c.n, cycles, static_cast<int32_t>(factor), f.a.mantissa, f.a.exponent,
                static_cast<int32_t>(m.addend_mant_o), f.b.mantissa, f.b.exponent);
    c.a = f.a;
    bt_norm_backward b = bt_norm_back_constants(statistics, c.a, c.s1, c.n, c.e,
                                                {c.se, c.sex, c.e_d});
    cycles = pair.run(c, true);
    factor = static_cast<uint32_t>(static_cast<int16_t>(m.factor_mant_o));
    checks.that(same(b.b, factor, m.factor_exp_o) && same(b.c, m.addend_mant_o, m.addend_exp_o) &&
                cycles == backward_cycles, "channel %" PRIu64 " of %" PRId64 " rows, backward: "
                "%" PRIu64 " cycles; b' %d, expected %d * 2^%d; c' %d, expected %d * 2^%d", count,
                c.n, cycles, static_cast<int32_t>(factor), b.b.mantissa, b.b.exponent,
                static_cast<int32_t>(m.addend_mant_o), b.c.mantissa, b.c.exponent);
    checks.that(same(b.dgamma, m.dgamma_mant_o, m.dgamma_exp_o) &&
                same(b.dbeta, m.dbeta_mant_o, m.dbeta_exp_o), "channel %" PRIu64 ": dgamma %d, "
                "expected %d; dbeta %d, expected %d", count, static_cast<int32_t>(m.dgamma_mant_o),
                b.dgamma.mantissa, static_cast<int32_t>(m.dbeta_mant_o), b.dbeta.mantissa);
  }
  std::printf("%" PRIu64 " channels, both ways; r was 0 in %" PRIu64 "\n", count, zero_r);
  bt_rtl::write_coverage(*Verilated::threadContextp());
  checks.that(zero_r > count / 24, "r was hardly ever 0");
  return checks.status();
}
