// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/mount_threads.h"

#include <gtest/gtest.h>

#include <semaphore>
#include <string>

namespace backhaul::posix {
namespace {

using namespace std::chrono_literals;
using Place = MountThreads::Place;

// Work that hangs until the end of the test, as in a file system that does not answer.
class Hanging {
 public:
  ~Hanging() { end(); }
  loop::Worker::Work work() {
    ++made_;
    return [this] -> loop::Callback {
      begun_.release();
      go_on_.acquire();
      return nullptr;
    };
  }
  void wait_until_begun(int count) {
    for (; count > 0; --count) begun_.acquire();
  }
  bool has_begun() { return begun_.try_acquire(); }
  void end() {
    for (; made_ > 0; --made_) go_on_.release();
  }

 private:
  int made_ = 0;
  std::counting_semaphore<> begun_{0};
  std::counting_semaphore<> go_on_{0};
};

class MountThreadsTest : public testing::Test {
 protected:
  // Whether work at this place is done although the others hang.
  bool does(MountThreads& threads, const Place& place) {
    bool done = false;
    threads.submit(place, [&done] -> loop::Callback { return [&done] { done = true; }; });
    const base::BootTime end = loop_.now() + 30s;
    while (!done && loop_.now() < end) loop_.run_once(100ms);
    return done;
  }
  void hang(MountThreads& threads, const Place& place, int count) {
    for (int i = 0; i < count; ++i) threads.submit(place, hanging_.work());
  }

  loop::Loop loop_;
  Hanging hanging_;
  static constexpr base::Microseconds for_ever = std::chrono::hours(1);
};

TEST_F(MountThreadsTest, AMountThatDoesNotAnswerHasNeverAllThreads) {
  MountThreads threads(loop_, {.at_work = 3, .on_one_mount = 2, .patience = for_ever});
  const Place dead{{1000}, "/net"};
  hang(threads, dead, 5);
  hanging_.wait_until_begun(2);
  EXPECT_TRUE(does(threads, {{1000}})) << "it goes past those that wait for their place";
  EXPECT_TRUE(does(threads, {{1000}, "/other"}));
  EXPECT_TRUE(does(threads, {{1000, "app"}, "/net"})) << "somebody else may have another server there";
  EXPECT_FALSE(hanging_.has_begun()) << "the others of that mount still wait";
  hanging_.end();
}

TEST_F(MountThreadsTest, WhatTakesTooLongIsNotAtWorkAnyMore) {
  MountThreads threads(loop_, {.at_work = 2, .patience = 50ms});
  hang(threads, {{1000}}, 2);
  EXPECT_TRUE(does(threads, {{1000}}));
  hanging_.end();
}

TEST_F(MountThreadsTest, NoOwnerHasAllThatThereMayBe) {
  MountThreads threads(loop_, {.at_work = 2, .of_owner = 3, .in_all = 4, .patience = 1ms});
  hang(threads, {{1000}}, 4);
  EXPECT_TRUE(does(threads, {{1001}}));
  hanging_.wait_until_begun(3);
  EXPECT_FALSE(hanging_.has_begun());
  hanging_.end();
}

TEST_F(MountThreadsTest, WorkIsBegunInItsOrder) {
  MountThreads threads(loop_, {.at_work = 1, .patience = for_ever});
  std::string order;
  for (const char one : std::string("abc"))
    threads.submit({{1000}}, [&order, one] -> loop::Callback {
      order += one;
      return nullptr;
    });
  EXPECT_TRUE(does(threads, {{1000}}));
  EXPECT_EQ(order, "abc");
}

}  // namespace
}  // namespace backhaul::posix
