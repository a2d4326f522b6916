// The verilated machine, one class for each module that the engine drives, over any parameters.
#ifndef BT_RTL_MODELS_H
#define BT_RTL_MODELS_H

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bittrue.h"
#include "register_watch.h"

namespace bt_rtl {

struct TileParameters {
  size_t rows, cols;
  int acc_bits;
  bool saturate;
  int fault_bit; // -1: none
  size_t fault_row, fault_col;
  bool watched; // its registers are shown, and their toggles counted
};

// Where the mantissas of a tile go: row r, column c to out[r * stride + c], as far as they lie
// within the output.
struct Sink {
  int32_t *out;
  size_t stride, rows, cols;
};

// One pass of mac_tile.
struct Pass {
  uint32_t len;       // k_g, at least 1
  bool first, last;   // of the tile's groups
  int lshift, rshift; // of the aligner
  const int8_t *a;    // [len][Rows]
  const int8_t *b;    // [len][Cols]
  Sink sink;          // used with last
};

class Tile {
public:
  virtual ~Tile() = default;
  // Starts a pass and feeds it; the sinks of passes are filled when the next run() or finish()
  // returns, as passes follow each other without a gap.
  virtual void run(const Pass &pass) = 0;
  virtual void finish() = 0;
  virtual uint32_t cycles() const = 0; // the hardware's counter, mod 2^32
  virtual uint64_t clocks() const = 0; // clock edges given so far, after reset
  virtual void clear() = 0;            // a reset: all registers zero, cycles() too
  virtual Toggles toggles() const = 0; // since construction, resets apart; zero if not watched
};

// How a command quantizes, and its operands: n elements with their step exponents.
struct Quantization {
  int wl;
  bt_rounding mode;
  bool asymmetric;
  size_t n;
  const int32_t *mantissa;
  const int16_t *exponent;
  int16_t *out;
};

struct BlockResult {
  int shared_exponent;
  bool overflow, flushed;
  uint64_t clipped;
};

class Quantizer {
public:
  virtual ~Quantizer() = default;
  virtual void load(const uint32_t *lane) = 0;
  virtual void read(uint32_t *lane) const = 0;
  // Quantizes the block of elements [begin, end); blocks come in order.
  virtual BlockResult block(const Quantization &q, size_t begin, size_t end) = 0;
  virtual void finish() = 0; // the last block's last cycle
  virtual uint32_t cycles() const = 0;
  virtual uint64_t clocks() const = 0;
};

// The models built. waves: a VCD file or empty.
const std::vector<TileParameters> &tile_models();
const std::vector<size_t> &quantizer_models(); // their lanes
std::unique_ptr<Tile> make_tile(const TileParameters &p, const std::string &waves);
std::unique_ptr<Quantizer> make_quantizer(size_t lanes, const std::string &waves);
bool have_waves(); // built with BITTRUE_TRACE

} // namespace bt_rtl
#endif
