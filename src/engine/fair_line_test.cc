// SPDX-License-Identifier: Apache-2.0
// Whose turn it is in front of a user's slots.
#include "engine/fair_line.h"

#include <gtest/gtest.h>

namespace backhaul::engine {
namespace {

class Queue {
 public:
  void join(const std::string& program, char job) {
    base::JobId id;
    id.bytes[0] = static_cast<std::uint8_t>(job);
    places_[job] = line_.join(program, id);
  }
  void leave(char job) { line_.leave(places_.extract(job).mapped()); }
  char serve() {
    const auto job = line_.first();
    if (!job) return '-';
    const char name = static_cast<char>(job->bytes[0]);
    line_.serve(places_.extract(name).mapped());
    return name;
  }
  std::string serve_all() {
    std::string order;
    while (!line_.empty()) order += serve();
    return order;
  }

 private:
  FairLine line_;
  std::map<char, FairLine::Place> places_;
};

TEST(FairLine, FirstComeFirstServedWithinAProgram) {
  Queue queue;
  for (const char job : std::string("cab")) queue.join("one", job);
  EXPECT_EQ(queue.serve_all(), "cab");
}

TEST(FairLine, ProgramsTakeTurnsHoweverManyJobsTheyHave) {
  Queue queue;
  for (const char job : std::string("abcdef")) queue.join("busy", job);
  queue.join("modest", 'x');
  queue.join("modest", 'y');
  queue.join("third", '1');
  EXPECT_EQ(queue.serve_all(), "ax1bycdef");
}

TEST(FairLine, AJobThatComesAgainAtOnceDoesNotOvertakeTheOthersOfItsProgram) {
  Queue queue;
  queue.join("one", 'a');
  queue.join("one", 'b');
  std::string order;
  for (int i = 0; i < 6; ++i) {
    order += queue.serve();
    queue.join("one", order.back());
  }
  EXPECT_EQ(order, "ababab");
}

TEST(FairLine, AProgramThatComesAgainAtOnceDoesNotOvertakeTheOthers) {
  Queue queue;
  queue.join("one", 'a');
  queue.join("two", 'x');
  queue.join("two", 'y');
  std::string order;
  for (int i = 0; i < 4; ++i) {
    order += queue.serve();
    if (order.back() == 'a') queue.join("one", 'a');
  }
  EXPECT_EQ(order, "axay");
}

TEST(FairLine, WhoLeavesIsNotServedAndLosesNobodyAPlace) {
  Queue queue;
  queue.join("one", 'a');
  queue.join("two", 'x');
  queue.join("two", 'y');
  queue.leave('x');
  EXPECT_EQ(queue.serve_all(), "ay");
  queue.join("one", 'a');
  queue.leave('a');
  EXPECT_EQ(queue.serve(), '-');
}

}  // namespace
}  // namespace backhaul::engine
