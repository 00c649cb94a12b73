// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/cost.h"
#include "engine/commands.h"
#include "tests/parts/rig.h"

namespace backhaul::parts {
namespace {

class Scheduling : public Rig {
 protected:
  std::vector<engine::Effect> schedule() {
    return turn([&](Draft& draft) { parts.scheduling.schedule(draft); });
  }
  void pass(base::Microseconds time) {
    stage.timeline.skip_to(stage.timeline.now() + time);
    context.clocks.read();
  }
  JobId add_foreground(const std::string& name, const std::string& host = "host", std::uint32_t owner = 1000) {
    const JobId job = add(JobState::queued, name, host, owner);
    turn([&](Draft& draft) { draft.edit(job, engine::Weight::hard).priority = base::Priority::foreground; });
    return job;
  }
};

TEST_F(Scheduling, ASliceEndsForTheNextOfTheSameLevel) {
  const JobId first = add_running("x");
  const JobId second = add(JobState::queued, "y");
  const base::BootTime ends = context.now().boot + context.policy->limits.slice.value;
  ports::PartOpened opened{.transfer = transfer_of(first)};
  turn([&](Draft& draft) { parts.fetching.on(draft, opened); });
  EXPECT_EQ(parts.scheduling.next(context, parts.fetching.runs()), ends);
  schedule();
  EXPECT_EQ(row(second).state, JobState::queued);
  pass(context.policy->limits.slice.value);
  schedule();
  EXPECT_EQ(row(first).state, JobState::queued);
  EXPECT_EQ(row(second).state, JobState::connecting);
  EXPECT_EQ(parts.scheduling.agenda().position(row(first)), 0U);
}

TEST_F(Scheduling, OfTheForegroundTheLinkIsForThoseThatStillFetch) {
  lay_down([](core::Policy& policy) { policy.limits.foreground_jobs.value = 1; });
  const auto with_turn = [&] {
    const auto& runs = parts.fetching.runs().all();
    return std::ranges::count_if(runs, [](const auto& entry) { return entry.second.active; });
  };
  for (int i = 0; i < 6; ++i) add_foreground("y" + std::to_string(i));
  for (int i = 1; i <= 4; ++i) {
    schedule();
    schedule();
    EXPECT_EQ(with_turn(), i);
    turn([&](Draft& draft) {
      for (const auto& [id, run] : parts.fetching.runs().all())
        draft.runs.edit(id)->lanes.front().phase = engine::LanePhase::syncing;
    });
  }
  schedule();
  EXPECT_EQ(with_turn(), 4) << "a slow disk does not have everybody's parts open";
}

TEST_F(Scheduling, WhoeverWasTouchedInATurnIsLookedAtInTheNext) {
  const JobId job = add(JobState::queued);
  turn([&](Draft& draft) {
    draft.edit(job, engine::Weight::hard).name = "other";
    parts.scheduling.schedule(draft);
  });
  EXPECT_EQ(row(job).state, JobState::queued);
  EXPECT_TRUE(again) << "nothing else may ever happen";
  schedule();
  EXPECT_EQ(row(job).state, JobState::connecting);
}

TEST_F(Scheduling, AJobWhoseProgramIsBeingAskedGetsNoTurn) {
  const JobId job = add(JobState::queued);
  engine::Question question;
  question.job = job;
  question.object.unique_name = ":1.5";
  const auto effects = turn(
      [&](Draft& draft) { draft.note(engine::note::QuestionArises{question}); });
  ASSERT_EQ(all<effect::Ask>(effects).size(), 1U);
  EXPECT_FALSE(parts.idle());
  schedule();
  EXPECT_EQ(row(job).state, JobState::queued);
  turn([&](Draft& draft) { draft.note(engine::note::QuestionEnds{job}); });
  schedule();
  EXPECT_EQ(row(job).state, JobState::connecting);
}

// Foreground jobs at a server that has two connections.
class ServerOfFew : public Scheduling {
 protected:
  ServerOfFew() { lay_down([](core::Policy& policy) { policy.limits.connections_per_server.value = 2; }); }
  std::size_t running() const {
    std::size_t count = 0;
    for (const auto& [id, run] : parts.fetching.runs().all()) count += run.active;
    return count;
  }
};

TEST_F(ServerOfFew, OfTheJobsThatFillItTheOthersWaitAndThoseOfOtherServersDoNot) {
  std::vector<JobId> jobs;
  for (const char* name : {"a", "b", "c", "d"}) jobs.push_back(add_foreground(name));
  const JobId elsewhere = add_foreground("e", "other");
  schedule();
  EXPECT_EQ(running(), 3U);
  EXPECT_EQ(row(elsewhere).state, JobState::connecting);
  EXPECT_EQ(row(jobs[2]).state, JobState::queued);
  EXPECT_EQ(parts.scheduling.agenda().queued(base::Priority::foreground), 0U)
      << "nobody looks at those that wait";
  turn([&](Draft& draft) { ASSERT_TRUE(step(draft, jobs[0], core::JobEvent::suspend)); });
  schedule();
  EXPECT_EQ(row(jobs[2]).state, JobState::connecting) << "in their order";
  EXPECT_EQ(row(jobs[3]).state, JobState::queued);
}

TEST_F(ServerOfFew, TheBackgroundJobMakesWayForForegroundJobsAndComesBack) {
  const JobId background = add_running("x");
  const JobId first = add_foreground("a");
  schedule();
  EXPECT_EQ(row(background).state, JobState::connecting) << "there is one for each";
  const JobId second = add_foreground("b");
  schedule();
  EXPECT_EQ(row(second).state, JobState::connecting);
  EXPECT_EQ(row(background).state, JobState::queued);
  schedule();
  EXPECT_EQ(row(background).state, JobState::queued);
  const base::TransferId closed = parts.fetching.runs().find(background)->lanes.front().transfer;
  turn([&](Draft& draft) {
    ports::PartClosed event{.transfer = closed};
    parts.fetching.on(draft, event);
    ASSERT_TRUE(step(draft, first, core::JobEvent::suspend));
  });
  schedule();
  EXPECT_EQ(row(background).state, JobState::connecting);
}

TEST_F(ServerOfFew, ABackgroundJobOfAnotherServerIsServedMeanwhile) {
  add_foreground("a");
  add_foreground("b");
  schedule();
  const JobId here = add(JobState::queued, "x");
  const JobId elsewhere = add(JobState::queued, "y", "other");
  schedule();
  EXPECT_EQ(row(here).state, JobState::queued);
  EXPECT_EQ(row(elsewhere).state, JobState::connecting);
}

// A file system that does not answer: its jobs stay where they are, and in nobody's way.
TEST_F(ServerOfFew, AJobWhosePartTakesTooLongToBeOpenedCountsNoMore) {
  const JobId first = add_foreground("a");
  const JobId second = add_foreground("b");
  const JobId third = add_foreground("c");
  schedule();
  EXPECT_EQ(row(third).state, JobState::queued);
  EXPECT_EQ(parts.scheduling.next(context, parts.fetching.runs()),
            context.now().boot + engine::Run::opening_patience);
  pass(engine::Run::opening_patience);
  schedule();
  schedule();
  EXPECT_EQ(row(third).state, JobState::connecting);
  // They come back all the same, and none is served beyond what the server has.
  std::size_t started = 0;
  for (const JobId& job : {first, second, third}) {
    ports::PartOpened opened{.transfer = transfer_of(job)};
    started += all<effect::StartTransfer>(turn([&](Draft& draft) { parts.fetching.on(draft, opened); })).size();
  }
  EXPECT_EQ(started, 2U);
  ports::PartClosed closed{.transfer = transfer_of(first)};
  turn([&](Draft& draft) { ASSERT_TRUE(step(draft, first, core::JobEvent::suspend)); });
  EXPECT_EQ(all<effect::StartTransfer>(turn([&](Draft& draft) { parts.fetching.on(draft, closed); })).size() +
                (parts.fetching.runs().find(third)->lanes.front().phase == engine::LanePhase::receiving),
            1U);
}

TEST_F(Scheduling, ABackgroundJobWhosePartTakesTooLongToBeOpenedLeavesTheLink) {
  const JobId stuck = add_running("x");
  const JobId other = add(JobState::queued, "y");
  schedule();
  EXPECT_EQ(row(other).state, JobState::queued);
  pass(engine::Run::opening_patience);
  schedule();
  EXPECT_EQ(row(other).state, JobState::connecting);
  EXPECT_EQ(row(stuck).state, JobState::connecting) << "it waits for its part";
}

class ManyAtOnce : public Scheduling {
 protected:
  ManyAtOnce() {
    turn([&](Draft& draft) { on(draft, ports::NetworkChanged{false}); });
    for (int i = 0; i < 8; ++i) jobs.push_back(add_foreground(std::to_string(i), "host" + std::to_string(i)));
    schedule();
    EXPECT_EQ(running(), 0U);
  }
  std::size_t running() const { return parts.fetching.runs().all().size(); }
  // When each of them began, after the first.
  std::vector<base::Microseconds> begins() {
    std::vector<base::Microseconds> times;
    const base::BootTime from = context.now().boot;
    for (int turns = 0; turns < 100 && times.size() < jobs.size(); ++turns) {
      schedule();
      EXPECT_LE(running(), times.size() + 1) << "one after another";
      while (times.size() < running()) times.push_back(context.now().boot - from);
      const base::BootTime next = parts.conditions.next(context.now().boot);
      if (next == base::never) break;
      pass(next - context.now().boot);
    }
    return times;
  }

  std::vector<JobId> jobs;
};

TEST_F(ManyAtOnce, WhenTheNetworkIsBackTheyBeginOneAfterAnother) {
  turn([&](Draft& draft) { on(draft, ports::NetworkChanged{true}); });
  const auto times = begins();
  ASSERT_EQ(times.size(), jobs.size());
  EXPECT_EQ(times.front(), 0s) << "the first at once";
  for (std::size_t i = 1; i < times.size(); ++i) {
    EXPECT_GE(times[i] - times[i - 1], core::Spread::least_gap);
    EXPECT_LE(times[i] - times[i - 1], core::Spread::most_gap);
  }
}

TEST_F(ManyAtOnce, WhenTheMachineHasSleptAsWell) {
  turn([&](Draft& draft) { on(draft, ports::NetworkChanged{true}); });
  turn([&](Draft& draft) {
    on(draft, ports::SurroundingsChanged{.around = {.going_to_sleep = true}});
  });
  pass(1min);
  turn([&](Draft& draft) { on(draft, ports::SurroundingsChanged{}); });
  const auto times = begins();
  ASSERT_EQ(times.size(), jobs.size());
  EXPECT_GE(times.back(), 7 * core::Spread::least_gap);
}

TEST_F(ManyAtOnce, LaterOnesBeginAtOnceAgain) {
  turn([&](Draft& draft) { on(draft, ports::NetworkChanged{true}); });
  EXPECT_EQ(begins().size(), jobs.size());
  pass(1min);
  for (const char* name : {"a", "b"}) add_foreground(name, name);
  schedule();
  EXPECT_EQ(running(), jobs.size() + 2);
}

// Turns for four, and places for two at each server.
class OfTwoOwners : public Scheduling {
 protected:
  static constexpr std::uint32_t ann = 1000;
  static constexpr std::uint32_t bob = 1001;
  OfTwoOwners() {
    lay_down([](core::Policy& policy) {
      policy.limits.foreground_jobs.value = 4;
      policy.limits.connections_per_server.value = 2;
    });
  }
  // Each at a server of its own, if none is named.
  std::vector<JobId> add_some(std::uint32_t owner, int count, const std::string& host = "") {
    std::vector<JobId> jobs;
    for (int i = 0; i < count; ++i) {
      const std::string name = "f" + std::to_string(++last);
      jobs.push_back(add_foreground(name, host.empty() ? name : host, owner));
    }
    return jobs;
  }
  // And the parts are opened and closed: whoever lost his turn may have another one.
  void schedule_and_work() {
    schedule();
    for (const auto& [id, run] : std::unordered_map(parts.fetching.runs().all())) {
      ports::PartOpened opened{.transfer = run.lanes.front().transfer};
      ports::PartClosed closed{.transfer = run.lanes.front().transfer};
      turn([&](Draft& draft) { run.active ? parts.fetching.on(draft, opened) : parts.fetching.on(draft, closed); });
    }
  }
  void suspend(const JobId& job) {
    turn([&](Draft& draft) { ASSERT_TRUE(step(draft, job, core::JobEvent::suspend)); });
  }
  bool runs(const JobId& job) const {
    const engine::Run* run = parts.fetching.runs().find(job);
    return run != nullptr && run->active;
  }
  std::set<JobId> running() const {
    std::set<JobId> jobs;
    for (const auto& [id, run] : parts.fetching.runs().all())
      if (run.active) jobs.insert(id);
    return jobs;
  }
  std::size_t running_of(std::uint32_t owner) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(running(), [&](const JobId& id) { return row(id).owner_uid == owner; }));
  }
  // From now on nobody begins, and no turn ends.
  void expect_rest() {
    const std::set<JobId> before = running();
    for (int i = 0; i < 6; ++i) {
      schedule_and_work();
      EXPECT_EQ(running(), before);
      pass(4s);
    }
  }

  int last = 0;
};

TEST_F(OfTwoOwners, WhoHasNoTurnGetsOneAtOnceAndOneEndsForIt) {
  const std::vector<JobId> hers = add_some(ann, 6);
  schedule();
  EXPECT_EQ(running_of(ann), 4U);
  const JobId his = add_some(bob, 1).front();
  schedule_and_work();
  EXPECT_TRUE(runs(his));
  EXPECT_EQ(running_of(ann), 3U);
  EXPECT_EQ(row(hers[3]).state, JobState::queued) << "that of which least is lost";
  EXPECT_EQ(parts.scheduling.agenda().position(row(hers[3])), 2U) << "behind her others";
  expect_rest();
}

TEST_F(OfTwoOwners, WhoIsAloneKeepsAllTurns) {
  add_some(ann, 6);
  schedule();
  EXPECT_EQ(running_of(ann), 4U);
  expect_rest();
}

TEST_F(OfTwoOwners, EachComesToTheSameAndThenNothingChanges) {
  add_some(ann, 6);
  schedule();
  add_some(bob, 6);
  schedule_and_work();
  EXPECT_EQ(running_of(ann), 2U);
  EXPECT_EQ(running_of(bob), 2U);
  expect_rest();
}

TEST_F(OfTwoOwners, RoomGoesToWhoHasLeastSoThatNoTurnEndsForIt) {
  add_some(ann, 6);
  schedule();
  const std::vector<JobId> his = add_some(bob, 6);
  schedule_and_work();
  for (int i = 0; i < 3; ++i) {
    std::set<JobId> left = running();
    const auto one = std::ranges::find_if(his, [&](const JobId& job) { return left.contains(job); });
    suspend(*one);
    left.erase(*one);
    schedule_and_work();
    EXPECT_EQ(running_of(bob), 2U) << "though his was the last that began";
    EXPECT_TRUE(std::ranges::includes(running(), left));
  }
}

TEST_F(OfTwoOwners, WhatOneDoesNotNeedAnyMoreTheOtherHas) {
  add_some(ann, 6);
  schedule();
  const std::vector<JobId> his = add_some(bob, 2);
  schedule_and_work();
  EXPECT_EQ(running_of(ann), 2U);
  for (const JobId& job : his) suspend(job);
  schedule_and_work();
  EXPECT_EQ(running_of(ann), 4U);
  expect_rest();
}

TEST_F(OfTwoOwners, PlacesAtAServerAreShared) {
  const std::vector<JobId> hers = add_some(ann, 3, "host");
  schedule();
  EXPECT_EQ(running_of(ann), 2U);
  const std::vector<JobId> his = add_some(bob, 2, "host");
  schedule_and_work();
  EXPECT_TRUE(runs(his[0]));
  EXPECT_TRUE(runs(hers[0]));
  EXPECT_EQ(running().size(), 2U);
  expect_rest();
  suspend(his[0]);
  schedule_and_work();
  EXPECT_TRUE(runs(his[1])) << "what he had there is his";
  EXPECT_TRUE(runs(hers[0]));
  suspend(his[1]);
  schedule_and_work();
  EXPECT_EQ(running_of(ann), 2U);
}

TEST_F(OfTwoOwners, OneTurnEndsForOneThatLacksBothAPlaceAndATurn) {
  const std::vector<JobId> hers = add_some(ann, 2, "host");
  add_some(ann, 2);
  schedule();
  const JobId his = add_some(bob, 1, "host").front();
  schedule_and_work();
  EXPECT_TRUE(runs(his));
  EXPECT_TRUE(runs(hers[0]));
  EXPECT_FALSE(runs(hers[1]));
  EXPECT_EQ(running_of(ann), 3U);
  expect_rest();
}

TEST_F(OfTwoOwners, ATurnThatStandsStillEndsFirst) {
  const std::vector<JobId> hers = add_some(ann, 4);
  schedule_and_work();
  pass(engine::Run::opening_patience);
  for (const JobId& job : hers) {
    ports::PartStored stored{.transfer = transfer_of(job), .epoch = 0, .stored = core::Extents::until(10)};
    if (job != hers[1]) turn([&](Draft& draft) { parts.fetching.on(draft, stored); });
  }
  add_some(bob, 1);
  schedule();
  EXPECT_FALSE(runs(hers[1]));
  EXPECT_EQ(running_of(ann), 3U);
}

TEST_F(OfTwoOwners, AFileThatCannotBeContinuedIsSparedWhereThereIsAnother) {
  const std::vector<JobId> hers = add_some(ann, 4);
  schedule_and_work();
  turn([&](Draft& draft) {
    for (const JobId& job : {hers[1], hers[2], hers[3]})
      draft.edit_file(job, 0, engine::Weight::hard,
                      [](core::File& file) { file.remote_identity.resumable = core::Resumable::no; });
  });
  add_some(bob, 1);
  schedule_and_work();
  EXPECT_FALSE(runs(hers[0]));
  add_some(bob, 1);
  schedule_and_work();
  EXPECT_EQ(running_of(bob), 2U) << "there is no other";
}

// It waits aside, and is seen there when somebody may make way for it.
TEST_F(OfTwoOwners, WhatIsAskedForOnceKeepsItsTurn) {
  const std::vector<JobId> hers = add_some(ann, 2, "host");
  turn([&](Draft& draft) {
    for (const JobId& job : hers) draft.edit(job, engine::Weight::hard).rare.edit().http_method = base::Method("POST");
  });
  schedule();
  EXPECT_EQ(running_of(ann), 2U);
  const JobId his = add_some(bob, 1, "host").front();
  schedule_and_work();
  expect_rest();
  turn([&](Draft& draft) { draft.edit(hers[0], engine::Weight::hard).rare.edit().http_method = base::Method(); });
  schedule_and_work();
  EXPECT_FALSE(runs(hers[0]));
  EXPECT_TRUE(runs(his));
  EXPECT_EQ(row(hers[1]).state, JobState::connecting);
}

TEST_F(OfTwoOwners, TurnsThatOnlyWaitForTheDiskAreSharedAsWell) {
  lay_down([](core::Policy& policy) { policy.limits.foreground_jobs.value = 1; });
  add_some(ann, 6);
  for (int i = 0; i < 6; ++i) {
    schedule();
    turn([&](Draft& draft) {
      for (const JobId& id : running()) draft.runs.edit(id)->lanes.front().phase = engine::LanePhase::syncing;
    });
  }
  EXPECT_EQ(running_of(ann), 4U);
  const JobId his = add_some(bob, 1).front();
  schedule();
  EXPECT_TRUE(runs(his));
  EXPECT_EQ(running_of(ann), 3U);
}

TEST_F(OfTwoOwners, NoTurnEndsForAJobThatMayNotRun) {
  add_some(ann, 4);
  schedule();
  const JobId his = add_some(bob, 1).front();
  turn([&](Draft& draft) { draft.edit(his, engine::Weight::hard).rare.edit().cost_flags = core::cost::near_cap; });
  schedule();
  EXPECT_EQ(row(his).state, JobState::transient_error);
  EXPECT_EQ(running_of(ann), 4U);
}

class HeldByAServer : public Scheduling {
 protected:
  HeldByAServer() {
    turn([&](Draft& draft) { draft.edit_holds().hold("http://busy:80", context.now().boot + 60s); });
    for (const char* name : {"x", "y"}) held.push_back(add(JobState::queued, name, "busy"));
    schedule();
    EXPECT_EQ(state(0), JobState::queued);
  }
  JobState state(std::size_t job) const { return row(held[job]).state; }

  std::vector<JobId> held;
};

TEST_F(HeldByAServer, AllComeBackToTheirPlacesWhenItsTimeIsOver) {
  pass(59s);
  schedule();
  schedule();
  EXPECT_EQ(state(0), JobState::queued);
  pass(1s);
  turn([](Draft&) {});
  EXPECT_EQ(parts.scheduling.agenda().position(row(held[1])), 1U);
  schedule();
  EXPECT_EQ(state(0), JobState::connecting);
  EXPECT_EQ(state(1), JobState::queued);
}

TEST_F(HeldByAServer, AllComeBackWhenItServesAgain) {
  turn([](Draft& draft) { draft.edit_holds().lift("http://busy:80"); });
  schedule();
  EXPECT_EQ(state(0), JobState::connecting);
}

TEST_F(HeldByAServer, WhoseOwnerInsistsComesBackAlone) {
  turn([&](Draft& draft) {
    const ports::Command start{base::CallId::none, {base::PeerId{1}, 1000, {}, {}},
                               ports::command::Start{held[1]}};
    engine::perform(draft, start, nullptr);
  });
  schedule();
  EXPECT_EQ(state(0), JobState::queued);
  EXPECT_EQ(state(1), JobState::connecting);
}

TEST_F(HeldByAServer, WhatLeavesTheQueueOrChangesItsPriorityIsForgotten) {
  turn([&](Draft& draft) {
    ASSERT_TRUE(step(draft, held[0], core::JobEvent::suspend));
    draft.edit(held[1], engine::Weight::hard).priority = base::Priority::high;
  });
  schedule();
  pass(60s);
  turn([](Draft&) {});
  EXPECT_EQ(parts.scheduling.agenda().queued(base::Priority::normal), 0U);
  EXPECT_EQ(parts.scheduling.agenda().queued(base::Priority::high), 1U);
  schedule();
  EXPECT_EQ(state(1), JobState::connecting);
}

}  // namespace
}  // namespace backhaul::parts
