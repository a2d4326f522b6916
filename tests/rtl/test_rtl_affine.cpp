// The affine unit and its planner on drawn cells, against emu/num/affine: every count of terms,
// addends, constants by channel, ReLU, masks; 8, 16 and 32-bit operands at the ends of their
// widths and about the ties of both floors; exponents from equal to thousands apart; beats that
// are short, have gaps between them, or change their command.
#include <deque>

#include "Vcheck_affine_1.h"
#include "Vcheck_affine_4.h"
#include "Vcheck_affine_plan.h"
#include "affine_driver.h"
#include "bench.h"

extern "C" {
#include "num/affine.h"
}

using bt_rtl::AffineElement;

// What was met, each more than once; counted here, not in the unit.
struct Seen {
  const char *name;
  uint64_t count;
};
enum {
  ONE_TERM, TWO_TERMS, THREE_TERMS, FOUR_TERMS, ADDEND, VECTOR, VECTOR_ADDEND, NARROW, MIDDLE, WIDE,
  ZERO_CONSTANT, ALL_ZERO, LEFT, RIGHT, CUT, NEGATIVE_TIE, NEGATIVE_FLOORED, FINAL, FINAL_NEGATIVE,
  FINAL_TIE, RELU, RELU_ZERO, MASKED, MASKED_OUT, SHORT_BEAT, GAP, CHANGE, BINS
};
static Seen seen[BINS] = {
    {"one term", 0}, {"two terms", 0}, {"three terms", 0}, {"four terms", 0}, {"addend", 0},
    {"vector of constants", 0}, {"vector addend", 0}, {"8-bit operand", 0},
    {"9 to 16-bit operand", 0}, {"wider operand", 0}, {"zero constant", 0},
    {"zero constants only", 0}, {"term shifted left", 0}, {"term shifted right", 0},
    {"term shifted out", 0}, {"negative half of a step floored", 0},
    {"negative term floored", 0}, {"final floor", 0}, {"negative final floor", 0},
    {"final floor of half a step", 0}, {"relu", 0}, {"relu of exactly zero", 0}, {"masked", 0},
    {"masked out", 0}, {"short beat", 0}, {"gap", 0}, {"other command behind", 0}};

static bt_constant pick_constant(bench::Random &random, int bits, int span) {
  int64_t low = int64_t{1} << (bits - 2);
  uint64_t kind = random.below(8);
  if (kind == 0) return {0, 0};
  int64_t m = kind < 3 ? low : kind == 3 ? 2 * low - 1 : random.range(low, 2 * low - 1);
  return {static_cast<int32_t>(random.below(2) ? m : -m),
          static_cast<int>(random.range(-span, span))};
}

// A cell: its terms, for the plan in C and in Verilog, and the constants of its last indices.
struct Cell {
  size_t terms; // products
  bool addend;
  bt_affine_term term[BT_AFFINE_TERMS]; // the addend, if any, behind the products
  std::vector<bt_constant> constants[BT_AFFINE_TERMS];
  bt_affine_plan plan;
  bt_rtl::AffineCell rtl;
};

// The constants of one term: one, or those of some last indices.
static std::vector<bt_constant> pick_constants(bench::Random &random, bt_affine_term &t, int span) {
  int bits = t.is_addend ? 32 : 16;
  std::vector<bt_constant> v(t.is_vector ? static_cast<size_t>(random.range(1, 6)) : 1);
  for (bt_constant &c : v) c = pick_constant(random, bits, span);
  if (t.is_vector && random.below(8) == 0)
    for (bt_constant &c : v) c = {0, 0};
  t.c = t.is_vector ? bt_constant{0, 0} : v[0];
  std::vector<int32_t> mantissa;
  std::vector<int16_t> exponent;
  for (const bt_constant &c : v) {
    mantissa.push_back(c.mantissa);
    exponent.push_back(static_cast<int16_t>(c.exponent));
  }
  t.range = bt_affine_range_of(v.size(), mantissa.data(), exponent.data());
  return v;
}

static bt_rtl::AffineTerm rtl_term(const bt_affine_term &t) {
  uint32_t most = t.is_addend ? 1u << 31 : 1u << 15;
  if (!t.is_vector) most = static_cast<uint32_t>(t.c.mantissa < 0 ? -t.c.mantissa : t.c.mantissa);
  return {t.range.any, t.operand_step, t.operand_bits, most, t.range.highest, t.range.lowest};
}

static Cell pick_cell(bench::Random &random) {
  static const int spans[] = {0, 3, 12, 40, 400, 8000};
  Cell cell = {};
  int span = spans[random.below(6)];
  cell.terms = static_cast<size_t>(random.range(1, 4));
  cell.addend = random.below(2) == 1;
  bool vectors = random.below(2) == 1;
  for (size_t k = 0; k < cell.terms + cell.addend; k++) {
    bt_affine_term &t = cell.term[k];
    t.is_addend = k == cell.terms;
    t.is_vector = vectors && random.below(2) == 1;
    if (!t.is_addend) {
      static const int widths[] = {7, 8, 15, 31};
      t.operand_bits = static_cast<int>(random.below(32));
      if (random.below(2)) t.operand_bits = widths[random.below(4)];
      t.operand_step = static_cast<int>(random.range(-span, span));
    }
    cell.constants[k] = pick_constants(random, t, span);
    cell.rtl.term[t.is_addend ? bt_rtl::AFFINE_TERMS : k] = rtl_term(t);
    seen[VECTOR].count += t.is_vector && !t.is_addend;
    seen[VECTOR_ADDEND].count += t.is_vector && t.is_addend;
    int kind = t.operand_bits < 8 ? NARROW : t.operand_bits < 16 ? MIDDLE : WIDE;
    seen[kind].count += !t.is_addend;
  }
  cell.plan = bt_affine_prepare(cell.terms + cell.addend, cell.term);
  seen[ONE_TERM + cell.terms - 1].count++;
  seen[ADDEND].count += cell.addend;
  return cell;
}

// An operand: an end of its range, or one about a multiple of a power of two.
static int32_t pick_operand(bench::Random &random, int bits) {
  int64_t high = int64_t{1} << bits, top = std::min<int64_t>(high, INT32_MAX), x;
  switch (random.below(4)) {
  case 0: x = random.below(2) ? top : -high; break;
  case 1: {
    int s = static_cast<int>(random.below(static_cast<uint64_t>(bits) + 1));
    x = (random.range(-high, top) >> s) * (int64_t{1} << s) + random.range(-1, 1);
    break;
  }
  default: x = random.range(-high, top);
  }
  return static_cast<int32_t>(std::max(-high, std::min(top, x)));
}

// What one term and the sum go through.
static void count_term(const bt_affine_plan &plan, size_t k, int32_t x) {
  int64_t product = int64_t{plan.mantissa[k]} * x;
  int right = -plan.shift[k];
  seen[ZERO_CONSTANT].count += plan.mantissa[k] == 0;
  if (plan.mantissa[k] == 0) return;
  seen[right <= 0 ? LEFT : right < 55 ? RIGHT : CUT].count++;
  if (right <= 0 || right > 46 || product >= 0) return;
  int64_t rest = product & ((int64_t{1} << right) - 1);
  seen[NEGATIVE_FLOORED].count += rest != 0;
  seen[NEGATIVE_TIE].count += rest == int64_t{1} << (right - 1);
}

static void count_sum(const bt_affine_plan &plan, const int32_t *x) {
  if (plan.t == 0) return;
  __int128 sum = 0;
  for (size_t k = 0; k < plan.terms; k++) {
    __int128 product = static_cast<__int128>(plan.mantissa[k]) * x[k];
    sum += plan.shift[k] >= 0 ? product << plan.shift[k] : product >> std::min(63, -plan.shift[k]);
  }
  __int128 rest = sum & ((__int128{1} << plan.t) - 1);
  seen[FINAL].count++;
  seen[FINAL_NEGATIVE].count += sum < 0 && rest != 0;
  seen[FINAL_TIE].count += sum < 0 && rest == __int128{1} << (plan.t - 1);
}

struct Expected {
  int32_t y;
  int exponent;
  bool kept;
};

// An element of the cell as the unit sees it, and what the contract makes of it.
static Expected pick_element(bench::Random &random, const Cell &cell, const bt_rtl::AffinePlan &rtl,
                             bool relu, bool masked, AffineElement &e) {
  bt_affine_plan plan = cell.plan;
  int32_t x[BT_AFFINE_TERMS];
  e = {};
  bool zero = random.below(16) == 0; // of all operands
  for (size_t k = 0; k < plan.terms; k++) {
    const bt_affine_term &t = cell.term[k];
    bt_constant c = cell.constants[k][random.below(cell.constants[k].size())];
    bt_affine_at(&plan, k, c, t.operand_step);
    x[k] = t.is_addend ? 1 : zero ? 0 : pick_operand(random, t.operand_bits);
    if (t.is_addend) {
      e.c0 = c.mantissa, e.c0_exp = c.exponent;
    } else {
      e.x[k] = x[k], e.x_exp[k] = t.operand_step, e.c[k] = c.mantissa, e.c_exp[k] = c.exponent;
    }
    count_term(plan, k, x[k]);
  }
  // A term that is not used has the constant 0: its operand and exponents may be anything.
  for (size_t k = cell.terms; k < bt_rtl::AFFINE_TERMS; k++) {
    e.x[k] = static_cast<int32_t>(random.next());
    e.x_exp[k] = static_cast<int>(random.range(-32768, 32767));
    e.c_exp[k] = static_cast<int>(random.range(-32768, 32767));
  }
  if (!cell.addend) e.c0_exp = static_cast<int>(random.range(-32768, 32767));
  e.top = rtl.top, e.floor = rtl.floor, e.mask = random.below(2) == 1;
  count_sum(plan, x);
  Expected want = {bt_affine_apply(&plan, x), plan.exponent, false};
  want.kept = want.y > 0;
  seen[ALL_ZERO].count += plan.exponent == -512;
  seen[RELU].count += relu, seen[RELU_ZERO].count += relu && want.y == 0;
  seen[MASKED].count += masked, seen[MASKED_OUT].count += masked && !e.mask && want.y != 0;
  if ((relu && want.y < 0) || (masked && !e.mask)) want.y = 0;
  return want;
}

// Cells with the planner's plans of them, which are compared with those of emu/num.
struct Planned {
  std::vector<Cell> cells;
  std::vector<bt_rtl::AffinePlan> plans;
};

static Planned plan_cells(bench::Checks &checks, bench::Random &random,
                          bt_rtl::AffinePlanner<Vcheck_affine_plan> &planner) {
  Planned p;
  std::vector<bt_rtl::AffineCell> rtl;
  for (size_t i = 0; i < 64; i++) {
    p.cells.push_back(pick_cell(random));
    rtl.push_back(p.cells[i].rtl);
  }
  p.plans = planner.run(rtl);
  checks.that(p.plans.size() == rtl.size(), "%zu plans of %zu", p.plans.size(), rtl.size());
  p.plans.resize(rtl.size());
  for (size_t i = 0; i < rtl.size(); i++) {
    const bt_affine_plan &c = p.cells[i].plan;
    const bt_rtl::AffinePlan &v = p.plans[i];
    checks.that(v.exponent == c.exponent && v.floor == c.t && v.bits == c.bits,
                "cell %zu: t %d exponent %d bits %d, expected %d, %d and %d", i, v.floor,
                v.exponent, v.bits, c.t, c.exponent, c.bits);
  }
  return p;
}

// A stream of beats through a unit, and what is expected of those in flight.
template <class Model> class Stream {
public:
  Stream(bench::Checks &checks, size_t lanes)
      : checks_(checks), random_(checks.seed() + lanes), lanes_(lanes), unit_(lanes) {}

  void run(size_t rounds) {
    for (size_t n = 0; n < rounds; n++) {
      Planned p = plan_cells(checks_, random_, planner_);
      for (size_t beat = 0; beat < 128; beat++) send(p);
    }
  }

private:
  // One beat, or a gap; some change what is done with the sums.
  void send(const Planned &p) {
    bool gap = random_.below(6) == 0;
    size_t count = random_.below(8) ? lanes_ : 1 + random_.below(lanes_);
    if (random_.below(10) == 0) {
      uint64_t kind = random_.below(3);
      seen[CHANGE].count += (kind == 1) != relu_ || (kind == 2) != masked_;
      relu_ = kind == 1, masked_ = kind == 2;
    }
    if (gap) count = 0;
    seen[GAP].count += gap, seen[SHORT_BEAT].count += count > 0 && count < lanes_;
    std::vector<AffineElement> elements(lanes_);
    std::vector<Expected> want;
    for (size_t l = 0; l < count; l++) {
      size_t i = random_.below(p.cells.size());
      want.push_back(
          pick_element(random_, p.cells[i], p.plans[i], relu_, masked_, elements[l]));
    }
    unit_.give(elements.data(), count, relu_, masked_);
    unit_.tick();
    flying_.push_back(want);
    if (flying_.size() < bt_rtl::AFFINE_LATENCY) return;
    check(flying_.front());
    flying_.pop_front();
  }

  void check(const std::vector<Expected> &want) {
    uint64_t valid = want.empty() ? 0 : ~uint64_t{0} >> (64 - want.size()), kept = 0;
    for (size_t l = 0; l < want.size(); l++) {
      bt_rtl::AffineResult r = unit_.result(l);
      kept |= uint64_t{want[l].kept} << l;
      checks_.that(r.y == want[l].y && r.exponent == want[l].exponent,
                   "clock %" PRIu64 ", lane %zu: %d * 2^%d, expected %d * 2^%d", unit_.clocks(), l,
                   r.y, r.exponent, want[l].y, want[l].exponent);
    }
    checks_.that(unit_.valid() == valid && unit_.kept() == kept,
                 "clock %" PRIu64 ": valid %" PRIx64 " kept %" PRIx64 ", expected %" PRIx64
                 " and %" PRIx64, unit_.clocks(), unit_.valid(), unit_.kept(), valid, kept);
  }

  bench::Checks &checks_;
  bench::Random random_;
  size_t lanes_;
  bt_rtl::AffinePlanner<Vcheck_affine_plan> planner_;
  bt_rtl::AffineDriver<Model> unit_;
  std::deque<std::vector<Expected>> flying_; // by beat, empty ones for gaps
  bool relu_ = false, masked_ = false;
};

// The vector on 8 bits at the guard, and the addend 2^31 - 1 at no shift: M = 2^31 + 2^31 - 1, of
// 32 bits. One last index that is shifted right makes it 2^32, of 33.
static void vector_shifted_right(bench::Checks &checks) {
  bt_rtl::AffinePlanner<Vcheck_affine_plan> planner;
  bt_rtl::AffineCell cell = {};
  cell.term[0] = {true, 0, 8, 1u << 15, 0, -8};
  cell.term[bt_rtl::AFFINE_TERMS] = {true, 0, 0, (1u << 31) - 1, -8, -8};
  bt_rtl::AffineCell right = cell;
  right.term[0].low = -9;
  std::vector<bt_rtl::AffinePlan> plans = planner.run({cell, right});
  checks.that(plans.size() == 2 && plans[0].floor == 1 && plans[1].floor == 2,
              "final floors not 1 and 2");
}

int main() {
  bench::Checks checks("test_rtl_affine");
  vector_shifted_right(checks);
  Stream<Vcheck_affine_4>(checks, 4).run(400);
  Stream<Vcheck_affine_1>(checks, 1).run(200);
  for (const Seen &s : seen) {
    std::printf("%12" PRIu64 " %s\n", s.count, s.name);
    checks.that(s.count > 9, "%s: met %" PRIu64 " times", s.name, s.count);
  }
  return checks.status();
}
