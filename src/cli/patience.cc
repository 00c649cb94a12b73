// SPDX-License-Identifier: Apache-2.0
#include "cli/patience.h"

#include <chrono>
#include <future>
#include <system_error>
#include <thread>
#include <utility>

namespace backhaul::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto patience = 3s;  // until it is said what is waited for

// On a thread of its own, which nobody waits for: a call that is not answered must not keep a command from
// its end.
template <class Answer>
std::future<Answer> ask(Wakeups& wakeups, std::function<Answer()> call) {
  std::packaged_task<Answer()> task(std::move(call));
  auto answer = task.get_future();
  std::thread([task = std::move(task), tell = wakeups.teller()]() mutable {
    task();
    tell();
  }).detach();
  return answer;
}

template <class Answer>
bool is_here(const std::future<Answer>& answer) {
  return answer.valid() && answer.wait_for(0s) == std::future_status::ready;
}

}  // namespace

SaidLater::SaidLater(App& app, std::string text) {
  try {
    thread_ = std::thread([this, &app, text = std::move(text)] {
      std::unique_lock lock(mutex_);
      if (!changed_.wait_for(lock, patience, [this] { return over_; })) app.remark(text);
    });
  } catch (const std::system_error&) {
    // A command that has no thread left says nothing, and goes on.
  }
}

SaidLater::~SaidLater() {
  if (!thread_.joinable()) return;
  {
    const std::scoped_lock lock(mutex_);
    over_ = true;
  }
  changed_.notify_one();
  thread_.join();
}


std::string not_answered_yet(const std::string& verb, const std::string& id, const std::string& waiting) {
  const bool closes = verb == "cancel" || verb == "complete";
  return "backhaul: " + verb + " " + short_id(id) + " is not done yet" + (waiting.empty() ? "" : ": " + waiting) +
         "\nCtrl+C ends this command alone: the service has what was asked for, and " +
         (closes ? "carries it out when it can" : "does it when its turn comes");
}

std::optional<Result<std::uint32_t>> wait_for_answer(App& app, Wakeups& wakeups, const std::string& verb, Job job,
                                                     std::function<Result<std::uint32_t>(Job&)> call) {
  using Clock = Wakeups::Clock;
  auto answer = ask<Result<std::uint32_t>>(
      wakeups, [job, call = std::move(call)]() mutable { return call(job); });
  std::future<Result<JobInfo>> look;
  std::optional<std::string> told;  // the kind of wait
  Clock::time_point next = Clock::now() + patience;
  for (;;) {
    const Wake wake = wakeups.wait(next);
    if (is_here(answer)) return answer.get();
    if (wake.kind == Wake::Kind::interrupt) {
      app.remark("backhaul: interrupted; the service goes on with it. How far it is: " +
                 app.command()("status " + short_id(job.id())));
      return std::nullopt;
    }
    if (is_here(look)) {
      const auto info = look.get();
      const Waiting waiting = info ? info->waiting() : Waiting();
      const std::string why = waiting.kind + std::to_string(waiting.arguments.size());
      if (std::exchange(told, why) != why) app.remark(not_answered_yet(verb, job.id(), waiting.sentence));
    }
    if (Clock::now() < next) continue;
    next = Clock::now() + patience;
    if (!look.valid()) look = ask<Result<JobInfo>>(wakeups, [job] { return job.info(); });
    else if (!told) app.remark(not_answered_yet(verb, job.id(), {})), told.emplace();  // nor does it say why
  }
}

}  // namespace backhaul::cli
