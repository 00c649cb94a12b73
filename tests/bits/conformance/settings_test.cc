// SPDX-License-Identifier: Apache-2.0
// The settings of a job: IBackgroundCopyJob to Job5, proxies, properties, and its other interfaces.
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "tests/bits/conformance/program.h"

namespace backhaul::test {
namespace {

// --- Settings ------------------------------------------------------------------------------------

// jobs.md §8
TEST(SetDisplayName, SaysTooLongWhereCreateJobSaysArgument) {
  const Job job = new_job();
  EXPECT_EQ(job->SetDisplayName(std::wstring(256, L'x').c_str()), S_OK);
  EXPECT_EQ(job->SetDisplayName(std::wstring(257, L'x').c_str()), BG_E_STRING_TOO_LONG);
  EXPECT_EQ(text_of(job.get(), &IBackgroundCopyJob::GetDisplayName), std::wstring(256, L'x'));
}

// jobs.md §8
TEST(SetDescription, HasAtMost1024Units) {
  const Job job = new_job();
  EXPECT_EQ(job->SetDescription(std::wstring(1024, L'x').c_str()), S_OK);
  EXPECT_EQ(job->SetDescription(std::wstring(1025, L'x').c_str()), BG_E_STRING_TOO_LONG);
  EXPECT_EQ(job->SetDescription(nullptr), E_INVALIDARG);
  EXPECT_EQ(text_of(job.get(), &IBackgroundCopyJob::GetDescription), std::wstring(1024, L'x'));
}

// jobs.md §6
TEST(SetPriority, OutsideTheEnumerationIsNotImplemented) {
  const Job job = new_job();
  for (const int value : {-1, 4}) EXPECT_EQ(job->SetPriority(static_cast<BG_JOB_PRIORITY>(value)), E_NOTIMPL);
  for (const int value : {0, 1, 2, 3}) {
    EXPECT_EQ(job->SetPriority(static_cast<BG_JOB_PRIORITY>(value)), S_OK);
    EXPECT_EQ(value_of(job.get(), &IBackgroundCopyJob::GetPriority), value);
  }
}

// jobs.md §21
TEST(SetNotifyFlags, TakesEveryDefinedBitAndNoOther) {
  const Job job = new_job();
  EXPECT_EQ(job->SetNotifyFlags(0x3F), S_OK) << "DISABLE together with others";
  EXPECT_EQ(job->SetNotifyFlags(0x40), E_NOTIMPL);
  EXPECT_EQ(value_of(job.get(), &IBackgroundCopyJob::GetNotifyFlags), 0x3FU);
}

// jobs.md §9
TEST(SetMinimumRetryDelay, BelowFiveSecondsBecomesFive) {
  const Job job = new_job();
  EXPECT_EQ(job->SetMinimumRetryDelay(0), S_OK);
  EXPECT_EQ(value_of(job.get(), &IBackgroundCopyJob::GetMinimumRetryDelay), 5U);
  EXPECT_EQ(job->SetMinimumRetryDelay(0xFFFFFFFF), S_OK);
  EXPECT_EQ(value_of(job.get(), &IBackgroundCopyJob::GetMinimumRetryDelay), 0xFFFFFFFFU);
}

// jobs.md §3.1, §9
TEST(SetNoProgressTimeout, OfZeroMakesEveryErrorFinal) {
  const Job job = job_with_file("status=503");
  EXPECT_EQ(job->SetNoProgressTimeout(0), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  EXPECT_TRUE(wait_for_state(job, BG_JOB_STATE_ERROR));
}

// jobs.md §3.1, §9
TEST(SetNoProgressTimeout, ShorterThanTheRetryDelayMeansNoRetry) {
  const Job job = job_with_file("status=503");
  EXPECT_EQ(job->SetNoProgressTimeout(60), S_OK);
  EXPECT_EQ(job->SetMinimumRetryDelay(61), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  EXPECT_TRUE(wait_for_state(job, BG_JOB_STATE_ERROR));
}

// jobs.md §9
TEST(SetMaximumDownloadTime, EndsTheJobWithItsOwnError) {
  const Job job = job_with_file("size=1000 gate=10");
  EXPECT_EQ(job.as<IBackgroundCopyJob4>()->SetMaximumDownloadTime(2), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_ERROR));
  EXPECT_EQ(failure_of(job).code, BG_E_MAXDOWNLOAD_TIMEOUT);
}

// jobs.md §9: one for each failure, and never back.
TEST(GetErrorCount, CountsFailuresAndNeverForgetsThem) {
  const Job job = job_with_file("status=503 | status=404 | size=1000");
  ASSERT_EQ(job->SetMinimumRetryDelay(5), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_ERROR));
  EXPECT_EQ(value_of(job.get(), &IBackgroundCopyJob::GetErrorCount), 2U);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  EXPECT_EQ(value_of(job.get(), &IBackgroundCopyJob::GetErrorCount), 2U);
}

// jobs.md §5
TEST(GetTimes, EveryChangeMovesTheModificationTime) {
  const Job job = new_job();
  UINT64 last = number(times_of(job).ModificationTime);
  EXPECT_EQ(number(times_of(job).CreationTime), last);
  const auto moved = [&] {
    const UINT64 before = std::exchange(last, number(times_of(job).ModificationTime));
    return last > before;
  };
  EXPECT_EQ(job->SetDescription(L"x"), S_OK);
  EXPECT_TRUE(moved());
  EXPECT_EQ(add_answered(job, "size=10"), S_OK);
  EXPECT_TRUE(moved());
  EXPECT_EQ(job->Resume(), S_OK);
  EXPECT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  EXPECT_TRUE(moved());
}

// jobs.md §7
TEST(GetTimes, TheCompletionTimeIsZeroUntilAllIsHere) {
  EXPECT_EQ(number(times_of(new_job()).TransferCompletionTime), 0U);
  EXPECT_NE(number(times_of(transferred_job()).TransferCompletionTime), 0U);
}

// jobs.md §7
TEST(GetProgress, OfAJobWithoutFilesIsZero) {
  const BG_JOB_PROGRESS progress = progress_of(new_job());
  EXPECT_EQ(progress.BytesTotal, 0U);
  EXPECT_EQ(progress.FilesTotal, 0U);
}

// jobs.md §7, files.md §1
TEST(GetProgress, TheTotalIsUnknownUntilEverySizeIsKnown) {
  const Job job = job_with_file("size=1000");
  EXPECT_EQ(progress_of(job).BytesTotal, BG_SIZE_UNKNOWN);
  EXPECT_EQ(progress_of(job).FilesTotal, 1U);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  EXPECT_EQ(progress_of(job).BytesTotal, 1000U);
  ASSERT_EQ(add_answered(job, "size=500"), S_OK);
  EXPECT_EQ(state_of(job), BG_JOB_STATE_TRANSFERRED) << "AddFile does not move the state";
  EXPECT_EQ(progress_of(job).BytesTotal, BG_SIZE_UNKNOWN);
  ASSERT_EQ(job->Resume(), S_OK);
  EXPECT_TRUE(eventually([&] { return progress_of(job).FilesTransferred == 2; }));
  EXPECT_EQ(progress_of(job).BytesTotal, 1500U);
}

// jobs.md §7
TEST(GetProgress, AnEmptyFileIsALegalDownload) {
  const Job job = resumed("size=0", BG_JOB_STATE_TRANSFERRED);
  EXPECT_EQ(progress_of(job).BytesTotal, 0U);
  EXPECT_EQ(progress_of(job).FilesTransferred, 1U);
  EXPECT_EQ(job->Complete(), S_OK);
}

// jobs.md §8
TEST(GetOwner, IsTheSidOfTheUser) {
  const Job job = new_job();
  EXPECT_EQ(text_of(job.get(), &IBackgroundCopyJob::GetOwner), L"S-1-22-1-" + std::to_wstring(getuid()));
  const auto last = job.as<IBackgroundCopyJob4>();
  EXPECT_EQ(value_of(last.get(), &IBackgroundCopyJob4::GetOwnerElevationState), getuid() == 0 ? TRUE : FALSE);
  EXPECT_EQ(value_of(last.get(), &IBackgroundCopyJob4::GetOwnerIntegrityLevel),
            ULONG{getuid() == 0 ? 0x3000U : 0x2000U});
}

// jobs.md §8
TEST(TakeOwnership, RemovesCredentialsHeadersAndTheCommandLine) {
  const Job job = new_job();
  const auto second = job.as<IBackgroundCopyJob2>();
  const auto http = job.as<IBackgroundCopyJobHttpOptions>();
  BG_AUTH_CREDENTIALS credentials{};
  credentials.Target = BG_AUTH_TARGET_SERVER;
  credentials.Scheme = BG_AUTH_SCHEME_BASIC;
  credentials.Credentials.Basic = {const_cast<LPWSTR>(L"u"), const_cast<LPWSTR>(L"p")};
  ASSERT_EQ(second->SetCredentials(&credentials), S_OK);
  ASSERT_EQ(http->SetCustomHeaders(L"X: 1\r\n"), S_OK);
  ASSERT_EQ(second->SetNotifyCmdLine(L"/bin/true", nullptr), S_OK);
  if (getuid() != 0) {
    EXPECT_EQ(job->TakeOwnership(), E_ACCESSDENIED);
    return;
  }
  EXPECT_EQ(job->TakeOwnership(), S_OK);
  LPWSTR text = nullptr;
  EXPECT_EQ(http->GetCustomHeaders(&text), S_FALSE);
  EXPECT_EQ(second->RemoveCredentials(BG_AUTH_TARGET_SERVER, BG_AUTH_SCHEME_BASIC), S_FALSE);
  LPWSTR program = nullptr, parameters = nullptr;
  EXPECT_EQ(second->GetNotifyCmdLine(&program, &parameters), S_OK);
  EXPECT_EQ(taken(program), L"");
  EXPECT_EQ(taken(parameters), L"");
}

// jobs.md §20
TEST(SetNotifyCmdLine, HasItsLimits) {
  const auto job = new_job().as<IBackgroundCopyJob2>();
  const auto program = [](std::size_t length) { return L"/" + std::wstring(length - 1, L'x'); };
  EXPECT_EQ(job->SetNotifyCmdLine(program(260).c_str(), std::wstring(4000, L'x').c_str()), S_OK);
  EXPECT_EQ(job->SetNotifyCmdLine(program(261).c_str(), nullptr), BG_E_STRING_TOO_LONG);
  EXPECT_EQ(job->SetNotifyCmdLine(L"/p", std::wstring(4001, L'x').c_str()), BG_E_STRING_TOO_LONG);
  EXPECT_EQ(job->SetNotifyCmdLine(nullptr, L"x"), E_INVALIDARG);
  EXPECT_EQ(job->SetNotifyCmdLine(nullptr, nullptr), S_OK);
}

// jobs.md §2, §7, §14: of a download.
TEST(Replies, AreNotImplementedForDownloads) {
  const auto job = new_job().as<IBackgroundCopyJob2>();
  BG_JOB_REPLY_PROGRESS progress{7, 7};
  BYTE* data = nullptr;
  UINT64 length = 7;
  LPWSTR name = nullptr;
  EXPECT_EQ(job->GetReplyProgress(&progress), E_NOTIMPL);
  EXPECT_EQ(progress.BytesTotal, 0U);
  EXPECT_EQ(job->GetReplyProgress(nullptr), E_INVALIDARG);
  EXPECT_EQ(job->GetReplyData(&data, &length), E_NOTIMPL);
  EXPECT_EQ(length, 0U);
  EXPECT_EQ(job->GetReplyFileName(&name), E_NOTIMPL);
  EXPECT_EQ(job->SetReplyFileName(L"/tmp/reply"), E_NOTIMPL);
}

// jobs.md §4, §15
TEST(SetFileACLFlags, TakesTheFourBitsUntilAllIsTransferred) {
  const auto job = new_job().as<IBackgroundCopyJob3>();
  for (const DWORD flags : {15U, 5U, 0U}) {
    EXPECT_EQ(job->SetFileACLFlags(flags), S_OK);
    EXPECT_EQ(value_of(job.get(), &IBackgroundCopyJob3::GetFileACLFlags), flags) << "each call replaces";
  }
  EXPECT_EQ(job->SetFileACLFlags(16), E_INVALIDARG);
  EXPECT_EQ(job->GetFileACLFlags(nullptr), E_INVALIDARG);
  const auto transferred = transferred_job().as<IBackgroundCopyJob3>();
  EXPECT_EQ(transferred->SetFileACLFlags(1), BG_E_INVALID_STATE);
  EXPECT_EQ(value_of(transferred.get(), &IBackgroundCopyJob3::GetFileACLFlags), 0U);
}

// jobs.md §15: ignored for http.
TEST(SetFileACLFlags, MeansNothingForHttp) {
  const Job job = job_with_file("size=1000");
  EXPECT_EQ(job.as<IBackgroundCopyJob3>()->SetFileACLFlags(BG_COPY_FILE_ALL), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  EXPECT_EQ(job->Complete(), S_OK);
}

// jobs.md §15: applied to what a file of this machine has.
TEST(SetFileACLFlags, GiveTheCopyThePermissionsOfItsSource) {
  const std::string source = Stage::get().folder("acl-source");
  const std::string copy = Stage::get().folder("acl-copy");
  std::ofstream(source) << "text";
  ASSERT_EQ(chmod(source.c_str(), 0640), 0);
  const Job job = new_job();
  ASSERT_EQ(job.as<IBackgroundCopyJob3>()->SetFileACLFlags(BG_COPY_FILE_OWNER | BG_COPY_FILE_DACL), S_OK);
  ASSERT_EQ(add(job, source, copy), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  ASSERT_EQ(job->Complete(), S_OK);
  struct stat info {};
  ASSERT_EQ(stat(copy.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0640U);
}

// jobs.md §17
TEST(SetPeerCachingFlags, AreKept) {
  const auto job = new_job().as<IBackgroundCopyJob4>();
  for (const DWORD flags : {7U, 1U, 0U}) {
    EXPECT_EQ(job->SetPeerCachingFlags(flags), S_OK);
    EXPECT_EQ(value_of(job.get(), &IBackgroundCopyJob4::GetPeerCachingFlags), flags);
  }
  EXPECT_EQ(job->SetPeerCachingFlags(8), E_INVALIDARG);
  EXPECT_EQ(job->GetPeerCachingFlags(nullptr), E_INVALIDARG);
}

// --- Properties ------------------------------------------------------------------------------------

// jobs.md §11
TEST(UseStoredCredentials, IsForTheProxyAlone) {
  const Job job = new_job();
  BITS_JOB_PROPERTY_VALUE value{};
  EXPECT_EQ(static_cast<int>(property_of(job, BITS_JOB_PROPERTY_USE_STORED_CREDENTIALS).Target), 0);
  for (const int target : {0, 1, 3}) {
    value.Target = static_cast<BG_AUTH_TARGET>(target);
    EXPECT_EQ(set_property(job, BITS_JOB_PROPERTY_USE_STORED_CREDENTIALS, value),
              BG_E_USE_STORED_CREDENTIALS_NOT_SUPPORTED);
  }
  value.Target = BG_AUTH_TARGET_PROXY;
  EXPECT_EQ(set_property(job, BITS_JOB_PROPERTY_USE_STORED_CREDENTIALS, value), S_OK);
  EXPECT_EQ(property_of(job, BITS_JOB_PROPERTY_USE_STORED_CREDENTIALS).Target, BG_AUTH_TARGET_PROXY);
  EXPECT_EQ(job->Cancel(), S_OK);
  EXPECT_EQ(set_property(job, BITS_JOB_PROPERTY_USE_STORED_CREDENTIALS, value), BG_E_INVALID_STATE);
}

// jobs.md §11
TEST(NotificationClsid, IsKeptAndClearedByTheNullId) {
  const Job job = new_job();
  BITS_JOB_PROPERTY_VALUE value{};
  value.ClsID = __uuidof(BackgroundCopyManager);
  EXPECT_EQ(set_property(job, BITS_JOB_PROPERTY_NOTIFICATION_CLSID, value), S_OK);
  EXPECT_EQ(property_of(job, BITS_JOB_PROPERTY_NOTIFICATION_CLSID).ClsID, __uuidof(BackgroundCopyManager));
  value.ClsID = GUID_NULL;
  EXPECT_EQ(set_property(job, BITS_JOB_PROPERTY_NOTIFICATION_CLSID, value), S_OK);
  EXPECT_EQ(property_of(job, BITS_JOB_PROPERTY_NOTIFICATION_CLSID).ClsID, GUID_NULL);
}

// jobs.md §11: any time.
TEST(MinimumNotificationInterval, IsSetAtAnyTime) {
  const Job job = transferred_job();
  BITS_JOB_PROPERTY_VALUE value{};
  value.Dword = 9000;
  EXPECT_EQ(set_property(job, BITS_JOB_PROPERTY_MINIMUM_NOTIFICATION_INTERVAL_MS, value), S_OK);
  EXPECT_EQ(property_of(job, BITS_JOB_PROPERTY_MINIMUM_NOTIFICATION_INTERVAL_MS).Dword, 9000U);
}

// jobs.md §11, §12
TEST(CostFlags, FollowThePriorityUntilTheyAreSet) {
  const Job job = new_job();
  const auto flags = [&] { return property_of(job, BITS_JOB_PROPERTY_ID_COST_FLAGS).Dword; };
  EXPECT_EQ(flags(), DWORD{BITS_COST_STATE_TRANSFER_STANDARD});
  EXPECT_EQ(job->SetPriority(BG_JOB_PRIORITY_FOREGROUND), S_OK);
  EXPECT_EQ(flags(), DWORD{BITS_COST_STATE_TRANSFER_NOT_ROAMING});
  BITS_JOB_PROPERTY_VALUE value{};
  value.Dword = BITS_COST_STATE_TRANSFER_ALWAYS;
  EXPECT_EQ(set_property(job, BITS_JOB_PROPERTY_ID_COST_FLAGS, value), S_OK);
  EXPECT_EQ(job->SetPriority(BG_JOB_PRIORITY_LOW), S_OK);
  EXPECT_EQ(flags(), DWORD{BITS_COST_STATE_TRANSFER_ALWAYS});
}

// --- Proxies -----------------------------------------------------------------------------------------

// jobs.md §19
TEST(SetProxySettings, JudgesWhatGoesTogether) {
  const Job job = new_job();
  EXPECT_EQ(job->SetProxySettings(static_cast<BG_JOB_PROXY_USAGE>(4), nullptr, nullptr), E_NOTIMPL);
  EXPECT_EQ(job->SetProxySettings(BG_JOB_PROXY_USAGE_OVERRIDE, nullptr, nullptr), E_INVALIDARG);
  for (const auto usage : {BG_JOB_PROXY_USAGE_PRECONFIG, BG_JOB_PROXY_USAGE_NO_PROXY, BG_JOB_PROXY_USAGE_AUTODETECT}) {
    EXPECT_EQ(job->SetProxySettings(usage, L"host:1", nullptr), E_INVALIDARG);
    EXPECT_EQ(job->SetProxySettings(usage, nullptr, L"*.host"), E_INVALIDARG);
    EXPECT_EQ(job->SetProxySettings(usage, nullptr, nullptr), S_OK);
  }
}

// jobs.md §19, §20
TEST(SetProxySettings, ListsHaveAtMost32000Characters) {
  const Job job = new_job();
  const std::wstring most(32'000, L'x');
  EXPECT_EQ(job->SetProxySettings(BG_JOB_PROXY_USAGE_OVERRIDE, (most + L"x").c_str(), nullptr),
            BG_E_PROXY_LIST_TOO_LARGE);
  EXPECT_EQ(job->SetProxySettings(BG_JOB_PROXY_USAGE_OVERRIDE, L"h:1", (most + L"x").c_str()),
            BG_E_PROXY_BYPASS_LIST_TOO_LARGE);
}

// --- The other interfaces of a job -----------------------------------------------------------------

// jobs.md §17
TEST(GetClientCertificate, OfAJobWithoutOneHasItsCode) {
  const auto http = new_job().as<IBackgroundCopyJobHttpOptions>();
  BG_CERT_STORE_LOCATION location;
  LPWSTR store = nullptr, subject = nullptr;
  BYTE* hash = nullptr;
  EXPECT_EQ(http->GetClientCertificate(&location, &store, &hash, &subject), RPC_X_BAD_STUB_DATA);
  EXPECT_EQ(http->GetClientCertificate(nullptr, &store, &hash, &subject), RPC_X_NULL_REF_POINTER);
  EXPECT_EQ(store, nullptr);
}

// jobs.md §18
TEST(TokenOptions, OfAJobWithoutATokenSayNone) {
  const auto token = new_job().as<IBitsTokenOptions>();
  EXPECT_EQ(value_of(token.get(), &IBitsTokenOptions::GetHelperTokenFlags), 0U);
  EXPECT_EQ(text_of(token.get(), &IBitsTokenOptions::GetHelperTokenSid), L"(NULL)");
  EXPECT_EQ(token->ClearHelperToken(), S_OK);
  EXPECT_EQ(token->SetHelperTokenFlags(0), S_OK);
}

// jobs.md §4
TEST(ServerCertificateInterface, IsSetWhileTheJobRestsOnly) {
  const Job job = resumed("size=1000 gate=10", BG_JOB_STATE_TRANSFERRING);
  const auto http = job.as<IBackgroundCopyJobHttpOptions3>();
  const auto wrong = recorder();
  EXPECT_EQ(http->SetServerCertificateValidationInterface(nullptr), BG_E_READ_ONLY_WHEN_JOB_ACTIVE);
  ASSERT_EQ(job->Suspend(), S_OK);
  EXPECT_EQ(http->SetServerCertificateValidationInterface(static_cast<IBackgroundCopyCallback2*>(wrong.get())),
            E_NOINTERFACE);
  EXPECT_EQ(http->SetServerCertificateValidationInterface(nullptr), S_OK);
  EXPECT_EQ(job->Cancel(), S_OK);
}

}  // namespace
}  // namespace backhaul::test
