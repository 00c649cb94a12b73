// SPDX-License-Identifier: Apache-2.0
// notifications.md N45–N54 and N59: state events are delivered at least once.
#include "tests/bits/fixture.h"
#include "tests/bits/peer.h"

namespace backhaul::test {
namespace {

constexpr ULONG delay = 5;  // seconds: the least that SetMinimumRetryDelay takes
constexpr auto real_delay = std::chrono::milliseconds(1000 * delay / time_scale);
constexpr auto past_the_delay = 3 * real_delay;
constexpr auto a_while = std::chrono::milliseconds(300);

TEST(BitsAtLeastOnce, N45_AnObjectSetInTransferredIsTold) {
  const auto job = transferred_job();
  const auto object = recorder();
  ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
  EXPECT_TRUE(object->wait_for(Event::transferred));
}

TEST(BitsAtLeastOnce, N46_AnObjectSetInErrorIsTold) {
  const auto job = failed_job();
  const auto object = recorder();
  ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
  EXPECT_TRUE(object->wait_for(Event::error));
}

TEST(BitsAtLeastOnce, N47_TheFlagSetAfterTheEventDeliversIt) {
  const auto job = job_with_file("size=1000");
  const auto object = recorder();
  ASSERT_EQ(job->SetNotifyFlags(0), S_OK);
  ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  EXPECT_TRUE(never([&] { return !object->events().empty(); }, a_while));
  ASSERT_EQ(job->SetNotifyFlags(BG_NOTIFY_JOB_TRANSFERRED), S_OK);
  EXPECT_TRUE(object->wait_for(Event::transferred));
}

TEST(BitsAtLeastOnce, N48_ANewProcessIsToldWhatAKilledOneWasTold) {
  const auto job = transferred_job();
  const std::string id = id_text(job);
  Peer first;
  ASSERT_EQ(first.ask("object " + id), "0x00000000");
  ASSERT_TRUE(first.told("transferred " + id));
  first.kill();
  Peer second;
  ASSERT_EQ(second.ask("object " + id), "0x00000000");
  EXPECT_TRUE(second.told("transferred " + id));
}

TEST(BitsAtLeastOnce, N49_N50_N51_N54_AFailedCallIsRepeatedAfterTheDelayUntilItSucceeds) {
  const auto job = job_with_file("size=1000");
  const auto object = recorder();
  std::atomic<int> calls{0};
  object->on_transferred = [&](IBackgroundCopyJob*) { return ++calls < 3 ? E_FAIL : S_OK; };
  ASSERT_EQ(job->SetMinimumRetryDelay(delay), S_OK);
  ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(object->wait_for(Event::transferred, 3));
  const auto times = object->times(Event::transferred);
  EXPECT_GE(times[1] - times[0], real_delay - std::chrono::milliseconds(20));
  EXPECT_GE(times[2] - times[1], real_delay - std::chrono::milliseconds(20));
  EXPECT_TRUE(never([&] { return calls > 3; }, past_the_delay));
}

TEST(BitsAtLeastOnce, N49_SFalseIsNoSuccessOfAJobEvent) {
  const auto job = failed_job();
  const auto object = recorder();
  object->on_error = [](IBackgroundCopyJob*, IBackgroundCopyError*) { return S_FALSE; };
  ASSERT_EQ(job->SetMinimumRetryDelay(delay), S_OK);
  ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
  EXPECT_TRUE(object->wait_for(Event::error, 2));
}

TEST(BitsAtLeastOnce, N52_NothingIsRepeatedAfterCompleteOrCancel) {
  const auto completed = transferred_job();
  const auto cancelled = transferred_job();
  const auto first = recorder();
  const auto second = recorder();
  first->on_transferred = [](IBackgroundCopyJob* job) {
    job->Complete();
    return E_FAIL;
  };
  second->on_transferred = [](IBackgroundCopyJob*) { return E_FAIL; };
  ASSERT_EQ(completed->SetMinimumRetryDelay(delay), S_OK);
  ASSERT_EQ(cancelled->SetMinimumRetryDelay(delay), S_OK);
  ASSERT_EQ(completed->SetNotifyInterface(first), S_OK);
  ASSERT_EQ(cancelled->SetNotifyInterface(second), S_OK);
  ASSERT_TRUE(first->wait_for(Event::transferred));
  ASSERT_TRUE(second->wait_for(Event::transferred));
  EXPECT_EQ(cancelled->Cancel(), S_OK);
  EXPECT_TRUE(
      never([&] { return first->events().size() + second->events().size() > 2; }, past_the_delay));
}

TEST(BitsAtLeastOnce, N53_ResumeStopsTheRepetitionOfAnError) {
  std::string path;
  const auto job = job_with_file("status=404 | size=1000 gate=10", &path);
  const auto object = recorder();
  object->on_error = [](IBackgroundCopyJob*, IBackgroundCopyError*) { return E_FAIL; };
  ASSERT_EQ(job->SetMinimumRetryDelay(delay), S_OK);
  ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(object->wait_for(Event::error));
  ASSERT_EQ(job->Resume(), S_OK);
  EXPECT_TRUE(never([&] { return object->count(Event::error) > 1; }, past_the_delay));
  Stage::get().release(path);
  EXPECT_TRUE(object->wait_for(Event::transferred));
}

TEST(BitsAtLeastOnce, N59_AProcessKilledInTheMiddleLeavesTheEventPending) {
  const auto job = transferred_job();
  const std::string id = id_text(job);
  Peer blocked;
  ASSERT_EQ(blocked.ask("object " + id + " block"), "0x00000000");
  ASSERT_TRUE(blocked.told("transferred " + id));
  blocked.kill();
  const auto object = recorder();
  ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
  EXPECT_TRUE(object->wait_for(Event::transferred));
}

}  // namespace
}  // namespace backhaul::test
