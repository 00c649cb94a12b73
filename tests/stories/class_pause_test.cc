// SPDX-License-Identifier: Apache-2.0
// A class that does not start is one failure for all of its jobs: it is tried once per pause, and
// nothing that was to be told is lost. And what the service says about it meanwhile.
#include "core/event_log.h"
#include "tests/stories/notified_story.h"

namespace backhaul::stories {
namespace {

using ports::CommandBar;
using ports::NotifyWait;
using sim::StartBehaviour;

constexpr const char* paused = "org.example.One";

class ClassPause : public NotifiedStory {
 public:
  using NotifiedStory::NotifiedStory;

  JobChange of_class(std::uint32_t minimum_retry_delay = 10) const {
    JobChange change;
    change.notify_class = core::ClassRegistration{paused, "/org/example"};
    change.minimum_retry_delay = minimum_retry_delay;
    return change;
  }
  // Jobs in ERROR from 1 s on, all with something to tell the class.
  std::vector<JobId> failed_jobs(int count, const JobChange& properties) {
    std::vector<JobId> jobs;
    for (int n = 0; n < count; ++n) {
      const std::string name = "j" + std::to_string(n);
      make_unavailable(name);
      JobChange change = properties;
      change.priority = 0;  // all at once
      jobs.push_back(enqueue(name, {name}, change));
    }
    return jobs;
  }
  std::string starts() { return told_of(std::string(paused) + " "); }
  ports::NotifyState state(const JobId& job) {
    return world.service().notify_state(**world.service().find(job, alice.caller()));
  }
  ports::UnheardEvent unheard(const JobId& job) { return state(job).unheard.at(0); }
  base::Microseconds until_next(const JobId& job) {
    return unheard(job).next - world.clock.now().wall;
  }
  int heard_by_class() {
    int count = 0;
    std::istringstream history(told_of("JobError"));
    for (std::string line; std::getline(history, line);) count += line.ends_with("S_OK") ? 1 : 0;
    return count;
  }
};

// More jobs than calls that are made at once: some have not been told of at all.
TEST(ClassPauses, JobsThatHaveEndedDoNotWaitForAClassThatDoesNotStart) {
  ClassPause s;
  s.world.bus.install(paused).start = StartBehaviour::never_registers;
  JobChange properties = s.of_class(600);
  properties.notify_flags = base::notify::job_modification;
  std::vector<JobId> jobs;
  for (const char* name : {"a", "b", "c", "d", "e", "f"}) {
    jobs.push_back(s.create(name, {}, properties));
    s.change(jobs.back(), {.description = "modified"});
  }
  s.run(1s);
  for (const JobId& job : jobs) s.cancel(job);
  s.run(58s);
  EXPECT_EQ(s.world.store.rows().size(), 6U) << "somebody may still be told";
  s.run(3s);
  EXPECT_EQ(s.world.store.rows().size(), 0U);
}

TEST(ClassPauses, AClassThatDoesNotStartIsTriedOncePerPauseForAllItsJobs) {
  ClassPause s;
  s.world.bus.install(paused).start = StartBehaviour::fails;
  s.failed_jobs(20, s.of_class());
  s.run(200s);
  // Up to four wait for the same start; here each of them is counted by the simulated bus.
  EXPECT_EQ(s.starts(), R"(
1 org.example.One does not start
1 org.example.One does not start
1 org.example.One does not start
1 org.example.One does not start
11 org.example.One does not start
11 org.example.One does not start
11 org.example.One does not start
11 org.example.One does not start
31 org.example.One does not start
31 org.example.One does not start
31 org.example.One does not start
31 org.example.One does not start
71 org.example.One does not start
71 org.example.One does not start
71 org.example.One does not start
71 org.example.One does not start
151 org.example.One does not start
151 org.example.One does not start
151 org.example.One does not start
151 org.example.One does not start
)");
}

TEST(ClassPauses, NoEventIsDroppedAndOneStartServesAll) {
  ClassPause s;
  s.world.bus.install(paused).start = StartBehaviour::fails;
  s.failed_jobs(20, s.of_class());
  s.run(20s);
  s.world.bus.server(paused)->start = StartBehaviour::starts;
  s.forget();
  s.run(30s);
  EXPECT_EQ(s.world.bus.server(paused)->starts, 1);
  EXPECT_EQ(s.heard_by_class(), 20);
}

TEST(ClassPauses, ManyJobsThatAreDueTogetherAreToldInOneActivation) {
  ClassPause s;
  s.world.bus.install(paused);
  s.failed_jobs(20, s.of_class());
  s.run(10s);
  EXPECT_EQ(s.world.bus.server(paused)->starts, 1);
  EXPECT_EQ(s.heard_by_class(), 20);
}

TEST(ClassPauses, WhoeverWaitsForTheClassSeesTheNextAttempt) {
  ClassPause s;
  s.world.bus.install(paused).start = StartBehaviour::fails;
  const auto jobs = s.failed_jobs(20, s.of_class());
  s.run(15s);
  std::uint32_t attempts = 0;
  for (const JobId& job : jobs) {
    EXPECT_EQ(s.unheard(job).wait, NotifyWait::start);
    EXPECT_EQ(s.until_next(job), 16s);
    attempts += s.unheard(job).failed_attempts;
  }
  EXPECT_EQ(attempts, 8U) << "the failures of some keep all of them waiting";
}

TEST(ClassPauses, AClassThatIsInstalledAnewIsTriedAtOnce) {
  ClassPause s;
  s.world.bus.install(paused).start = StartBehaviour::fails;
  s.failed_jobs(20, s.of_class(100));
  s.run(150s);
  s.world.bus.server(paused)->start = StartBehaviour::starts;
  s.world.stage.post(ports::ClassInstalled{"org.example.Other"});
  s.run(1s);
  EXPECT_EQ(s.heard_by_class(), 0);
  s.world.stage.post(ports::ClassInstalled{paused});
  s.run(1s);
  EXPECT_EQ(s.heard_by_class(), 20);
}

TEST(ClassPauses, AJobThatComesLaterWaitsWithTheOthers) {
  ClassPause s;
  s.world.bus.install(paused).start = StartBehaviour::fails;
  s.failed_jobs(1, s.of_class(100));
  s.run(50s);
  s.forget();
  s.serve("late", 1000);
  const JobId late = s.enqueue("late", {"late"}, s.of_class(5));
  s.run(20s);
  EXPECT_EQ(s.starts(), "\n") << "it is not started for the newcomer";
  EXPECT_EQ(s.until_next(late), 31s);
}

TEST(ClassPauses, N51_AStartThatEndsWithinThePauseOfAnotherIsNotTriedAgainAtOnce) {
  ClassPause s;
  s.world.bus.install(paused).start = StartBehaviour::never_registers;
  s.failed_jobs(1, s.of_class(30));
  s.run(28s);
  s.make_unavailable("second");
  const JobId second = s.enqueue("second", {"second"}, s.of_class(30));
  s.run(61s + 500ms);
  // The first start has failed after 60 s, so that the class has a pause until 91 s.
  EXPECT_EQ(s.unheard(second).failed_attempts, 1U);
  EXPECT_EQ(s.until_next(second), 4500ms);
}

TEST(ClassPauses, ThePauseSurvivesTheService) {
  ClassPause s;
  s.world.bus.install(paused).start = StartBehaviour::fails;
  const auto jobs = s.failed_jobs(20, s.of_class(100));
  s.run(50s);
  s.forget();
  s.crash();
  s.run(40s);
  EXPECT_EQ(s.starts(), "\n");
  EXPECT_EQ(s.unheard(jobs[19]).wait, NotifyWait::start);
  s.run(20s);
  EXPECT_EQ(s.unheard(jobs[19]).next - s.world.clock.now().wall, 191s) << "twice as long";
}

TEST(ClassPauses, ModificationsDoNotStartAFailingClassAgainAndAgain) {
  ClassPause s;
  s.world.bus.install(paused).start = StartBehaviour::fails;
  JobChange properties = s.of_class(100);
  properties.notify_flags = modification;
  const JobId a = s.create("a", {}, properties);
  for (int n = 0; n < 50; ++n) {
    s.touch(a);
    s.run(1s);
  }
  EXPECT_EQ(s.told_of(paused), "\n0 org.example.One does not start\n");
  s.world.bus.server(paused)->start = StartBehaviour::starts;
  s.run(60s);
  EXPECT_EQ(s.told_of("JobModification"),
            "\n100 JobModification of a to org.example.One: S_OK\n");
}

TEST(ClassPauses, DuringThePauseTheCommandLineRunsAtOnce) {
  ClassPause s;
  s.world.bus.install(paused).start = StartBehaviour::fails;
  s.failed_jobs(1, s.of_class(100));
  s.run(10s);
  s.forget();
  JobChange both = s.of_class();
  both.command = core::CommandRegistration{"/bin/p", "p", 0};
  s.make_unavailable("b");
  s.enqueue("b", {"b"}, both);
  s.run(10s);
  EXPECT_EQ(s.heard(), "\n11 program /bin/p for b: exit code 0\n");
  // Nor does it wait for events of files, which only the class would hear.
  s.forget();
  both.notify_flags = base::notify::job_transferred | base::notify::file_transferred;
  s.serve("c", 1000);
  s.enqueue("c", {"c"}, both);
  s.run(10s);
  EXPECT_EQ(s.heard(), "\n22 program /bin/p for c: exit code 0\n");
}

TEST(SetBy, TheRowSaysWhoMadeTheJobAndWhoSetWhatWillBeStarted) {
  ClassPause s;
  s.serve("a", 1000);
  const JobId a = s.create("a", {"a"});
  s.run(5s);
  s.world.log.show(base::LogLevel::notice);
  s.bob.program = "/usr/bin/bob";
  s.change(a, s.with_command(), s.bob);
  s.change(a, s.of_class(), s.root);
  s.set_object(a, s.bob);
  s.crash();
  const core::Job& row = s.row(a);
  const auto start = row.made_by.time;
  EXPECT_EQ(row.made_by, (core::Author{1000, "", row.created}));
  EXPECT_EQ(*row.command_set_by, (core::Author{1000, "/usr/bin/bob", start + 5s}));
  EXPECT_EQ(*row.class_set_by, (core::Author{0, "", start + 5s}));
  EXPECT_EQ(*row.object_set_by, (core::Author{1000, "/usr/bin/bob", start + 5s}));
  EXPECT_NE(s.told_of("log:").find("user 1000 set the notify command /bin/p with /usr/bin/bob"),
            std::string::npos);
}

TEST(SetBy, WhatIsLeftOfAFinishedJobShowsNoObject) {
  ClassPause s;
  s.serve("a", 1000);
  const JobId a = s.enqueue("a", {"a"});
  s.set_object(a, s.alice);
  s.run(5s);
  s.complete(a);
  const core::Job& left = **s.world.service().find(a, s.alice.caller());
  EXPECT_EQ(left.state, JobState::acknowledged);
  EXPECT_FALSE(left.object);
}

TEST(EventLog, KeepsTheLast10000) {
  ClassPause s;
  s.make_unavailable("a");
  const JobId a = s.enqueue("a", {"a"});
  for (int n = 0; n < 10'050; ++n) {
    s.run(2s);
    s.start(a);
  }
  const ports::EventPage page = s.world.service().events(0, 20'000, s.alice.caller());
  EXPECT_EQ(page.events.size(), core::event_log_max);
  EXPECT_EQ(page.next, page.events.back().sequence);
  EXPECT_GT(page.events.front().sequence, 50U) << "the oldest went";
}

TEST(Unheard, SaysWhatAnEventWaitsFor) {
  ClassPause s;
  s.serve("a", 1000);
  const JobId a = s.enqueue("a", {"a"}, {.minimum_retry_delay = 60});
  EXPECT_TRUE(s.state(a).unheard.empty());
  s.run(5s);
  EXPECT_EQ(s.unheard(a).kind, core::NotifyKind::job_transferred);
  EXPECT_EQ(s.unheard(a).wait, NotifyWait::nobody);
  s.alice.answers = {Answer::e_fail, Answer::hang};
  s.set_object(a, s.alice);
  s.run(20s);
  EXPECT_EQ(s.unheard(a).wait, NotifyWait::retry);
  EXPECT_EQ(s.unheard(a).failed_attempts, 1U);
  EXPECT_EQ(s.until_next(a), 40s);
  s.run(60s);
  EXPECT_EQ(s.unheard(a).wait, NotifyWait::answer);
}

TEST(Policy, ForbiddenCommandsAreKeptAndSaidToBeForbiddenAndRunOnceAllowed) {
  ClassPause s({.policy = {.commands = {.run = {.value = false}}}});
  s.serve("a", 1000);
  const JobId a = s.enqueue("a", {"a"}, s.with_command());
  s.change(a, s.with_command("/bin/other", "other"));
  EXPECT_EQ(s.reply_to_last(), "S_OK") << "SetNotifyCmdLine itself is not refused";
  s.run(1000s);
  EXPECT_EQ(s.heard(), "\n");
  EXPECT_EQ(s.state(a).command_bar, CommandBar::policy);
  EXPECT_EQ(s.unheard(a).wait, NotifyWait::nobody);
  EXPECT_EQ(s.row(a).command->program, "/bin/other");
  s.world.settings.policy.commands.run.value = true;
  s.crash();
  s.run(1s);
  EXPECT_EQ(s.heard(), "\n1000 program /bin/other for a: exit code 0\n");
  EXPECT_EQ(s.state(a).command_bar, CommandBar::none);
}

TEST(Policy, N116_ACommandOfAServiceAccountIsShownAsBarred) {
  ClassPause s;
  const JobId a = s.create("a");
  s.change(a, s.with_command(), s.another_program("daemon", 1000));
  EXPECT_EQ(s.state(a).command_bar, CommandBar::none);
  Program& service = s.another_program("service", 33);
  const auto created = s.world.submit("Create", service.caller(), ports::command::Enqueue{
      .properties = {.command = core::CommandRegistration{"/bin/p", "p", 0}}});
  s.run(0s);
  const JobId id = std::get<JobId>(**s.world.clients.call(created.id).reply);
  EXPECT_EQ(s.world.service().notify_state(*s.world.service().find(id, service.caller()).value())
                .command_bar,
            CommandBar::account);
}

}  // namespace
}  // namespace backhaul::stories
