// Walkers, jumps and the loader of an array's walkers against emu/num's generator: draws of
// successive elements in their lanes' order, jumps to any element, and the states that a loader
// gives each processing element.
#include <vector>

#include "Vcheck_jump_1.h"
#include "Vcheck_jump_16.h"
#include "Vcheck_jump_64.h"
#include "Vcheck_loader_2x3.h"
#include "Vcheck_loader_4x4.h"
#include "Vcheck_loader_5x1.h"
#include "Vcheck_walker_1.h"
#include "Vcheck_walker_16.h"
#include "Vcheck_walker_2.h"
#include "Vcheck_walker_64.h"
#include "bench.h"
#include "bittrue.h"
#include "simulation.h"
extern "C" {
#include "num/lfsr.h"
}

struct Generator {
  unsigned lanes, bits;
};

// The state of an element's lane before its draw.
static uint32_t state_at(uint32_t lane0, Generator g, uint64_t element) {
  uint64_t apart = 0xFFFFFFFFu / g.lanes, period = 0xFFFFFFFFu;
  uint64_t draws = element / g.lanes % period;
  return bt_lfsr_jump(lane0, (element % g.lanes * apart + draws * g.bits) % period);
}

static uint32_t nonzero(bench::Random &random) {
  return static_cast<uint32_t>(random.next()) | 1u << random.below(32);
}

template <class Model> static void walk(bench::Checks &checks, Generator g) {
  bench::Random random(checks.seed() + g.lanes);
  bt_rtl::Simulation<Model> walker;
  for (int n = 0; n < 300; n++) {
    bt_lfsr rng;
    bt_lfsr_start(&rng, random.next(), g.lanes);
    uint32_t lane0 = rng.lane[0];
    uint64_t before = random.below(3) == 0 ? 0 : random.below(uint64_t{1} << random.range(1, 40));
    bt_lfsr_advance(&rng, before, g.bits);
    uint64_t first = before * g.lanes;
    uint64_t skipped = random.below(g.lanes);
    for (uint64_t i = 0; i < skipped; i++) bt_lfsr_element(&rng, i, g.bits);
    walker->load_i = 1;
    walker->step_i = random.below(2) != 0; // load wins
    walker->lane_i = static_cast<uint8_t>(skipped);
    walker->state_i = state_at(lane0, g, first + skipped);
    walker.tick();
    walker->load_i = 0;
    for (uint64_t i = skipped; i < skipped + 3 * g.lanes + 5;) {
      walker->step_i = 0;
      if (random.below(4) == 0) walker.tick();
      uint32_t state = rng.lane[i % g.lanes];
      uint32_t draw = bt_lfsr_element(&rng, i, g.bits);
      checks.that(walker->draw_o == draw && walker->state_o == state &&
                      walker->lane_o == i % g.lanes,
                  "%u lanes, R %u: element %" PRIu64 ": lane %u draw 0x%x, expected 0x%x", g.lanes,
                  g.bits, first + i, static_cast<unsigned>(walker->lane_o),
                  static_cast<unsigned>(walker->draw_o), draw);
      walker->step_i = 1;
      walker.tick();
      i++;
    }
  }
}

template <class Model> static void jump(bench::Checks &checks, Generator g) {
  bench::Random random(checks.seed() + g.lanes);
  bt_rtl::Simulation<Model> jump;
  jump->start_i = 0;
  for (int n = 0; n < 3000; n++) {
    uint64_t index = n < 48 ? uint64_t{1} << n
                            : random.next() & ((uint64_t{1} << random.range(1, 48)) - 1);
    index = n == 48 ? 0 : n == 49 ? (uint64_t{1} << 48) - 1 : index;
    uint32_t lane0 = nonzero(random);
    jump->start_i = 1;
    jump->index_i = index;
    jump->state_i = lane0;
    jump.tick();
    jump->start_i = random.below(2) != 0; // not taken while busy
    jump->index_i = random.next() >> 16;
    jump->state_i = 1;
    int cycles = 1;
    for (; !jump->done_o && cycles < 100; cycles++) jump.tick();
    jump->start_i = 0;
    uint32_t expected = state_at(lane0, g, index);
    checks.that(jump->state_o == expected && jump->lane_o == index % g.lanes,
                "%u lanes: to %" PRIu64 ": lane %u state 0x%x, expected 0x%x", g.lanes, index,
                static_cast<unsigned>(jump->lane_o), jump->state_o, expected);
    int bits = index == 0 ? 0 : 64 - __builtin_clzll(index);
    checks.that(cycles == bits + 1, "%u lanes: to %" PRIu64 " in %d cycles", g.lanes, index,
                cycles);
    jump.tick();
    checks.that(!jump->busy_o && jump->state_o == expected, "%u lanes: does not stay", g.lanes);
  }
}

template <class Model>
static void load(bench::Checks &checks, Generator g, size_t rows, size_t cols) {
  bench::Random random(checks.seed() + g.lanes);
  bt_rtl::Simulation<Model> loader;
  loader->start_i = 0;
  for (int n = 0; n < 300; n++) {
    uint64_t k = random.below(uint64_t{1} << random.range(1, 16)) + 1;
    uint64_t row_outputs = random.below(500) + 1;
    uint64_t output = random.below(uint64_t{1} << random.range(1, 20));
    uint64_t first = output * k + random.below(k);
    uint32_t lane0 = nonzero(random);
    loader->start_i = 1;
    loader->state_i = lane0;
    loader->first_i = first;
    loader->col_step_i = k;
    loader->row_step_i = row_outputs * k;
    loader.tick();
    loader->start_i = 0;
    std::vector<int> seen(rows * cols, 0);
    for (int cycles = 0; loader->busy_o && cycles < 1000; cycles++) {
      if (loader->load_o) {
        size_t r = loader->row_o, c = loader->col_o;
        uint64_t element = first + (r * row_outputs + c) * k;
        uint32_t expected = state_at(lane0, g, element);
        checks.that(r < rows && c < cols && !seen[r * cols + c] && loader->state_o == expected &&
                        loader->lane_o == element % g.lanes,
                    "%u lanes: walker %zu %zu at %" PRIu64 ": lane %u state 0x%x, expected 0x%x",
                    g.lanes, r, c, element, static_cast<unsigned>(loader->lane_o), loader->state_o,
                    expected);
        if (r < rows && c < cols) seen[r * cols + c] = 1;
      }
      loader.tick();
    }
    checks.that(!loader->busy_o, "%u lanes: does not end", g.lanes);
    for (size_t i = 0; i < rows * cols; i++) checks.that(seen[i] == 1, "walker %zu not loaded", i);
  }
}

int main() {
  bench::Checks checks("test_rtl_draw");
  walk<Vcheck_walker_1>(checks, {1, 24});
  walk<Vcheck_walker_2>(checks, {2, 1});
  walk<Vcheck_walker_16>(checks, {16, 16});
  walk<Vcheck_walker_64>(checks, {64, 11});
  jump<Vcheck_jump_1>(checks, {1, 16});
  jump<Vcheck_jump_16>(checks, {16, 16});
  jump<Vcheck_jump_64>(checks, {64, 24});
  load<Vcheck_loader_2x3>(checks, {16, 16}, 2, 3);
  load<Vcheck_loader_5x1>(checks, {1, 5}, 5, 1);
  load<Vcheck_loader_4x4>(checks, {4, 16}, 4, 4);
  return checks.status();
}
