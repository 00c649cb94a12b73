// SPDX-License-Identifier: Apache-2.0
// The promises of loop.h about threads.
#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/resource.h>

#include <functional>
#include <memory>
#include <semaphore>
#include <set>
#include <thread>
#include <vector>

#include "loop/run_until_for_test.h"

namespace backhaul::loop {
namespace {

using namespace std::chrono_literals;

TEST(Poster, RunsClosuresOfManyThreadsOnTheLoopThreadInTheOrderOfEach) {
  Loop loop;
  Poster poster(loop);
  constexpr int each = 2'000;
  std::vector<std::vector<int>> seen(3);
  const auto home = std::this_thread::get_id();
  std::vector<std::jthread> threads;
  for (std::size_t t = 0; t < seen.size(); ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < each; ++i) {
        poster.post([&, t, i] {
          EXPECT_EQ(std::this_thread::get_id(), home);
          seen[t].push_back(i);
        });
      }
    });
  }
  ASSERT_TRUE(run_until(loop, [&] {
    return seen[0].size() + seen[1].size() + seen[2].size() == 3U * each;
  }));
  for (const auto& numbers : seen) {
    for (int i = 0; i < each; ++i) ASSERT_EQ(numbers[static_cast<std::size_t>(i)], i);
  }
}

TEST(Poster, TakesABurstInOneGo) {
  Loop loop;
  Poster poster(loop);
  std::vector<int> ran;
  Deferred after(loop, Order::turn, [&] { ran.push_back(-1); });
  for (int i = 0; i < 3; ++i) {
    poster.post([&, i] {
      ran.push_back(i);
      after.schedule();
    });
  }
  loop.run_once(0s);
  EXPECT_EQ(ran, (std::vector<int>{0, 1, 2, -1}));
}

TEST(Poster, PostedFromItsOwnCallbackRunsLaterThanWhatElseIsReady) {
  Loop loop;
  Poster poster(loop);
  int rounds = 0;
  std::move_only_function<void()> again = [&] {
    if (++rounds < 3) poster.post([&] { again(); });
  };
  poster.post([&] { again(); });
  ASSERT_TRUE(run_until(loop, [&] { return rounds == 3; }));
}

TEST(Poster, MayBeDestroyedInACallbackAndRunsNothingMore) {
  Loop loop;
  auto poster = std::make_unique<Poster>(loop);
  int ran = 0;
  const auto kept = std::make_shared<int>(0);
  poster->post([&] {
    ++ran;
    poster.reset();
  });
  poster->post([&, kept] { ++ran; });
  loop.run_once(0s);
  EXPECT_EQ(ran, 1);
  EXPECT_EQ(kept.use_count(), 1);  // what was dropped is gone
}

TEST(Worker, RunsWorkElsewhereAndItsCompletionHere) {
  Loop loop;
  Worker worker(loop, 2);
  const auto home = std::this_thread::get_id();
  int completed = 0;
  for (int i = 0; i < 100; ++i) {
    worker.submit([&] -> Callback {
      EXPECT_NE(std::this_thread::get_id(), home);
      return [&] {
        EXPECT_EQ(std::this_thread::get_id(), home);
        ++completed;
      };
    });
  }
  EXPECT_EQ(worker.backlog(), 100U);
  ASSERT_TRUE(run_until(loop, [&] { return worker.backlog() == 0; }));
  EXPECT_EQ(completed, 100);
}

TEST(Worker, OneThreadKeepsTheOrder) {
  Loop loop;
  Worker worker(loop, 1);
  std::vector<int> order;
  for (int i = 0; i < 50; ++i) {
    worker.submit([&, i] -> Callback { return [&, i] { order.push_back(i); }; });
  }
  ASSERT_TRUE(run_until(loop, [&] { return order.size() == 50; }));
  for (int i = 0; i < 50; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
}

TEST(Worker, WorkMayHaveNoCompletion) {
  Loop loop;
  Worker worker(loop, 1);
  worker.submit([]() -> Callback { return nullptr; });
  ASSERT_TRUE(run_until(loop, [&] { return worker.backlog() == 0; }));
}

TEST(Worker, DestructionFinishesBegunWorkDropsTheRestAndCompletesNothing) {
  Loop loop;
  std::binary_semaphore begun(0);
  std::binary_semaphore dropped(0);
  bool finished = false;
  bool completed = false;
  {
    Worker worker(loop, 1);
    worker.submit([&] -> Callback {
      begun.release();
      dropped.acquire();  // released only by the destructor of the Worker, below
      finished = true;
      return [&] { completed = true; };
    });
    const auto tell = [&](int*) { dropped.release(); };
    static int anything = 0;
    worker.submit([token = std::unique_ptr<int, decltype(tell)>(&anything, tell)] -> Callback {
      ADD_FAILURE() << "work that had not begun was run";
      return nullptr;
    });
    begun.acquire();
  }
  loop.run_once(0s);
  EXPECT_TRUE(finished);
  EXPECT_FALSE(completed);
}

// Work that does not come back, until the test lets it.
class Hanging {
 public:
  Worker::Work work() {
    return [this] -> Callback {
      begun_.release();
      go_on_.acquire();
      return nullptr;
    };
  }
  void wait_until_begun() { begun_.acquire(); }
  void release() { go_on_.release(); }

 private:
  std::counting_semaphore<> begun_{0};
  std::counting_semaphore<> go_on_{0};
};

TEST(Worker, AThreadIsMadeWhereAllOthersAreAtWork) {
  Hanging hanging;  // its threads use it until they are joined
  Loop loop;
  Worker worker(loop, 3);
  for (int i = 0; i < 2; ++i) worker.submit(hanging.work());
  for (int i = 0; i < 2; ++i) hanging.wait_until_begun();
  bool done = false;
  worker.submit([&] -> Callback { return [&] { done = true; }; });
  EXPECT_TRUE(run_until(loop, [&] { return done; }));
  for (int i = 0; i < 2; ++i) hanging.release();
}

// A stream of orders, each given when the one before is done, stays with one thread and its caches.
TEST(Worker, WhatACompletionHandsOnNeedsNoOtherThread) {
  Loop loop;
  std::set<std::thread::id> threads;
  int done = 0;
  Worker worker(loop, 8);
  std::function<void()> next = [&] {
    worker.submit([&]() -> Callback {
      return [&, at = std::this_thread::get_id()] {
        threads.insert(at);
        if (++done < 5'000) next();
      };
    });
  };
  next();
  ASSERT_TRUE(run_until(loop, [&] { return done == 5'000; }));
  EXPECT_EQ(threads.size(), 1U);
}

TEST(Worker, TheEndWaitsForWhatHasBegunNoLongerThanItMay) {
  Hanging hanging;
  Loop loop;
  Worker good(loop, 1);
  Worker bad(loop, 2);
  bad.submit(hanging.work());
  hanging.wait_until_begun();
  EXPECT_EQ(loop.end_work(0s), 1U);
  EXPECT_TRUE(good.ended());
  EXPECT_FALSE(bad.ended());
  good.submit([] -> Callback {
    ADD_FAILURE() << "work was run after the end";
    return nullptr;
  });
  hanging.release();
  EXPECT_EQ(loop.end_work(1h), 0U);
  EXPECT_TRUE(bad.ended());
}

// A sanitizer has more of the address space for itself than any limit leaves.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool address_space_has_limits = false;
#elif defined(__has_feature)
constexpr bool address_space_has_limits = !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer);
#else
constexpr bool address_space_has_limits = true;
#endif

TEST(Worker, WorkWaitsForTheFirstThreadWhereNoneCanBeMade) {
  if (!address_space_has_limits) GTEST_SKIP() << "not under a sanitizer";
  Loop loop;
  Worker worker(loop, 1);
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_AS, &before), 0);
  pthread_attr_t usual;
  ASSERT_EQ(pthread_getattr_default_np(&usual), 0);
  pthread_attr_t large = usual;  // no stack of a thread that has ended will do
  ASSERT_EQ(pthread_attr_setstacksize(&large, 1U << 30), 0);
  ASSERT_EQ(pthread_setattr_default_np(&large), 0);
  const rlimit none{.rlim_cur = std::size_t{1} << 29, .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_AS, &none), 0);
  int completed = 0;
  worker.submit([&] { return [&] { ++completed; }; });
  loop.run_once(0ms);
  EXPECT_EQ(completed, 0);
  EXPECT_EQ(setrlimit(RLIMIT_AS, &before), 0);
  EXPECT_TRUE(run_until(loop, [&] { return completed == 1; }));
  EXPECT_EQ(pthread_setattr_default_np(&usual), 0);
}

TEST(Worker, MayBeDestroyedInACompletion) {
  Loop loop;
  auto worker = std::make_unique<Worker>(loop, 2);
  bool gone = false;
  worker->submit([&] -> Callback {
    return [&] {
      worker.reset();
      gone = true;
    };
  });
  ASSERT_TRUE(run_until(loop, [&] { return gone; }));
  loop.run_once(0s);
}

}  // namespace
}  // namespace backhaul::loop
