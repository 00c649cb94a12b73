// SPDX-License-Identifier: Apache-2.0
// Calls whose answer may be long in coming. Complete and Cancel are over when the disk has done its part,
// and a file system that does not answer keeps them waiting; so may whatever is asked of a job behind them.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "cli/app.h"
#include "cli/wakeups.h"

namespace backhaul::cli {

// After a few seconds it is said what is waited for, and again when that changes. Ctrl+C ends the wait and not
// what was asked for, since the service has it already: then nothing is returned, and that was said.
// `verb`: as people type it.
std::optional<Result<std::uint32_t>> wait_for_answer(App& app, Wakeups& wakeups, const std::string& verb, Job job,
                                                     std::function<Result<std::uint32_t>(Job&)> call);

// Says something after a few seconds, unless it is gone by then.
class SaidLater {
 public:
  SaidLater(App& app, std::string text);
  ~SaidLater();
  SaidLater(const SaidLater&) = delete;
  SaidLater& operator=(const SaidLater&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  std::thread thread_;
};

// "backhaul: cancel 8c1b7e52 is not done yet: being cancelled; waiting for …". `waiting`: what the service says of
// the job; empty: nothing.
std::string not_answered_yet(const std::string& verb, const std::string& id, const std::string& waiting);

}  // namespace backhaul::cli
