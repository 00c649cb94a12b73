// SPDX-License-Identifier: Apache-2.0
// What every method of a job, a file or an error has in common: what each change does to the times of its job, who
// owns what is given out, out parameters of what failed, and what an ended job refuses (jobs.md §4, §5, §8).
#include <sys/stat.h>
#include <unistd.h>

#include <ctime>
#include <functional>
#include <set>

#include "tests/bits/conformance/program.h"

namespace backhaul::test {
namespace {

std::string local(const std::string& name) { return Stage::get().folder(name); }

BITS_JOB_PROPERTY_VALUE enabled_value() {
  BITS_JOB_PROPERTY_VALUE value{};
  value.Enable = TRUE;
  return value;
}

struct Change {
  const char* method;
  std::function<HRESULT(const Job&)> run;
};

HRESULT set_basic(const Job& job) {
  BG_AUTH_CREDENTIALS credentials{};
  credentials.Target = BG_AUTH_TARGET_SERVER;
  credentials.Scheme = BG_AUTH_SCHEME_BASIC;
  credentials.Credentials.Basic = {const_cast<LPWSTR>(L"u"), const_cast<LPWSTR>(L"p")};
  return job.as<IBackgroundCopyJob2>()->SetCredentials(&credentials);
}

HRESULT set_dword(const Job& job, int id, DWORD number) {
  BITS_JOB_PROPERTY_VALUE value{};
  value.Dword = number;
  return set_property(job, id, value);
}

HRESULT set_class(const Job& job) {
  BITS_JOB_PROPERTY_VALUE value{};
  value.ClsID = __uuidof(BackgroundCopyManager);
  return set_property(job, BITS_JOB_PROPERTY_NOTIFICATION_CLSID, value);
}

HRESULT set_most(const Job& job) {
  BITS_JOB_PROPERTY_VALUE value{};
  value.Uint64 = 1'000'000;
  return set_property(job, BITS_JOB_PROPERTY_MAX_DOWNLOAD_SIZE, value);
}

HRESULT set_stored(const Job& job) {
  BITS_JOB_PROPERTY_VALUE value{};
  value.Target = BG_AUTH_TARGET_PROXY;
  return set_property(job, BITS_JOB_PROPERTY_USE_STORED_CREDENTIALS, value);
}

HRESULT add_ranged(const Job& job) {
  BG_FILE_RANGE range{0, 10};
  return job.as<IBackgroundCopyJob3>()->AddFileWithRanges(L"http://h/r", wide(local("changed-r")).c_str(), 1, &range);
}

// Each of them may be called on a job that rests, in this order.
std::vector<Change> changes() {
  using Options = IBackgroundCopyJobHttpOptions3;
  return {
      {"HIGH_PERFORMANCE", [](const Job& job) { return set_property(job, 4, enabled_value()); }},
      {"SetDisplayName", [](const Job& job) { return job->SetDisplayName(L"other"); }},
      {"SetDescription", [](const Job& job) { return job->SetDescription(L"other"); }},
      {"SetPriority", [](const Job& job) { return job->SetPriority(BG_JOB_PRIORITY_LOW); }},
      {"SetNotifyFlags", [](const Job& job) { return job->SetNotifyFlags(1); }},
      {"SetNotifyInterface",
       [](const Job& job) {
         return job->SetNotifyInterface(static_cast<IBackgroundCopyCallback2*>(recorder().get()));
       }},
      {"SetNotifyInterface(NULL)", [](const Job& job) { return job->SetNotifyInterface(nullptr); }},
      {"SetMinimumRetryDelay", [](const Job& job) { return job->SetMinimumRetryDelay(60); }},
      {"SetNoProgressTimeout", [](const Job& job) { return job->SetNoProgressTimeout(600); }},
      {"SetProxySettings",
       [](const Job& job) { return job->SetProxySettings(BG_JOB_PROXY_USAGE_NO_PROXY, nullptr, nullptr); }},
      {"SetNotifyCmdLine",
       [](const Job& job) { return job.as<IBackgroundCopyJob2>()->SetNotifyCmdLine(L"/bin/true", L"true"); }},
      {"SetCredentials", set_basic},
      {"RemoveCredentials",
       [](const Job& job) {
         return job.as<IBackgroundCopyJob2>()->RemoveCredentials(BG_AUTH_TARGET_SERVER, BG_AUTH_SCHEME_BASIC);
       }},
      {"SetFileACLFlags", [](const Job& job) { return job.as<IBackgroundCopyJob3>()->SetFileACLFlags(1); }},
      {"SetPeerCachingFlags", [](const Job& job) { return job.as<IBackgroundCopyJob4>()->SetPeerCachingFlags(1); }},
      {"SetMaximumDownloadTime",
       [](const Job& job) { return job.as<IBackgroundCopyJob4>()->SetMaximumDownloadTime(100); }},
      {"COST_FLAGS", [](const Job& job) { return set_dword(job, 1, BITS_COST_STATE_TRANSFER_ALWAYS); }},
      {"NOTIFICATION_CLSID", set_class},
      {"MAX_DOWNLOAD_SIZE", set_most},
      {"USE_STORED_CREDENTIALS", set_stored},
      {"MINIMUM_NOTIFICATION_INTERVAL", [](const Job& job) { return set_dword(job, 9, 700); }},
      {"ON_DEMAND_MODE", [](const Job& job) { return set_property(job, 10, enabled_value()); }},
      {"SetCustomHeaders", [](const Job& job) { return job.as<Options>()->SetCustomHeaders(L"X-A: 1\r\n"); }},
      {"MakeCustomHeadersWriteOnly", [](const Job& job) { return job.as<Options>()->MakeCustomHeadersWriteOnly(); }},
      {"SetSecurityFlags",
       [](const Job& job) { return job.as<Options>()->SetSecurityFlags(BG_SSL_IGNORE_UNKNOWN_CA); }},
      {"SetHelperTokenFlags",
       [](const Job& job) { return job.as<IBitsTokenOptions>()->SetHelperTokenFlags(BG_TOKEN_NETWORK); }},
      {"SetHelperToken", [](const Job& job) { return job.as<IBitsTokenOptions>()->SetHelperToken(); }},
      {"ClearHelperToken", [](const Job& job) { return job.as<IBitsTokenOptions>()->ClearHelperToken(); }},
      {"AddFile", [](const Job& job) { return add(job, "http://h/f", local("changed-f")); }},
      {"AddFileWithRanges", add_ranged},
      {"ReplaceRemotePrefix",
       [](const Job& job) { return job.as<IBackgroundCopyJob3>()->ReplaceRemotePrefix(L"http://h/", L"http://i/"); }},
      {"SetRemoteName", [](const Job& job) { return file_of(job)->SetRemoteName(L"http://j/f"); }},
      {"TakeOwnership", [](const Job& job) { return getuid() == 0 ? job->TakeOwnership() : job->Suspend(); }},
  };
}

// jobs.md §5: every set method and AddFile updates the time of modification; the time of creation stays.
TEST(GetTimes, EverySetterMovesTheModificationTimeAndLeavesTheOthers) {
  const Job job = new_job();
  const UINT64 created = number(times_of(job).CreationTime);
  UINT64 last = number(times_of(job).ModificationTime);
  for (const Change& change : changes()) {
    EXPECT_EQ(change.run(job), S_OK) << change.method;
    const BG_JOB_TIMES times = times_of(job);
    EXPECT_GE(number(times.ModificationTime), last) << change.method;
    if (std::string(change.method) != "TakeOwnership") {
      EXPECT_GT(number(times.ModificationTime), last) << change.method;
    }
    EXPECT_EQ(number(times.CreationTime), created) << change.method;
    EXPECT_EQ(number(times.TransferCompletionTime), 0U) << change.method;
    last = number(times.ModificationTime);
  }
  EXPECT_EQ(job->Cancel(), S_OK);
  EXPECT_GT(number(times_of(job).ModificationTime), last);
}

// jobs.md §5: reading moves nothing, and neither does what was refused.
TEST(GetTimes, ReadingAndWhatIsRefusedMoveNothing) {
  const Job job = job_with_file("size=10");
  const UINT64 before = number(times_of(job).ModificationTime);
  EXPECT_EQ(state_of(job), BG_JOB_STATE_SUSPENDED);
  progress_of(job);
  text_of(file_of(job).get(), &IBackgroundCopyFile::GetRemoteName);
  EXPECT_EQ(job->SetPriority(static_cast<BG_JOB_PRIORITY>(9)), E_NOTIMPL);
  EXPECT_EQ(job->SetNotifyFlags(0x40), E_NOTIMPL);
  EXPECT_EQ(job->AddFile(L"ftp://h/f", wide(local("refused")).c_str()), E_INVALIDARG);
  EXPECT_EQ(job.as<IBackgroundCopyJob3>()->SetFileACLFlags(16), E_INVALIDARG);
  EXPECT_EQ(number(times_of(job).ModificationTime), before);
}

// jobs.md §7: 100 ns since 1601 in UTC.
TEST(GetTimes, AreOfTheClockInUtc) {
  constexpr UINT64 second = 10'000'000, epoch = 11'644'473'600;
  const UINT64 before = (static_cast<UINT64>(time(nullptr)) + epoch) * second;
  const Job job = transferred_job();
  const UINT64 after = (static_cast<UINT64>(time(nullptr)) + 1 + epoch) * second;
  const BG_JOB_TIMES times = times_of(job);
  for (const FILETIME& moment : {times.CreationTime, times.ModificationTime, times.TransferCompletionTime}) {
    // The clock of the service under test runs faster than that of the machine, and begins with it.
    EXPECT_GE(number(moment), before - second);
    EXPECT_LE(number(moment), after + 600 * second);
  }
  EXPECT_GE(number(times.TransferCompletionTime), number(times.CreationTime));
}

// jobs.md §4: no setter of any interface is taken after the end, and nothing changes.
TEST(FinalState, RefusesEveryMethodOfEveryInterface) {
  for (const bool completed : {false, true}) {
    const Job job = completed ? transferred_job() : job_with_file("size=10");
    const auto file = file_of(job);
    ASSERT_EQ(completed ? job->Complete() : job->Cancel(), S_OK);
    const UINT64 before = number(times_of(job).ModificationTime);
    for (const Change& change : changes())
      EXPECT_EQ(change.run(job), BG_E_INVALID_STATE) << change.method << completed;
    const auto http = job.as<IBackgroundCopyJobHttpOptions3>();
    std::vector<BYTE> hash(20, 1);
    EXPECT_EQ(http->SetHttpMethod(L"POST"), BG_E_INVALID_STATE);
    EXPECT_EQ(http->SetServerCertificateValidationInterface(nullptr), BG_E_INVALID_STATE);
    EXPECT_EQ(http->RemoveClientCertificate(), BG_E_INVALID_STATE);
    EXPECT_EQ(http->SetClientCertificateByID(BG_CERT_STORE_LOCATION_CURRENT_USER, L"MY", hash.data()),
              BG_E_INVALID_STATE);
    EXPECT_EQ(http->SetClientCertificateByName(BG_CERT_STORE_LOCATION_CURRENT_USER, L"MY", L"a"), BG_E_INVALID_STATE);
    EXPECT_EQ(set_property(job, BITS_JOB_PROPERTY_DYNAMIC_CONTENT, enabled_value()), BG_E_INVALID_STATE);
    EXPECT_EQ(file->SetRemoteName(L"http://h/f"), BG_E_INVALID_STATE);
    EXPECT_EQ(file->SetValidationState(TRUE), BG_E_INVALID_STATE);
    EXPECT_EQ(job->Resume(), BG_E_INVALID_STATE);
    EXPECT_EQ(job->Suspend(), BG_E_INVALID_STATE);
    EXPECT_EQ(job->Cancel(), BG_E_INVALID_STATE);
    EXPECT_EQ(number(times_of(job).ModificationTime), before);
  }
}

// interfaces.md §4: what is given out belongs to the caller, each time anew.
TEST(Strings, AreTheCallersAndEachTimeAnew) {
  const Job job = failed_job();
  ASSERT_EQ(job.as<IBackgroundCopyJob2>()->SetNotifyCmdLine(L"/bin/true", L"true"), S_OK);
  const auto file = file_of(job);
  std::set<LPWSTR> given;
  const auto take_twice = [&](auto* object, auto get) {
    for (int i = 0; i < 2; ++i) {
      LPWSTR text = nullptr;
      EXPECT_EQ((object->*get)(&text), S_OK);
      EXPECT_NE(text, nullptr);
      EXPECT_TRUE(given.insert(text).second);
    }
  };
  take_twice(job.get(), &IBackgroundCopyJob::GetDisplayName);
  take_twice(job.get(), &IBackgroundCopyJob::GetDescription);
  take_twice(job.get(), &IBackgroundCopyJob::GetOwner);
  take_twice(file.get(), &IBackgroundCopyFile::GetRemoteName);
  take_twice(file.get(), &IBackgroundCopyFile::GetLocalName);
  take_twice(file.get(), &IBackgroundCopyFile3::GetTemporaryName);
  take_twice(job.as<IBackgroundCopyJobHttpOptions2>().get(), &IBackgroundCopyJobHttpOptions2::GetHttpMethod);
  take_twice(failure_of(job).object.get(), &IBackgroundCopyError::GetProtocol);
  for (LPWSTR text : given) {
    text[0] = L'x';  // nobody else's
    CoTaskMemFree(text);
  }
}

// interfaces.md §4: an interface that is given out is released by the caller, whose own count it leaves alone.
TEST(References, OfWhatIsGivenOutAreTheCallers) {
  const Job job = failed_job();
  IEnumBackgroundCopyFiles* files = nullptr;
  ASSERT_EQ(job->EnumFiles(&files), S_OK);
  IBackgroundCopyFile* file = nullptr;
  ASSERT_EQ(files->Next(1, &file, nullptr), S_OK);
  EXPECT_EQ(files->Release(), 0U);
  file->AddRef();
  EXPECT_EQ(file->Release(), 1U);
  EXPECT_EQ(file->Release(), 0U);
  IBackgroundCopyError* error = nullptr;
  ASSERT_EQ(job->GetError(&error), S_OK);
  IBackgroundCopyFile* failed = nullptr;
  ASSERT_EQ(error->GetFile(&failed), S_OK);
  EXPECT_EQ(error->Release(), 0U);
  EXPECT_NE(text_of(failed, &IBackgroundCopyFile::GetRemoteName), L"(failed)") << "outlives its error";
  EXPECT_EQ(failed->Release(), 0U);
}

// interfaces.md §4 and com-surface.md §2.3: a failure leaves no rubbish in what it would have given.
TEST(OutParameters, AreClearedByAFailure) {
  void* rubbish = reinterpret_cast<void*>(std::uintptr_t{0x10});
  const auto job = new_job();
  auto* error = static_cast<IBackgroundCopyError*>(rubbish);
  EXPECT_EQ(job->GetError(&error), BG_E_ERROR_INFORMATION_UNAVAILABLE);
  EXPECT_EQ(error, nullptr);
  auto* found = static_cast<IBackgroundCopyJob*>(rubbish);
  EXPECT_EQ(manager()->GetJob(GUID_NULL, &found), BG_E_NOT_FOUND);
  EXPECT_EQ(found, nullptr);
  GUID id = __uuidof(BackgroundCopyManager);
  found = static_cast<IBackgroundCopyJob*>(rubbish);
  EXPECT_EQ(manager()->CreateJob(nullptr, BG_JOB_TYPE_DOWNLOAD, &id, &found), E_INVALIDARG);
  EXPECT_EQ(found, nullptr);
  EXPECT_EQ(id, GUID_NULL);
  auto* jobs = static_cast<IEnumBackgroundCopyJobs*>(rubbish);
  EXPECT_EQ(manager()->EnumJobs(0x80000000, &jobs), E_INVALIDARG);
  EXPECT_EQ(jobs, nullptr);
  auto* name = static_cast<LPWSTR>(rubbish);
  EXPECT_EQ(job.as<IBackgroundCopyJob2>()->GetReplyFileName(&name), E_NOTIMPL);
  EXPECT_EQ(name, nullptr);
  auto* sid = static_cast<LPWSTR>(rubbish);
  EXPECT_EQ(job.as<IBitsTokenOptions>()->GetHelperTokenSid(&sid), S_OK);
  EXPECT_EQ(sid, nullptr);
  void* other = rubbish;
  EXPECT_EQ(job->QueryInterface(GUID_NULL, &other), E_NOINTERFACE);
  EXPECT_EQ(other, nullptr);
}

// errors.md §5, jobs.md §8: NULL where something is to be given, for every getter of every interface.
TEST(OutParameters, ThatAreNullAreRefused) {
  const Job job = failed_job();
  const auto last = job.as<IBackgroundCopyJob5>();
  const auto file = file_of(job);
  const auto error = failure_of(job).object;
  LPWSTR text = nullptr;
  DWORD count = 0;
  BG_FILE_RANGE* ranges = nullptr;
  BG_JOB_PROXY_USAGE usage{};
  UINT64 bytes = 0;
  BG_ERROR_CONTEXT context{};
  const std::vector<std::pair<const char*, HRESULT>> refused = {
      {"GetDescription", last->GetDescription(nullptr)},
      {"GetPriority", last->GetPriority(nullptr)},
      {"GetNotifyFlags", last->GetNotifyFlags(nullptr)},
      {"GetNotifyInterface", last->GetNotifyInterface(nullptr)},
      {"GetMinimumRetryDelay", last->GetMinimumRetryDelay(nullptr)},
      {"GetNoProgressTimeout", last->GetNoProgressTimeout(nullptr)},
      {"GetErrorCount", last->GetErrorCount(nullptr)},
      {"GetProxySettings", last->GetProxySettings(nullptr, &text, &text)},
      {"GetProxySettings", last->GetProxySettings(&usage, nullptr, &text)},
      {"GetProxySettings", last->GetProxySettings(&usage, &text, nullptr)},
      {"GetNotifyCmdLine", last->GetNotifyCmdLine(&text, nullptr)},
      {"GetNotifyCmdLine", last->GetNotifyCmdLine(nullptr, &text)},
      {"GetReplyData", last->GetReplyData(nullptr, &bytes)},
      {"GetReplyFileName", last->GetReplyFileName(nullptr)},
      {"GetOwnerIntegrityLevel", last->GetOwnerIntegrityLevel(nullptr)},
      {"GetOwnerElevationState", last->GetOwnerElevationState(nullptr)},
      {"GetMaximumDownloadTime", last->GetMaximumDownloadTime(nullptr)},
      {"GetHelperTokenSid", job.as<IBitsTokenOptions>()->GetHelperTokenSid(nullptr)},
      {"GetRemoteName", file->GetRemoteName(nullptr)},
      {"GetLocalName", file->GetLocalName(nullptr)},
      {"GetProgress of a file", file->GetProgress(nullptr)},
      {"GetFileRanges", file->GetFileRanges(&count, nullptr)},
      {"GetTemporaryName", file->GetTemporaryName(nullptr)},
      {"GetValidationState", file->GetValidationState(nullptr)},
      {"IsDownloadedFromPeer", file->IsDownloadedFromPeer(nullptr)},
      {"GetPeerDownloadStats", file->GetPeerDownloadStats(&bytes, nullptr)},
      {"GetProperty of a file", file->GetProperty(BITS_FILE_PROPERTY_ID_HTTP_RESPONSE_HEADERS, nullptr)},
      {"GetFilledFileRanges", file->GetFilledFileRanges(nullptr, &ranges)},
      {"GetFilledFileRanges", file->GetFilledFileRanges(&count, nullptr)},
      {"RequestFileRanges", file->RequestFileRanges(1, nullptr)},
      {"SetRemoteName", file->SetRemoteName(nullptr)},
      {"GetError", error->GetError(&context, nullptr)},
      {"GetFile", error->GetFile(nullptr)},
      {"GetProtocol", error->GetProtocol(nullptr)},
      {"GetErrorContextDescription", error->GetErrorContextDescription(0x0409, nullptr)},
      {"GetErrorDescription", manager()->GetErrorDescription(E_FAIL, 0x0409, nullptr)},
  };
  for (const auto& [method, result] : refused) EXPECT_EQ(result, E_INVALIDARG) << method;
}

}  // namespace
}  // namespace backhaul::test
