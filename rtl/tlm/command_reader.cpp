#include "command_reader.h"

#include <cstring>

namespace bt_tlm {

using namespace bt_rtl;

namespace {

const int16_t ZERO_BLOCK = INT16_MIN; // the entry of a zero block

template <class Integer> Integer get(const uint8_t *at) {
  Integer value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

template <class Integer> void put(uint8_t *at, Integer value) {
  std::memcpy(at, &value, sizeof value);
}

bool is_bfp(const bt_tensor &t) {
  return (t.kind == BT_T_BFP8 || t.kind == BT_T_BFP16) && t.fmt.kind == BT_BFP;
}

} // namespace

CommandReader::Slot CommandReader::slot(size_t s) const {
  const uint32_t *w = &d_[DESCRIPTOR_PARAMETERS + s * SLOT_WORDS];
  return {w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]};
}

// A 16-bit mantissa with its exponent above it.
bt_constant CommandReader::constant(size_t i) const {
  return {static_cast<int16_t>(d_[i]), static_cast<int16_t>(d_[i] >> 16)};
}

bt_format CommandReader::format(const Slot &s) const {
  // Blocks by samples or by dimension 0 are one thing in memory; commands on images name samples.
  bool image = c_.op == BT_OP_POOL || c_.op == BT_OP_POOL_BACK || c_.op == BT_OP_POOL_SUM ||
               c_.op == BT_OP_SPREAD || c_.op == BT_OP_SOFTMAX;
  const bt_block blocks[] = {BT_BLOCK_TENSOR, image ? BT_BLOCK_SAMPLE : BT_BLOCK_DIM0,
                             BT_BLOCK_TILE, BT_BLOCK_K32};
  bt_format f = {};
  f.wl = static_cast<int>(s.format >> 3 & 31);
  f.kind = s.format >> 8 & 1 ? BT_FIXED : BT_BFP;
  f.asymmetric = s.format >> 9 & 1;
  if (f.kind == BT_FIXED) {
    f.fl = static_cast<int>(s.detail);
  } else {
    f.block = blocks[s.format >> 10 & 3];
    f.tile_rows = s.detail & 0xFFFF;
    f.tile_cols = s.detail >> 16;
  }
  return f;
}

// A slot tells the first and the last dimension; those between them stand as one. Images of a pool
// have their four in the parameters.
bt_tensor CommandReader::shape(const Slot &s) const {
  static const bt_tensor_kind kinds[] = {BT_T_BFP8, BT_T_BFP8, BT_T_BFP16,
                                         BT_T_WIDE, BT_T_BYTE, BT_T_SUMS};
  bt_tensor t = {};
  t.name = "operand";
  t.kind = kinds[s.format & 7];
  size_t first = s.elements / s.rest, middle = s.rest / s.last;
  if (s.rest == 1 && s.last == s.elements) {
    t.ndim = 1;
    t.dim[0] = s.elements;
  } else if (middle <= 1) {
    t.ndim = 2;
    t.dim[0] = first;
    t.dim[1] = s.last;
  } else {
    t.ndim = 3;
    t.dim[0] = first;
    t.dim[1] = middle;
    t.dim[2] = s.last;
  }
  if (c_.op == BT_OP_POOL || c_.op == BT_OP_POOL_BACK || c_.op == BT_OP_POOL_SUM ||
      c_.op == BT_OP_SPREAD) {
    bool large = s.elements == uint64_t{d_[1]} * d_[2] * d_[3] * d_[4];
    t.ndim = 4;
    t.dim[0] = d_[1];
    t.dim[1] = large ? d_[2] : d_[5];
    t.dim[2] = large ? d_[3] : d_[6];
    t.dim[3] = d_[4];
  }
  t.n0 = t.nl = 1;
  if (t.kind == BT_T_BFP8 || t.kind == BT_T_BFP16) t.fmt = format(s);
  if (t.kind == BT_T_WIDE) {
    unsigned by_rows = s.format >> 14 & 3;
    t.n0 = by_rows == 0 ? 1 : by_rows == 1 ? t.dim[0] : s.elements / s.last;
    t.nl = s.format >> 13 & 1 ? s.last : 1;
  }
  return t;
}

void CommandReader::get_exponents(const Slot &s, bt_tensor &t) {
  const uint8_t *at = memory_.read(s.exponents, word_ + size_t{s.count} * 2);
  if (t.kind == BT_T_WIDE) t.bits = at[0];
  for (size_t i = 0; i < s.count; i++) {
    int16_t entry = get<int16_t>(at + word_ + 2 * i);
    t.exp[i] = is_bfp(t) && entry == ZERO_BLOCK ? static_cast<int16_t>(-128) : entry;
  }
}

void CommandReader::put_exponents(const Slot &s, const bt_tensor &t) {
  uint8_t *at = memory_.room(s.exponents, word_ + size_t{s.count} * 2);
  std::memset(at, 0, word_);
  if (t.kind == BT_T_WIDE) at[0] = static_cast<uint8_t>(t.bits);
  for (size_t i = 0; i < s.count; i++)
    put(at + word_ + 2 * i, is_bfp(t) && bt_tensor_zero_block(&t, i) ? ZERO_BLOCK : t.exp[i]);
}

const bt_tensor *CommandReader::in(size_t i) {
  if (!there(i)) return nullptr;
  Slot s = slot(i);
  bt_tensor &t = tensor_[i];
  t = shape(s);
  exponent_[i].resize(s.count + 1);
  t.exp = exponent_[i].data();
  t.data = memory_.read(s.data, tensor_bytes(t));
  if (s.count > 0) get_exponents(s, t);
  return &t;
}

bt_tensor *CommandReader::out(size_t i) {
  if (!there(i)) return nullptr;
  Slot s = slot(i);
  bt_tensor &t = tensor_[i];
  t = shape(s);
  exponent_[i].resize(s.count + 1);
  t.exp = exponent_[i].data();
  t.data = memory_.room(s.data, tensor_bytes(t));
  output_[i] = true;
  return &t;
}

void CommandReader::read_contract() {
  auto &u = c_.u.contract;
  u.direction = static_cast<bt_direction>(d_[0] >> 8 & 0xFF);
  u.geometry = {d_[1], d_[2], d_[3], d_[4], d_[5], d_[6], d_[7], d_[8], d_[9], d_[10], d_[11]};
  u.nearest = d_[0] >> 16 & 1;
}

void CommandReader::read_affine() {
  auto &a = c_.u.affine;
  unsigned flags = d_[0] >> 16;
  a.terms = d_[0] >> 8 & 0xFF;
  a.relu = flags & 1;
  a.masked = flags >> 1 & 1;
  a.has_c0 = flags >> 2 & 1;
  a.c0 = {static_cast<int32_t>(d_[8]), static_cast<int32_t>(d_[9])};
  for (size_t i = 0; i < a.terms; i++) {
    a.c[i] = constant(4 + i);
    c_.in[i] = in(i);
    c_.in[BT_IN_CONSTANTS + i] = in(BT_IN_CONSTANTS + i);
  }
  c_.in[BT_IN_MASK] = in(BT_IN_MASK);
  c_.in[BT_IN_ADDEND] = in(BT_IN_ADDEND);
}

// The library counts a stream's elements by step and place, the descriptor from the first one: a
// first index that is no multiple of the size has no step.
void CommandReader::read_dropout() {
  auto &u = c_.u.dropout;
  size_t n = slot(SLOT_OUT).elements;
  uint64_t first = pair(6);
  u.seed = pair(2);
  u.epoch = pair(4) >> 16;
  u.layer = pair(4) & 0xFFFF;
  u.drop = {d_[8], 65536};
  u.step = first / n;
  if (first % n != 0) u.drop = {-1, 65536}; // refused by the command's check
}

void CommandReader::read_norm() {
  auto &u = c_.u.norm;
  bool statistics = d_[0] >> 16 & 1;
  u.rows = d_[1];
  u.eps = {static_cast<int32_t>(d_[2]), static_cast<int32_t>(d_[3])};
  for (size_t i = 0; i < (c_.op == BT_OP_NORM ? 4u : 6u); i++)
    c_.in[i] = statistics && (i < 2 || i == 4) ? nullptr : in(i);
  if (statistics) u.statistics = read_statistics(4, slot(2).elements, false);
}

void CommandReader::read_loss() {
  record_ = memory_.change(slot(SLOT_OUT + 1).data, 24);
  loss_ = {get<int64_t>(record_), get<uint64_t>(record_ + 8), get<uint64_t>(record_ + 16)};
  c_.u.softmax.loss = &loss_;
}

void CommandReader::read_average() {
  Slot s = slot(SLOT_OUT);
  average_.sum = reinterpret_cast<int64_t *>(memory_.change(s.data, size_t{s.elements} * 8));
  record_ = memory_.change(s.exponents, word_ + size_t{s.count} * 2);
  average_.count = get<uint64_t>(record_ + 8);
  exponent_[SLOT_OUT].resize(s.count + 1);
  average_.emin = exponent_[SLOT_OUT].data();
  std::memcpy(average_.emin, record_ + word_, size_t{s.count} * 2);
  c_.u.average.average = &average_;
}

bt_statistics *CommandReader::read_statistics(size_t i, size_t channels, bool written) {
  Slot s = slot(i);
  size_t bytes = (channels * 16 + word_ - 1) / word_ * word_;
  uint8_t *sums = written ? memory_.change(s.data, 2 * bytes) : memory_.read(s.data, 2 * bytes);
  record_ = written ? memory_.change(s.exponents, word_ + 4) : memory_.read(s.exponents, word_ + 4);
  statistics_.channels = channels;
  statistics_.first = reinterpret_cast<__int128 *>(sums);
  statistics_.second = reinterpret_cast<__int128 *>(sums + bytes);
  statistics_.rows = get<uint64_t>(record_ + 8);
  statistics_.first_step = get<int16_t>(record_ + word_);
  statistics_.second_step = get<int16_t>(record_ + word_ + 2);
  return &statistics_;
}

void CommandReader::read_parts() {
  unsigned variant = d_[0] >> 8 & 0xFF, flags = d_[0] >> 16;
  switch (c_.op) {
  case BT_OP_CONTRACT: read_contract(); break;
  case BT_OP_QUANTIZE:
    c_.u.quantize.round = {static_cast<bt_rounding>(variant), d_[1], (flags & 1) != 0};
    break;
  case BT_OP_AFFINE: read_affine(); return;
  case BT_OP_GATE:
    c_.in[0] = in(0);
    c_.in[1] = in(BT_IN_MASK);
    return;
  case BT_OP_REDUCE: c_.u.reduce.kind = static_cast<bt_reduction>(variant); break;
  case BT_OP_POOL:
  case BT_OP_POOL_BACK:
  case BT_OP_POOL_SUM:
  case BT_OP_SPREAD: c_.u.pool.k = variant; break;
  case BT_OP_SOFTMAX: read_loss(); break;
  case BT_OP_DROPOUT: read_dropout(); return;
  case BT_OP_AVERAGE: read_average(); break;
  case BT_OP_NORM:
  case BT_OP_NORM_BACK: read_norm(); return;
  case BT_OP_STATISTICS:
    c_.u.statistics = {d_[1], read_statistics(SLOT_OUT, slot(0).elements, true)};
    break;
  }
  c_.in[0] = in(0);
  c_.in[1] = in(1);
}

CommandReader::CommandReader(const Descriptor &d, uint32_t word, MemoryAccess &memory)
    : d_(d), word_(word), memory_(memory) {
  c_.op = static_cast<bt_op>((d[0] & 0xFF) - 1);
  c_.label.text = bt_op_name(c_.op);
  read_parts();
  if (c_.op == BT_OP_AVERAGE || c_.op == BT_OP_STATISTICS) return; // records, no tensors
  size_t first = c_.op == BT_OP_NORM_BACK ? SLOT_OUT_NORM_BACK : SLOT_OUT;
  size_t end = c_.op == BT_OP_SOFTMAX ? SLOT_OUT + 1 : DESCRIPTOR_SLOTS;
  for (size_t s = first; s < end; s++) c_.out[s - first] = out(s);
}

void CommandReader::write_back() {
  for (size_t i = 0; i < DESCRIPTOR_SLOTS; i++)
    if (output_[i] && slot(i).count > 0) put_exponents(slot(i), tensor_[i]);
  if (c_.op == BT_OP_SOFTMAX) {
    put(record_, loss_.loss_bits);
    put(record_ + 8, loss_.correct);
    put(record_ + 16, loss_.rows);
  } else if (c_.op == BT_OP_AVERAGE) {
    put(record_ + 8, average_.count);
    std::memcpy(record_ + word_, average_.emin, size_t{slot(SLOT_OUT).count} * 2);
  } else if (c_.op == BT_OP_STATISTICS) {
    put(record_ + 8, statistics_.rows);
    put(record_ + word_, static_cast<int16_t>(statistics_.first_step));
    put(record_ + word_ + 2, static_cast<int16_t>(statistics_.second_step));
  }
  memory_.flush();
}

} // namespace bt_tlm
