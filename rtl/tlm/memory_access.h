// The machine's access to memory: whole buffers, directly where memory grants it, else by
// transactions. In the caller's local time.
#ifndef BT_TLM_MEMORY_ACCESS_H
#define BT_TLM_MEMORY_ACCESS_H

#include <deque>
#include <vector>

#include "machine_module.h"

namespace bt_tlm {

class MemoryAccess {
public:
  using Socket = tlm_utils::simple_initiator_socket<MachineModule>;

  // word: of memory, in bytes.
  MemoryAccess(Socket &socket, uint32_t word, sc_core::sc_time cycle)
      : socket_(socket), word_(word), cycle_(cycle) {}

  // Forgets all buffers. now: the caller's local time, before which nothing happens.
  void begin(sc_core::sc_time now);
  // n bytes of memory, at a multiple of 16 in the host's memory; valid until begin().
  uint8_t *read(uint32_t address, size_t n);
  // Room for as many; flush() writes what was put there (and what was changed in buffers that
  // change() took).
  uint8_t *room(uint32_t address, size_t n);
  uint8_t *change(uint32_t address, size_t n);
  void flush();

  bool failed() const { return failed_; } // an answer was an error
  // What memory took beyond a word a cycle, and how many words, since begin().
  sc_core::sc_time excess_read() const { return excess_[0]; }
  sc_core::sc_time excess_write() const { return excess_[1]; }
  uint64_t words_read() const { return words_[0]; }
  uint64_t words_written() const { return words_[1]; }

private:
  struct Buffer {
    uint32_t address;
    std::vector<uint8_t> bytes;
    bool written;
  };

  uint8_t *direct(uint32_t address, size_t n);
  Buffer &add(uint32_t address, size_t n, bool written);
  void transport(Buffer &buffer, bool write);

  Socket &socket_;
  uint32_t word_;
  sc_core::sc_time cycle_, now_, excess_[2];
  uint64_t words_[2] = {0, 0};
  std::deque<Buffer> buffers_;
  tlm::tlm_dmi dmi_;
  bool failed_ = false, direct_ = false, asked_ = false;
};

} // namespace bt_tlm
#endif
