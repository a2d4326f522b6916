// Affine and gate commands through affine_plan and affine_unit, against the reference engine: all
// those of two training steps of LeNet-5, and drawn ones with biases, cells of every kind,
// addends, constants by channel, ReLU and masks. The clocks of each are ceil(n / L) + 4.
#include <cstring>
#include <memory>

#include "Vcheck_affine_4.h"
#include "Vcheck_affine_plan.h"
#include "affine_command.h"
#include "bench.h"

extern "C" {
#include "num/stream.h"
#include "ref/ref.h"
#include "train/train.h"
}

static const size_t LANES = 4;

static void must(bt_status status, const bt_error &error) {
  if (status == BT_OK) return;
  std::printf("%s\n", error.text);
  std::exit(1);
}

struct Unit {
  explicit Unit(bench::Checks &c) : checks(c), driver(LANES) {
    bt_error error = {};
    bt_machine machine = bt_machine_default();
    ref = bt_ref_engine(&machine);
    must(bt_lfsr_start(&rng, 1, machine.lanes), error);
  }
  ~Unit() { ref->destroy(ref); }

  bench::Checks &checks;
  bt_rtl::AffinePlanner<Vcheck_affine_plan> planner;
  bt_rtl::AffineDriver<Vcheck_affine_4> driver;
  bt_engine *ref;
  bt_lfsr rng = {};
  bt_counts counts = {};
  uint64_t affines = 0, gates = 0, elements = 0, relus = 0, masks = 0, vectors = 0, cells = 0;
};

static void run_ref(Unit &u, const bt_command &c) {
  bt_error error = {};
  must(u.ref->run(u.ref, &c, &u.rng, &u.counts, &error), error);
}

static std::vector<bt_rtl::AffineResult> run_unit(Unit &u, const bt_command &c,
                                                  const std::vector<bt_rtl::AffineElement> &e,
                                                  bool relu, bool masked) {
  uint64_t clocks = u.driver.clocks(), want = (e.size() + LANES - 1) / LANES;
  std::vector<bt_rtl::AffineResult> r = u.driver.run(e, relu, masked);
  // Results stand on the outputs behind the fourth edge: that of the last beat is the first.
  clocks = u.driver.clocks() - clocks + 1;
  u.checks.that(clocks == want + bt_rtl::AFFINE_LATENCY && r.size() == e.size(),
                "%s: %" PRIu64 " clocks, %zu results of %zu elements", c.label.text, clocks,
                r.size(), e.size());
  r.resize(e.size());
  u.elements += e.size();
  return r;
}

static void affine(Unit &u, const bt_command &c) {
  std::vector<bt_rtl::AffinePlan> plans = u.planner.run(bt_rtl::affine_cells(c));
  std::vector<bt_rtl::AffineResult> r =
      run_unit(u, c, bt_rtl::affine_elements(c, plans), c.u.affine.relu, c.u.affine.masked);
  run_ref(u, c);
  const bt_tensor *y = c.out[0];
  int bits = 0;
  for (size_t i = 0; i < plans.size(); i++) {
    bits = std::max(bits, plans[i].bits);
    u.checks.that(plans[i].exponent == y->exp[i], "%s, cell %zu: exponent %d, expected %d",
                  c.label.text, i, plans[i].exponent, y->exp[i]);
  }
  u.checks.that(bits == y->bits, "%s: bits %d, expected %d", c.label.text, bits, y->bits);
  for (size_t i = 0; i < r.size(); i++) {
    u.checks.that(r[i].y == bt_tensor_mantissa(y, i) && r[i].exponent == bt_tensor_step(y, i),
                  "%s, element %zu: %d * 2^%d, expected %d * 2^%d", c.label.text, i, r[i].y,
                  r[i].exponent, bt_tensor_mantissa(y, i), bt_tensor_step(y, i));
    if (c.u.affine.relu)
      u.checks.that(r[i].kept == (bt_tensor_mantissa(c.out[1], i) != 0), "%s, element %zu: kept %d",
                    c.label.text, i, r[i].kept);
  }
  u.affines++, u.cells += plans.size();
  u.relus += c.u.affine.relu, u.masks += c.u.affine.masked;
  for (size_t k = BT_IN_CONSTANTS; k <= BT_IN_ADDEND; k++) u.vectors += c.in[k] != nullptr;
}

static void gate(Unit &u, const bt_command &c) {
  std::vector<bt_rtl::AffineResult> r = run_unit(u, c, bt_rtl::gate_elements(c), false, true);
  run_ref(u, c);
  for (size_t i = 0; i < r.size(); i++)
    u.checks.that(r[i].y == bt_tensor_mantissa(c.out[0], i), "%s, element %zu: %d, expected %d",
                  c.label.text, i, r[i].y, bt_tensor_mantissa(c.out[0], i));
  u.gates++;
}

static void run(Unit &u, const bt_command &c) {
  if (c.op == BT_OP_AFFINE) affine(u, c);
  else if (c.op == BT_OP_GATE) gate(u, c);
  else run_ref(u, c);
}

static void lenet_steps(Unit &u) {
  bt_error error = {};
  bt_recipe recipe;
  bt_model *model = nullptr;
  bt_step step;
  bt_loss loss = {};
  must(bt_recipe_load(BITTRUE_RECIPE, &recipe, &error), error);
  must(bt_model_new(&recipe.net, recipe.w, recipe.m, 1, &model, &error), error);
  bt_lowering how = bt_recipe_lowering(&recipe, recipe.lr);
  must(bt_lower_training(&how, model, 3, &loss, &step, &error), error);
  for (uint64_t n = 0; n < 2; n++) {
    bt_stream s = bt_stream_open(7, BT_STREAM_SYNTHETIC, n);
    uint8_t *pixel = static_cast<uint8_t *>(step.pixels->data);
    for (size_t i = 0; i < bt_tensor_elements(step.pixels); i++)
      pixel[i] = static_cast<uint8_t>(bt_stream_below(s, i, 256));
    for (size_t i = 0; i < 3; i++)
      static_cast<uint8_t *>(step.labels->data)[i] = static_cast<uint8_t>(i + n);
    for (size_t i = 0; i < bt_program_size(step.program); i++)
      run(u, *bt_program_at(step.program, i));
  }
  bt_step_free(&step);
  bt_model_free(model);
}

// Tensors of one drawn command.
struct Tensors {
  std::vector<std::unique_ptr<bt_tensor>> all;
  bt_tensor *add(const bt_tensor &shape) {
    all.emplace_back(new bt_tensor(shape));
    if (!bt_tensor_alloc(all.back().get())) std::exit(1);
    return all.back().get();
  }
  ~Tensors() {
    for (auto &t : all) bt_tensor_free(t.get());
  }
};

static bt_constant constant(bench::Random &random, int bits) {
  int64_t low = int64_t{1} << (bits - 2), m = random.range(low, 2 * low - 1);
  if (random.below(8) == 0) return {0, 0};
  int e = static_cast<int>(random.below(4) ? random.range(-22, -10) : random.range(-90, 30));
  return {static_cast<int32_t>(random.below(2) ? m : -m), e};
}

static bt_tensor *operand(bench::Random &random, Tensors &t, size_t rows, size_t last,
                          const bt_tensor &y) {
  bool bias = random.below(4) == 0;
  size_t dim[2] = {rows, last};
  size_t ndim = bias ? 1 : 2;
  const size_t *d = bias ? &dim[1] : dim;
  uint64_t kind = random.below(4);
  bt_tensor *x;
  if (kind == 0) {
    x = t.add(bt_tensor_byte("bytes", ndim, d));
    for (size_t i = 0; i < bt_tensor_elements(x); i++)
      static_cast<uint8_t *>(x->data)[i] = static_cast<uint8_t>(random.next());
    return x;
  }
  if (kind == 1) {
    bt_format f = {BT_BFP, static_cast<int>(random.range(2, 16)), 0, false,
                   y.n0 > 1 && !bias && random.below(2) ? BT_BLOCK_DIM0 : BT_BLOCK_TENSOR, 0, 0};
    x = t.add(bt_tensor_bfp("bfp", f, ndim, d));
    int top = (1 << (f.wl - 1)) - 1;
    for (size_t i = 0; i < bt_tensor_elements(x); i++)
      bt_tensor_store(x, i, static_cast<int32_t>(random.below(3) ? random.range(-top, top)
                                                                  : random.below(2) ? top : -top));
    for (size_t i = 0; i < bt_tensor_exponents(x); i++)
      x->exp[i] = static_cast<int16_t>(random.below(4) ? random.range(-6, 6)
                                                       : random.range(-128, 127));
    return x;
  }
  x = t.add(bt_tensor_wide("wide", ndim, d, !bias && y.n0 > 1 && random.below(2),
                           y.nl > 1 && random.below(2)));
  x->bits = static_cast<int>(random.range(0, 31));
  int64_t high = int64_t{1} << x->bits;
  for (size_t i = 0; i < bt_tensor_elements(x); i++)
    static_cast<int32_t *>(x->data)[i] =
        static_cast<int32_t>(std::min<int64_t>(random.range(-high, high), INT32_MAX));
  int base = static_cast<int>(random.range(-40, 0));
  for (size_t i = 0; i < bt_tensor_exponents(x); i++)
    x->exp[i] = static_cast<int16_t>(random.below(9) ? base + random.range(0, 30) : -512);
  return x;
}

static bt_tensor *constants(bench::Random &random, Tensors &t, size_t last, int bits) {
  bt_tensor *v = t.add(bt_tensor_constants("constants", last));
  v->bits = bits - 1;
  bool none = random.below(8) == 0;
  for (size_t b = 0; b < last; b++) {
    bt_constant c = none ? bt_constant{0, 0} : constant(random, bits);
    static_cast<int32_t *>(v->data)[b] = c.mantissa;
    v->exp[b] = static_cast<int16_t>(c.exponent);
  }
  return v;
}

static void drawn(Unit &u, bench::Random &random) {
  Tensors t;
  size_t rows = 2 + random.below(8), last = 1 + random.below(20);
  size_t dim[2] = {rows, last};
  bool per0 = random.below(2) != 0, per_last = random.below(2) != 0;
  bt_tensor *y = t.add(random.below(3) ? bt_tensor_wide("y", 2, dim, per0, per_last)
                                       : bt_tensor_wide_each("y", 2, dim));
  bt_command c = {};
  c.op = BT_OP_AFFINE;
  c.label.text = "drawn";
  c.out[0] = y;
  c.u.affine.terms = static_cast<size_t>(random.range(1, 4));
  for (size_t k = 0; k < c.u.affine.terms; k++) {
    c.in[k] = operand(random, t, rows, last, *y);
    c.u.affine.c[k] = constant(random, 16);
    if (random.below(4) == 0) c.in[BT_IN_CONSTANTS + k] = constants(random, t, last, 16);
  }
  uint64_t kind = random.below(3);
  if (kind == 1) c.in[BT_IN_ADDEND] = constants(random, t, last, 32);
  c.u.affine.has_c0 = kind == 2;
  c.u.affine.c0 = constant(random, 32);
  c.u.affine.relu = random.below(3) == 0;
  c.u.affine.masked = !c.u.affine.relu && random.below(2);
  if (c.u.affine.relu) c.out[1] = t.add(bt_tensor_byte("kept", 2, dim));
  if (c.u.affine.masked) {
    bt_tensor *m = t.add(bt_tensor_byte("mask", 2, dim));
    for (size_t i = 0; i < rows * last; i++)
      static_cast<uint8_t *>(m->data)[i] = random.below(2) != 0;
    c.in[BT_IN_MASK] = m;
  }
  bt_error error = {};
  must(bt_command_check(&c, &error), error);
  affine(u, c);
}

static void print(const char *what, const Unit &u) {
  std::printf("%s: %" PRIu64 " affines, %" PRIu64 " gates, %" PRIu64 " elements, %" PRIu64
              " cells, %" PRIu64 " with relu, %" PRIu64 " masked, %" PRIu64 " vectors\n", what,
              u.affines, u.gates, u.elements, u.cells, u.relus, u.masks, u.vectors);
}

int main() {
  bench::Checks checks("test_rtl_affine_command");
  Unit lenet(checks);
  lenet_steps(lenet);
  print("lenet5", lenet);
  checks.that(lenet.affines > 0 && lenet.gates > 0 && lenet.relus > 0, "LeNet-5 without commands");
  Unit unit(checks);
  bench::Random random(checks.seed());
  for (int n = 0; n < 1500; n++) drawn(unit, random);
  print("drawn", unit);
  checks.that(unit.relus > 99 && unit.masks > 99 && unit.vectors > 99, "drawn: empty bins");
  return checks.status();
}
