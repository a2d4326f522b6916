#include "serve.h"

#include <cstdio>
#include <stdexcept>

#include "descriptor_check.h"
#include "protocol.h"

namespace bt_tlm {

namespace {

class Service {
public:
  Service(int socket, int memory) : socket_(socket), memory_(memory) {}

  void attach(const Platform *platform) { platform_ = platform; }

  void run(Driver &driver) {
    Welcome welcome = {0, driver.get(bt_rtl::REG_COMMANDS), ""};
    driver.write(bt_rtl::REG_ENABLE, 1);
    RunRequest request;
    if (!send_all(socket_, &welcome, sizeof welcome)) return;
    while (receive_all(socket_, &request, sizeof request)) {
      RunReply reply = {};
      std::string wrong = run_one(driver, request, &reply);
      reply.bad = !wrong.empty();
      reply.run = request.run;
      std::snprintf(reply.text, sizeof reply.text, "%s", wrong.c_str());
      if (!send_all(socket_, &reply, sizeof reply)) return;
    }
  }

private:
  std::string run_one(Driver &driver, RunRequest &request, RunReply *reply) {
    size_t bytes = request.memory;
    if (bytes > platform_->memory_bytes())
      return "its memory has " + std::to_string(platform_->memory_bytes()) + " bytes, " +
             std::to_string(bytes) + " are needed (--memory)";
    uint8_t *host = memory_.map(bytes, false);
    if (!host || !driver.store(0, host, bytes)) return "the host's memory cannot be read";
    uint64_t hits = platform_->rows().hits(), misses = platform_->rows().misses(), start = 0;
    auto until_interrupt = [&]() -> std::string {
      start = platform_->cycles();
      driver.await_interrupt();
      reply->cycles = platform_->cycles() - start;
      reply->row_hits = platform_->rows().hits() - hits;
      reply->row_misses = platform_->rows().misses() - misses;
      return "";
    };
    std::string wrong = bt_rtl::ring(driver, until_interrupt, request.run, &reply->end);
    if (wrong.empty() && !driver.load(0, host, bytes)) return "memory cannot be read back";
    return wrong;
  }

  int socket_;
  HostMemory memory_;
  const Platform *platform_ = nullptr;
};

int refuse(int socket, const char *text) {
  Welcome welcome = {1, 0, ""};
  std::snprintf(welcome.text, sizeof welcome.text, "%s", text);
  return send_all(socket, &welcome, sizeof welcome) ? 0 : 2;
}

} // namespace

int serve(int socket, int memory, const PlatformOptions &options) {
  Hello hello;
  if (!receive_all(socket, &hello, sizeof hello)) return 2;
  if (hello.protocol != PROTOCOL || hello.bytes != sizeof hello)
    return refuse(socket, "it is of another build than bittrue");
  try {
    Service service(socket, memory);
    Platform platform(hello.machine, options, [&](Driver &driver) { service.run(driver); });
    service.attach(&platform);
    sc_core::sc_start();
    return 0;
  } catch (const std::exception &e) {
    return refuse(socket, e.what());
  }
}

} // namespace bt_tlm
