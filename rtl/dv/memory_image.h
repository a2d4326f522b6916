// The machine's memory, and where tensors lie in it (docs/rtl.md, "Tensors in memory").
#ifndef BT_RTL_MEMORY_IMAGE_H
#define BT_RTL_MEMORY_IMAGE_H

#include <cstdint>
#include <map>
#include <vector>

#include "emu.h"

namespace bt_rtl {

// Byte addresses; exponents 0 where there are none.
struct Place {
  uint32_t data, exponents;
};

class MemoryImage {
public:
  // lanes: of the machine; a word is 4 bytes a lane. Fresh memory is not zero.
  explicit MemoryImage(size_t lanes);

  size_t word() const { return word_; }
  size_t size() const { return bytes_.size(); }
  uint8_t *at(uint32_t address) { return bytes_.data() + address; }
  const uint8_t *at(uint32_t address) const { return bytes_.data() + address; }

  // Forgets all places.
  void clear();
  // `bytes` of fresh memory at a multiple of the word. The words between two regions are nobody's.
  uint32_t reserve(size_t bytes);
  // Whether nobody's words are as they were.
  bool intact() const;

  // A place for a tensor, with its contents, or for its result. The same tensor keeps its place.
  Place put(const bt_tensor &t);
  Place space(const bt_tensor &t);
  // A result's contents, from its place.
  void get(bt_tensor &t) const;

  // Records of docs/rtl.md, put and got alike; each has a place of its own.
  Place put(const bt_loss &loss);
  void get(bt_loss &loss, Place place) const;
  Place put(const bt_average &average, const bt_tensor &weights);
  void get(bt_average &average, const bt_tensor &weights, Place place) const;
  Place put(const bt_statistics &statistics);
  void get(bt_statistics &statistics, Place place) const;

private:
  size_t word_;
  std::vector<uint8_t> bytes_;
  std::vector<size_t> between_; // nobody's words
  std::map<const bt_tensor *, Place> places_;
};

// Data bytes of a tensor.
size_t tensor_bytes(const bt_tensor &t);

} // namespace bt_rtl
#endif
