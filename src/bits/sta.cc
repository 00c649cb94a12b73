// SPDX-License-Identifier: Apache-2.0
#include "bits/sta.h"

#include <algorithm>
#include <condition_variable>
#include <utility>

namespace backhaul::bits {

void Sta::begin() {
  Thread& thread = Thread::mine();
  thread.sta = std::shared_ptr<Sta>(new Sta(thread));
  set_waiter(thread.sta.get());
}

std::shared_ptr<Sta> Sta::current() {
  const Thread* thread = Thread::mine_if_any();
  return thread != nullptr ? thread->sta : nullptr;
}

void Sta::run(std::function<void()> task) {
  const std::lock_guard lock(kernel_mutex());  // an argument outlives it: dropped without the lock
  if (over_) return;
  calls_.push_back(std::move(task));
  thread_.wakeup.wake();
}

bool Sta::run_and_wait(std::function<void()> task) {
  struct Outcome {
    std::mutex mutex;
    std::condition_variable changed;
    bool known = false;
    bool ran = false;
    void set(bool result) {
      const std::lock_guard lock(mutex);
      ran = ran || result;
      known = true;
      changed.notify_all();
    }
  };
  // Says so when the last copy of the call is gone, run or not.
  struct Call {
    std::function<void()> task;
    std::shared_ptr<Outcome> outcome;
    ~Call() { outcome->set(false); }
  };
  const auto outcome = std::make_shared<Outcome>();
  auto call = std::make_shared<Call>(std::move(task), outcome);
  run([call] {
    call->task();
    call->outcome->set(true);
  });
  call.reset();
  std::unique_lock lock(outcome->mutex);
  outcome->changed.wait(lock, [&] { return outcome->known; });
  return outcome->ran;
}

void Sta::add(std::weak_ptr<Tenant> tenant) {
  std::erase_if(tenants_, [](const auto& one) { return one.expired(); });
  tenants_.push_back(std::move(tenant));
}

bool Sta::run_one() {
  std::function<void()> call;
  {
    const std::lock_guard lock(kernel_mutex());
    if (calls_.empty()) return false;
    call = std::move(calls_.front());
    calls_.pop_front();
  }
  try {
    call();
  } catch (...) {  // nobody above could do anything about it
  }
  return true;
}

bool Sta::pending() const {
  const std::lock_guard lock(kernel_mutex());
  return !calls_.empty();
}

// Posted messages stay where they are: only calls come in while a call is out.
void Sta::wait(const std::function<bool()>& over) {
  const std::shared_ptr<Sta> self = thread_.sta;  // a callback may end the apartment
  Wakeup& wakeup = thread_.wakeup;
  for (;;) {
    wakeup.clear();
    if (over()) break;
    if (!run_one()) wakeup.wait(std::nullopt);
  }
  wakeup.wake();  // whoever waits around us must look again: it may have been meant
}

void Sta::wake() { thread_.wakeup.wake(); }

void Sta::end(bool let_go) {
  set_waiter(nullptr);
  const std::shared_ptr<Sta> self = std::move(thread_.sta);
  std::deque<std::function<void()>> dropped;
  {
    const std::lock_guard lock(kernel_mutex());
    over_ = true;
    dropped.swap(calls_);
  }
  if (let_go) {
    for (const auto& tenant : std::exchange(tenants_, {})) {
      if (const auto one = tenant.lock()) one->disconnect();
    }
  }
  dropped.clear();
}

}  // namespace backhaul::bits
