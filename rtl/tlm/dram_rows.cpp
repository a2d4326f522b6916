#include "dram_rows.h"

#include <algorithm>
#include <cstdlib>

namespace bt_tlm {

namespace {

bool power_of_two(uint32_t v) { return v != 0 && (v & (v - 1)) == 0; }

bool set(const std::string &name, uint32_t value, DramParameters *p) {
  struct {
    const char *name;
    uint32_t *value;
  } known[] = {{"banks", &p->banks}, {"row", &p->row_bytes}, {"trp", &p->trp},
               {"trcd", &p->trcd},   {"cl", &p->cl},         {"beat", &p->beat}};
  for (auto &k : known)
    if (name == k.name) {
      *k.value = value;
      return true;
    }
  return false;
}

} // namespace

std::string parse_dram(const std::string &text, uint32_t word, DramParameters *p) {
  const std::string expected = ": expected ideal, or rows[:banks=N,row=BYTES,trp=N,trcd=N,cl=N,"
                               "beat=N], in cycles up to 65535";
  if (text == "ideal") {
    p->ideal = true;
    return "";
  }
  p->ideal = false;
  if (text.compare(0, 4, "rows") != 0 || (text.size() > 4 && text[4] != ':'))
    return "'" + text + "'" + expected;
  for (size_t at = 5; at < text.size();) {
    size_t end = std::min(text.find(',', at), text.size()), equals = text.find('=', at);
    if (equals >= end) return "'" + text + "'" + expected;
    char *rest;
    unsigned long value = std::strtoul(text.c_str() + equals + 1, &rest, 10);
    if (rest != text.c_str() + end || rest == text.c_str() + equals + 1 || value > 65535 ||
        !set(text.substr(at, equals - at), static_cast<uint32_t>(value), p))
      return "'" + text.substr(at, end - at) + "'" + expected;
    at = end + 1;
  }
  if (!power_of_two(p->banks) || !power_of_two(p->row_bytes) || p->row_bytes < word || p->beat == 0)
    return "'" + text + "': expected banks and row to be powers of two, a row of at least " +
           std::to_string(word) + " bytes, and a beat of a cycle or more";
  return "";
}

// Makes the row the open one of its bank. The cycles that takes.
uint64_t DramRows::open_row(uint64_t row) {
  uint64_t &open = open_[row % p_.banks];
  if (open == row) return 0;
  uint64_t cycles = (open == NONE ? 0 : p_.trp) + p_.trcd;
  open = row;
  return cycles;
}

uint64_t DramRows::access(uint64_t now, uint64_t address, uint64_t bytes, bool read) {
  uint64_t at = std::max(now, free_), last = address + bytes - 1;
  for (uint64_t row = address / p_.row_bytes; row <= last / p_.row_bytes; row++) {
    uint64_t first = std::max(address, row * p_.row_bytes);
    uint64_t end = std::min(last, (row + 1) * p_.row_bytes - 1);
    uint64_t beats = end / word_ - first / word_ + 1;
    uint64_t cycles = open_row(row);
    misses_ += cycles != 0;
    hits_ += beats - (cycles != 0);
    at += cycles + beats * p_.beat;
  }
  free_ = at;
  return at + (read ? p_.cl : 0);
}

} // namespace bt_tlm
