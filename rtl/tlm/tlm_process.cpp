#include "tlm_process.h"

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <spawn.h>
#include <sstream>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace bt_tlm {

namespace {

const int ABOVE_CHILDS = 10; // descriptors here, clear of those that the child gets

std::string find_program() {
  const char *given = std::getenv("BITTRUE_TLM");
  if (given) return given;
  char self[PATH_MAX];
  ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
  std::string path(self, n > 0 ? static_cast<size_t>(n) : 0);
  return path.substr(0, path.rfind('/') + 1) + "bittrue-tlm";
}

std::vector<std::string> words(const char *text) {
  std::istringstream stream(text ? text : "");
  std::vector<std::string> list;
  for (std::string word; stream >> word;) list.push_back(word);
  return list;
}

// The same file at a higher number, closed in children.
int lift(int fd) {
  int high = fcntl(fd, F_DUPFD_CLOEXEC, ABOVE_CHILDS);
  close(fd);
  return high;
}

} // namespace

TlmProcess::~TlmProcess() {
  if (socket_ >= 0) close(socket_);
  if (child_ > 0) waitpid(child_, nullptr, 0);
}

std::string TlmProcess::spawn(const std::string &path) {
  int pair[2], file = memfd_create("bittrue-tlm", MFD_CLOEXEC);
  if (file < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
    return std::strerror(errno);
  memory_.reset(new HostMemory(lift(file)));
  socket_ = lift(pair[0]);
  int theirs = lift(pair[1]);
  std::vector<std::string> list = words(std::getenv("BITTRUE_TLM_OPTIONS"));
  list.insert(list.begin(), path);
  std::vector<char *> arguments;
  for (std::string &word : list) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, theirs, SOCKET_FD);
  posix_spawn_file_actions_adddup2(&actions, memory_->fd(), MEMORY_FD);
  std::string quiet = "SYSTEMC_DISABLE_COPYRIGHT_MESSAGE=DISABLE";
  std::vector<char *> environment = {quiet.data()};
  for (char **e = environ; *e; e++) environment.push_back(*e);
  environment.push_back(nullptr);
  int wrong = posix_spawn(&child_, path.c_str(), &actions, nullptr, arguments.data(),
                          environment.data());
  posix_spawn_file_actions_destroy(&actions);
  close(theirs);
  if (wrong) child_ = -1;
  return wrong ? std::strerror(wrong) : "";
}

std::string TlmProcess::start(const bt_machine &machine, uint32_t *commands) {
  path_ = find_program();
  std::string wrong = spawn(path_);
  if (!wrong.empty())
    return path_ + ": " + wrong +
           "; expected bittrue-tlm beside bittrue, or its path in BITTRUE_TLM";
  Hello hello;
  Welcome welcome;
  std::memset(&hello, 0, sizeof hello);
  hello.protocol = PROTOCOL;
  hello.bytes = sizeof hello;
  hello.machine = machine;
  if (!send_all(socket_, &hello, sizeof hello) ||
      !receive_all(socket_, &welcome, sizeof welcome))
    return how_it_ended("at its start; see BITTRUE_TLM_OPTIONS");
  if (welcome.bad) return welcome.text;
  *commands = welcome.commands;
  return "";
}

std::string TlmProcess::how_it_ended(const std::string &at) {
  int status = 0;
  close(socket_);
  socket_ = -1;
  bool known = waitpid(child_, &status, 0) == child_;
  child_ = -1;
  std::string how = known && WIFSIGNALED(status)
                        ? std::string("was killed by signal ") + std::to_string(WTERMSIG(status)) +
                              " (" + strsignal(WTERMSIG(status)) + ")"
                    : known ? "ended with status " + std::to_string(WEXITSTATUS(status))
                            : std::string("ended");
  return path_ + " " + how + " " + at;
}

std::string TlmProcess::run(const RunRequest &request, RunReply *reply) {
  if (socket_ < 0) return path_ + " has ended";
  if (!send_all(socket_, &request, sizeof request) || !receive_all(socket_, reply, sizeof *reply))
    return how_it_ended("during the command");
  return reply->bad ? reply->text : "";
}

} // namespace bt_tlm
