// What `bittrue` and `bittrue-tlm` say to each other (docs/tlm.md, "Protocol"): records of fixed
// size over a socket, and the host's memory in a shared file. Both are of one build, on one machine.
#ifndef BT_TLM_PROTOCOL_H
#define BT_TLM_PROTOCOL_H

#include <cstddef>
#include <cstdint>

#include "machine_registers.h"
#include "doorbell.h"
extern "C" {
#include "machine/machine.h"
}

namespace bt_tlm {

constexpr uint32_t PROTOCOL = 0x62740001; // its version, and of the same byte order
constexpr int SOCKET_FD = 3, MEMORY_FD = 4; // in the child

struct Hello { // to the platform, first
  uint32_t protocol, bytes; // bytes: of this record
  bt_machine machine;
};

struct Welcome { // and its answer
  uint32_t bad;
  uint32_t commands; // the machine's register of that name
  char text[400];    // what is wrong, if bad
};

struct RunRequest { // then any number of these
  uint64_t memory; // bytes of the host's memory that are the machine's, from 0 on
  bt_rtl::Run run;
};

struct RunReply {
  uint32_t bad;
  char text[400];
  bt_rtl::Run run; // the generators
  bt_rtl::RunEnd end;
  uint64_t cycles; // of simulated time, from the doorbell to the interrupt
  uint64_t row_hits, row_misses; // beats of the machine's in DRAM with rows
};

// All n bytes; false at the end of the stream or on an error.
bool send_all(int fd, const void *data, size_t n);
bool receive_all(int fd, void *data, size_t n);

// A shared file, mapped as far as needed. 4 GiB at most.
class HostMemory {
public:
  explicit HostMemory(int fd) : fd_(fd) {}
  ~HostMemory();
  HostMemory(const HostMemory &) = delete;
  HostMemory &operator=(const HostMemory &) = delete;

  // At least n bytes, or NULL. grow: makes the file as large (its owner does).
  uint8_t *map(size_t n, bool grow);
  int fd() const { return fd_; }

private:
  int fd_;
  uint8_t *at_ = nullptr;
  size_t bytes_ = 0;
};

} // namespace bt_tlm
#endif
