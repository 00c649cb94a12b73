// SPDX-License-Identifier: Apache-2.0
// notifications.md N1–N20: registration, getters and their error codes.
#include "tests/bits/fixture.h"
#include "tests/bits/peer.h"

namespace backhaul::test {
namespace {

constexpr auto a_while = std::chrono::milliseconds(300);

// What every registration method answers, in one word: all of them agree.
HRESULT registration(IBackgroundCopyJob* job, IUnknown* object) {
  Com<IBackgroundCopyJob2> job2 = Com<IBackgroundCopyJob>(job).as<IBackgroundCopyJob2>();
  const HRESULT results[] = {job->SetNotifyFlags(both), job->SetNotifyInterface(object),
                             job->SetNotifyInterface(nullptr),
                             job2->SetNotifyCmdLine(nullptr, nullptr)};
  for (const HRESULT hr : results) EXPECT_EQ(hr, results[0]);
  return results[0];
}

TEST(BitsRegistration, N1_NewJobHasFlagsForTransferredAndError) {
  ULONG flags = 0;
  EXPECT_EQ(new_job()->GetNotifyFlags(&flags), S_OK);
  EXPECT_EQ(flags, 3U);
}

TEST(BitsRegistration, N2_NewJobHasNoInterfaceAndTheVariableIsOverwritten) {
  IUnknown* object = reinterpret_cast<IUnknown*>(16);
  EXPECT_EQ(new_job()->GetNotifyInterface(&object), S_OK);
  EXPECT_EQ(object, nullptr);
}

TEST(BitsRegistration, N3_NewJobHasAnEmptyCommandLine) {
  LPWSTR program = nullptr, parameters = nullptr;
  EXPECT_EQ(new_job().as<IBackgroundCopyJob2>()->GetNotifyCmdLine(&program, &parameters), S_OK);
  ASSERT_NE(program, nullptr);
  ASSERT_NE(parameters, nullptr);
  EXPECT_STREQ(program, L"");
  EXPECT_STREQ(parameters, L"");
  CoTaskMemFree(program);
  CoTaskMemFree(parameters);
}

TEST(BitsRegistration, N4_NewJobHasNoNotificationClass) {
  BITS_JOB_PROPERTY_VALUE value;
  value.ClsID = IID_IUnknown;
  EXPECT_EQ(new_job().as<IBackgroundCopyJob5>()->GetProperty(BITS_JOB_PROPERTY_NOTIFICATION_CLSID,
                                                             &value),
            S_OK);
  EXPECT_EQ(value.ClsID, GUID_NULL);
}

TEST(BitsRegistration, N5_NewJobHasAnIntervalOfHalfASecond) {
  BITS_JOB_PROPERTY_VALUE value;
  EXPECT_EQ(new_job().as<IBackgroundCopyJob5>()->GetProperty(
                BITS_JOB_PROPERTY_MINIMUM_NOTIFICATION_INTERVAL_MS, &value),
            S_OK);
  EXPECT_EQ(value.Dword, 500U);
}

TEST(BitsRegistration, N6_EveryDefinedFlagAndAllTogetherAreTakenAndReadBack) {
  const auto job = new_job();
  for (const ULONG flags : {0x01U, 0x02U, 0x04U, 0x08U, 0x10U, 0x20U, 0x3fU, 0x00U}) {
    ULONG read = ~flags;
    EXPECT_EQ(job->SetNotifyFlags(flags), S_OK) << flags;
    EXPECT_EQ(job->GetNotifyFlags(&read), S_OK);
    EXPECT_EQ(read, flags);
  }
}

TEST(BitsRegistration, N7_UndefinedFlagsAreNotImplementedAndChangeNothing) {
  const auto job = new_job();
  EXPECT_EQ(job->SetNotifyFlags(BG_NOTIFY_JOB_ERROR), S_OK);
  for (const ULONG flags : {0x40U, 0x80000000U, 0x41U}) {
    ULONG read = 0;
    EXPECT_EQ(job->SetNotifyFlags(flags), E_NOTIMPL) << flags;
    EXPECT_EQ(job->GetNotifyFlags(&read), S_OK);
    EXPECT_EQ(read, static_cast<ULONG>(BG_NOTIFY_JOB_ERROR));
  }
}

TEST(BitsRegistration, N8_NullOutPointersAreInvalidArguments) {
  const auto job = new_job();
  EXPECT_EQ(job->GetNotifyFlags(nullptr), E_INVALIDARG);
  EXPECT_EQ(job->GetNotifyInterface(nullptr), E_INVALIDARG);
}

TEST(BitsRegistration, N9_AfterCompleteRegistrationIsAnInvalidState) {
  const auto job = transferred_job();
  const auto object = recorder();
  EXPECT_EQ(job->Complete(), S_OK);
  EXPECT_EQ(registration(job, object), BG_E_INVALID_STATE);
}

TEST(BitsRegistration, N10_AfterCancelRegistrationIsAnInvalidState) {
  const auto job = new_job();
  const auto object = recorder();
  EXPECT_EQ(job->Cancel(), S_OK);
  EXPECT_EQ(registration(job, object), BG_E_INVALID_STATE);
}

TEST(BitsRegistration, N11_InEveryOtherStateRegistrationIsTaken) {
  const auto object = recorder();
  EXPECT_EQ(registration(new_job(), object), S_OK);  // SUSPENDED
  EXPECT_EQ(registration(transferred_job(), object), S_OK);
  EXPECT_EQ(registration(failed_job(), object), S_OK);

  const auto waiting = job_with_file("status=503");
  ASSERT_EQ(waiting->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(waiting, BG_JOB_STATE_TRANSIENT_ERROR));
  EXPECT_EQ(registration(waiting, object), S_OK);

  std::string path;
  const auto moving = job_with_file("size=1000 gate=10", &path);
  ASSERT_EQ(moving->SetPriority(BG_JOB_PRIORITY_HIGH), S_OK);
  ASSERT_EQ(moving->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(moving, BG_JOB_STATE_TRANSFERRING));
  EXPECT_EQ(registration(moving, object), S_OK);

  const auto queued = job_with_file("size=1000");  // a higher priority is moving
  ASSERT_EQ(queued->SetPriority(BG_JOB_PRIORITY_LOW), S_OK);
  ASSERT_EQ(queued->Resume(), S_OK);
  EXPECT_EQ(state_of(queued), BG_JOB_STATE_QUEUED);
  EXPECT_EQ(registration(queued, object), S_OK);
  Stage::get().release(path);
  EXPECT_TRUE(wait_for_state(queued, BG_JOB_STATE_TRANSFERRED));
}

TEST(BitsRegistration, N12_TheInterfaceReadBackIsTheObjectAndCarriesAReference) {
  const auto job = new_job();
  const auto object = recorder();
  ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
  const ULONG before = object->references();
  const auto read = notify_interface(job);
  EXPECT_EQ(read.as<IUnknown>().get(), object.as<IUnknown>().get());
  EXPECT_EQ(object->references(), before + 1);
}

TEST(BitsRegistration, N13_AnotherProcessSeesThatThereIsAnInterface) {
  const auto job = new_job();
  const auto object = recorder();
  Peer other;
  const std::string id = id_text(job);
  EXPECT_EQ(other.ask("interface " + id), "null");
  ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
  EXPECT_EQ(other.ask("interface " + id), "set");
  ASSERT_EQ(job->SetNotifyInterface(nullptr), S_OK);
  EXPECT_EQ(other.ask("interface " + id), "null");
}

TEST(BitsRegistration, N14_AClearedObjectIsToldNothing) {
  const auto job = job_with_file("size=1000");
  const auto object = recorder();
  ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
  ASSERT_EQ(job->SetNotifyInterface(nullptr), S_OK);
  EXPECT_EQ(notify_interface(job).get(), nullptr);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  EXPECT_TRUE(never([&] { return !object->events().empty(); }, a_while));
}

TEST(BitsRegistration, N15_FlagsWithoutAnObjectAreTaken) {
  const auto job = job_with_file("size=1000");
  EXPECT_EQ(job->SetNotifyFlags(BG_NOTIFY_JOB_TRANSFERRED), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  EXPECT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
}

TEST(BitsRegistration, N16_AnObjectWithoutCallbackInterfaceIsRefusedAndNotKept) {
  const auto job = new_job();
  const auto kept = recorder();
  const auto wrong = recorder();
  wrong->level = 0;
  ASSERT_EQ(job->SetNotifyInterface(kept), S_OK);
  EXPECT_EQ(job->SetNotifyInterface(wrong), E_NOINTERFACE);
  EXPECT_EQ(wrong->references(), 1U);
  EXPECT_EQ(notify_interface(job).get(), kept.as<IUnknown>().get());
}

TEST(BitsRegistration, N18_TheOrderOfFlagsAndObjectDoesNotMatter) {
  for (const bool flags_first : {true, false}) {
    const auto job = job_with_file("size=1000");
    const auto object = recorder();
    if (!flags_first) {
      EXPECT_EQ(job->SetNotifyInterface(object), S_OK);
    }
    EXPECT_EQ(job->SetNotifyFlags(BG_NOTIFY_JOB_TRANSFERRED), S_OK);
    if (flags_first) {
      EXPECT_EQ(job->SetNotifyInterface(object), S_OK);
    }
    ASSERT_EQ(job->Resume(), S_OK);
    EXPECT_TRUE(object->wait_for(Event::transferred));
  }
}

TEST(BitsRegistration, N19_N20_WithoutCallback2FileEventsAreSkippedAndHoldUpNothing) {
  // The class derives from IBackgroundCopyCallback2; only QueryInterface counts.
  const auto job = job_with_file("size=1000");
  const auto object = recorder();
  object->level = 1;
  ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
  ASSERT_EQ(job->SetNotifyFlags(0x3b), S_OK);  // all but DISABLE
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(object->wait_for(Event::transferred));
  EXPECT_EQ(object->count(Event::file), 0U);
}

// Nobody calls anything here that would start it.
TEST(BitsRegistration, AServiceThatIsGoneIsBroughtBackByWhoWaitsForIt) {
  std::string path;
  const auto object = recorder();
  const auto job = job_with_file("size=1000 gate=10", &path);
  ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRING));
  Stage::get().answer(path, "size=1000");  // to the next who asks
  Stage::get().kill_service_and_guardian();
  EXPECT_TRUE(object->wait_for(Event::transferred));
  EXPECT_EQ(job->Cancel(), S_OK);
}

}  // namespace
}  // namespace backhaul::test
