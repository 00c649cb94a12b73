// SPDX-License-Identifier: Apache-2.0
// Stories about the event log: what became due, each number once, in the order of the numbers.
#include <set>
#include <string>
#include <vector>

#include "core/event_log.h"
#include "tests/stories/notified_story.h"

namespace backhaul::stories {
namespace {

struct Log : ::testing::Test {
  NotifiedStory s;

  std::vector<core::EventRecord> all() {
    return s.world.service().events(0, UINT32_MAX, s.root.caller()).events;
  }
  // "kind/file ..." of a job, oldest first; its end has no kind.
  std::string log_of(const JobId& job) {
    std::string text;
    for (const core::EventRecord& event : all()) {
      if (event.job != job) continue;
      text += text.empty() ? "" : " ";
      text += event.kind == core::NotifyKind::none ? "ended" : std::string(sim::to_word(event.kind));
      if (event.file != base::no_file) text += "/" + std::to_string(event.file);
    }
    return text;
  }
  // As a listener reads it that was away, page by page.
  std::vector<std::uint64_t> paged(std::uint32_t size) {
    std::vector<std::uint64_t> numbers;
    std::uint64_t since = 0;
    for (;;) {
      const auto page = s.world.service().events(since, size, s.alice.caller());
      for (const core::EventRecord& event : page.events) numbers.push_back(event.sequence);
      if (page.next == since) return numbers;
      since = page.next;
    }
  }
};

TEST_F(Log, AJobThatCompletesItselfIsTransferredOnce) {
  s.serve("x", 1000);
  s.serve("y", 1000);
  const JobId a = s.enqueue("a", {"x", "y"}, {.auto_complete = true});
  s.run(10s);
  EXPECT_EQ(log_of(a), "FileTransferred/0 FileTransferred/1 JobTransferred ended");
  s.crash();
  EXPECT_EQ(log_of(a), "FileTransferred/0 FileTransferred/1 JobTransferred ended");
}

TEST_F(Log, PagesOfAnySizeShowEveryNumberOnce) {
  for (int i = 0; i < 7; ++i) {
    const std::string name = "x" + std::to_string(i);
    s.serve(name, 1000);
    s.enqueue(name, {name}, {.auto_complete = i % 2 == 0});
  }
  s.run(1h);
  const auto events = all();
  ASSERT_EQ(events.size(), 18U);  // two of each job, and the ends of the four that completed themselves
  std::vector<std::uint64_t> numbers;
  for (const core::EventRecord& event : events) numbers.push_back(event.sequence);
  EXPECT_TRUE(std::is_sorted(numbers.begin(), numbers.end()));
  EXPECT_EQ(std::set(numbers.begin(), numbers.end()).size(), numbers.size());
  for (const std::uint32_t size : {1U, 3U, 10U}) EXPECT_EQ(paged(size), numbers) << size;
}

TEST_F(Log, WhatIsToldAfterARegistrationAnewStandsThereUnderTheNumberTold) {
  s.serve("x", 1000);
  s.make_unavailable("y");
  const JobId done = s.enqueue("done", {"x"});
  const JobId broken = s.enqueue("broken", {"y"});
  std::vector<std::uint64_t> told;
  s.world.notifier.on_acknowledged = [&](const sim::Delivered& d) { told.push_back(d.sequence); };
  s.run(10s);
  for (const JobId& job : {done, broken})
    for (Program* program : {&s.alice, &s.bob}) s.set_object(job, *program);
  EXPECT_EQ(log_of(done), "FileTransferred/0 JobTransferred JobTransferred JobTransferred");
  EXPECT_EQ(log_of(broken), "JobError/0 JobError/0 JobError/0");
  ASSERT_EQ(told.size(), 4U);
  for (const std::uint64_t sequence : told) EXPECT_NE(s.world.store.event(sequence), nullptr);
  for (const core::EventRecord& event : all()) {
    if (event.kind != core::NotifyKind::job_error) continue;
    EXPECT_EQ(event.code, base::http_code(404));
  }
}

// Whoever fills it drives out his own lines, also in what a restart finds.
TEST_F(Log, WhatHappenedToOneUserStaysWhateverAnotherDoes) {
  s.serve("x", 1000);
  const JobId hers = s.enqueue("hers", {"x"}, {.auto_complete = true});
  s.run(10s);
  const std::string ended = "FileTransferred/0 JobTransferred ended";
  ASSERT_EQ(log_of(hers), ended);
  s.make_unavailable("y");
  const ports::CommandBody enqueue = ports::command::Enqueue{.files = Story::specs({"y"}), .start = true};
  const base::CallId call = s.world.submit("enqueue", s.carol.caller(), enqueue).id;
  s.run(2s);
  const JobId other = std::get<JobId>(**s.world.clients.call(call).reply);
  for (std::size_t n = 0; n < core::event_log_max + 50; ++n) {
    s.run(2s);
    s.start(other, s.carol);
  }
  for (int life = 0; life < 2; ++life) {
    EXPECT_EQ(all().size(), core::event_log_max) << life;
    EXPECT_EQ(log_of(hers), ended) << life;
    EXPECT_EQ(paged(2).size(), 3U) << life;
    s.crash();
  }
}

}  // namespace
}  // namespace backhaul::stories
