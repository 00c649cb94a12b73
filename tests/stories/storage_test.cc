// SPDX-License-Identifier: Apache-2.0
// The queue cannot be written: callers hear why, changes are refused meanwhile, the store is tried
// every 5 s, nothing is lost (docs/architecture.md, turns and commits).
#include "tests/stories/story.h"

namespace backhaul::stories {
namespace {

TEST(Storage, ACommitThatFailsIsToldToTheCallerAndNothingHappened) {
  Story s;
  s.serve("x", 1000);
  s.world.store.broken = Code::DISK_FULL;
  s.enqueue("a", {"x"});
  EXPECT_EQ(s.world.store.rows().size(), 0U);
  s.run(12s);
  s.world.store.broken.reset();
  s.enqueue("b", {"x"});  // still refused: the store was not tried again
  s.run(4s);
  s.enqueue("c", {"x"});
  s.run(10s);
  EXPECT_EQ(s.told(), R"(
0 Enqueue: DISK_FULL
12 Enqueue: DISK_FULL
16 c is queued
16 Enqueue: c
16 c is connecting
17 c is transferring
18 c is transferred
)");
}

TEST(Storage, TransfersStopMeanwhileAndGoOnWhereTheirRowsSay) {
  Story s;
  s.serve("x", 20000);
  const JobId a = s.enqueue("a", {"x"});
  s.run(4500ms);
  s.world.store.broken = Code::DISK_FULL;
  s.run(8s);
  EXPECT_TRUE(s.waiting(a).starts_with(
      "the queue cannot be written for 8 s (there is not enough space on the disk); next try in "))
      << s.waiting(a);
  EXPECT_EQ(s.file(a, 0).stored.prefix(), 3000U);
  EXPECT_TRUE(s.world.transport.under_way().empty());
  s.world.store.broken.reset();
  s.run(40s);
  EXPECT_EQ(s.told(), R"(
0 a is queued
0 Enqueue: a
0 a is connecting
1 a is transferring
15 a is queued
15 a is connecting
16 a is transferring
33 a is transferred
)");
}

TEST(Storage, WhatIsReadStaysWhatIsCommitted) {
  Story s;
  s.serve("x", 1000);
  const JobId a = s.create("a", {"x"});
  s.world.store.broken = Code::WRITE_FAULT;
  s.change(a, {.description = "new"});
  EXPECT_EQ(s.reply_to_last(), "WRITE_FAULT");
  EXPECT_EQ(s.row(a).description, "");
  s.cancel(a);
  EXPECT_EQ(s.reply_to_last(), "WRITE_FAULT");
  s.world.store.broken.reset();
  s.run(6s);
  s.cancel(a);
  EXPECT_EQ(s.reply_to_last(), "S_OK");
}

TEST(Storage, WhatTheWorldSaidMeanwhileIsNotForgotten) {
  Story s;
  s.serve("x", 1000);
  const JobId a = s.enqueue("a", {"x"}, {.notify_flags = 0U});
  s.set_object(a, s.bob);
  s.run(10s);
  s.forget();
  s.world.store.broken = Code::DISK_FULL;
  s.world.bus.kill(s.bob);
  s.world.set_network(false);
  s.run(7s);
  s.world.set_network(true);
  s.world.store.broken.reset();
  s.run(10s);
  EXPECT_FALSE(s.row(a).object);
  EXPECT_EQ(s.told(), R"(
10 bob dies
10 network down
17 network up
)");
}

TEST(Storage, WhatTheWorldTookBackMeanwhileIsNotActedOn) {
  Story s({.inputs_per_turn = 2});
  s.serve("x", 1000);
  s.run(1s);
  s.world.store.broken = Code::DISK_FULL;
  s.enqueue("a", {"x"});
  s.world.set_network(false);
  s.run(1s);
  s.world.set_network(true);
  s.run(1s);
  s.world.machine.set({.going_to_sleep = true});
  s.run(6s);
  s.world.machine.set({});
  s.run(30s);
  const int before = s.world.machine.let_sleep_count();
  s.world.store.broken.reset();
  s.run(10s);
  EXPECT_EQ(s.world.machine.let_sleep_count(), before);
}

TEST(Storage, AnAcknowledgementThatCouldNotBeRecordedIsRecordedLater) {
  Story s;
  s.serve("x", 1000);
  const JobId a = s.enqueue("a", {"x"}, {.minimum_retry_delay = 5});
  s.set_object(a, s.alice);
  s.run(1500ms);
  s.world.stage.options.call = {1s, 1s};  // the answer comes when the store fails
  s.run(1s);
  s.world.store.broken = Code::DISK_FULL;
  s.run(10s);
  s.world.store.broken.reset();
  s.run(1000s);
  EXPECT_EQ(s.told_of("JobTransferred"), R"(
3 JobTransferred of a to alice/o: S_OK
)");
  EXPECT_EQ(s.row(a).pending->kind, core::NotifyKind::none);
}

TEST(Storage, AFailureInTheMiddleOfCompleteIsRepairedByTheSecondAttempt) {
  Story s;
  s.serve("x", 1000);
  const JobId a = s.enqueue("a", {"x"});
  s.run(10s);
  s.forget();
  s.world.stage.options.disk = {1s, 1s};
  s.world.submit("Complete", s.alice.caller(), ports::command::Complete{a});
  s.run(500ms);
  s.world.store.broken = Code::DISK_FULL;  // the renames are done, their record is not
  s.run(8s);
  s.world.store.broken.reset();
  s.run(10s);
  EXPECT_EQ(s.told(), R"(
22 a is acknowledged
22 a is removed
22 Complete: S_OK
)");
  EXPECT_TRUE(s.has_file("x"));
}

TEST(Storage, AnOrderlyStopRecordsWhatWasStoredAndAStoreThatFailsDoesNotHoldItUp) {
  Story s;
  s.serve("x", 20000);
  const JobId a = s.enqueue("a", {"x"});
  s.run(4500ms);
  s.world.stop_service();
  s.run(0s);
  EXPECT_FALSE(s.world.running());
  EXPECT_EQ(s.world.store.find(a)->files.at(0).stored.prefix(), 3000U);
  s.world.start_service();
  s.run(3s);
  s.world.store.broken = Code::DISK_FULL;
  s.run(2s);
  s.world.stop_service();
  s.run(10s);
  EXPECT_FALSE(s.world.running());
}

TEST(Storage, AReadIsNotHeldForEverByACallThatFailed) {
  Story s;
  s.serve("x", 1000);
  const JobId a = s.create("a", {"x"});
  s.world.store.broken = Code::DISK_FULL;
  s.world.submit("Complete", s.alice.caller(), ports::command::Complete{a});
  bool answered = false;
  s.world.service().read(s.alice.peer, [&] { answered = true; });
  EXPECT_FALSE(answered);  // the change before it comes first
  s.run(1s);
  EXPECT_TRUE(answered);
}

}  // namespace
}  // namespace backhaul::stories
