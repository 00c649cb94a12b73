// SPDX-License-Identifier: Apache-2.0
#include "daemon/instance.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <utility>

#include "state/state_file.h"

namespace backhaul::daemon {
namespace {

constexpr suseconds_t tick_us = 50'000;
constexpr base::Microseconds ask_again = std::chrono::seconds(1);

base::Error failure(const std::string& path, int error) {
  return {base::code_from_errno(error), path + ": " + std::strerror(error)};
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

base::Error served_by(const bus::Holder& holder) {
  return {base::Code::ALREADY_EXISTS,
          fmt::format("another backhauld, process {}, serves the queue on the bus {}", holder.pid,
                      holder.address)};
}

base::Error held_by(const std::optional<bus::Holder>& holder) {
  return {base::Code::RPC_SERVER_UNAVAILABLE,
          fmt::format("another backhauld{} holds the queue and does not answer{}",
                      holder ? fmt::format(", process {},", holder->pid) : "",
                      holder ? " on the bus " + holder->address : "")};
}

// Unset: the lock is ours.
std::optional<base::Error> wait_for_lock(int fd, const std::string& state_folder,
                                         base::Microseconds patience,
                                         const Instance::Answers& answers) {
  if (flock(fd, LOCK_EX | LOCK_NB) == 0) return std::nullopt;
  if (errno != EWOULDBLOCK) return failure("queue.lock", errno);
  for (base::Microseconds waited{};; waited += base::Microseconds(tick_us)) {
    const auto found = bus::read_holder(state_folder);
    const auto holder = found ? std::optional(*found) : std::nullopt;
    // Now and then: it may only just have begun, or have lost its bus.
    const bool look = waited % ask_again == base::Microseconds(0) || waited >= patience;
    if (holder && look && answers(*holder)) return served_by(*holder);
    if (waited >= patience) return held_by(holder);
    const Ticks ticks;
    if (flock(fd, LOCK_EX) == 0) return std::nullopt;
    if (errno != EINTR) return failure("queue.lock", errno);
  }
}

std::string work_file(const std::string& state_folder) { return state_folder + "/unfinished"; }

}  // namespace

base::Result<Instance> Instance::take(const std::string& state_folder, base::Microseconds patience,
                                      const Answers& answers) {
  const std::string lock_file = state_folder + "/queue.lock";
  BH_TRY(const int fd, state::open_file(lock_file, O_RDWR | O_CREAT));
  if (auto refused = wait_for_lock(fd, state_folder, patience, answers)) {
    close(fd);
    return *std::move(refused);
  }
  const int folder = open(state_folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool locks = folder >= 0 && (flock(folder, LOCK_EX | LOCK_NB) == 0 || errno == EWOULDBLOCK);
  if (auto refused = locks ? wait_for_lock(folder, state_folder, patience, answers) : std::nullopt) {
    close(folder);
    close(fd);
    return *std::move(refused);
  }
  // What a holder that crashed left behind would send clients, and the next waiter, astray.
  if (auto stale = bus::read_holder(state_folder)) bus::remove_holder(state_folder, stale->pid);
  return Instance(fd, folder, state_folder);
}

Instance::Instance(Instance&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      folder_(std::exchange(other.folder_, -1)),
      state_folder_(std::move(other.state_folder_)) {}

Instance::~Instance() {
  if (fd_ < 0) return;
  bus::remove_holder(state_folder_, getpid());
  if (folder_ >= 0) close(folder_);
  close(fd_);
}

base::Result<void> Instance::announce(const std::string& address, const std::string& bus_id) {
  return bus::write_holder(state_folder_, {address, bus_id, getpid()});
}

bool Instance::work_was_left(const std::string& state_folder) {
  return access(work_file(state_folder).c_str(), F_OK) == 0;
}

void Instance::note_work_left(bool left) {
  if (!left) {
    unlink(work_file(state_folder_).c_str());
    return;
  }
  if (const auto made = state::open_file(work_file(state_folder_), O_WRONLY | O_CREAT)) close(*made);
}

}  // namespace backhaul::daemon
