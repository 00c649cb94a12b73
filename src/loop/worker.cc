// SPDX-License-Identifier: Apache-2.0
// Between threads and the loop: a queue of closures and an eventfd. The eventfd is written only
// when the queue was empty, and the loop takes the whole queue at once, so a burst costs one
// wake-up.
#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/result.h"
#include "loop/loop.h"

namespace backhaul::loop {

// --- Poster ------------------------------------------------------------------------------------
// Shared, because a drain that is running must outlive a Poster destroyed by one of its callbacks.
struct Poster::State {
  State() : fd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) { must(fd < 0 ? -errno : fd); }
  ~State() { close(fd); }

  void wake() const {
    const std::uint64_t one = 1;
    BH_ASSERT(write(fd, &one, sizeof one) == sizeof one);
  }

  // Takes its own reference: `running` may destroy the Poster and with it the Io.
  static void drain(std::shared_ptr<State> self) {
    std::uint64_t count = 0;
    BH_ASSERT(read(self->fd, &count, sizeof count) == sizeof count || errno == EAGAIN);
    std::vector<Callback> batch;
    {
      const std::scoped_lock lock(self->mutex);
      batch.swap(self->waiting);
    }
    for (Callback& running : batch) {
      if (self->closed) return;
      running();
      running = nullptr;  // what it holds goes before the next one runs
    }
  }

  const int fd;
  std::mutex mutex;
  std::vector<Callback> waiting;
  bool closed = false;  // loop thread only
  std::optional<Io> io;
};

Poster::Poster(Loop& loop, Order order) : state_(std::make_shared<State>()) {
  state_->io.emplace(
      loop, state_->fd, EPOLLIN,
      [weak = std::weak_ptr(state_)](std::uint32_t) {
        if (auto self = weak.lock()) State::drain(std::move(self));
      },
      order);
}

Poster::~Poster() {
  state_->closed = true;
  state_->io.reset();
  std::vector<Callback> dropped;
  const std::scoped_lock lock(state_->mutex);
  dropped.swap(state_->waiting);
}

void Poster::post(Callback callback) {
  const std::scoped_lock lock(state_->mutex);
  state_->waiting.push_back(std::move(callback));
  if (state_->waiting.size() == 1) state_->wake();
}

// --- Worker ------------------------------------------------------------------------------------
struct Worker::State {
  State(Loop& owner, unsigned most_threads) : loop(owner), most(most_threads), poster(owner) {}

  void serve() {
    std::unique_lock lock(mutex);
    ++idle;
    for (;;) {
      wanted.wait(lock, [this] { return stopping || !queue.empty(); });
      if (stopping) return;
      --idle;
      Work work = std::move(queue.front());
      queue.pop_front();
      ++at_work;
      lock.unlock();
      Callback completion = work();
      work = nullptr;
      // Before the loop hears of it: what it hands on at once needs no other thread.
      lock.lock();
      ++idle;
      if (--at_work == 0) rested.notify_all();
      lock.unlock();
      poster.post([this, completion = std::move(completion)]() mutable {
        --backlog;
        // Last, because it may destroy the Worker.
        if (completion) completion();
      });
      lock.lock();
    }
  }

  // Signals are for the loop thread; a thread inherits the mask of its maker.
  void add_thread() {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    BH_ASSERT(pthread_sigmask(SIG_SETMASK, &all, &before) == 0);
    try {
      threads.emplace_back([this] { serve(); });
    } catch (const std::system_error&) {
      if (threads.empty()) try_again();  // else those that are there do it all
    }
    BH_ASSERT(pthread_sigmask(SIG_SETMASK, &before, nullptr) == 0);
  }

  // Neither memory nor a thread is to be had; both come back.
  void try_again() {
    if (!again) again.emplace(loop, std::chrono::milliseconds(10), [this] { add_thread(); });
    again->arm(loop.now() + std::chrono::milliseconds(100));
  }

  // What has not begun is dropped.
  void stop() {
    std::deque<Work> dropped;
    {
      const std::scoped_lock lock(mutex);
      stopping = true;
      dropped.swap(queue);
    }
    wanted.notify_all();
  }

  // How many threads are still at work then.
  std::size_t wait(std::chrono::steady_clock::time_point limit) {
    std::unique_lock lock(mutex);
    rested.wait_until(lock, limit, [this] { return at_work == 0; });
    return at_work;
  }

  Loop& loop;
  const unsigned most;
  std::mutex mutex;
  std::condition_variable wanted;
  std::condition_variable rested;
  std::deque<Work> queue;
  std::size_t idle = 0;
  std::size_t at_work = 0;
  bool stopping = false;
  std::size_t backlog = 0;  // loop thread only
  std::vector<std::thread> threads;  // likewise
  std::optional<Timer> again;        // likewise; where no thread could be made
  Poster poster;
};

Worker::Worker(Loop& loop, unsigned threads) : state_(std::make_unique<State>(loop, threads)) {
  BH_ASSERT(threads > 0);
  loop.workers_.push_back(this);
}

Worker::~Worker() {
  std::erase(state_->loop.workers_, this);
  state_->stop();
  for (std::thread& thread : state_->threads) thread.join();
}

void Worker::submit(Work work) {
  ++state_->backlog;
  bool busy = false;
  {
    const std::scoped_lock lock(state_->mutex);
    if (state_->stopping) return;
    state_->queue.push_back(std::move(work));
    busy = state_->queue.size() > state_->idle;
  }
  if (busy && state_->threads.size() < state_->most) state_->add_thread();
  state_->wanted.notify_one();
}

std::size_t Worker::backlog() const { return state_->backlog; }

bool Worker::ended() const {
  const std::scoped_lock lock(state_->mutex);
  return state_->stopping && state_->at_work == 0;
}

std::size_t Loop::end_work(base::Microseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  for (Worker* worker : workers_) worker->state_->stop();
  std::size_t hanging = 0;
  for (Worker* worker : workers_) hanging += worker->state_->wait(end);
  return hanging;
}

}  // namespace backhaul::loop
