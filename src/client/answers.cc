// SPDX-License-Identifier: Apache-2.0
#include "client/answers.h"

#include <backhaul/threads.h>
#include <stdlib.h>

#include <condition_variable>
#include <mutex>

#include "client/fork_guard.h"

namespace backhaul {
namespace client {
namespace {

// Never destroyed: pool threads go on while the program exits.
struct UnderWay {
  std::mutex mutex;
  std::condition_variable changed;
  unsigned count = 0;
};

UnderWay& under_way() {
  static UnderWay* const all = [] {
    atexit([] { static_cast<void>(wait_for_answers(exit_limit)); });
    return new UnderWay;
  }();
  return *all;
}

thread_local unsigned inside = 0;

}  // namespace

Answering::Answering() {
  UnderWay& all = under_way();
  const std::scoped_lock lock(all.mutex);
  ++all.count;
}

Answering::~Answering() {
  UnderWay& all = under_way();
  const std::scoped_lock lock(all.mutex);
  --all.count;
  *left_ = true;
  all.changed.notify_all();
}

InsideCallback::InsideCallback() { ++inside; }
InsideCallback::~InsideCallback() { --inside; }

void wait_for_departure(const std::shared_ptr<const bool>& left) {
  UnderWay& all = under_way();
  std::unique_lock lock(all.mutex);
  all.changed.wait_for(lock, answer_limit, [&] { return *left; });
}

bool wait_for_answers(std::chrono::milliseconds limit) {
  if (in_forked_child()) return true;
  UnderWay& all = under_way();
  std::unique_lock lock(all.mutex);
  return all.changed.wait_for(lock, limit, [&] { return all.count <= inside; });
}

}  // namespace client

bool finish_callbacks(std::chrono::milliseconds limit) { return client::wait_for_answers(limit); }

}  // namespace backhaul
