// SPDX-License-Identifier: Apache-2.0
// What foreground jobs of several owners share, and servers that keep them waiting: nobody's jobs leave none of it for
// those of others (security.md).
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/stories/story.h"

namespace backhaul::stories {
namespace {

struct Fairness : Story {
  using Story::Story;

  // It fetches "name" from this host, which answers after so long.
  JobId make(Program& by, const std::string& name, const std::string& host, base::Microseconds latency = 1s,
             std::uint64_t size = 1000) {
    const std::string url = "http://" + host + "/" + name;
    world.origin.serve(url, size).latency = latency;
    return enqueue_by(by, name, {{url, "/d/" + name}}, {.priority = 0});
  }
  // So many, at this host or each at one of its own.
  std::vector<JobId> make_some(Program& by, int count, const std::string& host, base::Microseconds latency = 1s,
                               std::uint64_t size = 1000) {
    std::vector<JobId> jobs;
    for (int i = 0; i < count; ++i) {
      const std::string name = by.label + std::to_string(i);
      jobs.push_back(make(by, name, host.empty() ? name : host, latency, size));
    }
    return jobs;
  }
  std::ptrdiff_t running(const std::vector<JobId>& jobs) {
    return std::ranges::count_if(jobs, [&](const JobId& job) { return base::is_running(row(job).state); });
  }
};

constexpr base::Microseconds hang = 1h;

// Of hers so many run, until somebody else comes to `host`.
void expect_room_for_one(Fairness& s, const std::vector<JobId>& hers, std::ptrdiff_t most, const std::string& host) {
  s.run(10s);
  EXPECT_EQ(s.running(hers), most);
  const JobId his = s.make(s.carol, "c", host);
  EXPECT_EQ(s.row(his).state, JobState::connecting) << "at once";
  EXPECT_EQ(s.running(hers), most - 1) << "one turn ended for it";
  s.run(3s);
  EXPECT_EQ(s.row(his).state, JobState::transferred);
  EXPECT_EQ(s.running(hers), most) << "the room is hers again";
}

TEST(Fairness, JobsThatHangLeaveATurnForSomebodyElse) {
  Fairness s;
  expect_room_for_one(s, s.make_some(s.alice, 32, "", hang), 32, "c");
}

TEST(Fairness, JobsThatHangAtOneServerLeaveAPlaceThereForSomebodyElse) {
  Fairness s;
  expect_room_for_one(s, s.make_some(s.alice, 20, "host", hang), 16, "host");
}

// Its owner alone had to wait for that server, in front of which others have all places now.
TEST(Fairness, WhoseTimeThatAServerAskedForIsOverHasAShareThere) {
  Fairness s;
  s.world.origin.serve("http://host/w", 1000).fault({sim::FaultKind::status, 503, 100s});
  core::JobChange lax{.priority = 0};
  lax.security_flags = core::security::ignore_authority;
  s.enqueue_by(s.carol, "w", {{"http://host/w", "/d/w"}}, std::move(lax));
  s.run(10s);
  const JobId his = s.make(s.carol, "c", "host");
  const std::vector<JobId> hers = s.make_some(s.alice, 20, "host", hang);
  s.run(10s);
  EXPECT_EQ(s.row(his).state, JobState::queued);
  EXPECT_EQ(s.running(hers), 16);
  s.run(100s);
  EXPECT_EQ(s.row(his).state, JobState::transferred);
}

TEST(Fairness, WhoIsAloneKeepsAllTurns) {
  Fairness s;
  const std::vector<JobId> jobs = s.make_some(s.alice, 40, "", 1s, 1'000'000);
  s.run(10s);
  EXPECT_EQ(s.running(jobs), 32);
  s.forget();
  s.run(300s);
  EXPECT_EQ(s.told_of(" is "), "\n");
}

TEST(Fairness, TwoWhoWantAllHaveHalfEachAndKeepIt) {
  Fairness s;
  const std::vector<JobId> hers = s.make_some(s.alice, 40, "", 1s, 1'000'000);
  s.run(10s);
  const std::vector<JobId> his = s.make_some(s.carol, 40, "", 1s, 1'000'000);
  s.run(10s);
  EXPECT_EQ(s.running(hers), 16);
  EXPECT_EQ(s.running(his), 16);
  s.forget();
  s.run(300s);
  EXPECT_EQ(s.told_of(" is "), "\n") << "no turn goes back and forth";
}

TEST(Fairness, RootHasAShareLikeEverybody) {
  Fairness s({.policy = {.limits = {.foreground_jobs = {.value = 4}}}});
  const std::vector<JobId> of_root = s.make_some(s.root, 6, "", 1s, 1'000'000);
  s.run(10s);
  const std::vector<JobId> hers = s.make_some(s.alice, 6, "", 1s, 1'000'000);
  s.run(10s);
  EXPECT_EQ(s.running(of_root), 2);
  EXPECT_EQ(s.running(hers), 2);
}

TEST(Fairness, WhatIsHereOfAJobThatLosesItsTurnIsKept) {
  Fairness s({.policy = {.limits = {.foreground_jobs = {.value = 2}}}});
  const std::vector<JobId> hers = s.make_some(s.alice, 2, "", 1s, 10'000);
  s.run(6s);
  s.make(s.carol, "c", "c");
  s.run(1s);
  ASSERT_EQ(s.row(hers[1]).state, JobState::queued);
  const std::uint64_t stored = s.file(hers[1], 0).stored.total();
  EXPECT_GE(stored, 4000U);
  s.run(30s);
  EXPECT_EQ(s.row(hers[1]).state, JobState::transferred);
  EXPECT_EQ(s.row(hers[1]).rare->bytes_resumed, stored) << "it went on where it was";
}

}  // namespace
}  // namespace backhaul::stories
