// SPDX-License-Identifier: Apache-2.0
#include "tests/parts/rig.h"

namespace backhaul::parts {
namespace {

class Telling : public Rig {
 protected:
  std::vector<engine::Effect> owe(const JobId& job) {
    return turn([&](Draft& draft) {
      core::Job& row = draft.edit(job, engine::Weight::hard);
      row.notify_class = core::ClassRegistration{"org.example.One", "/org/example"};
      row.pending.edit().kind = core::NotifyKind::job_transferred;
      row.pending.edit().sequence = draft.numbers.next_sequence++;
    });
  }
  static ports::DeliveryEnded answered(const effect::Notify& notify, base::Code code) {
    return {notify.notification.ticket, ports::NotifyOutcome::answered, code, {}};
  }
};

TEST_F(Telling, WhatIsDueIsToldOnceAndOverWhenItIsAcknowledged) {
  const JobId job = add(JobState::transferred);
  auto effects = owe(job);
  ASSERT_EQ(all<effect::Notify>(effects).size(), 1U);
  const auto told = all<effect::Notify>(effects)[0];
  EXPECT_FALSE(has<effect::Notify>(turn([](Draft&) {})));
  EXPECT_FALSE(parts.telling.idle());
  EXPECT_FALSE(parts.idle());
  turn([&](Draft& draft) { parts.telling.on(draft, answered(told, base::Code::S_OK)); });
  EXPECT_EQ(row(job).pending->kind, core::NotifyKind::none);
  EXPECT_TRUE(parts.telling.idle());
}

TEST_F(Telling, AnAnswerWhoseCommitFailsIsHeardAgain) {
  const JobId job = add(JobState::transferred);
  const auto told = all<effect::Notify>(owe(job))[0];
  Draft dropped = draft();
  parts.telling.on(dropped, answered(told, base::Code::S_OK));
  ASSERT_EQ(dropped.kept().size(), 1U);
  EXPECT_FALSE(parts.telling.idle());
  turn([&](Draft& draft) { parts.telling.on(draft, answered(told, base::Code::S_OK)); });
  EXPECT_EQ(row(job).pending->kind, core::NotifyKind::none);
}

TEST_F(Telling, AClassThatDoesNotStartIsPausedForAllOfItsJobs) {
  const JobId first = add(JobState::transferred, "x");
  const JobId second = add(JobState::transferred, "y");
  const auto told = all<effect::Notify>(owe(first))[0];
  turn([&](Draft& draft) {
    parts.telling.on(draft, {told.notification.ticket, ports::NotifyOutcome::unavailable,
                             base::Code::E_FAIL, {}});
  });
  EXPECT_FALSE(has<effect::Notify>(owe(second)));
  EXPECT_GT(parts.telling.due(context, row(second)), context.now().boot);
  const auto effects = turn(
      [&](Draft& draft) { parts.telling.on(draft, ports::ClassInstalled{"org.example.One"}); });
  EXPECT_EQ(all<effect::Notify>(effects).size(), 2U);
}

// N63, of classes: the name is one, the programs are of two users.
TEST_F(Telling, AClassThatOneOwnerLacksASessionForKeepsNobodyElseWaiting) {
  const JobId hers = add(JobState::transferred, "x");
  const JobId his = add(JobState::transferred, "y");
  const std::uint32_t he = row(hers).owner_uid + 1;
  turn([&](Draft& draft) { draft.set_owner(his, core::Owner{he, {}, {}}); });
  const auto told = all<effect::Notify>(owe(hers))[0];
  turn([&](Draft& draft) {
    parts.telling.on(draft, {told.notification.ticket, ports::NotifyOutcome::unavailable,
                             base::Code::NOT_LOGGED_ON, {}});
  });
  EXPECT_TRUE(parts.telling.waits_for_session(row(hers)));
  EXPECT_EQ(parts.telling.state(context, row(hers)).unheard.at(0).wait, ports::NotifyWait::session);
  EXPECT_EQ(all<effect::Notify>(owe(his)).size(), 1U);
  EXPECT_FALSE(parts.telling.waits_for_session(row(his)));
  EXPECT_FALSE(has<effect::Notify>(turn([&](Draft& draft) { parts.telling.on(draft, ports::SessionBegan{he}); })));
  const auto effects = turn(
      [&](Draft& draft) { parts.telling.on(draft, ports::SessionBegan{row(hers).owner_uid}); });
  EXPECT_EQ(all<effect::Notify>(effects).size(), 1U);
  EXPECT_FALSE(parts.telling.waits_for_session(row(hers)));
}

// Nobody tells a service of a session that began while it was down.
TEST_F(Telling, OnTheServiceOfTheMachineARestartTriesClassesAnew) {
  const JobId job = add(JobState::transferred);
  const auto told = all<effect::Notify>(owe(job))[0];
  turn([&](Draft& draft) {
    parts.telling.on(draft, {told.notification.ticket, ports::NotifyOutcome::unavailable,
                             base::Code::NOT_LOGGED_ON, {}});
  });
  EXPECT_FALSE(engine::Telling::tries_anew(context, row(job))) << "where the pause survives";
  context.settings.machine_wide = true;
  EXPECT_TRUE(engine::Telling::tries_anew(context, row(job)));
  parts.telling = {};
  parts.telling.recovered(context, row(job));
  const auto effects = turn([&](Draft& draft) { parts.telling.on(draft, news::Restarted{job}); });
  EXPECT_EQ(all<effect::Notify>(effects).size(), 1U);
}

// Its thread has ended, and the program has registered another, which waited for the answer of the first.
TEST_F(Telling, ThatAnObjectIsGoneIsSaidOfThatOneAlone) {
  const JobId job = add(JobState::transferred);
  const auto with_object = [&](const std::string& path, std::uint64_t number) {
    return turn([&](Draft& draft) {
      core::Job& row = draft.edit(job, engine::Weight::hard);
      row.notify_flags = base::notify::file_transferred;
      row.object = core::ObjectRegistration{"bus", ":1.7", path, 2, row.owner_uid, number};
      if (row.event_file == base::no_file) engine::owe_file_event(draft, job, 0);
    });
  };
  const auto told = all<effect::Notify>(with_object("/one", 1));
  ASSERT_EQ(told.size(), 1U);
  EXPECT_FALSE(has<effect::Notify>(with_object("/two", 2)));
  const auto then = all<effect::Notify>(turn([&](Draft& draft) {
    parts.telling.on(draft, {told[0].notification.ticket, ports::NotifyOutcome::gone,
                             base::Code::RPC_E_DISCONNECTED, {}});
  }));
  ASSERT_EQ(then.size(), 1U);
  EXPECT_EQ(std::get<ports::ObjectTarget>(then[0].notification.target).object.path, "/two");
  EXPECT_TRUE(row(job).object);
}

TEST_F(Telling, AFinalJobStaysUntilItsLastEventIsHeard) {
  const JobId job = add(JobState::transferred);
  const auto told = all<effect::Notify>(owe(job))[0];
  turn([&](Draft& draft) {
    core::Job& row = draft.edit(job, engine::Weight::hard);
    row.auto_complete = true;
    row.state = JobState::acknowledged;
  });
  EXPECT_TRUE(context.table.in_queue(job));
  const auto effects = turn(
      [&](Draft& draft) { parts.telling.on(draft, answered(told, base::Code::S_OK)); });
  EXPECT_FALSE(context.table.in_queue(job));
  EXPECT_TRUE(has<effect::ReleaseInstance>(effects));
}

}  // namespace
}  // namespace backhaul::parts
