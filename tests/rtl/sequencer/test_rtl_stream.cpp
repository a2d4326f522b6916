// The parts that the machine's sequencers share: streams, exponents, walkers, and the arbiter,
// against plain arrays of bytes, with memory that is slow at random.
#include <deque>
#include <vector>

#include "bench.h"
#include "simulation.h"

#include "Vcheck_arbiter.h"
#include "Vcheck_exponent_store.h"
#include "Vcheck_exponent_writer.h"
#include "Vcheck_reader_32.h"
#include "Vcheck_reader_64.h"
#include "Vcheck_walker.h"
#include "Vcheck_writer_32.h"
#include "Vcheck_writer_64.h"

namespace {

using bench::Checks;
using bench::Random;
using bt_rtl::bytes;
using bt_rtl::Simulation;

const size_t LANES = 4, WORD = 16, MEMORY = 1 << 14;

// Memory behind one module's port.
template <class Model> class Port {
public:
  Port(Simulation<Model> &sim, Random &random, unsigned refuse)
      : memory(MEMORY), sim_(sim), random_(random), refuse_(refuse) {
    for (uint8_t &b : memory) b = static_cast<uint8_t>(random.next());
  }

  // One cycle; seen() looks at the outputs as they are before the clock's edge.
  template <class Seen> void tick(Seen seen) {
    sim_->req_ready_i = random_.below(256) >= refuse_;
    answer(sim_.operator->(), 0);
    sim_->eval();
    seen();
    if (sim_->req_valid_o && sim_->req_ready_i) take(sim_.operator->(), 0);
    sim_.tick();
    now_++;
  }
  void tick() {
    tick([] {});
  }
  size_t waiting() const { return asked_.size(); }

  std::vector<uint8_t> memory;

private:
  struct Ask {
    uint32_t address;
    uint64_t due;
  };

  // Modules that read, and modules that write.
  template <class M> auto answer(M *m, int) -> decltype(m->rsp_valid_i, void()) {
    m->rsp_valid_i =
        !asked_.empty() && asked_.front().due <= now_ && random_.below(256) >= refuse_;
    if (!m->rsp_valid_i) return;
    std::memcpy(bytes(m->rsp_data_i), &memory[asked_.front().address % MEMORY], WORD);
    asked_.pop_front();
  }
  template <class M> void answer(M *, long) {}
  // A module writes if it says so, or if it can do nothing else.
  template <class M> static auto writes(M *m, int) -> decltype(m->req_write_o, bool()) {
    return m->req_write_o;
  }
  template <class M> static bool writes(M *, long) { return true; }
  template <class M> auto take(M *m, int) -> decltype(m->req_strb_o, void()) {
    if (!writes(m, 0)) return ask(m->req_addr_o);
    for (size_t i = 0; i < WORD; i++)
      if (bytes(m->req_strb_o)[i / 8] >> i % 8 & 1)
        memory[(m->req_addr_o + i) % MEMORY] = bytes(m->req_data_o)[i];
  }
  template <class M> void take(M *m, long) { ask(m->req_addr_o); }
  void ask(uint32_t address) { asked_.push_back({address, now_ + 1 + random_.below(4)}); }

  Simulation<Model> &sim_;
  Random &random_;
  unsigned refuse_;
  uint64_t now_ = 0;
  std::deque<Ask> asked_;
};

// An integer of 1 << size bytes.
int64_t element(const uint8_t *at, unsigned size, bool is_unsigned) {
  uint64_t v = 0;
  std::memcpy(&v, at, size_t{1} << size);
  unsigned bits = 8u << size;
  if (bits < 64 && !is_unsigned && (v >> (bits - 1) & 1)) v |= ~uint64_t{0} << bits;
  return static_cast<int64_t>(v);
}

template <class Model> void read_streams(Checks &checks, Random &random, size_t bits) {
  Simulation<Model> sim;
  for (unsigned run = 0; run < 400; run++) {
    Port<Model> port(sim, random, run % 3 == 0 ? 0 : 100);
    unsigned size = static_cast<unsigned>(random.below(bits == 64 ? 4 : 3));
    uint32_t base = static_cast<uint32_t>(random.below(16) * WORD);
    uint32_t first = static_cast<uint32_t>(random.below(40));
    uint32_t beats = static_cast<uint32_t>(1 + random.below(run % 2 ? 3 : 60));
    bool is_unsigned = random.below(2);
    sim->start_i = 1;
    sim->base_i = base;
    sim->size_i = static_cast<uint8_t>(size);
    sim->unsigned_i = is_unsigned;
    sim->first_i = first;
    sim->beats_i = beats;
    sim->ready_i = 0;
    port.tick();
    sim->start_i = 0;
    uint32_t taken = 0;
    auto look = [&] {
      if (!sim->valid_o || !sim->ready_i) return;
      for (size_t l = 0; l < LANES; l++) {
        size_t at = base + (((first + taken) * LANES + l) << size);
        int64_t want = element(&port.memory[at], size, is_unsigned), got = 0;
        std::memcpy(&got, bytes(sim->data_o) + l * bits / 8, bits / 8);
        if (bits == 32) want = static_cast<uint32_t>(want);
        checks.that(got == want, "reader %zu size %u first %u beat %u lane %zu: %lld, not %lld",
                    bits, size, first, taken, l, static_cast<long long>(got),
                    static_cast<long long>(want));
      }
      taken++;
    };
    for (int cycle = 0; cycle < 4000 && sim->busy_o; cycle++) {
      sim->ready_i = random.below(4) != 0;
      port.tick(look);
    }
    checks.that(taken == beats && port.waiting() == 0, "reader: %u beats of %u, %zu words too many",
                taken, beats, port.waiting());
  }
}

template <class Model> void write_streams(Checks &checks, Random &random, size_t bits) {
  Simulation<Model> sim;
  for (unsigned run = 0; run < 400; run++) {
    Port<Model> port(sim, random, run % 3 == 0 ? 0 : 100);
    std::vector<uint8_t> want = port.memory;
    unsigned size = static_cast<unsigned>(random.below(bits == 64 ? 4 : 3));
    uint32_t base = static_cast<uint32_t>(random.below(16) * WORD);
    sim->base_i = base;
    sim->size_i = static_cast<uint8_t>(size);
    sim->flush_i = 0;
    uint32_t beat = static_cast<uint32_t>(random.below(9));
    for (uint64_t n = 1 + random.below(40); n > 0; n--) {
      uint32_t mask = static_cast<uint32_t>(random.below(16));
      for (size_t i = 0; i < LANES * bits / 8; i++)
        bytes(sim->data_i)[i] = static_cast<uint8_t>(random.next());
      for (size_t l = 0; l < LANES; l++)
        if (mask >> l & 1)
          std::memcpy(&want[base + ((beat * LANES + l) << size)], bytes(sim->data_i) + l * bits / 8,
                      size_t{1} << size);
      sim->valid_i = 1;
      sim->beat_i = beat;
      sim->mask_i = static_cast<uint8_t>(mask);
      bool taken = false;
      for (int cycle = 0; cycle < 1000 && !taken; cycle++)
        port.tick([&] { taken = sim->ready_o; });
      checks.that(taken, "writer: a beat was not taken");
      sim->valid_i = 0;
      if (random.below(4) == 0) port.tick();
      beat += random.below(3) == 0 ? static_cast<uint32_t>(random.below(6)) : 1;
    }
    sim->flush_i = 1;
    for (int cycle = 0; cycle < 1000 && !sim->idle_o; cycle++) port.tick();
    checks.that(sim->idle_o && port.memory == want, "writer %zu size %u base %u: memory differs",
                bits, size, base);
  }
}

void walk(Checks &checks, Random &random) {
  Simulation<Vcheck_walker> sim;
  for (uint32_t run = 0; run < 300; run++) {
    uint32_t modulus = run < 40 ? run + 1 : static_cast<uint32_t>(1 + random.below(100000));
    sim->start_i = 1;
    sim->modulus_i = modulus;
    sim->next_i = 0;
    sim.tick();
    sim->start_i = 0;
    int setup = 0;
    while (!sim->ready_o && setup < 100) setup++, sim.tick();
    checks.that(setup == LANES + 1, "walker: %d cycles of set-up", setup);
    for (uint32_t beat = 0; beat < 60; beat++) {
      for (uint32_t l = 0; l < LANES; l++) {
        uint32_t q, r, i = beat * static_cast<uint32_t>(LANES) + l;
        std::memcpy(&q, bytes(sim->quotient_o) + 4 * l, 4);
        std::memcpy(&r, bytes(sim->remainder_o) + 4 * l, 4);
        checks.that(q == i / modulus && r == i % modulus, "walker: %u by %u: %u, %u", i, modulus, q,
                    r);
      }
      sim->next_i = 1;
      sim.tick();
    }
  }
}

void exponents(Checks &checks, Random &random) {
  Simulation<Vcheck_exponent_store> store;
  Simulation<Vcheck_exponent_writer> writer;
  for (unsigned run = 0; run < 300; run++) {
    Port<Vcheck_exponent_store> in(store, random, run % 2 ? 90 : 0);
    uint32_t base = static_cast<uint32_t>(random.below(16) * WORD);
    uint32_t count = static_cast<uint32_t>(1 + random.below(run % 3 ? 64 : 9));
    store->start_i = 1;
    store->base_i = base;
    store->count_i = count;
    in.tick();
    store->start_i = 0;
    for (int cycle = 0; cycle < 1000 && store->busy_o; cycle++) in.tick();
    checks.that(!store->busy_o && in.waiting() == 0, "exponent store: still busy");
    checks.that(std::memcmp(bytes(store->header_o), &in.memory[base], 8) == 0, "its header");
    for (uint32_t i = 0; i < count; i++) {
      uint32_t index[LANES] = {i, count - 1 - i, 0, count - 1};
      std::memcpy(bytes(store->index_i), index, sizeof index);
      store->eval();
      for (size_t l = 0; l < LANES; l++)
        checks.that(std::memcmp(bytes(store->entry_o) + 2 * l,
                                &in.memory[base + WORD + 2 * index[l]], 2) == 0,
                    "exponent store: entry %u at port %zu", index[l], l);
    }

    Port<Vcheck_exponent_writer> out(writer, random, run % 2 ? 90 : 0);
    std::vector<uint8_t> want = out.memory;
    writer->start_i = 1;
    writer->base_i = base;
    writer->valid_i = 0;
    writer->finish_i = 0;
    out.tick();
    writer->start_i = 0;
    bool ready = false;
    auto step = [&] { // until what is offered was taken
      ready = false;
      for (int cycle = 0; cycle < 1000 && !ready; cycle++)
        out.tick([&] { ready = writer->ready_o; });
      checks.that(ready, "exponent writer: not taken");
    };
    for (uint32_t i = 0; i < count; i++) {
      writer->entry_i = static_cast<uint16_t>(random.next());
      std::memcpy(&want[base + WORD + 2 * i], bytes(writer->entry_i), 2);
      writer->valid_i = 1;
      step();
    }
    writer->valid_i = 0;
    for (size_t i = 0; i < 16; i++) want[base + i] = bytes(writer->header_i)[i] = uint8_t(i * run);
    writer->finish_i = 1;
    step();
    writer->finish_i = 0;
    for (int cycle = 0; cycle < 1000 && writer->busy_o; cycle++) out.tick();
    checks.that(!writer->busy_o && out.memory == want, "exponent writer: %u entries", count);
  }
}

// Three clients ask at random; each must get its own words, in its order.
void arbitrate(Checks &checks, Random &random) {
  const size_t CLIENTS = 3;
  Simulation<Vcheck_arbiter> sim;
  Port<Vcheck_arbiter> port(sim, random, 80);
  std::vector<uint8_t> want = port.memory; // clients write to parts of their own
  std::deque<uint32_t> asked[CLIENTS];
  bool active[CLIENTS] = {}, write[CLIENTS] = {};
  uint32_t address[CLIENTS] = {};
  uint64_t served[CLIENTS] = {}, first_offer = 0;
  bool offered = false;
  for (int cycle = 0; cycle < 60000; cycle++) {
    bool last = cycle > 59000;
    for (size_t i = 0; i < CLIENTS; i++) {
      if (!active[i] && !last && random.below(3) == 0) {
        active[i] = true;
        write[i] = random.below(2);
        address[i] = static_cast<uint32_t>((i * 256 + random.below(256)) * WORD);
        for (size_t b = 0; b < WORD; b++)
          bytes(sim->req_data_i)[i * WORD + b] = static_cast<uint8_t>(random.next());
      }
      std::memcpy(bytes(sim->req_addr_i) + 4 * i, &address[i], 4);
    }
    auto flags = [](const bool *f) { return static_cast<uint8_t>(f[0] | f[1] << 1 | f[2] << 2); };
    sim->req_valid_i = flags(active);
    sim->req_write_i = flags(write);
    std::memset(bytes(sim->req_strb_i), 0xFF, CLIENTS * WORD / 8);
    port.tick([&] {
      uint64_t offer = sim->req_addr_o | uint64_t{sim->req_write_o} << 32;
      if (offered) checks.that(sim->req_valid_o && offer == first_offer, "arbiter: offer changed");
      offered = sim->req_valid_o && !sim->req_ready_i;
      first_offer = offer;
      for (size_t i = 0; i < CLIENTS; i++) {
        if (sim->rsp_valid_o >> i & 1) {
          bool good = !asked[i].empty() &&
                      std::memcmp(bytes(sim->rsp_data_o), &port.memory[asked[i].front()],
                                  WORD) == 0;
          checks.that(good, "arbiter: client %zu got a word it did not ask for", i);
          if (!asked[i].empty()) asked[i].pop_front();
        }
        if (!(sim->req_ready_o >> i & 1)) continue;
        checks.that(active[i], "arbiter: client %zu served unasked", i);
        served[i]++;
        active[i] = false;
        if (write[i])
          std::memcpy(&want[address[i]], bytes(sim->req_data_i) + i * WORD, WORD);
        else asked[i].push_back(address[i]);
      }
    });
    if (!active[0] && last && sim->req_valid_i == 0 && port.waiting() == 0) break;
  }
  checks.that(port.memory == want, "arbiter: memory differs");
  for (size_t i = 0; i < CLIENTS; i++) {
    checks.that(asked[i].empty(), "arbiter: client %zu has no answer", i);
    checks.that(served[i] > (served[0] + served[1] + served[2]) / 4, "arbiter: client %zu starves",
                i);
  }
}

} // namespace

int main() {
  Checks checks("test_rtl_stream");
  Random random(checks.seed());
  read_streams<Vcheck_reader_32>(checks, random, 32);
  read_streams<Vcheck_reader_64>(checks, random, 64);
  write_streams<Vcheck_writer_32>(checks, random, 32);
  write_streams<Vcheck_writer_64>(checks, random, 64);
  walk(checks, random);
  exponents(checks, random);
  arbitrate(checks, random);
  return checks.status();
}
