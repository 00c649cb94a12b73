// SPDX-License-Identifier: Apache-2.0
// Callbacks of the program that were entered and whose answers are not with the bus yet. A program
// may end as soon as its callback has returned: the answer must not be lost with it, or the event
// counts as not heard.
#pragma once

#include <chrono>
#include <memory>

namespace backhaul::client {

// One callback: from where it is entered until its answer has left, then this goes.
class Answering {
 public:
  Answering();
  ~Answering();
  Answering(const Answering&) = delete;
  Answering& operator=(const Answering&) = delete;

  // For the thread that ran it. Becomes true.
  std::shared_ptr<const bool> departure() const { return left_; }

 private:
  const std::shared_ptr<bool> left_ = std::make_shared<bool>(false);
};

// While the program's code runs on this thread.
class InsideCallback {
 public:
  InsideCallback();
  ~InsideCallback();
  InsideCallback(const InsideCallback&) = delete;
  InsideCallback& operator=(const InsideCallback&) = delete;
};

// The I/O thread never waits for more than this; it may be starting the service.
inline constexpr std::chrono::seconds answer_limit{5};
// A callback that does not return holds up the end of the program for so long.
inline constexpr std::chrono::seconds exit_limit{2};

void wait_for_departure(const std::shared_ptr<const bool>& left);
// All of them but those that this thread is inside of; false when the time is over. exit() does it.
bool wait_for_answers(std::chrono::milliseconds limit);

}  // namespace backhaul::client
