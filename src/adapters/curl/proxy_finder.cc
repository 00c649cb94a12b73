// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/proxy_finder.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>

#include "core/http.h"
#include "os/descriptor.h"
#include "os/helper.h"

namespace backhaul::curl {
namespace {

using namespace std::chrono_literals;
using Way = core::ProxyRoute::Way;

constexpr base::Microseconds patience = 30s;
constexpr base::Microseconds holds_for = 5min;
constexpr std::size_t known_max = 256;
constexpr std::size_t output_max = 64U * 1024U;

const char* word_of(Way way) { return way == Way::detected ? "network" : "desktop"; }

base::Error unusable(const std::string& why) {
  return {base::Code::BG_E_INVALID_PROXY_INFO, base::ErrorContext::general_transport,
          "the proxy cannot be detected: " + why};
}

// The URLs in front of "direct": what stands behind it would only be tried where nothing can be reached
// without it.
ProxyFinder::Proxies proxies_in(std::string_view text) {
  ProxyFinder::Proxies proxies;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with("direct")) break;
    if (auto address = core::proxy_address(line)) proxies.push_back(*std::move(address));
  }
  return proxies;
}

base::Result<ProxyFinder::Proxies> answer_of(const std::string& text, const siginfo_t& end) {
  if (end.si_code != CLD_EXITED)
    return unusable("the program that asks for it ended with signal " + std::to_string(end.si_status));
  switch (end.si_status) {
    case finder_exit::found: return proxies_in(text);
    case finder_exit::no_library:
      return unusable("the network has a script for it (WPAD), and libproxy is not installed");
    case finder_exit::no_scripts:
      return unusable("the network has a script for it (WPAD), and libproxy has no plugin here that runs it");
    case finder_exit::no_answer:
      return unusable("the network has a script for it (WPAD), which libproxy cannot run");
    default: break;
  }
  return unusable("the program that asks for it ended with code " + std::to_string(end.si_status));
}

}  // namespace

struct ProxyFinder::Known {
  Proxies proxies;
  base::BootTime until{};
};

struct ProxyFinder::Question {
  ~Question() {
    output_ready.reset();
    if (child) kill(pid, SIGKILL);
  }
  Way way = Way::desktop;
  std::vector<Done> waiting;
  pid_t pid = -1;
  os::Descriptor output;
  std::string text;
  bool timed_out = false;
  siginfo_t end{};
  std::optional<loop::Io> output_ready;
  std::optional<loop::Child> child;
  std::optional<loop::Timer> limit;
};

ProxyFinder::ProxyFinder(loop::Loop& loop, base::Log& log, std::vector<std::string> program)
    : loop_(loop), log_(log), program_(std::move(program)) {}

ProxyFinder::~ProxyFinder() = default;

void ProxyFinder::find(Way way, const std::string& url, Done done) {
  const Key key{way, core::url_origin(url)};
  // No desktop sends what stays on this machine by a proxy.
  if (way == Way::desktop && (program_.empty() || core::is_loopback_host(core::url_host(url))))
    return done(Proxies());
  if (program_.empty()) return done(unusable("this service has nobody to ask"));
  if (const auto known = known_.find(key); known != known_.end()) {
    if (loop_.now() < known->second.until) return done(known->second.proxies);
    known_.erase(known);
  }
  auto& question = questions_[key];
  const bool under_way = question != nullptr;
  if (!under_way) question = std::make_unique<Question>();
  question->way = way;
  question->waiting.push_back(std::move(done));
  if (under_way) return;
  auto asked = ask(*question, key.second);
  if (!asked) return answer(key, unusable(asked.error().text));
  question->child.emplace(loop_, question->pid, [this, key](const siginfo_t& end) {
    questions_.at(key)->end = end;
    ended(key);
  });
  question->limit.emplace(loop_, 100ms, [&question = *question] {
    question.timed_out = true;
    kill(question.pid, SIGKILL);
  });
  question->limit->arm(loop_.now() + patience);
}

base::Result<void> ProxyFinder::ask(Question& question, const std::string& origin) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
    return base::Error(base::code_from_errno(errno), std::generic_category().message(errno));
  question.output = os::Descriptor(ends[0]);
  const os::Descriptor input(ends[1]);
  std::vector<std::string> words = program_;
  words.emplace_back(word_of(question.way));
  words.push_back(origin + "/");
  BH_TRY(question.pid, os::start_helper(std::move(words), input.get()));
  question.output_ready.emplace(loop_, question.output.get(), EPOLLIN, [&question](std::uint32_t) {
    char buffer[4096];
    const ssize_t size = read(question.output.get(), buffer, sizeof buffer);
    if (size > 0 && question.text.size() < output_max)
      question.text.append(buffer, static_cast<std::size_t>(size));
    else if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR))
      question.output_ready.reset();
  });
  return {};
}

void ProxyFinder::ended(const Key& key) {
  Question& question = *questions_.at(key);
  char buffer[4096];
  for (ssize_t size = 0; (size = read(question.output.get(), buffer, sizeof buffer)) > 0;)
    question.text.append(buffer, static_cast<std::size_t>(size));
  question.child.reset();  // the loop has reaped it
  answer(key, question.timed_out ? unusable("nobody answered in time")
                                 : answer_of(question.text, question.end));
}

void ProxyFinder::answer(const Key& key, base::Result<Proxies> found) {
  const auto node = questions_.extract(key);
  if (!found && key.first == Way::desktop) {
    if (log_.enabled(base::LogLevel::debug)) log_.write(base::LogLevel::debug, found.error().text);
    found = Proxies();
  }
  if (found) {
    if (known_.size() >= known_max) known_.erase(known_.begin());
    known_[key] = {*found, loop_.now() + holds_for};
  }
  for (Done& done : node.mapped()->waiting) done(found);
}

}  // namespace backhaul::curl
