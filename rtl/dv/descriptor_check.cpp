#include "descriptor_check.h"

#include <vector>

namespace bt_rtl {

namespace {

enum Command : uint32_t {
  CONTRACT = 1, QUANTIZE, AFFINE, GATE, REDUCE, POOL, POOL_BACK, SOFTMAX, DROPOUT, AVERAGE,
  POOL_SUM, SPREAD, NORM, NORM_BACK, STATISTICS
};

// Sets of kinds.
enum Kinds : unsigned {
  NONE = 0, INT8 = 1, BFP = 3, WIDE = 4, VALUE = 7, BYTE = 8, TERM = 15, SUMS = 16
};
enum Record { TENSOR, LOSS_SUMS, AVERAGE_SUMS, STATISTICS_SUMS };
enum Vector { NEVER, MAYBE, ALWAYS }; // shaped like the output's last dimension

struct Wanted {
  unsigned kinds;
  Record record;
  Vector vector;
};

struct Slot {
  uint32_t data, exponents, format, detail, elements, count, last, rest;

  unsigned kind() const { return format & 7; }
  unsigned wl() const { return format >> 3 & 31; }
  bool fixed() const { return format >> 8 & 1; }
  unsigned blocks() const { return format >> 10 & 7; }
  bool by_last() const { return format >> 13 & 1; }
  unsigned by_rows() const { return format >> 14 & 3; }
  bool vector() const { return format >> 16 & 1; }
  bool empty() const {
    return (data | exponents | format | detail | elements | count | last | rest) == 0;
  }
};

struct Region {
  uint64_t begin, end;
  bool output;
};

class Check {
public:
  Check(const Descriptor &d, size_t lanes, uint64_t memory)
      : d_(d), word_(lanes * 4), memory_(memory / word_ * word_), op_(d[0] & 0xFF),
        variant_(d[0] >> 8 & 0xFF), flags_(d[0] >> 16) {
    for (size_t s = 0; s < DESCRIPTOR_SLOTS; s++) {
      const uint32_t *w = &d[DESCRIPTOR_PARAMETERS + s * SLOT_WORDS];
      slot_[s] = {w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]};
    }
  }

  unsigned run(uint32_t commands) {
    if (op_ > 15 || !(commands >> op_ & 1)) return STATUS_COMMAND;
    if (!options_good()) return STATUS_OPTION;
    if (!parameters_there()) return STATUS_ZERO;
    if (too_large()) return STATUS_LARGE;
    for (size_t s = 0; s < DESCRIPTOR_SLOTS; s++) {
      unsigned status = check_slot(s);
      if (status != STATUS_DONE) return status;
    }
    if (!shapes_fit()) return STATUS_SHAPE;
    for (size_t i = 0; i < regions_.size(); i++)
      for (size_t j = 0; j < regions_.size(); j++)
        if (i != j && regions_[i].output && regions_[i].begin < regions_[j].end &&
            regions_[j].begin < regions_[i].end)
          return STATUS_OVERLAP;
    return STATUS_DONE;
  }

private:
  bool flag(unsigned i) const { return flags_ >> i & 1; }
  bool flags_within(unsigned mask) const { return (flags_ & ~mask) == 0; }
  bool pooling() const {
    return op_ == POOL || op_ == POOL_BACK || op_ == POOL_SUM || op_ == SPREAD;
  }

  bool options_good() const {
    switch (op_) {
    case CONTRACT: return variant_ <= 2 && flags_within(1);
    case QUANTIZE:
      return variant_ <= 3 && flags_within(1) && (variant_ != 0 || (d_[1] >= 1 && d_[1] <= 24));
    case AFFINE: {
      unsigned vectors = flags_ >> 8 & 15;
      return variant_ >= 1 && variant_ <= 4 && flags_within(0x1F07) && !(flag(0) && flag(1)) &&
             !(flag(2) && flag(12)) && vectors >> variant_ == 0;
    }
    case REDUCE: return variant_ <= 6 && flags_ == 0;
    case POOL:
    case POOL_BACK: return variant_ >= 1 && variant_ <= 16 && flags_ == 0;
    case POOL_SUM:
    case SPREAD: return variant_ >= 1 && variant_ <= 64 && flags_ == 0;
    case SOFTMAX: return variant_ == 0 && flags_within(1);
    case DROPOUT: return variant_ == 0 && flags_ == 0 && d_[8] <= 65536;
    case NORM: return variant_ == 0 && flags_within(1) && d_[2] >> 31 == 0;
    case NORM_BACK: return variant_ == 0 && flags_ == 0 && d_[2] >> 31 == 0;
    default: return variant_ == 0 && flags_ == 0;
    }
  }

  bool parameters_there() const {
    if (op_ == CONTRACT) {
      for (size_t i = 1; i <= 14; i++)
        if (i != 9 && d_[i] == 0) return false; // all but the padding
    } else if (pooling()) {
      for (size_t i = 1; i <= 6; i++)
        if (d_[i] == 0) return false;
    } else if (op_ == NORM_BACK || op_ == STATISTICS || (op_ == NORM && !flag(0))) {
      return d_[1] != 0;
    }
    return true;
  }

  bool too_large() const {
    if (op_ == SOFTMAX) return slot_[0].last < 2 || slot_[0].last > 65536;
    bool rows = op_ == NORM_BACK || op_ == STATISTICS || (op_ == NORM && !flag(0));
    return rows && d_[1] >> 31 != 0;
  }

  Wanted wanted(size_t s) const {
    const Wanted none = {NONE, TENSOR, NEVER};
    bool in = s == 0, out = s == SLOT_OUT, second = s == SLOT_OUT + 1;
    auto tensor = [](unsigned kinds) { return Wanted{kinds, TENSOR, NEVER}; };
    switch (op_) {
    case CONTRACT: return in ? tensor(INT8) : s == 1 ? tensor(BFP) : out ? tensor(WIDE) : none;
    case QUANTIZE: return in ? tensor(VALUE) : out ? tensor(BFP) : none;
    case AFFINE:
      if (s < 4) return s < variant_ ? Wanted{TERM, TENSOR, MAYBE} : none;
      if (s == 4) return flag(1) ? tensor(BYTE) : none;
      if (s < 10) return flag(static_cast<unsigned>(s) + 3) ? Wanted{WIDE, TENSOR, ALWAYS} : none;
      return out ? tensor(WIDE) : flag(0) ? tensor(BYTE) : none;
    case GATE: return in || out ? tensor(BFP) : s == 4 ? tensor(BYTE) : none;
    case REDUCE:
      if (in || (s == 1 && (variant_ == 2 || variant_ == 6))) return tensor(BFP);
      return out ? tensor(variant_ >= 5 ? SUMS : WIDE)
                 : second && variant_ >= 5 ? tensor(SUMS) : none;
    case POOL: return in || out ? tensor(BFP) : second ? tensor(BYTE) : none;
    case POOL_BACK: return in || out ? tensor(BFP) : s == 1 ? tensor(BYTE) : none;
    case SOFTMAX:
      if (second) return {NONE, LOSS_SUMS, NEVER};
      return in ? tensor(BFP) : s == 1 ? tensor(BYTE) : out && !flag(0) ? tensor(WIDE) : none;
    case DROPOUT: return out ? tensor(BYTE) : none;
    case AVERAGE: return in ? tensor(BFP) : out ? Wanted{BFP, AVERAGE_SUMS, NEVER} : none;
    case POOL_SUM: return in ? tensor(BFP) : out ? tensor(WIDE) : none;
    case SPREAD: return in || out ? tensor(BFP) : none;
    case NORM:
      if (s == 4 && flag(0)) return {NONE, STATISTICS_SUMS, NEVER};
      return s < 2 ? tensor(flag(0) ? NONE : SUMS) : s < 4 ? tensor(BFP)
             : out || second ? tensor(WIDE) : none;
    case NORM_BACK:
      return s < 2 || s == 4 || s == 5 ? tensor(SUMS) : s == 2 ? tensor(BFP)
             : s == 3 || s >= SLOT_OUT_NORM_BACK ? tensor(WIDE) : none;
    default: // STATISTICS
      return s < 2 ? tensor(SUMS) : out ? Wanted{NONE, STATISTICS_SUMS, NEVER} : none;
    }
  }

  static bool format_good(const Slot &slot, const Wanted &w) {
    if (w.record == LOSS_SUMS || w.record == STATISTICS_SUMS)
      return (slot.format | slot.detail) == 0;
    if (slot.kind() < 1 || slot.kind() > 5 || !(w.kinds >> (slot.kind() - 1) & 1) ||
        slot.format >> 17 != 0 || (slot.vector() ? w.vector == NEVER : w.vector == ALWAYS))
      return false;
    uint32_t cells = slot.format >> 13 & 7;
    switch (slot.kind()) {
    case 1:
    case 2: {
      bool width = slot.kind() == 1 ? slot.wl() >= 2 && slot.wl() <= 8
                                    : slot.wl() >= 9 && slot.wl() <= 16;
      if (!width || cells != 0 || slot.blocks() > 3) return false;
      if (slot.fixed()) return slot.blocks() == 0 && slot.detail <= 60;
      return slot.blocks() != 2 || ((slot.detail & 0xFFFF) != 0 && slot.detail >> 16 != 0);
    }
    case 3: return (slot.format & 0x1FF8) == 0 && slot.by_rows() != 3;
    default: return (slot.format & 0xFFF8) == 0;
    }
  }

  // Exponents of a tensor whose dimensions divide its elements.
  static uint64_t exponents(const Slot &s) {
    uint64_t rows = s.elements / s.last, first = s.elements / s.rest;
    auto parts = [](uint64_t n, uint64_t by) { return (n + by - 1) / by; };
    switch (s.kind()) {
    case 1:
    case 2:
      return s.blocks() == 0   ? 1
             : s.blocks() == 1 ? first
             : s.blocks() == 2 ? parts(first, s.detail & 0xFFFF) * parts(s.rest, s.detail >> 16)
                               : rows * parts(s.last, 32);
    case 3:
      return (s.by_rows() == 0 ? 1 : s.by_rows() == 1 ? first : rows) * (s.by_last() ? s.last : 1);
    case 4: return 0;
    default: return 1;
    }
  }

  uint64_t data_bytes(const Slot &s, Record record) const {
    static const unsigned shift[] = {0, 0, 1, 2, 0, 3};
    uint64_t channels = slot_[op_ == STATISTICS ? 0 : 2].elements;
    switch (record) {
    case LOSS_SUMS: return 24;
    case AVERAGE_SUMS: return uint64_t{s.elements} * 8;
    case STATISTICS_SUMS: return 2 * ((channels * 16 + word_ - 1) / word_ * word_);
    default: return uint64_t{s.elements} << shift[s.kind()];
    }
  }

  unsigned check_slot(size_t number) {
    const Slot &s = slot_[number];
    Wanted w = wanted(number);
    if (w.kinds == NONE && w.record == TENSOR) return s.empty() ? STATUS_DONE : STATUS_FORMAT;
    if (!format_good(s, w)) return STATUS_FORMAT;
    bool shaped = w.record == TENSOR || w.record == AVERAGE_SUMS;
    if (shaped) {
      if (s.elements == 0 || s.last == 0 || s.rest == 0) return STATUS_ZERO;
      if (s.elements >> 31 != 0) return STATUS_LARGE;
      if (s.elements % s.last != 0 || s.elements % s.rest != 0 || exponents(s) != s.count ||
          (s.count == 0 && s.exponents != 0))
        return STATUS_SHAPE;
    } else if ((s.elements | s.count | s.last | s.rest) != 0 ||
               (w.record == LOSS_SUMS && s.exponents != 0)) {
      return STATUS_FORMAT;
    }
    bool there = w.record == STATISTICS_SUMS || (shaped && s.count != 0);
    if (s.data % word_ != 0 || (there && s.exponents % word_ != 0)) return STATUS_MISALIGNED;
    uint64_t end = s.data + data_bytes(s, w.record);
    if (end > memory_) return STATUS_RANGE;
    bool output = number >= (op_ == NORM_BACK ? SLOT_OUT_NORM_BACK : SLOT_OUT);
    regions_.push_back({s.data, end, output});
    if (!there) return STATUS_DONE;
    end = s.exponents + word_ + (w.record == STATISTICS_SUMS ? 4 : uint64_t{s.count} * 2);
    if (s.exponents == 0 || end > memory_) return STATUS_RANGE;
    regions_.push_back({s.exponents, end, output});
    return STATUS_DONE;
  }

  // Whether the product of some parameters is a size.
  bool product(std::initializer_list<unsigned> words, uint64_t is) const {
    unsigned __int128 p = 1;
    for (unsigned w : words) {
      p *= d_[w];
      if (p >> 32 != 0) return false;
    }
    return p == is;
  }

  bool contract_fits() const {
    const Slot &a = slot_[0], &b = slot_[1], &y = slot_[SLOT_OUT];
    auto image = [&](const Slot &s) { return product({1, 2, 3, 4}, s.elements); };
    auto weights = [&](const Slot &s) { return product({5, 6, 7, 4}, s.elements); };
    auto result = [&](const Slot &s) { return product({1, 10, 11, 5}, s.elements); };
    bool sizes, matrix;
    if (variant_ == 0) {
      sizes = image(a) && weights(b) && result(y);
      matrix = product({1, 10, 11}, d_[12]) && d_[5] == d_[13] && product({6, 7, 4}, d_[14]);
    } else if (variant_ == 1) {
      sizes = result(a) && weights(b) && image(y);
      matrix = product({1, 2, 3}, d_[12]) && d_[4] == d_[13] && product({5, 6, 7}, d_[14]);
    } else {
      sizes = result(a) && image(b) && weights(y);
      matrix = d_[5] == d_[12] && product({6, 7, 4}, d_[13]) && product({1, 10, 11}, d_[14]);
    }
    auto reaches = [&](size_t out, size_t kernel, size_t side) { // windows inside of the padding
      unsigned __int128 stride = d_[8], padding = d_[9];
      return (d_[out] - 1) * stride + d_[kernel] <= d_[side] + 2 * padding;
    };
    if (!sizes || !matrix || !reaches(10, 6, 2) || !reaches(11, 7, 3)) return false;
    if (a.blocks() == 1 && a.count != d_[1]) return false;
    if (b.blocks() == 1 && b.count != d_[variant_ == 2 ? 1 : 5]) return false;
    // Cells of the output: by samples (or channels of weights), by columns.
    uint64_t cells = 1;
    bool rows = y.by_rows() & 1, columns = y.by_last() && !(y.by_rows() & 2);
    if (rows) cells = d_[variant_ == 2 ? 5 : 1];
    if (columns) cells *= d_[13];
    return !(rows || columns) || y.count == cells;
  }

  bool affine_fits() const {
    const Slot &y = slot_[SLOT_OUT];
    for (size_t i = 0; i < variant_; i++) {
      const Slot &x = slot_[i];
      if (x.vector() ? x.elements != y.last : x.elements != y.elements || x.last != y.last)
        return false;
    }
    for (size_t s = 5; s < 10; s++)
      if (flag(static_cast<unsigned>(s) + 3) &&
          (slot_[s].elements != y.last || slot_[s].count != y.last))
        return false;
    return (!flag(1) || slot_[4].elements == y.elements) &&
           (!flag(0) || slot_[SLOT_OUT + 1].elements == y.elements);
  }

  bool pool_fits() const {
    bool back = op_ == POOL_BACK || op_ == SPREAD;
    const Slot &large = slot_[back ? SLOT_OUT : 0], &small = slot_[back ? 0 : SLOT_OUT];
    return product({1, 2, 3, 4}, large.elements) && product({1, 5, 6, 4}, small.elements) &&
           product({2, 3, 4}, large.rest) && product({5, 6, 4}, small.rest) &&
           d_[2] / variant_ == d_[5] && d_[3] / variant_ == d_[6] && large.count == small.count &&
           (op_ == POOL_SUM || large.format == small.format) &&
           (op_ != POOL || slot_[SLOT_OUT + 1].elements == small.elements) &&
           (op_ != POOL_BACK || slot_[1].elements == small.elements);
  }

  bool shapes_fit() const {
    const Slot &x = slot_[0], &second = slot_[1], &y = slot_[SLOT_OUT], &z = slot_[SLOT_OUT + 1];
    switch (op_) {
    case CONTRACT: return contract_fits();
    case QUANTIZE: return x.elements == y.elements && x.last == y.last && x.rest == y.rest;
    case AFFINE: return affine_fits();
    case GATE:
      return x.elements == y.elements && x.count == y.count && slot_[4].elements == x.elements &&
             ((x.format ^ y.format) & ~0x200u) == 0;
    case REDUCE:
      return y.elements == x.last && (variant_ < 5 || z.elements == x.last) &&
             ((variant_ != 2 && variant_ != 6) ||
              (second.elements == x.elements && second.last == x.last));
    case SOFTMAX:
      return uint64_t{second.elements} * x.last == x.elements &&
             (flag(0) || (y.elements == x.elements && y.last == x.last));
    case AVERAGE:
      return x.elements == y.elements && x.count == y.count && x.last == y.last &&
             x.rest == y.rest && x.format == y.format && x.detail == y.detail;
    case NORM:
    case NORM_BACK: return norm_fits();
    case STATISTICS: return x.elements == second.elements;
    default: return !pooling() || pool_fits();
    }
  }

  bool norm_fits() const {
    uint32_t channels = slot_[2].elements;
    auto vector = [&](size_t s) { return slot_[s].elements == channels; };
    auto constants = [&](size_t s) { return vector(s) && slot_[s].count == channels; };
    bool sums = op_ == NORM && flag(0) ? true : vector(0) && vector(1);
    if (op_ == NORM) return sums && vector(3) && constants(SLOT_OUT) && constants(SLOT_OUT + 1);
    return sums && vector(4) && vector(5) && constants(3) && constants(8) && constants(9) &&
           constants(10) && constants(11);
  }

  const Descriptor &d_;
  uint64_t word_, memory_;
  uint32_t op_, variant_, flags_;
  Slot slot_[DESCRIPTOR_SLOTS];
  std::vector<Region> regions_;
};

} // namespace

unsigned check_descriptor(const Descriptor &d, size_t lanes, uint32_t memory, uint32_t commands) {
  return Check(d, lanes, memory).run(commands);
}

} // namespace bt_rtl
