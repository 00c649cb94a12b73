// SPDX-License-Identifier: Apache-2.0
#include "daemon/guardian.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>

namespace backhaul::daemon {
namespace {

base::Microseconds boot_time() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return std::chrono::seconds(now.tv_sec) +
         std::chrono::duration_cast<base::Microseconds>(std::chrono::nanoseconds(now.tv_nsec));
}

// What a service says through the pipe.
constexpr char ready_word = 'r';
constexpr char session_word = 's';
constexpr char own_word = 'o';
constexpr char machine_word = 'm';
constexpr char reason_word = 'w';  // what follows is the reason for its end

class Guardian {
 public:
  explicit Guardian(const GuardianTimes& times) : times_(times) {
    sigemptyset(&watched_);
    for (int signal : {SIGCHLD, SIGTERM, SIGINT, SIGHUP}) sigaddset(&watched_, signal);
    sigprocmask(SIG_BLOCK, &watched_, &before_);
  }

  Guarded run() {
    base::Microseconds delay = times_.first_delay;
    std::string previous_end;
    while (true) {
      const base::Microseconds started = boot_time();
      if (start_child()) {
        return {.bus = bus_,
                .readiness = Readiness(ready_fds_[1]),
                .previous_end = previous_end,
                .guardian = own_pid_};
      }
      if (child_ < 0) return ended(EX_OSERR);
      const int status = wait_for_end();
      take_readiness();
      if (auto code = final_code(status)) return ended(*code);
      if (boot_time() - started >= times_.healthy) delay = times_.first_delay;
      previous_end = describe(status) + (reason_.empty() ? "" : ": " + reason_);
      stopping_ = pause(delay);
      if (stopping_) return ended(EX_OK);
      delay = std::min(delay * 2, times_.longest_delay);
    }
  }

 private:
  // True in the child.
  bool start_child() {
    if (pipe2(ready_fds_.data(), O_CLOEXEC | O_NONBLOCK) != 0) ready_fds_ = {-1, -1};
    child_ = fork();
    if (child_ == 0) {
      close(ready_fds_[0]);
      // Until it can hear that its settings are to be read again: it would end of it.
      sigset_t mask = before_;
      sigaddset(&mask, SIGHUP);
      sigprocmask(SIG_SETMASK, &mask, nullptr);
      if (named_) prctl(PR_SET_NAME, service_name_.data());
      return true;
    }
    close(ready_fds_[1]);
    if (!named_) {  // "pkill backhauld" means the service
      prctl(PR_GET_NAME, service_name_.data());
      prctl(PR_SET_NAME, "backhaul-guard");
      named_ = true;
    }
    return false;
  }

  Guarded ended(int code) const {
    return {.exit_code = code, .asked_to_end = stopping_, .ever_ready = ever_ready_, .bus = bus_};
  }

  void take_readiness() {
    char word = 0;
    bool of_reason = false;
    reason_.clear();
    while (read(ready_fds_[0], &word, 1) == 1) {
      if (of_reason) reason_ += word;
      if (word == reason_word) of_reason = true;
      if (of_reason) continue;
      if (word == ready_word) ever_ready_ = true;
      if (word == session_word) bus_ = BusKind::session;
      if (word == own_word) bus_ = BusKind::own;
      if (word == machine_word) bus_ = BusKind::machine;
    }
    close(ready_fds_[0]);
  }

  // Waits for the child, passing on requests to end.
  int wait_for_end() {
    bool forced = false;
    while (true) {
      int status = 0;
      const pid_t ended = waitpid(child_, &status, WNOHANG);
      if (ended == child_ || (ended < 0 && errno == ECHILD)) return status;
      const int signal = next_signal(!stopping_ ? no_limit
                                     : forced   ? times_.kill_limit
                                                : times_.stop_limit);
      if (signal == SIGHUP && !stopping_) {
        kill(child_, SIGHUP);  // the settings are to be read again
      } else if (signal == SIGTERM || signal == SIGINT) {
        stopping_ = true;
        kill(child_, SIGTERM);
      } else if (signal < 0 && errno == EAGAIN && stopping_) {  // EINTR: we were stopped ourselves
        if (forced) return status;  // the kernel waits for a device: it ends when that answers
        forced = true;
        kill(child_, SIGKILL);
      }
    }
  }

  std::optional<int> final_code(int status) const {
    if (stopping_) return EX_OK;
    // Told to end before it could listen: an end that was asked for.
    if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGTERM || WTERMSIG(status) == SIGINT)) {
      return EX_OK;
    }
    if (!WIFEXITED(status)) return std::nullopt;
    const int code = WEXITSTATUS(status);
    // EX_TEMPFAIL: another service has the queue, and a guardian of its own.
    if (code == EX_OK || code == EX_TEMPFAIL || code == EX_USAGE) return code;
    if (!ever_ready_) return code;
    // Its session bus is gone, and another one starts a service of its own.
    if (code == EX_UNAVAILABLE && bus_ == BusKind::session) return code;
    return std::nullopt;
  }

  // True: asked to end meanwhile.
  bool pause(base::Microseconds delay) {
    const base::Microseconds until = boot_time() + delay;
    for (base::Microseconds left = delay; left.count() > 0; left = until - boot_time()) {
      const int signal = next_signal(left);
      if (signal == SIGTERM || signal == SIGINT) return true;
    }
    return false;
  }

  int next_signal(base::Microseconds limit) const {
    const timespec wait{static_cast<time_t>(limit.count() / 1'000'000),
                        static_cast<long>(limit.count() % 1'000'000 * 1000)};
    return limit == no_limit ? sigwaitinfo(&watched_, nullptr)
                             : sigtimedwait(&watched_, nullptr, &wait);
  }

  static std::string describe(int status) {
    return WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status))
                               : "exit code " + std::to_string(WEXITSTATUS(status));
  }

  static constexpr base::Microseconds no_limit = base::Microseconds::max();

  const GuardianTimes times_;
  sigset_t watched_{};
  sigset_t before_{};
  std::array<int, 2> ready_fds_{-1, -1};
  const pid_t own_pid_ = getpid();
  pid_t child_ = -1;
  std::array<char, 16> service_name_{};
  bool named_ = false;
  bool stopping_ = false;
  bool ever_ready_ = false;
  std::string reason_;  // of the end of the last one
  BusKind bus_ = BusKind::any;
};

}  // namespace

void Readiness::tell_bus(BusKind kind) {
  const char word = kind == BusKind::own       ? own_word
                    : kind == BusKind::machine ? machine_word
                                               : session_word;
  if (guardian_fd_ < 0) return;
  [[maybe_unused]] const ssize_t written = write(guardian_fd_, &word, 1);
}

void Readiness::tell() {
  sd_notify(0, "READY=1");
  if (guardian_fd_ < 0) return;
  [[maybe_unused]] const ssize_t written = write(guardian_fd_, &ready_word, 1);
}

void Readiness::tell_reason(std::string_view why) const {
  if (guardian_fd_ < 0) return;
  const std::string text = reason_word + std::string(why);
  [[maybe_unused]] const ssize_t written = write(guardian_fd_, text.data(), text.size());
}

bool Guarded::is_alone() const { return getppid() != guardian; }

Guarded stand_guard(const GuardianTimes& times) { return Guardian(times).run(); }

}  // namespace backhaul::daemon
