// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <deque>

#include "tests/sim/world.h"

namespace backhaul::parts {
namespace {

namespace effect = engine::effect;

// The ports write down who was called, and when.
TEST(Performer, PerformsInTheOrderInWhichTheEffectsAreListedAndPostsLast) {
  sim::World world;
  world.stage.traces = true;
  engine::Answers answers;
  std::deque<engine::Input> inbox;
  const engine::Ports ports{world.store,    world.transport, world.files,       world.cache,
                            world.neighbours, world.neighbours, world.site, world.notifier,
                            world.launcher, world.clients,   world.environment, world.machine,
                            world.accounts, world.clock,     world.random,      world.sealer,
                            world.crash_page, world.log};
  engine::Performer performer(ports, answers, inbox);
  bool read = false;
  answers.open(base::CallId{5}, base::PeerId{1});
  answers.read(base::PeerId{1}, [&] {
    read = true;
    EXPECT_TRUE(inbox.empty());
  });
  const base::JobId job = world.random.new_job_id();
  ports::Command command{base::CallId{9}, {}, ports::command::Suspend{job}};
  performer.perform({effect::Post{engine::news::HeldUp{job}},
                     effect::Resubmit{{command}},
                     effect::Discard{{.job = job, .parts = {}}},
                     effect::Accept{base::CallId{5}},
                     effect::Log{base::LogLevel::notice, "first", job}});
  EXPECT_TRUE(read);
  ASSERT_EQ(inbox.size(), 2U);
  EXPECT_TRUE(std::holds_alternative<ports::Command>(inbox[0])) << "it waited long enough";
  EXPECT_TRUE(std::holds_alternative<engine::News>(inbox[1]));
}

TEST(Performer, SweepsInFrontOfOpensAndStopsInFrontOfStarts) {
  const auto place = [](engine::Effect effect) { return effect.index(); };
  EXPECT_LT(place(effect::Announce{}), place(effect::Reply{}));
  EXPECT_LT(place(effect::Reply{}), place(effect::Sweep{}));
  EXPECT_LT(place(effect::Sweep{}), place(effect::StopTransfer{}));
  EXPECT_LT(place(effect::StopTransfer{}), place(effect::ClosePart{}));
  EXPECT_LT(place(effect::ClosePart{}), place(effect::OpenPart{}));
  EXPECT_LT(place(effect::OpenPart{}), place(effect::StartTransfer{}));
  EXPECT_LT(place(effect::StartTransfer{}), place(effect::Publish{}));
  EXPECT_LT(place(effect::Publish{}), place(effect::Notify{}));
}

}  // namespace
}  // namespace backhaul::parts
