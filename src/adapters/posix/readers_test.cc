// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/readers.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <latch>

namespace backhaul::posix {
namespace {

class ReadersTest : public testing::Test {
 protected:
  void submit(std::function<void()> work, std::atomic<int>& done) {
    readers_.submit([work = std::move(work), &done]() -> loop::Callback {
      work();
      return [&done] { ++done; };
    });
  }
  bool wait(std::atomic<int>& done, int count) {
    const auto limit = loop_.now() + std::chrono::seconds(30);
    while (done < count && loop_.now() < limit) loop_.run_once(std::chrono::milliseconds(100));
    return done == count;
  }

  loop::Loop loop_;
  std::latch answers_{1};
  std::atomic<int> dead_{0};
  std::atomic<int> alive_{0};
  Readers readers_{loop_, 8};
};

TEST_F(ReadersTest, NobodyWaitsBehindAFileThatDoesNotAnswer) {
  for (int i = 0; i < 7; ++i) submit([this] { answers_.wait(); }, dead_);
  for (int i = 1; i <= 20; ++i) {
    submit([] {}, alive_);
    EXPECT_TRUE(wait(alive_, i));
  }
  EXPECT_EQ(dead_, 0);
  answers_.count_down();
  EXPECT_TRUE(wait(dead_, 7));
}

TEST_F(ReadersTest, MoreThanThereAreThreadsWait) {
  for (int i = 0; i < 20; ++i) submit([this] { answers_.wait(); }, dead_);
  answers_.count_down();
  EXPECT_TRUE(wait(dead_, 20));
}

}  // namespace
}  // namespace backhaul::posix
