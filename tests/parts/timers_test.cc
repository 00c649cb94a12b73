// SPDX-License-Identifier: Apache-2.0
// NoProgressTimeout of those that failed and are in line again: it ends them while a server's wish holds them, wherever
// in line they are.
#include <string>

#include "tests/parts/rig.h"

namespace backhaul::parts {
namespace {

class Timers : public Rig {
 protected:
  JobId add_to(base::Priority priority, const std::string& name, const std::string& host = "host") {
    const JobId job = add(JobState::queued, name, host);
    turn([&](Draft& draft) { draft.edit(job, engine::Weight::hard).priority = priority; });
    return job;
  }
  JobId add_failed(base::Priority priority) {
    const JobId job = add_to(priority, "failed");
    turn([&](Draft& draft) {
      core::Job& row = draft.edit(job, engine::Weight::hard);
      row.stuck = core::Stuck{context.now().service};
      row.no_progress_timeout = base::Seconds(60);
    });
    return job;
  }
  void schedule() {
    turn([&](Draft& draft) { parts.scheduling.schedule(draft); });
  }
  void asks_for(base::Microseconds time) {
    turn([&](Draft& draft) { draft.edit_holds().hold("http://host:80", context.now().boot + time); });
    schedule();
  }
  void pass(base::Microseconds time) {
    stage.timeline.skip_to(stage.timeline.now() + time);
    context.clocks.read();
    turn([&](Draft& draft) { parts.timers.run(draft); });
  }
};

TEST_F(Timers, AWishThatComesHoldsThoseWhoWaitForAPlaceAtThatServer) {
  lay_down([](core::Policy& policy) { policy.limits.connections_per_server.value = 1; });
  add_to(base::Priority::foreground, "serves");
  schedule();
  const JobId failed = add_failed(base::Priority::foreground);
  schedule();
  ASSERT_EQ(parts.scheduling.agenda().queued(base::Priority::foreground), 0U) << "it is set aside";
  asks_for(3600s);
  pass(59s);
  EXPECT_EQ(row(failed).state, JobState::queued);
  pass(2s);
  EXPECT_EQ(row(failed).state, JobState::error);
}

TEST_F(Timers, AWishThatComesHoldsThoseBehindAnotherWhoIsNext) {
  add_to(base::Priority::normal, "running", "other");
  schedule();
  add_to(base::Priority::normal, "next", "other");
  const JobId failed = add_failed(base::Priority::normal);
  schedule();
  asks_for(3600s);
  pass(59s);
  EXPECT_EQ(row(failed).state, JobState::queued);
  pass(2s);
  EXPECT_EQ(row(failed).state, JobState::error);
}

TEST_F(Timers, AWishThatIsOverHoldsNobodyUntilTheNext) {
  add_to(base::Priority::normal, "running", "other");
  schedule();
  add_to(base::Priority::normal, "next", "other");
  const JobId failed = add_failed(base::Priority::normal);
  asks_for(10s);
  pass(61s);
  EXPECT_EQ(row(failed).state, JobState::queued);
  EXPECT_TRUE(parts.timers.over(context.now().boot).empty()) << "nobody looks at it again and again";
  asks_for(10s);
  pass(0s);
  EXPECT_EQ(row(failed).state, JobState::error);
}

}  // namespace
}  // namespace backhaul::parts
