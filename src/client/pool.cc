// SPDX-License-Identifier: Apache-2.0
#include "client/pool.h"

#include <pthread.h>
#include <signal.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace backhaul::client {
namespace {

constexpr unsigned least_threads = 4;
constexpr unsigned most_threads = 64;

class Pool {
 public:
  // Never destroyed: at exit() a pool thread may still be running a callback.
  static Pool& instance() {
    static Pool* const pool = new Pool;
    return *pool;
  }

  void submit(Task task) {
    const std::scoped_lock lock(mutex_);
    tasks_.push_back(std::move(task));
    const bool all_busy = tasks_.size() > idle_;
    if (threads_ < least_threads || (all_busy && threads_ < most_threads)) start_thread();
    ready_.notify_one();
  }

 private:
  void start_thread() {
    const BlockedSignals blocked;
    std::thread([this] { run(); }).detach();
    ++threads_;
  }

  void run() {
    pthread_setname_np(pthread_self(), "backhaul-call");
    std::unique_lock lock(mutex_);
    for (;;) {
      ++idle_;
      ready_.wait(lock, [this] { return !tasks_.empty(); });
      --idle_;
      Task task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      try {
        task();
      } catch (...) {  // stops here: nobody above could do anything about it
      }
      task = nullptr;
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Task> tasks_;
  std::size_t idle_ = 0;
  unsigned threads_ = 0;
};

}  // namespace

struct BlockedSignals::State {
  sigset_t before;
};

BlockedSignals::BlockedSignals() : state_(std::make_unique<State>()) {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &state_->before);
}

BlockedSignals::~BlockedSignals() { pthread_sigmask(SIG_SETMASK, &state_->before, nullptr); }

void run_on_pool(Task task) { Pool::instance().submit(std::move(task)); }

struct Strand::State {
  std::mutex mutex;
  std::deque<Task> tasks;
  bool running = false;
  bool closed = false;
};

Strand::Strand() : state_(std::make_shared<State>()) {}

void Strand::run(Task task) {
  const std::scoped_lock lock(state_->mutex);
  if (state_->closed) return;
  state_->tasks.push_back(std::move(task));
  if (std::exchange(state_->running, true)) return;
  run_on_pool([state = state_] { drain(state); });
}

void Strand::close() {
  std::deque<Task> dropped;
  const std::scoped_lock lock(state_->mutex);
  state_->closed = true;
  dropped.swap(state_->tasks);
}

void Strand::drain(const std::shared_ptr<State>& state) {
  for (;;) {
    Task task;
    {
      const std::scoped_lock lock(state->mutex);
      if (state->tasks.empty()) {
        state->running = false;
        return;
      }
      task = std::move(state->tasks.front());
      state->tasks.pop_front();
    }
    try {
      task();
    } catch (...) {  // of one event; the next one is delivered all the same
    }
  }
}

}  // namespace backhaul::client
