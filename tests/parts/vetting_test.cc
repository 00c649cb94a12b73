// SPDX-License-Identifier: Apache-2.0
#include "tests/parts/rig.h"

namespace backhaul::parts {
namespace {

constexpr base::PeerId ann{1};
constexpr base::PeerId bea{2};

class Vetting : public Rig {
 protected:
  static ports::Command command(base::PeerId peer, std::uint64_t call) {
    return {base::CallId{call}, {peer, 1000}, ports::command::Start{}};
  }
  static ports::Destinations need(const std::string& local) {
    return {.owner = {1000, {}}, .files = {{local, {}}}};
  }
  // What was asked for it; none: it comes behind others, and nothing is known to be asked.
  base::CheckId wait(base::PeerId peer, std::uint64_t call, const std::string& local = "/d/x") {
    const auto effects = turn([&](Draft& draft) {
      parts.vetting.wait(draft, command(peer, call),
                         local.empty() ? std::nullopt : std::optional(need(local)));
    });
    const auto asked = all<effect::CheckDestinations>(effects);
    return asked.empty() ? base::CheckId::none : asked.front().check;
  }
  std::optional<base::PeerId> answer(Draft& draft, base::CheckId check,
                                     std::optional<base::Error> refusal = {}) {
    ports::DestinationsChecked event{check, std::move(refusal)};
    return parts.vetting.on(draft, event);
  }
  const engine::WaitingCommand& first(base::PeerId peer) const {
    return parts.vetting.lines().at(peer).commands.front();
  }
};

TEST_F(Vetting, IsToldWhatWasAskedForWhom) {
  const base::CheckId asked = wait(ann, 7);
  EXPECT_FALSE(parts.vetting.idle());
  EXPECT_FALSE(parts.idle());
  EXPECT_FALSE(first(ann).may_go_on());
  turn([&](Draft& draft) {
    EXPECT_EQ(answer(draft, asked, base::Error(base::Code::PATH_NOT_FOUND)), ann);
  });
  ASSERT_TRUE(first(ann).may_go_on());
  EXPECT_EQ(*first(ann).clearance->asked, need("/d/x"));
  EXPECT_EQ(first(ann).clearance->refusal->code, base::Code::PATH_NOT_FOUND);
  turn([&](Draft& draft) { parts.vetting.leave(draft, ann); });
  EXPECT_TRUE(parts.vetting.idle());
}

TEST_F(Vetting, AsksForThoseBehindAtOnceAndKeepsThemInOrder) {
  const base::CheckId one = wait(ann, 7);
  const base::CheckId two = wait(ann, 8);
  EXPECT_NE(one, two);
  EXPECT_EQ(wait(ann, 9, ""), base::CheckId::none);
  turn([&](Draft& draft) { EXPECT_EQ(answer(draft, two), ann); });
  EXPECT_FALSE(first(ann).may_go_on()) << "the answer to the second is no answer to the first";
  turn([&](Draft& draft) { answer(draft, one); });
  for (const std::uint64_t call : {7, 8, 9}) {
    ASSERT_TRUE(first(ann).may_go_on());
    EXPECT_EQ(first(ann).command->call, base::CallId{call});
    turn([&](Draft& draft) { parts.vetting.leave(draft, ann); });
  }
  EXPECT_TRUE(parts.vetting.idle());
}

TEST_F(Vetting, EveryClientHasALineOfItsOwn) {
  wait(ann, 7);
  const base::CheckId asked = wait(bea, 8);
  turn([&](Draft& draft) { EXPECT_EQ(answer(draft, asked), bea); });
  EXPECT_TRUE(first(bea).may_go_on());
  EXPECT_FALSE(first(ann).may_go_on());
}

// The answer to an earlier question says nothing about another one.
TEST_F(Vetting, WhatHasToBeAskedAgainHasNoAnswerYet) {
  const base::CheckId asked = wait(ann, 7);
  turn([&](Draft& draft) { answer(draft, asked); });
  const auto effects =
      turn([&](Draft& draft) { parts.vetting.ask_again(draft, ann, need("/d/y")); });
  const auto again = all<effect::CheckDestinations>(effects);
  ASSERT_EQ(again.size(), 1U);
  EXPECT_NE(again[0].check, asked);
  EXPECT_FALSE(first(ann).may_go_on());
  turn([&](Draft& draft) { EXPECT_EQ(answer(draft, asked), std::nullopt); });
  EXPECT_FALSE(first(ann).may_go_on());
  turn([&](Draft& draft) { EXPECT_EQ(answer(draft, again[0].check), ann); });
  EXPECT_EQ(*first(ann).clearance->asked, need("/d/y"));
}

TEST_F(Vetting, ThatAClientLeftIsSaidAgainBehindItsLastCommand) {
  wait(ann, 7, "");
  wait(ann, 8, "");
  turn([&](Draft& draft) { parts.vetting.on(draft, ports::PeerGone{ann, ":1.1"}); });
  turn([&](Draft& draft) { EXPECT_FALSE(parts.vetting.leave(draft, ann)); });
  turn([&](Draft& draft) {
    const auto left = parts.vetting.leave(draft, ann);
    ASSERT_TRUE(left);
    EXPECT_EQ(left->peer, ann);
    EXPECT_EQ(left->unique_name, ":1.1");
  });
}

TEST_F(Vetting, RefusesAllOfThemAndForgetsWhatWasAsked) {
  const base::CheckId asked = wait(ann, 7);
  wait(ann, 8, "");
  wait(bea, 0);  // wants no reply
  const auto effects = turn([&](Draft& draft) {
    parts.vetting.refuse_all(draft, base::Error(base::Code::DISK_FULL));
  });
  const auto replies = all<effect::Reply>(effects);
  ASSERT_EQ(replies.size(), 2U);
  for (const effect::Reply& reply : replies)
    EXPECT_EQ(reply.value.error().code, base::Code::DISK_FULL);
  EXPECT_TRUE(parts.vetting.idle());
  turn([&](Draft& draft) { EXPECT_EQ(answer(draft, asked), std::nullopt); });
  EXPECT_EQ(parts.vetting, engine::Vetting());
}

TEST_F(Vetting, NothingChangesWithoutTheCommit) {
  const base::CheckId asked = wait(ann, 7);
  const engine::Vetting before = parts.vetting;
  Draft draft = this->draft();
  parts.vetting.wait(draft, command(bea, 8), need("/d/y"));
  answer(draft, asked);
  parts.vetting.leave(draft, ann);
  parts.vetting.refuse_all(draft, base::Error(base::Code::DISK_FULL));
  EXPECT_EQ(parts.vetting, before);
}

}  // namespace
}  // namespace backhaul::parts
