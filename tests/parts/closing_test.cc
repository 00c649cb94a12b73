// SPDX-License-Identifier: Apache-2.0
#include "tests/parts/rig.h"

namespace backhaul::parts {
namespace {

class Closing : public Rig {
 protected:
  ports::Command complete(const JobId& job, std::uint64_t call) {
    return {base::CallId{call}, {base::PeerId{1}, 1000}, ports::command::Complete{job}};
  }
  std::vector<engine::Effect> begin(const JobId& job, std::uint64_t call) {
    return turn([&](Draft& draft) {
      ASSERT_TRUE(step(draft, job, core::JobEvent::complete));
      parts.closing.take_up(draft, job, complete(job, call));
    });
  }
};

TEST_F(Closing, BeginsWhenTheLastPartIsClosed) {
  const JobId job = add_running();
  const base::TransferId transfer = transfer_of(job);
  EXPECT_FALSE(has<effect::Publish>(begin(job, 7)));
  ports::PartClosed closed{.transfer = transfer};
  const auto effects = turn([&](Draft& draft) { parts.fetching.on(draft, closed); });
  EXPECT_EQ(all<effect::Publish>(effects).size(), 1U);
}

TEST_F(Closing, ItsCallersAreAnsweredAtItsEndAndWhatWaitedBehindComesFirst) {
  const JobId job = add(JobState::suspended);
  EXPECT_TRUE(has<effect::Publish>(begin(job, 7)));
  turn([&](Draft& draft) { parts.closing.defer(draft, job, complete(job, 8)); });
  EXPECT_FALSE(parts.closing.idle());
  EXPECT_FALSE(parts.idle());
  ports::Published published{.job = job, .files = {}};
  const auto effects = turn([&](Draft& draft) { parts.closing.on(draft, published); });
  const auto replies = all<effect::Reply>(effects);
  ASSERT_EQ(replies.size(), 1U);
  EXPECT_EQ(replies[0].call, base::CallId{7});
  const auto resubmitted = all<effect::Resubmit>(effects);
  ASSERT_EQ(resubmitted.size(), 1U);
  ASSERT_EQ(resubmitted[0].commands.size(), 1U);
  EXPECT_EQ(resubmitted[0].commands[0].call, base::CallId{8});
  EXPECT_TRUE(parts.closing.idle());
}

// Nobody would ever say again that it left, and the service would not end for want of work.
TEST_F(Closing, ACallerThatLeavesInTheTurnOfItsCallHoldsNothing) {
  const JobId job = add(JobState::suspended);
  Draft draft = this->draft();
  ASSERT_TRUE(step(draft, job, core::JobEvent::complete));
  parts.closing.take_up(draft, job, complete(job, 7));
  parts.closing.on(draft, ports::PeerGone{base::PeerId{1}, ":1.1"});
  ASSERT_NE(draft.intents.find(job), nullptr);
  EXPECT_EQ(draft.intents.find(job)->peer, base::PeerId::none);
  EXPECT_EQ(draft.intents.find(job)->calls.size(), 1U);
}

TEST_F(Closing, IsBegunAgainAfterARestart) {
  const JobId job = add(JobState::suspended);
  turn([&](Draft& draft) {
    draft.edit(job, engine::Weight::hard).intent = core::Intent::cancel;
  });
  parts.closing = {};
  const auto effects = turn([&](Draft& draft) {
    parts.closing.on(draft, news::Restarted{job});
  });
  EXPECT_EQ(all<effect::Discard>(effects).size(), 1U);
}

TEST_F(Closing, FilesAreToldWhetherTheAccountOfACancelledJobIsGone) {
  for (const bool gone : {false, true}) {
    const JobId job = add(JobState::suspended);
    turn([&](Draft& draft) {
      draft.edit(job, engine::Weight::hard).rare.set(&core::RareOfJob::account, base::Text("alice"));
    });
    parts.conditions.stray = std::make_shared<core::StrayAccounts>(
        gone ? core::StrayAccounts{{{1000, "alice"}, "gone"}} : core::StrayAccounts{});
    const auto effects = turn([&](Draft& draft) {
      draft.edit(job, engine::Weight::hard).intent = core::Intent::cancel;
    });
    ASSERT_EQ(all<effect::Discard>(effects).size(), 1U);
    EXPECT_EQ(all<effect::Discard>(effects).front().request.owner_in_doubt, gone);
  }
}

TEST_F(Closing, BeforeTheFirstLookAtTheAccountsOfTheMachineEveryNamedOneIsInDoubt) {
  for (const char* name : {"", "alice"}) {
    const JobId job = add(JobState::suspended);
    turn([&](Draft& draft) {
      core::Job& row = draft.edit(job, engine::Weight::hard);
      row.rare.set(&core::RareOfJob::account, base::Text(name));
      row.intent = core::Intent::cancel;
    });
    parts.closing = {};
    parts.conditions.accounts_known = false;
    const auto effects = turn([&](Draft& draft) { parts.closing.on(draft, news::Restarted{job}); });
    ASSERT_EQ(all<effect::Discard>(effects).size(), 1U);
    EXPECT_EQ(all<effect::Discard>(effects).front().request.owner_in_doubt, *name != 0);
    parts.conditions.accounts_known = true;
  }
}

TEST_F(Closing, AFailureLeavesAutoCompleteToItsOwnerAndStartGoesOnWithIt) {
  const JobId job = add(JobState::transferred);
  turn([&](Draft& draft) {
    draft.edit(job, engine::Weight::hard).auto_complete = true;
    draft.edit_file(job, 0, engine::Weight::hard, [](core::File& file) { file.state = core::FileState::transferred; });
  });
  begin(job, 7);
  ports::Published failed{
      .job = job, .files = {{0, ports::Placing::kept, base::Error(base::Code::PATH_NOT_FOUND)}}};
  auto effects = turn([&](Draft& draft) { parts.closing.on(draft, failed); });
  EXPECT_FALSE(has<effect::Publish>(effects)) << "not again and again";
  EXPECT_TRUE(row(job).auto_complete);
  EXPECT_TRUE(row(job).error);

  effects = turn([&](Draft& draft) { engine::look_at_parts(draft, job); });
  EXPECT_TRUE(core::is_about_to_complete(row(job))) << "its owner is not waited for any more";
  ASSERT_EQ(all<effect::Publish>(effects).size(), 1U);
  EXPECT_TRUE(all<effect::Publish>(effects).front().request.only_look);
  effects = turn([&](Draft& draft) { parts.closing.on(draft, news::Restarted{job}); });
  ASSERT_EQ(all<effect::Publish>(effects).size(), 1U) << "a crash in between forgets nothing";
  EXPECT_TRUE(all<effect::Publish>(effects).front().request.only_look);

  ports::Published looked{.job = job, .files = {{0, ports::Placing::kept, {}}}, .only_looked = true};
  effects = turn([&](Draft& draft) { parts.closing.on(draft, looked); });
  ASSERT_EQ(all<effect::Publish>(effects).size(), 1U);
  EXPECT_FALSE(all<effect::Publish>(effects).front().request.only_look);
  EXPECT_EQ(row(job).intent, core::Intent::complete);
}

TEST_F(Closing, OneThatRanIntoAShortageIsTriedAgainWhenThatMayBeOver) {
  const JobId job = add(JobState::suspended);
  begin(job, 7);
  ports::Published published{
      .job = job,
      .files = {{0, ports::Placing::kept, base::Error(base::Code::TOO_MANY_OPEN_FILES)}}};
  auto effects = turn([&](Draft& draft) { parts.closing.on(draft, published); });
  EXPECT_FALSE(has<effect::Reply>(effects));
  EXPECT_TRUE(parts.closing.waits_for_room(job));
  effects = turn([&](Draft& draft) { parts.closing.run_timers(draft); });
  EXPECT_FALSE(has<effect::Publish>(effects)) << "it is short still";
  stage.timeline.skip_to(stage.timeline.now() + context.settings.shortage_retry);
  context.clocks.read();
  effects = turn([&](Draft& draft) { parts.closing.run_timers(draft); });
  EXPECT_TRUE(has<effect::Publish>(effects));
  EXPECT_FALSE(parts.closing.waits_for_room(job));
}

}  // namespace
}  // namespace backhaul::parts
