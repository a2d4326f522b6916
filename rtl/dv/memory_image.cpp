#include "memory_image.h"

#include <cstring>

namespace bt_rtl {

namespace {

const uint8_t FRESH = 0xA5;
const int16_t ZERO_BLOCK = INT16_MIN; // the entry of a zero block

void put16(uint8_t *at, int value) {
  uint16_t bits = static_cast<uint16_t>(value);
  at[0] = static_cast<uint8_t>(bits);
  at[1] = static_cast<uint8_t>(bits >> 8);
}

int16_t get16(const uint8_t *at) {
  return static_cast<int16_t>(static_cast<uint16_t>(at[0] | at[1] << 8));
}

template <class Integer> void put_integer(uint8_t *at, Integer value) {
  std::memcpy(at, &value, sizeof value); // little-endian machines only, as Verilator's
}

template <class Integer> Integer get_integer(const uint8_t *at) {
  Integer value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

bool is_bfp(const bt_tensor &t) { return t.kind == BT_T_BFP8 || t.kind == BT_T_BFP16; }

size_t exponents_of(const bt_tensor &t) {
  return t.kind == BT_T_BYTE ? 0 : bt_tensor_exponents(&t);
}

} // namespace

size_t tensor_bytes(const bt_tensor &t) {
  return bt_tensor_elements(&t) * bt_tensor_element_size(&t);
}

MemoryImage::MemoryImage(size_t lanes) : word_(lanes * 4) { clear(); }

void MemoryImage::clear() {
  places_.clear();
  bytes_.assign(word_, FRESH); // address 0 stands for no address
  between_.assign(1, 0);
}

bool MemoryImage::intact() const {
  for (size_t word : between_)
    for (size_t i = 0; i < word_; i++)
      if (bytes_[word + i] != FRESH) return false;
  return true;
}

uint32_t MemoryImage::reserve(size_t bytes) {
  size_t address = bytes_.size();
  between_.push_back(address + (bytes + word_ - 1) / word_ * word_);
  bytes_.resize(between_.back() + word_, FRESH);
  return static_cast<uint32_t>(address);
}

Place MemoryImage::space(const bt_tensor &t) {
  auto found = places_.find(&t);
  if (found != places_.end()) return found->second;
  Place place = {reserve(tensor_bytes(t)), 0};
  if (exponents_of(t) > 0) place.exponents = reserve(word_ + exponents_of(t) * 2);
  places_[&t] = place;
  return place;
}

Place MemoryImage::put(const bt_tensor &t) {
  Place place = space(t);
  std::memcpy(at(place.data), t.data, tensor_bytes(t));
  if (place.exponents == 0) return place;
  std::memset(at(place.exponents), 0, word_);
  *at(place.exponents) = static_cast<uint8_t>(t.kind == BT_T_WIDE ? t.bits : 0);
  for (size_t i = 0; i < exponents_of(t); i++)
    put16(at(place.exponents) + word_ + 2 * i,
          is_bfp(t) && t.fmt.kind == BT_BFP && bt_tensor_zero_block(&t, i) ? ZERO_BLOCK : t.exp[i]);
  return place;
}

void MemoryImage::get(bt_tensor &t) const {
  Place place = places_.at(&t);
  std::memcpy(t.data, at(place.data), tensor_bytes(t));
  if (place.exponents == 0) return;
  if (t.kind == BT_T_WIDE) t.bits = *at(place.exponents);
  for (size_t i = 0; i < exponents_of(t); i++) {
    int16_t entry = get16(at(place.exponents) + word_ + 2 * i);
    t.exp[i] = is_bfp(t) && entry == ZERO_BLOCK ? static_cast<int16_t>(-128) : entry;
  }
}

Place MemoryImage::put(const bt_loss &loss) {
  Place place = {reserve(24), 0};
  put_integer(at(place.data), loss.loss_bits);
  put_integer(at(place.data) + 8, loss.correct);
  put_integer(at(place.data) + 16, loss.rows);
  return place;
}

void MemoryImage::get(bt_loss &loss, Place place) const {
  loss.loss_bits = get_integer<int64_t>(at(place.data));
  loss.correct = get_integer<uint64_t>(at(place.data) + 8);
  loss.rows = get_integer<uint64_t>(at(place.data) + 16);
}

Place MemoryImage::put(const bt_average &average, const bt_tensor &weights) {
  size_t n = bt_tensor_elements(&weights), blocks = bt_tensor_exponents(&weights);
  Place place;
  place.data = reserve(n * 8);
  place.exponents = reserve(word_ + blocks * 2);
  std::memcpy(at(place.data), average.sum, n * 8);
  std::memset(at(place.exponents), 0, word_);
  put_integer(at(place.exponents) + 8, average.count);
  for (size_t i = 0; i < blocks; i++) put16(at(place.exponents) + word_ + 2 * i, average.emin[i]);
  return place;
}

void MemoryImage::get(bt_average &average, const bt_tensor &weights, Place place) const {
  size_t n = bt_tensor_elements(&weights), blocks = bt_tensor_exponents(&weights);
  std::memcpy(average.sum, at(place.data), n * 8);
  average.count = get_integer<uint64_t>(at(place.exponents) + 8);
  for (size_t i = 0; i < blocks; i++)
    average.emin[i] = get16(at(place.exponents) + word_ + 2 * i);
}

Place MemoryImage::put(const bt_statistics &s) {
  size_t bytes = (s.channels * 16 + word_ - 1) / word_ * word_;
  Place place;
  place.data = reserve(2 * bytes);
  place.exponents = reserve(word_ + 4);
  std::memcpy(at(place.data), s.first, s.channels * 16);
  std::memcpy(at(place.data) + bytes, s.second, s.channels * 16);
  std::memset(at(place.exponents), 0, word_);
  put_integer(at(place.exponents) + 8, s.rows);
  put16(at(place.exponents) + word_, s.first_step);
  put16(at(place.exponents) + word_ + 2, s.second_step);
  return place;
}

void MemoryImage::get(bt_statistics &s, Place place) const {
  size_t bytes = (s.channels * 16 + word_ - 1) / word_ * word_;
  std::memcpy(s.first, at(place.data), s.channels * 16);
  std::memcpy(s.second, at(place.data) + bytes, s.channels * 16);
  s.rows = get_integer<uint64_t>(at(place.exponents) + 8);
  s.first_step = get16(at(place.exponents) + word_);
  s.second_step = get16(at(place.exponents) + word_ + 2);
}

} // namespace bt_rtl
