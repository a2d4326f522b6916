// The process `bittrue-tlm`: started, asked, ended.
#ifndef BT_TLM_PROCESS_H
#define BT_TLM_PROCESS_H

#include <memory>
#include <string>
#include <sys/types.h>

#include "protocol.h"

namespace bt_tlm {

class TlmProcess {
public:
  ~TlmProcess(); // closes the socket and waits for its end

  // Empty, or what is wrong. *commands: the machine's register of that name.
  std::string start(const bt_machine &machine, uint32_t *commands);
  // n bytes that both see, or NULL.
  uint8_t *host(size_t n) { return memory_->map(n, true); }
  std::string run(const RunRequest &request, RunReply *reply);

private:
  std::string spawn(const std::string &path);
  std::string how_it_ended(const std::string &at);

  std::string path_;
  pid_t child_ = -1;
  int socket_ = -1;
  std::unique_ptr<HostMemory> memory_;
};

} // namespace bt_tlm
#endif
