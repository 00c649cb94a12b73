// SPDX-License-Identifier: Apache-2.0
#include "adapters/seal/program_call.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <string_view>
#include <utility>

#include "os/helper.h"

namespace backhaul::seal {
namespace {

using namespace std::chrono_literals;

constexpr base::Microseconds patience = 30s;
constexpr std::size_t output_max = 64U * 1024U;

std::optional<std::pair<os::Descriptor, os::Descriptor>> make_pipe(int flags) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC | flags) != 0) return std::nullopt;
  return std::pair(os::Descriptor(ends[0]), os::Descriptor(ends[1]));
}

// It ended, so all that it wrote is there.
std::optional<base::Secret> answer_in(int output, const siginfo_t& end) {
  if (end.si_code != CLD_EXITED || end.si_status != 0) return std::nullopt;
  std::string text(output_max, '\0');
  std::size_t length = 0;
  for (ssize_t size = 1; size > 0 && length < text.size(); length += static_cast<std::size_t>(size))
    if ((size = read(output, text.data() + length, text.size() - length)) < 0) break;
  base::Secret answer{std::string_view(text.data(), length)};
  base::wipe(text);
  return answer;
}

// Whether it ended within that time; it is reaped then.
bool ends_within(pid_t pid, base::Microseconds wait, siginfo_t& end) {
  if (wait <= base::Microseconds(0)) return false;
  const os::Descriptor process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  pollfd ready{process.get(), POLLIN, 0};
  const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(wait);
  if (!process || poll(&ready, 1, static_cast<int>(limit.count())) != 1) return false;
  return waitid(P_PID, static_cast<id_t>(pid), &end, WEXITED) == 0;
}

}  // namespace

std::unique_ptr<ProgramCall> ProgramCall::begin(loop::Loop& loop, std::vector<std::string> words,
                                                const base::Secret& input, base::Microseconds wait, Done done) {
  auto in = make_pipe(0);
  auto out = make_pipe(O_NONBLOCK);
  const std::string_view bytes = input.reveal();
  const bool written = in && out && bytes.size() <= output_max &&
                       write(in->second.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
  if (!written) return done(std::nullopt), nullptr;
  in->second.reset();
  const auto pid = os::start_helper(std::move(words), out->second.get(), in->first.get());
  out->second.reset();
  if (!pid) return done(std::nullopt), nullptr;
  siginfo_t end{};
  if (ends_within(*pid, wait, end)) return done(answer_in(out->first.get(), end)), nullptr;
  return std::unique_ptr<ProgramCall>(new ProgramCall(loop, *pid, std::move(out->first), std::move(done)));
}

ProgramCall::ProgramCall(loop::Loop& loop, pid_t pid, os::Descriptor output, Done done)
    : pid_(pid), output_(std::move(output)), done_(std::move(done)), limit_(loop, 100ms, [this] { kill(pid_, SIGKILL); }) {
  child_.emplace(loop, pid_, [this](const siginfo_t& end) { ended(end); });
  limit_.arm(loop.now() + patience);
}

ProgramCall::~ProgramCall() {
  if (child_) kill(pid_, SIGKILL);
}

void ProgramCall::ended(const siginfo_t& end) {
  child_.reset();  // the loop has reaped it
  const Done done = std::move(done_);
  done(answer_in(output_.get(), end));
}

}  // namespace backhaul::seal
