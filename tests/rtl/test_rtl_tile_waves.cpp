// The waves that the C model writes of a tile, against a Verilated mac_tile with its registers
// shown: its ports are driven from the dump, and behind every edge each variable of the dump is
// looked up in the model by its path, and is the same.
#include <string>
#include <vector>

#include "Vwatch_4x4.h"
#include "Vwatch_4x4_saturate16.h"
#include "Vwatch_4x4_wrap16.h"
#include "bench.h"
#include "simulation.h"
#include "verilated_syms.h"

extern "C" {
#include "tile_case.h"
#include "vcd_reader.h"
}

namespace {

// Where the model keeps a register of the dump; ports are read apart.
struct Shown {
  const vcd_variable *variable;
  const uint8_t *data; // little-endian
  size_t bytes;
};

std::vector<Shown> registers(const vcd_file &waves, const VerilatedContext &context,
                             bench::Checks &checks) {
  std::vector<Shown> shown;
  for (size_t i = 0; i < waves.variables; i++) {
    const vcd_variable &v = waves.variable[i];
    std::string path = v.path;
    size_t dot = path.rfind('.'), bracket = path.find('[', dot);
    std::string scope = "TOP." + path.substr(0, dot), name = path.substr(dot + 1);
    size_t index = 0, bits = waves.signal[v.signal].width;
    if (bracket != std::string::npos) {
      name = path.substr(dot + 1, bracket - dot - 1);
      index = std::stoul(path.substr(bracket + 1));
    }
    if (name != "a_q" && name != "b_q" && name != "acc_q" && name != "stage_q") continue;
    const VerilatedScope *found = context.scopeFind(scope.c_str());
    VerilatedVar *variable = found ? found->varFind(name.c_str()) : nullptr;
    checks.that(variable != nullptr, "the model has no %s", v.path);
    if (!variable) continue;
    size_t bytes = bits <= 8 ? 1 : bits <= 16 ? 2 : 4;
    shown.push_back({&v, static_cast<const uint8_t *>(variable->datap()) + index * bytes, bytes});
  }
  return shown;
}

uint64_t number(const vcd_file &waves, const char *path, uint64_t time, bench::Checks &checks) {
  uint64_t value = 0;
  const vcd_variable *v = vcd_find(&waves, path);
  checks.that(v && vcd_number(&waves, v, time, &value), "no number %s at %" PRIu64, path, time);
  return value;
}

template <class Model>
void compare(bench::Checks &checks, const char *name, int acc_bits, bool wrap, uint64_t seed) {
  vcd_file waves;
  tile_case tile = tile_case_waves(4, 4, acc_bits, wrap, seed);
  bool read = tile.text && vcd_read(&waves, tile.text, tile.size);
  checks.that(read, "%s: %s", name, tile.text ? waves.error : tile.error);
  if (!read) return;
  bt_rtl::Simulation<Model> model;
  std::vector<Shown> shown = registers(waves, model.context(), checks);
  checks.that(shown.size() == 3 * 16 + 12, "%s: %zu registers", name, shown.size());
  model->stall_i = model->drop_i = model->skip_i = model->load_i = model->nearest_i = 0;
  model->first_i = model->last_i = 1;
  model->lshift_i = model->rshift_i = 0;
  for (uint64_t cycle = 0; cycle < tile.cycles; cycle++) {
    uint64_t ahead = 1000 * cycle + 499, behind = ahead + 1; // 1 GHz in ps
    auto port = [&](const char *path) { return number(waves, path, ahead, checks); };
    model->rst_ni = port("mac_tile.rst_ni") & 1;
    model->start_i = port("mac_tile.start_i") & 1;
    model->len_i = static_cast<uint32_t>(port("mac_tile.len_i"));
    model->a_i = static_cast<uint32_t>(port("mac_tile.a_i"));
    model->b_i = static_cast<uint32_t>(port("mac_tile.b_i"));
    model.tick();
    auto same = [&](const char *path, uint64_t value) {
      uint64_t ours = number(waves, path, behind, checks);
      checks.that(ours == value, "%s, seed %" PRIu64 ", cycle %" PRIu64 ", %s: 0x%" PRIx64
                  ", Verilog 0x%" PRIx64, name, seed, cycle, path, ours, value);
    };
    same("mac_tile.busy_o", model->busy_o);
    same("mac_tile.ready_o", model->ready_o);
    same("mac_tile.done_o", model->done_o);
    same("mac_tile.cycles_o", model->cycles_o);
    for (const Shown &s : shown) {
      uint64_t value = 0;
      std::memcpy(&value, s.data, s.bytes);
      same(s.variable->path, value);
    }
  }
  vcd_free(&waves);
  tile_case_free(&tile);
}

} // namespace

int main() {
  bench::Checks checks("test_rtl_tile_waves");
  for (uint64_t i = 0; i < 20; i++) {
    uint64_t seed = checks.seed() * 1000 + i;
    compare<Vwatch_4x4>(checks, "acc 32 saturate", 32, false, seed);
    compare<Vwatch_4x4_saturate16>(checks, "acc 16 saturate", 16, false, seed);
    compare<Vwatch_4x4_wrap16>(checks, "acc 16 wrap", 16, true, seed);
  }
  return checks.status();
}
