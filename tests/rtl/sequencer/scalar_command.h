// What the benches of the sequencers on the scalar unit share: drawn tensors, and a command run by
// the reference and by a sequencer at several speeds of the memory.
#ifndef BT_RTL_SCALAR_COMMAND_H
#define BT_RTL_SCALAR_COMMAND_H

#include <memory>
#include <string>
#include <vector>

#include "bench.h"
#include "sequencer_driver.h"

extern "C" {
#include "cmd/statistics.h"
#include "cost/scalar_cycles.h"
#include "num/stream.h"
#include "ref/ref.h"
#include "train/train.h"
}

namespace bt_rtl {

inline void must(bt_status status, const bt_error &error) {
  if (status == BT_OK) return;
  std::printf("%s\n", error.text);
  std::exit(1);
}

// Tensors of one command.
class Tensors {
public:
  ~Tensors() {
    for (auto &t : all_) bt_tensor_free(t.get());
  }

  bt_tensor *add(const bt_tensor &shape) {
    all_.emplace_back(new bt_tensor(shape));
    if (!bt_tensor_alloc(all_.back().get())) std::exit(1);
    return all_.back().get();
  }

private:
  std::vector<std::unique_ptr<bt_tensor>> all_;
};

// Everything that a tensor holds.
inline std::string contents(const bt_tensor *t) {
  if (!t) return "";
  std::string s(static_cast<const char *>(t->data), tensor_bytes(*t));
  s.append(reinterpret_cast<const char *>(t->exp), bt_tensor_exponents(t) * sizeof *t->exp);
  return s + static_cast<char>(t->kind == BT_T_WIDE ? t->bits : 0);
}

// What is left of a memory that nothing may have changed: all but the results.
inline std::string inputs(const bt_command &c, const MemoryImage &m, const Descriptor &d) {
  std::string s;
  for (size_t i = 0; i < 6; i++) {
    const uint32_t *slot = &d[DESCRIPTOR_PARAMETERS + i * SLOT_WORDS];
    if (slot[0] == 0 || !c.in[i]) continue;
    s.append(reinterpret_cast<const char *>(m.at(slot[0])), tensor_bytes(*c.in[i]));
    if (slot[1] != 0)
      s.append(reinterpret_cast<const char *>(m.at(slot[1])),
               m.word() + bt_tensor_exponents(c.in[i]) * 2);
  }
  return s;
}

inline Timing draw_timing(bench::Random &random, size_t run) {
  if (run == 0) return {0, 0, 1};
  unsigned stall = run == 1 ? 0 : static_cast<unsigned>(random.range(64, 128));
  return {static_cast<unsigned>(random.below(10)), stall, random.next()};
}

inline bt_engine *reference() {
  bt_machine machine = bt_machine_default();
  return bt_ref_engine(&machine);
}

inline bt_status run_reference(bt_engine *ref, const bt_command &c, bt_error &error) {
  bt_lfsr rng = {};
  bt_counts counts = {};
  bt_status started = bt_lfsr_start(&rng, 1, 16);
  return started == BT_OK ? ref->run(ref, &c, &rng, &counts, &error) : started;
}

// The commands of `steps` training steps of a recipe on `batch` drawn images: each is shown to
// `visit`, then executed by the reference.
template <class Visit>
void training_steps(const char *path, size_t batch, uint64_t steps, bt_engine *ref, Visit visit) {
  bt_error error = {};
  bt_recipe recipe;
  bt_model *model = nullptr;
  bt_step step;
  bt_loss loss = {};
  bt_lfsr rng = {};
  bt_counts counts = {};
  must(bt_recipe_load(path, &recipe, &error), error);
  must(bt_model_new(&recipe.net, recipe.w, recipe.m, 1, &model, &error), error);
  bt_lowering how = bt_recipe_lowering(&recipe, recipe.lr);
  must(bt_lower_training(&how, model, batch, &loss, &step, &error), error);
  must(bt_lfsr_start(&rng, 1, 16), error);
  for (uint64_t n = 0; n < steps; n++) {
    bt_stream s = bt_stream_open(7, BT_STREAM_SYNTHETIC, n);
    uint8_t *pixel = static_cast<uint8_t *>(step.pixels->data);
    for (size_t i = 0; i < bt_tensor_elements(step.pixels); i++)
      pixel[i] = static_cast<uint8_t>(bt_stream_below(s, i, 256));
    for (size_t i = 0; i < batch; i++)
      static_cast<uint8_t *>(step.labels->data)[i] = static_cast<uint8_t>((i + n) % 10);
    for (size_t i = 0; i < bt_program_size(step.program); i++) {
      const bt_command *c = bt_program_at(step.program, i);
      visit(*c);
      must(ref->run(ref, c, &rng, &counts, &error), error);
    }
  }
  bt_step_free(&step);
  bt_model_free(model);
}

} // namespace bt_rtl
#endif
