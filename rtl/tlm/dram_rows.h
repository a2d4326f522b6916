// The time of DRAM: banks with one open row each. Plain integers, no SystemC.
#ifndef BT_TLM_DRAM_ROWS_H
#define BT_TLM_DRAM_ROWS_H

#include <cstdint>
#include <string>
#include <vector>

namespace bt_tlm {

// In the machine's clock cycles; a beat is a word of memory.
struct DramParameters {
  uint32_t banks = 16, row_bytes = 2048; // powers of two; a row of at least a word
  uint32_t trp = 14, trcd = 14, cl = 14; // close a row, open one, from a read to its first beat
  uint32_t beat = 4;                     // cycles of one word on the data pins
  bool ideal = false;                    // a word a cycle, no rows: all the others do not matter
};

// Reads "ideal", "rows", or "rows:trp=20,banks=8" into *p, over what stands there. Empty, or what
// is wrong with it.
std::string parse_dram(const std::string &text, uint32_t word, DramParameters *p);

// Rows follow each other through the banks: bank = address / row_bytes mod banks. Beats of one
// transaction follow each other; a transaction waits for the one before it.
class DramRows {
public:
  DramRows(const DramParameters &p, uint32_t word) : p_(p), word_(word), open_(p.banks, NONE) {}

  // The cycle in which an access that arrives in cycle `now` is complete: its last beat is there
  // (read) or taken (write). bytes > 0.
  uint64_t access(uint64_t now, uint64_t address, uint64_t bytes, bool read);

  // Beats that found their row open, and that did not.
  uint64_t hits() const { return hits_; }
  uint64_t misses() const { return misses_; }

private:
  static constexpr uint64_t NONE = ~uint64_t{0};

  uint64_t open_row(uint64_t row);

  DramParameters p_;
  uint32_t word_;
  std::vector<uint64_t> open_;
  uint64_t free_ = 0, hits_ = 0, misses_ = 0; // free_: the first cycle after what was accepted
};

} // namespace bt_tlm
#endif
