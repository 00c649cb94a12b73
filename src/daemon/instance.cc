// SPDX-License-Identifier: Apache-2.0
#include "daemon/instance.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <optional>
#include <utility>

namespace backhaul::daemon {
namespace {

constexpr suseconds_t tick_us = 50'000;

base::Error failure(const std::string& path, int error) {
  return {base::code_from_errno(error), path + ": " + std::strerror(error)};
}

struct Holder {
  std::string id;
  std::string address;
  std::string pid;
};

Holder read_holder(const std::string& bus_file) {
  Holder holder;
  std::ifstream in(bus_file);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("id=")) holder.id = line.substr(3);
    if (line.starts_with("address=")) holder.address = line.substr(8);
    if (line.starts_with("pid=")) holder.pid = line.substr(4);
  }
  return holder;
}

// Interrupts a blocking system call every tick, for as long as it lives.
class Ticks {
 public:
  Ticks() {
    struct sigaction action {};
    action.sa_handler = [](int) {};
    sigaction(SIGALRM, &action, &old_);  // no SA_RESTART: flock returns EINTR
    itimerval interval{{0, tick_us}, {0, tick_us}};
    setitimer(ITIMER_REAL, &interval, nullptr);
  }
  ~Ticks() {
    itimerval off{};
    setitimer(ITIMER_REAL, &off, nullptr);
    sigaction(SIGALRM, &old_, nullptr);
  }
  Ticks(const Ticks&) = delete;
  Ticks& operator=(const Ticks&) = delete;

 private:
  struct sigaction old_ {};
};

// Unset: the lock is ours.
std::optional<base::Error> wait_for_lock(int fd, const std::string& bus_file, const BusPlace& own,
                                         base::Microseconds patience) {
  if (flock(fd, LOCK_EX | LOCK_NB) == 0) return std::nullopt;
  if (errno != EWOULDBLOCK) return failure("queue.lock", errno);
  Ticks ticks;
  for (base::Microseconds waited{};; waited += base::Microseconds(tick_us)) {
    Holder holder = read_holder(bus_file);
    bool elsewhere = !holder.id.empty() && holder.id != own.id;
    if (elsewhere || waited >= patience) {
      return base::Error{base::Code::RPC_SERVER_UNAVAILABLE,
                         fmt::format("another backhauld{}{} holds the queue{}{}",
                                     holder.pid.empty() ? "" : ", process ", holder.pid,
                                     elsewhere ? "; it is on the bus " : "",
                                     elsewhere ? holder.address : "")};
    }
    if (flock(fd, LOCK_EX) == 0) return std::nullopt;
    if (errno != EINTR) return failure("queue.lock", errno);
  }
}

}  // namespace

base::Result<Instance> Instance::take(const std::string& state_folder, const BusPlace& own,
                                      base::Microseconds patience) {
  const std::string lock_file = state_folder + "/queue.lock";
  const std::string bus_file = state_folder + "/bus";
  int fd = open(lock_file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return failure(lock_file, errno);
  if (auto refused = wait_for_lock(fd, bus_file, own, patience)) {
    close(fd);
    return *std::move(refused);
  }
  // What a holder that crashed left behind would send clients, and the next waiter, astray.
  unlink(bus_file.c_str());
  return Instance(fd, bus_file);
}

Instance::Instance(Instance&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), bus_file_(std::move(other.bus_file_)) {}

Instance::~Instance() {
  if (fd_ < 0) return;
  unlink(bus_file_.c_str());
  close(fd_);
}

base::Result<void> Instance::announce(const BusPlace& own) {
  const std::string text =
      fmt::format("address={}\nid={}\npid={}\n", own.address, own.id, getpid());
  const std::string fresh = bus_file_ + ".new";
  unlink(fresh.c_str());
  int fd = open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return failure(fresh, errno);
  ssize_t written = write(fd, text.data(), text.size());
  close(fd);
  if (written != static_cast<ssize_t>(text.size())) return failure(fresh, ENOSPC);
  if (rename(fresh.c_str(), bus_file_.c_str()) != 0) return failure(bus_file_, errno);
  return {};
}

}  // namespace backhaul::daemon
