#include "protocol.h"

#include <cerrno>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

namespace bt_tlm {

bool send_all(int fd, const void *data, size_t n) {
  const uint8_t *at = static_cast<const uint8_t *>(data);
  while (n > 0) {
    ssize_t sent = send(fd, at, n, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    at += sent;
    n -= static_cast<size_t>(sent);
  }
  return true;
}

bool receive_all(int fd, void *data, size_t n) {
  uint8_t *at = static_cast<uint8_t *>(data);
  while (n > 0) {
    ssize_t got = recv(fd, at, n, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    at += got;
    n -= static_cast<size_t>(got);
  }
  return true;
}

HostMemory::~HostMemory() {
  if (at_) munmap(at_, bytes_);
  if (fd_ >= 0) close(fd_);
}

uint8_t *HostMemory::map(size_t n, bool grow) {
  if (n <= bytes_) return at_;
  size_t bytes = bytes_ > 0 ? bytes_ : size_t{1} << 20;
  while (bytes < n) bytes *= 2;
  if (grow && ftruncate(fd_, static_cast<off_t>(bytes)) != 0) return nullptr;
  void *mapped = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd_, 0);
  if (mapped == MAP_FAILED) return nullptr;
  if (at_) munmap(at_, bytes_);
  at_ = static_cast<uint8_t *>(mapped);
  bytes_ = bytes;
  return at_;
}

} // namespace bt_tlm
