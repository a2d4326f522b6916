// axi_lite_slave against a register file: a master that offers addresses and data apart from each
// other, takes answers late, writes parts of words and asks for places that are not there. Each
// good write reaches the registers once, each access is answered once, and an answer stands until
// it is taken, whatever happens to the register meanwhile.
#include "Vcheck_axi_lite.h"

#include "bench.h"
#include "simulation.h"

static bench::Checks checks("test_rtl_axi_lite");

struct Offer { // what a master holds out until it is taken
  bool valid = false;
  uint32_t value = 0;
};
struct Answer {
  bool due = false;
  unsigned response = 0;
  uint32_t data = 0;
};
enum { WRITES, BAD_WRITES, READS, BAD_READS, LATE_WRITES, LATE_READS, BOTH, KINDS };

class Bench {
public:
  explicit Bench(uint64_t seed) : random_(seed) {}

  void cycle() {
    offer();
    sim_->write_bad_i = place(address_.value) >= WRITABLE;
    sim_->read_bad_i = place(read_.value) >= THERE;
    sim_->read_data_i = place(read_.value) < THERE ? registers_[place(read_.value)] : 0xDEADBEEF;
    sim_->eval();
    answers();
    bool wrote = take_write(), read = take_read();
    met[BOTH] += wrote && read;
    sim_.tick();
  }
  uint64_t met[KINDS] = {};

private:
  static constexpr uint32_t THERE = 40, WRITABLE = 30; // of the places, 1024 words

  static uint32_t place(uint32_t address) { return address >> 2; }
  uint32_t draw_address() {
    switch (random_.below(6)) {
    case 0: return static_cast<uint32_t>(random_.below(4096));
    case 1: return static_cast<uint32_t>(random_.below(THERE) * 4 + 1 + random_.below(3));
    default: return static_cast<uint32_t>(random_.below(THERE) * 4);
    }
  }
  bool begins(Offer &o, uint32_t value) {
    if (o.valid || random_.below(3) != 0) return false;
    o = {true, value};
    return true;
  }

  void offer() {
    begins(address_, draw_address());
    if (begins(data_, static_cast<uint32_t>(random_.next())))
      strobe_ = random_.below(4) ? 15 : static_cast<unsigned>(random_.below(16));
    begins(read_, draw_address());
    sim_->awvalid_i = address_.valid;
    sim_->awaddr_i = static_cast<uint16_t>(address_.value);
    sim_->wvalid_i = data_.valid;
    sim_->wdata_i = data_.value;
    sim_->wstrb_i = static_cast<uint8_t>(strobe_);
    sim_->arvalid_i = read_.valid;
    sim_->araddr_i = static_cast<uint16_t>(read_.value);
    sim_->bready_i = random_.below(2) != 0;
    sim_->rready_i = random_.below(2) != 0;
  }

  void answers() {
    checks.that(sim_->bvalid_o == write_answer_.due && sim_->rvalid_o == read_answer_.due,
                "answers to a write %d, to a read %d; expected %d, %d", sim_->bvalid_o,
                sim_->rvalid_o, write_answer_.due, read_answer_.due);
    if (write_answer_.due)
      checks.that(sim_->bresp_o == write_answer_.response, "a write's answer %u, expected %u",
                  sim_->bresp_o, write_answer_.response);
    if (read_answer_.due)
      checks.that(sim_->rresp_o == read_answer_.response && sim_->rdata_o == read_answer_.data,
                  "a read's answer %u, 0x%x; expected %u, 0x%x", sim_->rresp_o, sim_->rdata_o,
                  read_answer_.response, read_answer_.data);
  }

  // One write at a time, its address and data together, as soon as both are there.
  bool take_write() {
    bool now = address_.valid && data_.valid && !write_answer_.due;
    bool address = sim_->awready_o && address_.valid, data = sim_->wready_o && data_.valid;
    checks.that(address == now && data == now, "address taken %d, data %d, expected %d", address,
                data, now);
    bool good = strobe_ == 15 && address_.value % 4 == 0 && place(address_.value) < WRITABLE;
    checks.that(sim_->write_o == (now && good), "a write to the registers %d, expected %d",
                sim_->write_o, now && good);
    met[LATE_WRITES] += write_answer_.due && !sim_->bready_i;
    if (write_answer_.due) write_answer_.due = !sim_->bready_i;
    if (!now) return false;
    met[good ? WRITES : BAD_WRITES]++;
    write_answer_ = {true, good ? 0u : 2u, 0};
    if (good) {
      checks.that(sim_->write_place_o == place(address_.value) &&
                  sim_->write_data_o == data_.value, "place %u, 0x%x; expected %u, 0x%x",
                  sim_->write_place_o, sim_->write_data_o, place(address_.value), data_.value);
      written_ = place(address_.value), value_ = data_.value;
    }
    address_.valid = data_.valid = false;
    return true;
  }

  // A read sees the register as it was before a write of the same cycle.
  bool take_read() {
    bool now = read_.valid && !read_answer_.due;
    checks.that((sim_->arready_o && read_.valid) == now, "a read taken %d, expected %d",
                sim_->arready_o, now);
    met[LATE_READS] += read_answer_.due && !sim_->rready_i;
    if (read_answer_.due) read_answer_.due = !sim_->rready_i;
    if (now) {
      uint32_t at = place(read_.value);
      bool good = read_.value % 4 == 0 && at < THERE;
      checks.that(sim_->read_place_o == at, "place %u read, expected %u", sim_->read_place_o, at);
      met[good ? READS : BAD_READS]++;
      read_answer_ = {true, good ? 0u : 2u, good ? registers_[at] : 0};
      read_.valid = false;
    }
    if (written_ < THERE) registers_[written_] = value_;
    written_ = THERE;
    return now;
  }

  bench::Random random_;
  bt_rtl::Simulation<Vcheck_axi_lite> sim_;
  Offer address_, data_, read_;
  unsigned strobe_ = 15;
  Answer write_answer_, read_answer_;
  uint32_t registers_[THERE] = {}, written_ = THERE, value_ = 0;
};

int main() {
  static const char *const kind[KINDS] = {"writes", "refused writes", "reads", "refused reads",
                                          "answers to writes held back",
                                          "answers to reads held back", "both in one cycle"};
  Bench bench(checks.seed());
  for (int i = 0; i < bench::drawn(400000); i++) bench.cycle();
  for (int i = 0; i < KINDS; i++) {
    std::printf("%s: %" PRIu64 "\n", kind[i], bench.met[i]);
    checks.that(bench.met[i] > 100, "%s: hardly met", kind[i]);
  }
  return checks.status();
}
