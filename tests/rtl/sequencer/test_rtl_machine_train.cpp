// Training on the machine: the same steps of a recipe by the reference engine and by the Verilog,
// from the doorbell of each command to its interrupt. After each command its outputs are equal in
// every byte; after each step weights, momenta, averages and the draws' position (their digest);
// and the cycles of every command are the cost model's, unit by unit.
//
// MACHINE_BATCH and MACHINE_STEPS in the environment make it longer.
#include <cstring>
#include <ctime>

#include "bench.h"
#include "machine_engine.h"

extern "C" {
#include "cost/count.h"
#include "net/model.h"
#include "num/error.h"
#include "num/stream.h"
#include "ref/ref.h"
#include "train/train.h"
}

static bench::Checks checks("test_rtl_machine_train");

static void must(bt_status status, const bt_error &error) {
  if (status == BT_OK) return;
  std::printf("%s\n", error.text);
  std::exit(1);
}

// A model with its own steps and generator, and who executes them.
struct Side {
  bt_engine *engine;
  bt_model *model;
  bt_step step;
  bt_loss loss;
  bt_lfsr rng;
  bt_counts counts;
};

static void open_side(Side &s, bt_engine *engine, const bt_recipe &recipe, size_t batch,
                      unsigned lanes) {
  bt_error error;
  s = Side();
  s.engine = engine;
  must(bt_model_new(&recipe.net, recipe.w, recipe.m, 1, &s.model, &error), error);
  bt_lowering how = bt_recipe_lowering(&recipe, recipe.lr);
  must(bt_lower_training(&how, s.model, batch, &s.loss, &s.step, &error), error);
  must(bt_lfsr_start(&s.rng, 1, lanes), error);
}

static void close_side(Side &s) {
  bt_step_free(&s.step);
  bt_model_free(s.model);
  s.engine->destroy(s.engine);
}

// Noise for images, that differs from step to step.
static void place(Side &s, uint64_t number) {
  bt_stream stream = bt_stream_open(7, BT_STREAM_SYNTHETIC, number);
  uint8_t *pixel = static_cast<uint8_t *>(s.step.pixels->data);
  uint8_t *label = static_cast<uint8_t *>(s.step.labels->data);
  for (size_t i = 0; i < bt_tensor_elements(s.step.pixels); i++)
    pixel[i] = static_cast<uint8_t>(bt_stream_below(stream, i, 256));
  for (size_t i = 0; i < bt_tensor_elements(s.step.labels); i++)
    label[i] = static_cast<uint8_t>((i + number) % 10);
  bt_step_place(&s.step, 1, number, number);
}

static bool equal(const bt_tensor &a, const bt_tensor &b) {
  return std::memcmp(a.data, b.data, bt_tensor_elements(&a) * bt_tensor_element_size(&a)) == 0 &&
         std::memcmp(a.exp, b.exp, bt_tensor_exponents(&a) * sizeof *a.exp) == 0 &&
         a.bits == b.bits;
}

struct Sums {
  uint64_t commands, cycles, work;
};

static void run_command(Side &ref, Side &rtl, const bt_machine &machine, size_t i, Sums &sums) {
  const bt_command *c = bt_program_at(ref.step.program, i);
  const bt_command *d = bt_program_at(rtl.step.program, i);
  bt_error error = {""};
  bt_cost cost = {};
  must(bt_cost_add(&cost, &machine, d, &error), error); // before: an update writes what it read
  must(ref.engine->run(ref.engine, c, &ref.rng, &ref.counts, &error), error);
  checks.that(rtl.engine->covers(rtl.engine, d), "%s is not covered", d->label.text);
  bt_status status = rtl.engine->run(rtl.engine, d, &rtl.rng, &rtl.counts, &error);
  checks.that(status == BT_OK, "%s", error.text);
  if (status != BT_OK) std::exit(checks.status());
  for (size_t n = 0; n < BT_MAX_OUTPUTS; n++)
    checks.that(!c->out[n] || equal(*c->out[n], *d->out[n]), "command %zu, %s: output %zu differs",
                i, c->label.text, n);
  const uint64_t *model = cost.phase[d->label.phase].n;
  bt_machine_stats s = bt_machine_last(rtl.engine);
  const uint64_t took[] = {s.array, s.quantizer, s.vector, s.scalar};
  const uint64_t said[] = {model[BT_COUNT_ARRAY_CYCLES], model[BT_COUNT_QUANTIZER_CYCLES],
                           model[BT_COUNT_VECTOR_CYCLES], model[BT_COUNT_SCALAR_CYCLES]};
  for (int u = 0; u < 4; u++)
    checks.that(took[u] == said[u], "command %zu, %s: unit %d took %" PRIu64 " cycles, the model "
                "says %" PRIu64, i, d->label.text, u, took[u], said[u]);
  checks.that(s.cycles == s.array + s.quantizer + s.vector + s.scalar + s.stall,
              "cycles do not add up");
  sums.commands++;
  sums.cycles += s.cycles;
  sums.work += s.array + s.quantizer + s.vector + s.scalar;
}

static bt_machine machine_of(size_t size, int acc_bits) {
  bt_machine m = bt_machine_default();
  m.acc.acc_bits = acc_bits;
  m.rows = m.cols = size;
  m.lanes = static_cast<unsigned>(size);
  return m;
}

static void train(const char *recipe_file, size_t size, int acc_bits, size_t batch, uint64_t steps,
                  const bt_machine_options &options) {
  bt_machine machine = machine_of(size, acc_bits);
  bt_error error = {""};
  bt_recipe recipe;
  must(bt_recipe_load(recipe_file, &recipe, &error), error);
  Side ref, rtl;
  bt_engine *engine = bt_machine_engine(&machine, &options, &error);
  if (!engine) must(BT_BAD_INPUT, error);
  open_side(ref, bt_ref_engine(&machine), recipe, batch, machine.lanes);
  open_side(rtl, engine, recipe, batch, machine.lanes);
  Sums sums = Sums();
  std::clock_t before = std::clock();
  for (uint64_t n = 0; n < steps; n++) {
    place(ref, n), place(rtl, n);
    for (size_t i = 0; i < bt_program_size(ref.step.program); i++)
      run_command(ref, rtl, machine, i, sums);
    char one[65], other[65];
    must(bt_model_digest(ref.model, ref.rng.steps, n + 1, one, &error), error);
    must(bt_model_digest(rtl.model, rtl.rng.steps, n + 1, other, &error), error);
    checks.that(std::strcmp(one, other) == 0, "step %" PRIu64 ": digest %s, expected %s", n, other,
                one);
    checks.that(std::memcmp(ref.rng.lane, rtl.rng.lane, sizeof ref.rng.lane) == 0,
                "step %" PRIu64 ": the lanes", n);
    checks.that(std::memcmp(&ref.loss, &rtl.loss, sizeof ref.loss) == 0, "step %" PRIu64 ": loss",
                n);
    checks.that(std::memcmp(&ref.counts.quantize, &rtl.counts.quantize,
                            sizeof ref.counts.quantize) == 0, "step %" PRIu64 ": events", n);
  }
  double seconds = static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
  std::printf("%s, %zux%zu, %d bits, batch %zu: %" PRIu64 " steps, %" PRIu64 " commands, %" PRIu64
              " cycles (%.1f %% work), %.1f s, %.0f cycles/s with the reference beside\n",
              recipe.name, size, size, acc_bits, batch, steps, sums.commands, sums.cycles,
              100.0 * static_cast<double>(sums.work) / static_cast<double>(sums.cycles), seconds,
              static_cast<double>(sums.cycles) / seconds);
  checks.that(acc_bits == 32 || ref.counts.saturations > 0, "no sum of %d bits saturated",
              acc_bits);
  close_side(ref);
  close_side(rtl);
}

static uint64_t setting(const char *name, uint64_t otherwise) {
  const char *text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 0) : otherwise;
}

int main(int argc, char **argv) {
  size_t batch = setting("MACHINE_BATCH", 4);
  uint64_t steps = setting("MACHINE_STEPS", 3);
  bt_machine_options fast = bt_machine_options_default(), slow = fast;
  slow.latency = 5, slow.stall = 64, slow.seed = checks.seed();
  if (argc > 1) { // RECIPE SIZE
    train(argv[1], std::strtoull(argv[2], nullptr, 0), 32, batch, steps, fast);
    return checks.status();
  }
  train(BITTRUE_MLP, 16, 32, batch, steps, fast);
  train(BITTRUE_LENET, 4, 32, 2, 1, slow);
  train(BITTRUE_MLP, 4, 16, 2, 1, slow);
  return checks.status();
}
