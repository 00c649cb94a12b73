// SPDX-License-Identifier: Apache-2.0
// Priorities and the order of jobs (jobs.md §6), limits of time (§9), and what happens to a file that changes while
// it comes (files.md §6, http-and-network.md §3).
#include <array>

#include "tests/bits/conformance/program.h"

namespace backhaul::test {
namespace {

// Comes as far as its head and waits there; begun when it is resumed.
Job waiting_job(BG_JOB_PRIORITY priority, std::string* path = nullptr) {
  const Job job = job_with_file("size=1000 gate=10", path);
  EXPECT_EQ(job->SetPriority(priority), S_OK);
  return job;
}

Job moving_job(BG_JOB_PRIORITY priority, std::string* path = nullptr) {
  const Job job = waiting_job(priority, path);
  EXPECT_EQ(job->Resume(), S_OK);
  EXPECT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRING));
  return job;
}

void cancel(std::initializer_list<Job> jobs) {
  for (const Job& job : jobs) EXPECT_EQ(job->Cancel(), S_OK);
}

// jobs.md §6
TEST(Priority, ForegroundJobsRunBesideEachOtherAndOneBackgroundJob) {
  const Job background = moving_job(BG_JOB_PRIORITY_NORMAL);
  const Job first = moving_job(BG_JOB_PRIORITY_FOREGROUND);
  const Job second = moving_job(BG_JOB_PRIORITY_FOREGROUND);
  for (const Job& job : {background, first, second}) EXPECT_EQ(state_of(job), BG_JOB_STATE_TRANSFERRING);
  cancel({background, first, second});
}

// jobs.md §6: a lower level gets nothing while a higher one has something to do.
TEST(Priority, AHigherLevelTakesTheTurnAtOnce) {
  const Job low = moving_job(BG_JOB_PRIORITY_LOW);
  const Job normal = moving_job(BG_JOB_PRIORITY_NORMAL);
  EXPECT_TRUE(wait_for_state(low, BG_JOB_STATE_QUEUED));
  const Job high = moving_job(BG_JOB_PRIORITY_HIGH);
  EXPECT_TRUE(wait_for_state(normal, BG_JOB_STATE_QUEUED));
  EXPECT_EQ(state_of(low), BG_JOB_STATE_QUEUED);
  EXPECT_EQ(high->Suspend(), S_OK);
  EXPECT_TRUE(wait_for_state(normal, BG_JOB_STATE_TRANSFERRING)) << "a suspended job does not block its level";
  cancel({normal, high});
  EXPECT_TRUE(wait_for_state(low, BG_JOB_STATE_TRANSFERRING));
  cancel({low});
}

// jobs.md §6
TEST(Priority, AFailedJobDoesNotBlockItsLevel) {
  const Job failed = resumed("status=404", BG_JOB_STATE_ERROR);
  const Job waits = resumed("status=503", BG_JOB_STATE_TRANSIENT_ERROR);
  const Job next = resumed("size=10", BG_JOB_STATE_TRANSFERRED);
  cancel({failed, waits, next});
}

// jobs.md §6: it takes effect on the running job at once.
TEST(SetPriority, TakesEffectAtOnce) {
  const Job first = moving_job(BG_JOB_PRIORITY_NORMAL);
  const Job second = waiting_job(BG_JOB_PRIORITY_LOW);
  ASSERT_EQ(second->Resume(), S_OK);
  EXPECT_EQ(state_of(second), BG_JOB_STATE_QUEUED);
  EXPECT_EQ(second->SetPriority(BG_JOB_PRIORITY_FOREGROUND), S_OK);
  EXPECT_TRUE(wait_for_state(second, BG_JOB_STATE_TRANSFERRING));
  EXPECT_EQ(state_of(first), BG_JOB_STATE_TRANSFERRING);
  EXPECT_EQ(first->SetPriority(BG_JOB_PRIORITY_LOW), S_OK);
  EXPECT_EQ(second->SetPriority(BG_JOB_PRIORITY_NORMAL), S_OK);
  EXPECT_TRUE(wait_for_state(first, BG_JOB_STATE_QUEUED));
  EXPECT_TRUE(wait_for_state(second, BG_JOB_STATE_TRANSFERRING));
  cancel({first, second});
}

// jobs.md §6: an error in one file stops the whole job.
TEST(Files, TheFirstErrorIsThatOfTheJob) {
  const Job job = job_with_file("status=404");
  ASSERT_EQ(add_answered(job, "size=1000 gate=10"), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_ERROR));
  EXPECT_EQ(failure_of(job).code, BG_E_HTTP_ERROR_404);
  EXPECT_EQ(progress_of(job).FilesTransferred, 0U);
  cancel({job});
}

// jobs.md §9: Resume sets it back to 0.
TEST(SetMaximumDownloadTime, IsCountedAnewAfterResume) {
  const Job job = job_with_file("size=1000 gate=10 | size=1000");
  EXPECT_EQ(job.as<IBackgroundCopyJob4>()->SetMaximumDownloadTime(2), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_ERROR));
  ASSERT_EQ(failure_of(job).code, BG_E_MAXDOWNLOAD_TIMEOUT);
  ASSERT_EQ(job->Resume(), S_OK);
  EXPECT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  cancel({job});
}

// jobs.md §3.1: what waits for a retry is taken up by Resume at once.
TEST(Resume, OfAJobThatWaitsForARetryTriesAtOnce) {
  const Job job = job_with_file("status=503 | size=10");
  ASSERT_EQ(job->SetMinimumRetryDelay(100'000), S_OK);
  ASSERT_EQ(job->SetNoProgressTimeout(1'000'000), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSIENT_ERROR));
  EXPECT_EQ(job->Resume(), S_OK);
  EXPECT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  cancel({job});
}

// files.md §6: another version restarts that file alone, without an error; what came earlier stays.
TEST(RemoteChange, RestartsThatFileWithoutAnError) {
  const Job job = job_with_file("size=100");
  ASSERT_EQ(add_answered(job, "size=1000 cut=400 | "
                              "size=1200 seed=9 last-modified=Wed,%2016%20Nov%201994%2012:45:26%20GMT"),
            S_OK);
  ASSERT_EQ(job->SetMinimumRetryDelay(5), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  EXPECT_EQ(progress_of(job).BytesTotal, 1300U);
  EXPECT_EQ(progress_of(job).BytesTransferred, 1300U);
  EXPECT_EQ(value_of(job.get(), &IBackgroundCopyJob::GetErrorCount), 1U) << "that of the broken connection";
  cancel({job});
}

// files.md §9: Complete says it of all files.
TEST(Complete, ValidatesEveryFile) {
  const Job job = transferred_job();
  EXPECT_FALSE(value_of(file_of(job).get(), &IBackgroundCopyFile3::GetValidationState));
  const auto file = file_of(job);
  ASSERT_EQ(job->Complete(), S_OK);
  EXPECT_TRUE(value_of(file.get(), &IBackgroundCopyFile3::GetValidationState));
}

// jobs.md §19: what was set comes back; where there are no lists they are NULL.
TEST(GetProxySettings, GivesWhatWasSet) {
  const Job job = new_job();
  const auto settings = [&] {
    BG_JOB_PROXY_USAGE usage{};
    LPWSTR list = nullptr, bypass = nullptr;
    EXPECT_EQ(job->GetProxySettings(&usage, &list, &bypass), S_OK);
    return std::array<std::wstring, 3>{std::to_wstring(static_cast<int>(usage)), taken(list), taken(bypass)};
  };
  EXPECT_EQ(settings(), (std::array<std::wstring, 3>{L"0", L"(NULL)", L"(NULL)"}));
  ASSERT_EQ(job->SetProxySettings(BG_JOB_PROXY_USAGE_OVERRIDE, L"http=a:1 b:2", L"*.example <local>"), S_OK);
  EXPECT_EQ(settings(), (std::array<std::wstring, 3>{L"2", L"http=a:1 b:2", L"*.example <local>"}));
  ASSERT_EQ(job->SetProxySettings(BG_JOB_PROXY_USAGE_NO_PROXY, nullptr, nullptr), S_OK);
  EXPECT_EQ(settings(), (std::array<std::wstring, 3>{L"1", L"(NULL)", L"(NULL)"}));
  cancel({job});
}

BITS_JOB_PROPERTY_VALUE enabled() {
  BITS_JOB_PROPERTY_VALUE value{};
  value.Enable = TRUE;
  return value;
}

// jobs.md §11: what does not go together is refused, whichever comes first.
TEST(JobProperty, ClashesAreRefused) {
  const auto refuses = [](int first, int second) {
    const Job job = new_job();
    EXPECT_EQ(set_property(job, first, enabled()), S_OK);
    const HRESULT hr = set_property(job, second, enabled());
    EXPECT_FALSE(property_of(job, second).Enable);
    cancel({job});
    return hr;
  };
  const int dynamic = BITS_JOB_PROPERTY_DYNAMIC_CONTENT, demand = BITS_JOB_PROPERTY_ON_DEMAND_MODE;
  EXPECT_EQ(refuses(dynamic, demand), BG_E_UNSUPPORTED_JOB_CONFIGURATION);
  EXPECT_EQ(refuses(demand, dynamic), BG_E_UNSUPPORTED_JOB_CONFIGURATION);
  const Job job = new_job();
  ASSERT_EQ(job.as<IBackgroundCopyJobHttpOptions2>()->SetHttpMethod(L"POST"), S_OK);
  EXPECT_EQ(set_property(job, dynamic, enabled()), BG_E_NOT_SUPPORTED_WITH_CUSTOM_HTTP_METHOD);
  EXPECT_EQ(set_property(job, demand, enabled()), BG_E_NOT_SUPPORTED_WITH_CUSTOM_HTTP_METHOD);
  const Job first = new_job();
  ASSERT_EQ(set_property(first, demand, enabled()), S_OK);
  EXPECT_EQ(first.as<IBackgroundCopyJobHttpOptions2>()->SetHttpMethod(L"POST"),
            BG_E_NOT_SUPPORTED_WITH_CUSTOM_HTTP_METHOD);
  cancel({job, first});
}

// files.md §1: dynamic content and ranges, whichever comes first.
TEST(JobProperty, DynamicContentHasNoRanges) {
  const std::wstring place = wide(Stage::get().folder("dynamic-ranges"));
  BG_FILE_RANGE range{0, 1};
  const Job first = new_job();
  ASSERT_EQ(set_property(first, BITS_JOB_PROPERTY_DYNAMIC_CONTENT, enabled()), S_OK);
  EXPECT_EQ(first.as<IBackgroundCopyJob3>()->AddFileWithRanges(L"http://127.0.0.1/f", place.c_str(), 1, &range),
            BG_E_UNSUPPORTED_JOB_CONFIGURATION);
  const Job second = new_job();
  ASSERT_EQ(second.as<IBackgroundCopyJob3>()->AddFileWithRanges(L"http://127.0.0.1/f", place.c_str(), 1, &range), S_OK);
  EXPECT_EQ(set_property(second, BITS_JOB_PROPERTY_DYNAMIC_CONTENT, enabled()), BG_E_UNSUPPORTED_JOB_CONFIGURATION);
  cancel({first, second});
}

// errors.md §1: every code has a text.
TEST(ErrorTexts, AreThereForEveryCodeOfBits) {
  for (unsigned code = 0x80200001; code <= 0x80200076; ++code) {
    const unsigned low = code & 0xFF;
    const bool is_none = (low >= 0x2F && low <= 0x3D) || (low >= 0x4A && low <= 0x4F) || (low >= 0x5A && low <= 0x5F) ||
                         low == 0x06 || low == 0x17 || low == 0x1A || low == 0x2A || low == 0x55;
    if (is_none) continue;  // never used, or a success
    LPWSTR text = nullptr;
    EXPECT_EQ(manager()->GetErrorDescription(static_cast<HRESULT>(code), 0x0409, &text), S_OK) << std::hex << code;
    EXPECT_GT(taken(text).size(), 10U) << std::hex << code;
  }
}

}  // namespace
}  // namespace backhaul::test
