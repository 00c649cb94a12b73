// SPDX-License-Identifier: Apache-2.0
#include "adapters/neighbours/introductions.h"

#include <gtest/gtest.h>

namespace backhaul::neighbours {
namespace {

// What is asked for, and answered when the test says so.
class SlowIntroducer final : public ports::Introducer {
 public:
  void introduce(core::Neighbour whom, Prove prove, Told told) override {
    asked.push_back(whom.key);
    proofs.push_back(prove("words"));
    answers.push_back(std::move(told));
  }
  void answer(std::size_t which, const std::string& key) { std::exchange(answers.at(which), nullptr)(key); }

  std::vector<std::string> asked;
  std::vector<std::string> proofs;
  std::vector<Told> answers;
};

class IntroductionsTest : public testing::Test {
 protected:
  static std::vector<core::Neighbour> machines(int count) {
    std::vector<core::Neighbour> all;
    for (int i = 0; i < count; ++i)
      all.push_back(
          {.key = std::string(32, static_cast<char>('0' + i)), .host = "192.0.2.1", .port = 1, .name = {}});
    return all;
  }
  static Group group() { return Group(base::Secret(std::string(32, 's'))); }

  loop::Loop loop_;
  SlowIntroducer introducer_;
  std::vector<std::string> known_;
};

TEST_F(IntroductionsTest, FourAtOnceAndEachOnce) {
  Introductions introductions(loop_, introducer_, group(), [&](const std::string& key) { known_.push_back(key); });
  introductions.meet(machines(6));
  EXPECT_EQ(introducer_.asked.size(), 4U);
  EXPECT_EQ(introducer_.proofs.front(), group().prove("words"));
  introducer_.answer(0, "whole key");
  introducer_.answer(1, "");
  EXPECT_EQ(introducer_.asked.size(), 6U);
  EXPECT_EQ(known_, std::vector<std::string>{"whole key"});
  introductions.meet(machines(6));
  EXPECT_EQ(introducer_.asked.size(), 6U) << "neither who is known nor who did not agree just now";
  introductions.meet(machines(0));
  for (std::size_t i = 2; i < 6; ++i) introducer_.answer(i, "");
  introductions.meet(machines(1));
  EXPECT_EQ(introducer_.asked.size(), 7U) << "who comes back is new";
}

TEST_F(IntroductionsTest, WhoAnswersLateFindsNobody) {
  {
    Introductions introductions(loop_, introducer_, group(), [&](const std::string& key) { known_.push_back(key); });
    introductions.meet(machines(1));
  }
  introducer_.answer(0, "whole key");
  EXPECT_TRUE(known_.empty());
}

}  // namespace
}  // namespace backhaul::neighbours
