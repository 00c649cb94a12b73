// SPDX-License-Identifier: Apache-2.0
// notifications.md N74–N84: the last registration wins; ends of programs and of the service; counts
// of references.
#include "tests/bits/fixture.h"
#include "tests/bits/peer.h"

namespace backhaul::test {
namespace {

constexpr auto a_while = std::chrono::milliseconds(400);

void finish(IBackgroundCopyJob* job) {
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
}

TEST(BitsWriters, N74_OfTwoProcessesOnlyTheSecondIsTold) {
  const auto job = job_with_file("size=1000");
  const std::string id = id_text(job);
  Peer first, second;
  ASSERT_EQ(first.ask("object " + id), "0x00000000");
  ASSERT_EQ(second.ask("object " + id), "0x00000000");
  finish(job);
  EXPECT_TRUE(second.told("transferred " + id));
  EXPECT_TRUE(never([&] { return first.count("transferred " + id) != 0; }, a_while));
}

TEST(BitsWriters, N75_TheEndOfTheFirstDoesNotMatterToTheSecond) {
  const auto job = job_with_file("size=1000");
  const std::string id = id_text(job);
  Peer first, second;
  ASSERT_EQ(first.ask("object " + id), "0x00000000");
  ASSERT_EQ(second.ask("object " + id), "0x00000000");
  first.leave();
  finish(job);
  EXPECT_TRUE(second.told("transferred " + id));
}

TEST(BitsWriters, N76_AClearedRegistrationDoesNotReviveTheFormerOne) {
  const auto job = job_with_file("size=1000");
  const std::string id = id_text(job);
  Peer first, second;
  ASSERT_EQ(first.ask("object " + id), "0x00000000");
  ASSERT_EQ(second.ask("object " + id), "0x00000000");
  ASSERT_EQ(second.ask("clear " + id), "0x00000000");
  finish(job);
  EXPECT_TRUE(never(
      [&] { return first.count("transferred " + id) + second.count("transferred " + id) != 0; },
      a_while));
}

TEST(BitsWriters, N77_TheObjectOfAProcessThatEndedIsNotShown) {
  const auto job = new_job();
  const std::string id = id_text(job);
  Peer other;
  ASSERT_EQ(other.ask("object " + id), "0x00000000");
  EXPECT_NE(notify_interface(job).get(), nullptr);
  other.leave();
  EXPECT_TRUE(eventually([&] { return notify_interface(job).get() == nullptr; }));
}

TEST(BitsWriters, N78_AfterARestartAProgramThatIsGoneIsNotCalledAndOneThatStaysIs) {
  const auto gone_job = job_with_file("size=1000");
  const auto job = job_with_file("size=1000");
  const auto object = recorder();
  Peer other;
  ASSERT_EQ(other.ask("object " + id_text(gone_job)), "0x00000000");
  ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
  other.leave();
  Stage::get().kill_service();
  EXPECT_TRUE(eventually([&] { return notify_interface(gone_job).get() == nullptr; }));
  finish(job);
  EXPECT_TRUE(object->wait_for(Event::transferred));
}

TEST(BitsWriters, N79_FlagsClassAndCommandLineSurviveARestartOfTheService) {
  const auto job = new_job().as<IBackgroundCopyJob5>();
  BITS_JOB_PROPERTY_VALUE value;
  value.ClsID = __uuidof(IBackgroundCopyJob);  // any id: no class needs to exist
  ASSERT_EQ(job->SetNotifyFlags(BG_NOTIFY_JOB_ERROR | BG_NOTIFY_JOB_MODIFICATION), S_OK);
  ASSERT_EQ(job->SetProperty(BITS_JOB_PROPERTY_NOTIFICATION_CLSID, value), S_OK);
  ASSERT_EQ(job->SetNotifyCmdLine(L"/bin/true", L"true one \"two three\""), S_OK);
  Stage::get().kill_service();
  ULONG flags = 0;
  LPWSTR program = nullptr, parameters = nullptr;
  EXPECT_EQ(job->GetNotifyFlags(&flags), S_OK);
  EXPECT_EQ(flags, static_cast<ULONG>(BG_NOTIFY_JOB_ERROR | BG_NOTIFY_JOB_MODIFICATION));
  value.ClsID = GUID_NULL;
  EXPECT_EQ(job->GetProperty(BITS_JOB_PROPERTY_NOTIFICATION_CLSID, &value), S_OK);
  EXPECT_EQ(value.ClsID, __uuidof(IBackgroundCopyJob));
  ASSERT_EQ(job->GetNotifyCmdLine(&program, &parameters), S_OK);
  EXPECT_STREQ(program, L"/bin/true");
  EXPECT_STREQ(parameters, L"true one \"two three\"");
  CoTaskMemFree(program);
  CoTaskMemFree(parameters);
}

TEST(BitsWriters, N80_APendingEventSurvivesARestartAndIsToldToTheNextListener) {
  const auto job = transferred_job();
  Stage::get().kill_service();
  const auto object = recorder();
  ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
  EXPECT_TRUE(object->wait_for(Event::transferred));
}

TEST(BitsWriters, N81_AfterTheEndOfTheJobTheObjectIsReleased) {
  const auto object = recorder();
  const auto completed = transferred_job();
  ASSERT_EQ(completed->SetNotifyInterface(object), S_OK);
  EXPECT_GT(object->references(), 1U);
  ASSERT_EQ(completed->Complete(), S_OK);
  EXPECT_TRUE(object->wait_for_references(1));
  const auto cancelled = new_job();
  ASSERT_EQ(cancelled->SetNotifyInterface(object), S_OK);
  ASSERT_EQ(cancelled->Cancel(), S_OK);
  EXPECT_TRUE(object->wait_for_references(1));
}

TEST(BitsWriters, N82_ClearedOrReplacedObjectsAreReleased) {
  const auto job = new_job();
  const auto first = recorder();
  const auto second = recorder();
  ASSERT_EQ(job->SetNotifyInterface(first), S_OK);
  ASSERT_EQ(job->SetNotifyInterface(second), S_OK);
  EXPECT_TRUE(first->wait_for_references(1));
  EXPECT_GT(second->references(), 1U);
  ASSERT_EQ(job->SetNotifyInterface(nullptr), S_OK);
  EXPECT_TRUE(second->wait_for_references(1));
}

TEST(BitsWriters, N82_AnObjectReplacedByAnotherProcessIsReleased) {
  const auto job = new_job();
  const auto object = recorder();
  Peer other;
  ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
  ASSERT_EQ(other.ask("object " + id_text(job)), "0x00000000");
  EXPECT_TRUE(object->wait_for_references(1));
}

TEST(BitsWriters, N82_SettingTheSameObjectAgainIsAllowed) {
  const auto job = new_job();
  const auto object = recorder();
  for (int i = 0; i < 3; ++i) ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
  EXPECT_EQ(notify_interface(job).get(), object.as<IUnknown>().get());
  ASSERT_EQ(job->SetNotifyInterface(nullptr), S_OK);
  EXPECT_TRUE(object->wait_for_references(1));
}

TEST(BitsWriters, N83_AfterADropOfTheRegistrationTheObjectIsReleased) {
  // The service dies; the job is cancelled under its successor, which drops what it inherited.
  const auto job = new_job();
  const auto object = recorder();
  ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
  Stage::get().kill_service();
  ASSERT_TRUE(eventually([&] { return state_of(job) == BG_JOB_STATE_SUSPENDED; }));
  ASSERT_EQ(job->Cancel(), S_OK);
  EXPECT_TRUE(object->wait_for_references(1));
}

TEST(BitsWriters, N84_DroppingJobAndManagerDoesNotStopCallbacks) {
  std::string path;
  const auto object = recorder();
  {
    const auto job = job_with_file("size=1000 gate=10", &path);
    ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
    ASSERT_EQ(job->Resume(), S_OK);
    ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRING));
  }
  Stage::get().release(path);
  EXPECT_TRUE(object->wait_for(Event::transferred));
}

}  // namespace
}  // namespace backhaul::test
