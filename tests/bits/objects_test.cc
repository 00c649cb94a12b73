// SPDX-License-Identifier: Apache-2.0
// Objects of libbackhaul-bits as programs see them: identity, enumerators, out parameters, texts,
// ended jobs (jobs.md §7, §10; com-surface.md §7).
#include <unistd.h>

#include "tests/bits/fixture.h"

namespace backhaul::test {
namespace {

std::wstring take(LPWSTR text) {
  std::wstring copy = text != nullptr ? text : L"(null)";
  CoTaskMemFree(text);
  return copy;
}

TEST(BitsObjects, AJobIsOneObjectWhicheverWayItIsReached) {
  const auto job = new_job();
  GUID id;
  ASSERT_EQ(job->GetId(&id), S_OK);
  Com<IBackgroundCopyJob> again;
  ASSERT_EQ(manager()->GetJob(id, &again), S_OK);
  EXPECT_EQ(again.get(), job.get());
  auto identity = job.as<IUnknown>();
  const auto same = [&](auto other) {
    return other.get() != nullptr && other.template as<IUnknown>().get() == identity.get();
  };
  EXPECT_TRUE(same(job.as<IBackgroundCopyJob2>()));
  EXPECT_TRUE(same(job.as<IBackgroundCopyJob3>()));
  EXPECT_TRUE(same(job.as<IBackgroundCopyJob4>()));
  EXPECT_TRUE(same(job.as<IBackgroundCopyJob5>()));
  EXPECT_TRUE(same(job.as<IBackgroundCopyJobHttpOptions>()));
  EXPECT_TRUE(same(job.as<IBackgroundCopyJobHttpOptions2>()));
  EXPECT_TRUE(same(job.as<IBackgroundCopyJobHttpOptions3>()));
  EXPECT_TRUE(same(job.as<IBitsTokenOptions>()));
  EXPECT_EQ(job.as<IBackgroundCopyManager>().get(), nullptr);
  again.reset();
  identity.reset();
  IBackgroundCopyJob* last = nullptr;
  ASSERT_EQ(manager()->GetJob(id, &last), S_OK);
  last->AddRef();
  EXPECT_EQ(last->Release(), 2U);
  EXPECT_EQ(last->Release(), 1U);  // the test's own; the queue counts nothing here
}

TEST(BitsObjects, SettingsAreStoredAndReadBack) {
  const auto job = new_job().as<IBackgroundCopyJob4>();
  EXPECT_EQ(job->SetDisplayName(L"N\u00e4chtlich \U0001f319"), S_OK);
  EXPECT_EQ(job->SetDescription(L"zweite"), S_OK);
  EXPECT_EQ(job->SetPriority(BG_JOB_PRIORITY_LOW), S_OK);
  EXPECT_EQ(job->SetMinimumRetryDelay(61), S_OK);
  EXPECT_EQ(job->SetNoProgressTimeout(3600), S_OK);
  EXPECT_EQ(job->SetMaximumDownloadTime(7200), S_OK);
  LPWSTR text = nullptr;
  EXPECT_EQ(job->GetDisplayName(&text), S_OK);
  EXPECT_EQ(take(text), L"N\u00e4chtlich \U0001f319");
  EXPECT_EQ(job->GetDescription(&text), S_OK);
  EXPECT_EQ(take(text), L"zweite");
  BG_JOB_PRIORITY priority;
  EXPECT_EQ(job->GetPriority(&priority), S_OK);
  EXPECT_EQ(priority, BG_JOB_PRIORITY_LOW);
  ULONG seconds = 0;
  EXPECT_EQ(job->GetMinimumRetryDelay(&seconds), S_OK);
  EXPECT_EQ(seconds, 61U);
  EXPECT_EQ(job->GetNoProgressTimeout(&seconds), S_OK);
  EXPECT_EQ(seconds, 3600U);
  EXPECT_EQ(job->GetMaximumDownloadTime(&seconds), S_OK);
  EXPECT_EQ(seconds, 7200U);
  EXPECT_EQ(job->SetPriority(static_cast<BG_JOB_PRIORITY>(9)), E_NOTIMPL);
  EXPECT_EQ(job->SetDisplayName(nullptr), E_INVALIDARG);
  EXPECT_EQ(job->SetDescription(nullptr), E_INVALIDARG);
  EXPECT_EQ(job->SetDisplayName(std::wstring(257, L'x').c_str()), BG_E_STRING_TOO_LONG);
  BG_JOB_TYPE type;
  EXPECT_EQ(job->GetType(&type), S_OK);
  EXPECT_EQ(type, BG_JOB_TYPE_DOWNLOAD);
  EXPECT_EQ(job->GetOwner(&text), S_OK);
  EXPECT_EQ(take(text), L"S-1-22-1-" + std::to_wstring(getuid()));
  BG_JOB_TIMES times;
  EXPECT_EQ(job->GetTimes(&times), S_OK);
  EXPECT_NE(times.CreationTime.dwHighDateTime, 0U);
  EXPECT_EQ(times.TransferCompletionTime.dwHighDateTime, 0U);
}

TEST(BitsObjects, NullOutPointersAreRefusedEverywhere) {
  const auto job = new_job().as<IBackgroundCopyJob5>();
  const auto http = job.as<IBackgroundCopyJobHttpOptions3>();
  EXPECT_EQ(job->GetId(nullptr), E_INVALIDARG);
  EXPECT_EQ(job->GetState(nullptr), E_INVALIDARG);
  EXPECT_EQ(job->GetType(nullptr), E_INVALIDARG);
  EXPECT_EQ(job->GetProgress(nullptr), E_INVALIDARG);
  EXPECT_EQ(job->GetTimes(nullptr), E_INVALIDARG);
  EXPECT_EQ(job->GetError(nullptr), E_INVALIDARG);
  EXPECT_EQ(job->GetOwner(nullptr), E_INVALIDARG);
  EXPECT_EQ(job->GetDisplayName(nullptr), E_INVALIDARG);
  EXPECT_EQ(job->EnumFiles(nullptr), E_INVALIDARG);
  EXPECT_EQ(job->GetNotifyCmdLine(nullptr, nullptr), E_INVALIDARG);
  EXPECT_EQ(job->GetProperty(BITS_JOB_PROPERTY_NOTIFICATION_CLSID, nullptr), E_INVALIDARG);
  EXPECT_EQ(job->AddFile(nullptr, L"/tmp/file"), E_INVALIDARG);
  EXPECT_EQ(job->AddFile(L"http://127.0.0.1/file", nullptr), E_INVALIDARG);
  EXPECT_EQ(job->AddFileSet(1, nullptr), E_INVALIDARG);
  EXPECT_EQ(http->GetCustomHeaders(nullptr), RPC_X_NULL_REF_POINTER);
  EXPECT_EQ(http->GetSecurityFlags(nullptr), RPC_X_NULL_REF_POINTER);
  EXPECT_EQ(http->GetHttpMethod(nullptr), RPC_X_NULL_REF_POINTER);
  GUID id;
  Com<IBackgroundCopyJob> made;
  EXPECT_EQ(manager()->CreateJob(L"x", BG_JOB_TYPE_DOWNLOAD, nullptr, &made),
            RPC_X_NULL_REF_POINTER);
  EXPECT_EQ(manager()->CreateJob(L"x", BG_JOB_TYPE_DOWNLOAD, &id, nullptr), RPC_X_NULL_REF_POINTER);
  EXPECT_EQ(manager()->CreateJob(nullptr, BG_JOB_TYPE_DOWNLOAD, &id, &made), E_INVALIDARG);
  EXPECT_EQ(manager()->EnumJobs(0, nullptr), E_INVALIDARG);
  EXPECT_EQ(manager()->GetJob(IID_IUnknown, &made), BG_E_NOT_FOUND);
  EXPECT_EQ(made.get(), nullptr);
}

// com-surface.md §7: whatever a program frees behind a failure is empty.
TEST(BitsObjects, OnFailureOutPointersAreEmptyAlsoWhenAnotherIsNull) {
  const auto job = job_with_file("size=1").as<IBackgroundCopyJob5>();
  const auto http = job.as<IBackgroundCopyJobHttpOptions3>();
  Com<IEnumBackgroundCopyFiles> files;
  Com<IBackgroundCopyFile> file;
  ASSERT_EQ(job->EnumFiles(&files), S_OK);
  ASSERT_EQ(files->Next(1, &file, nullptr), S_OK);
  WCHAR rest[] = L"?";
  BYTE byte = 0;
  BG_FILE_RANGE range{};
  LPWSTR text = rest;
  EXPECT_EQ(job->GetNotifyCmdLine(&text, nullptr), E_INVALIDARG);
  EXPECT_EQ(text, nullptr);
  text = rest;
  BG_JOB_PROXY_USAGE usage{};
  EXPECT_EQ(job->GetProxySettings(&usage, &text, nullptr), E_INVALIDARG);
  EXPECT_EQ(text, nullptr);
  text = rest;
  BYTE* hash = &byte;
  BG_CERT_STORE_LOCATION location{};
  EXPECT_EQ(http->GetClientCertificate(&location, &text, &hash, nullptr), RPC_X_NULL_REF_POINTER);
  EXPECT_EQ(text, nullptr);
  EXPECT_EQ(hash, nullptr);
  BG_FILE_RANGE* ranges = &range;
  EXPECT_EQ(file.as<IBackgroundCopyFile2>()->GetFileRanges(nullptr, &ranges), E_INVALIDARG);
  EXPECT_EQ(ranges, nullptr);
  ranges = &range;
  EXPECT_EQ(file.as<IBackgroundCopyFile6>()->GetFilledFileRanges(nullptr, &ranges), E_INVALIDARG);
  EXPECT_EQ(ranges, nullptr);
}

TEST(BitsObjects, N100_PropertyIdsThatDoNotExistAreUnknown) {
  const auto job = new_job().as<IBackgroundCopyJob5>();
  BITS_JOB_PROPERTY_VALUE value;
  for (const int id : {0, 6, 8, 11, 99}) {
    value.Dword = 1;
    EXPECT_EQ(job->SetProperty(static_cast<BITS_JOB_PROPERTY_ID>(id), value),
              BG_E_UNKNOWN_PROPERTY_ID);
    EXPECT_EQ(job->GetProperty(static_cast<BITS_JOB_PROPERTY_ID>(id), &value),
              BG_E_UNKNOWN_PROPERTY_ID);
  }
}

TEST(BitsObjects, AnEnumeratorOfFilesIsASnapshotInOrder) {
  const auto job = new_job();
  const auto add = [&](int number) {
    const std::string name = "enum" + std::to_string(number);
    ASSERT_EQ(job->AddFile(wide(Stage::get().url("/" + name)).c_str(),
                           wide(Stage::get().folder(name)).c_str()),
              S_OK);
  };
  for (int i = 0; i < 3; ++i) add(i);
  Com<IEnumBackgroundCopyFiles> files;
  ASSERT_EQ(job->EnumFiles(&files), S_OK);
  add(3);
  ULONG count = 0, fetched = 9;
  EXPECT_EQ(files->GetCount(&count), S_OK);
  EXPECT_EQ(count, 3U);
  IBackgroundCopyFile* some[4] = {};
  EXPECT_EQ(files->Next(2, some, nullptr), E_INVALIDARG);
  EXPECT_EQ(files->Next(2, some, &fetched), S_OK);
  EXPECT_EQ(fetched, 2U);
  LPWSTR name = nullptr;
  EXPECT_EQ(some[1]->GetRemoteName(&name), S_OK);
  EXPECT_EQ(take(name), wide(Stage::get().url("/enum1")));
  some[0]->Release();
  some[1]->Release();
  Com<IEnumBackgroundCopyFiles> clone;
  ASSERT_EQ(files->Clone(&clone), S_OK);
  EXPECT_EQ(files->Next(4, some, &fetched), S_FALSE);
  EXPECT_EQ(fetched, 1U);
  EXPECT_EQ(some[1], nullptr);
  some[0]->Release();
  EXPECT_EQ(files->Skip(1), S_FALSE);
  EXPECT_EQ(clone->Skip(1), S_OK);
  EXPECT_EQ(clone->Next(1, some, nullptr), S_FALSE);
  EXPECT_EQ(clone->Reset(), S_OK);
  EXPECT_EQ(clone->Next(1, some, nullptr), S_OK);
  BG_FILE_PROGRESS progress;
  EXPECT_EQ(some[0]->GetProgress(&progress), S_OK);
  EXPECT_EQ(progress.BytesTotal, BG_SIZE_UNKNOWN);
  EXPECT_FALSE(progress.Completed);
  some[0]->Release();
}

TEST(BitsObjects, AnEnumeratorOfJobsKeepsWhatEndedMeanwhile) {
  const auto first = new_job();
  const auto second = new_job();
  Com<IEnumBackgroundCopyJobs> jobs;
  ASSERT_EQ(manager()->EnumJobs(0, &jobs), S_OK);
  EXPECT_EQ(first->Cancel(), S_OK);
  const auto third = new_job();
  bool saw_first = false, saw_second = false, saw_third = false;
  Com<IBackgroundCopyJob> job;
  while (jobs->Next(1, &job, nullptr) == S_OK) {
    saw_first |= job.get() == first.get() && state_of(job) == BG_JOB_STATE_CANCELLED;
    saw_second |= job.get() == second.get() && state_of(job) == BG_JOB_STATE_SUSPENDED;
    saw_third |= job.get() == third.get();
  }
  EXPECT_TRUE(saw_first);
  EXPECT_TRUE(saw_second);
  EXPECT_FALSE(saw_third);
  EXPECT_EQ(manager()->EnumJobs(2, &jobs), E_INVALIDARG);
}

TEST(BitsObjects, N128_AnEndedJobAnswersGettersAndRefusesChanges) {
  const auto job = transferred_job();
  Com<IEnumBackgroundCopyFiles> files;
  Com<IBackgroundCopyFile> file;
  ASSERT_EQ(job->Complete(), S_OK);
  EXPECT_EQ(state_of(job), BG_JOB_STATE_ACKNOWLEDGED);
  BG_JOB_PROGRESS progress;
  EXPECT_EQ(job->GetProgress(&progress), S_OK);
  EXPECT_EQ(progress.BytesTotal, 1000U);
  EXPECT_EQ(progress.BytesTransferred, 1000U);
  ASSERT_EQ(job->EnumFiles(&files), S_OK);
  ASSERT_EQ(files->Next(1, &file, nullptr), S_OK);
  BG_FILE_PROGRESS of_file;
  EXPECT_EQ(file->GetProgress(&of_file), S_OK);
  EXPECT_EQ(of_file.BytesTransferred, 1000U);
  EXPECT_TRUE(of_file.Completed);
  LPWSTR name = nullptr;
  EXPECT_EQ(file->GetLocalName(&name), S_OK);
  CoTaskMemFree(name);
  EXPECT_EQ(job->Complete(), BG_E_INVALID_STATE);
  EXPECT_EQ(job->Cancel(), BG_E_INVALID_STATE);
  EXPECT_EQ(job->SetDisplayName(L"late"), BG_E_INVALID_STATE);
  EXPECT_EQ(job->AddFile(L"http://127.0.0.1/x", L"/tmp/x"), BG_E_INVALID_STATE);
  EXPECT_EQ(job->Resume(), BG_E_INVALID_STATE);
}

TEST(BitsObjects, N129_ACancelledJobSaysSoAndIsNotCancelledAgain) {
  const auto job = transferred_job();
  ASSERT_EQ(job->Cancel(), S_OK);
  EXPECT_EQ(state_of(job), BG_JOB_STATE_CANCELLED);
  EXPECT_EQ(job->Cancel(), BG_E_INVALID_STATE);
  EXPECT_EQ(state_of(job), BG_JOB_STATE_CANCELLED);
}

TEST(BitsObjects, N131_ATransferredJobHasNoErrorEvenIfItHadOne) {
  const auto job = job_with_file("status=404 | size=1000");
  Com<IBackgroundCopyError> error;
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_ERROR));
  EXPECT_EQ(job->GetError(&error), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  EXPECT_EQ(job->GetError(&error), BG_E_ERROR_INFORMATION_UNAVAILABLE);
  EXPECT_EQ(error.get(), nullptr);
}

TEST(BitsObjects, N132_PollingAloneSeesEveryState) {
  std::string path;
  const auto job = job_with_file("status=503 | status=404 | size=1000 gate=0 hold-head=1", &path);
  EXPECT_EQ(state_of(job), BG_JOB_STATE_SUSPENDED);
  ASSERT_EQ(job->Resume(), S_OK);
  EXPECT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSIENT_ERROR));
  ASSERT_EQ(job->Resume(), S_OK);
  EXPECT_TRUE(wait_for_state(job, BG_JOB_STATE_ERROR));
  ASSERT_EQ(job->Resume(), S_OK);
  EXPECT_TRUE(wait_for_state(job, BG_JOB_STATE_CONNECTING));
  const auto other = job_with_file("size=1000");  // a higher priority has the network
  ASSERT_EQ(other->SetPriority(BG_JOB_PRIORITY_LOW), S_OK);
  ASSERT_EQ(other->Resume(), S_OK);
  EXPECT_EQ(state_of(other), BG_JOB_STATE_QUEUED);
  ASSERT_EQ(other->Cancel(), S_OK);
  EXPECT_EQ(state_of(other), BG_JOB_STATE_CANCELLED);
  ASSERT_EQ(job->Suspend(), S_OK);
  EXPECT_EQ(state_of(job), BG_JOB_STATE_SUSPENDED);
  Stage::get().answer(path, "size=1000 gate=10");
  ASSERT_EQ(job->Resume(), S_OK);
  EXPECT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRING));
  Stage::get().release(path);
  EXPECT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  ASSERT_EQ(job->Complete(), S_OK);
  EXPECT_EQ(state_of(job), BG_JOB_STATE_ACKNOWLEDGED);
}

TEST(BitsObjects, N118_N119_N120_N123_AFileIsValidatedOnceItIsHere) {
  std::string path;
  const auto job = job_with_file("size=1000 gate=10", &path);
  const auto told = recorder();
  Com<IEnumBackgroundCopyFiles> files;
  Com<IBackgroundCopyFile> first;
  ASSERT_EQ(job->EnumFiles(&files), S_OK);
  ASSERT_EQ(files->Next(1, &first, nullptr), S_OK);
  const auto file = first.as<IBackgroundCopyFile3>();
  BOOL valid = TRUE;
  EXPECT_EQ(file->GetValidationState(&valid), S_OK);
  EXPECT_FALSE(valid);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRING));
  EXPECT_EQ(file->SetValidationState(TRUE), E_PENDING);
  Stage::get().release(path);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  EXPECT_EQ(file->SetValidationState(TRUE), S_OK);
  EXPECT_EQ(file->GetValidationState(&valid), S_OK);
  EXPECT_TRUE(valid);
  ASSERT_EQ(job->SetNotifyFlags(BG_NOTIFY_JOB_ERROR), S_OK);
  ASSERT_EQ(job->SetNotifyInterface(told), S_OK);
  EXPECT_EQ(file->SetValidationState(FALSE), S_OK);
  EXPECT_EQ(state_of(job), BG_JOB_STATE_ERROR);
  EXPECT_TRUE(told->wait_for(Event::error));
  BG_FILE_PROGRESS progress;
  EXPECT_EQ(file->GetProgress(&progress), S_OK);
  EXPECT_EQ(progress.BytesTransferred, 0U);
  Com<IBackgroundCopyError> error;
  BG_ERROR_CONTEXT context;
  HRESULT code = S_OK;
  ASSERT_EQ(job->GetError(&error), S_OK);
  EXPECT_EQ(error->GetError(&context, &code), S_OK);
  EXPECT_EQ(code, BG_E_VALIDATION_FAILED);
  Stage::get().answer(path, "size=1000");
  ASSERT_EQ(job->Resume(), S_OK);
  EXPECT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
}

HRESULT set_property(IBackgroundCopyJob* job, BITS_JOB_PROPERTY_ID id, UINT64 number) {
  BITS_JOB_PROPERTY_VALUE value;
  value.Uint64 = 0;
  if (id == BITS_JOB_PROPERTY_MAX_DOWNLOAD_SIZE) value.Uint64 = number;
  else value.Enable = static_cast<BOOL>(number);
  return Com<IBackgroundCopyJob>(job).as<IBackgroundCopyJob5>()->SetProperty(id, value);
}

// jobs.md §11: also the value that is in force is refused when it is too late to set it.
TEST(BitsObjects, APropertyIsReadOnlyAfterTheFirstFileOrTheFirstResume) {
  const auto job = new_job();
  const auto http = job.as<IBackgroundCopyJobHttpOptions2>();
  const auto dynamic = [&] { return set_property(job, BITS_JOB_PROPERTY_DYNAMIC_CONTENT, FALSE); };
  const auto fast = [&] { return set_property(job, BITS_JOB_PROPERTY_HIGH_PERFORMANCE, FALSE); };
  const auto limit = [&] {
    return set_property(job, BITS_JOB_PROPERTY_MAX_DOWNLOAD_SIZE, BG_SIZE_UNKNOWN);
  };
  EXPECT_EQ(set_property(job, BITS_JOB_PROPERTY_HIGH_PERFORMANCE, TRUE), S_OK);
  EXPECT_EQ(fast(), S_OK);
  const std::string file = Stage::get().folder("when" + id_text(job));
  Stage::get().answer("/when", "size=1000");
  ASSERT_EQ(job->AddFile(wide(Stage::get().url("/when")).c_str(), wide(file).c_str()), S_OK);
  EXPECT_EQ(fast(), BG_E_READ_ONLY_PROPERTY_AFTER_ADDFILE);
  EXPECT_EQ(dynamic(), S_OK);
  EXPECT_EQ(limit(), S_OK);
  EXPECT_EQ(http->SetHttpMethod(L"GET"), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_EQ(job->Suspend(), S_OK);
  EXPECT_EQ(dynamic(), BG_E_READ_ONLY_PROPERTY_AFTER_RESUME);
  EXPECT_EQ(limit(), BG_E_READ_ONLY_PROPERTY_AFTER_RESUME);
  EXPECT_EQ(http->SetHttpMethod(L"GET"), BG_E_READ_ONLY_PROPERTY_AFTER_RESUME);
  EXPECT_EQ(set_property(job, BITS_JOB_PROPERTY_ON_DEMAND_MODE, FALSE), S_OK);
  EXPECT_EQ(job.as<IBackgroundCopyJob3>()->SetFileACLFlags(0), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  EXPECT_EQ(job.as<IBackgroundCopyJob3>()->SetFileACLFlags(0), BG_E_INVALID_STATE);
  EXPECT_EQ(job->Cancel(), S_OK);
}

// jobs.md §11.
TEST(BitsObjects, AJobIsNoLargerThanItsMaximumSize) {
  const auto job = new_job();
  EXPECT_EQ(set_property(job, BITS_JOB_PROPERTY_MAX_DOWNLOAD_SIZE, 0),
            BG_E_MAX_DOWNLOAD_SIZE_INVALID_VALUE);
  EXPECT_EQ(set_property(job, BITS_JOB_PROPERTY_MAX_DOWNLOAD_SIZE, 999), S_OK);
  BITS_JOB_PROPERTY_VALUE value;
  EXPECT_EQ(job.as<IBackgroundCopyJob5>()->GetProperty(BITS_JOB_PROPERTY_MAX_DOWNLOAD_SIZE, &value),
            S_OK);
  EXPECT_EQ(value.Uint64, 999U);
  const std::string file = Stage::get().folder("larger" + id_text(job));
  Stage::get().answer("/larger", "size=1000");
  ASSERT_EQ(job->AddFile(wide(Stage::get().url("/larger")).c_str(), wide(file).c_str()), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_ERROR));
  Com<IBackgroundCopyError> error;
  BG_ERROR_CONTEXT context;
  HRESULT code = S_OK;
  ASSERT_EQ(job->GetError(&error), S_OK);
  EXPECT_EQ(error->GetError(&context, &code), S_OK);
  EXPECT_EQ(code, BG_E_MAX_DOWNLOAD_SIZE_LIMIT_REACHED);
  EXPECT_EQ(job->Cancel(), S_OK);
}

// jobs.md §4.
TEST(BitsObjects, NothingOfAFileCanBeSetAfterTheEndOfItsJob) {
  const auto job = transferred_job();
  Com<IEnumBackgroundCopyFiles> files;
  Com<IBackgroundCopyFile> first;
  ASSERT_EQ(job->EnumFiles(&files), S_OK);
  ASSERT_EQ(files->Next(1, &first, nullptr), S_OK);
  const auto file = first.as<IBackgroundCopyFile6>();
  const BG_FILE_RANGE range = {0, 1};
  BITS_FILE_PROPERTY_VALUE value;
  value.String = nullptr;
  EXPECT_EQ(file->SetRemoteName(L"http://host/a"), S_OK);
  ASSERT_EQ(job->Complete(), S_OK);
  EXPECT_EQ(file->SetRemoteName(L"http://host/a"), BG_E_INVALID_STATE);
  EXPECT_EQ(file->SetRemoteName(nullptr), BG_E_INVALID_STATE);
  EXPECT_EQ(file->SetValidationState(TRUE), BG_E_INVALID_STATE);
  EXPECT_EQ(file->UpdateDownloadPosition(0), BG_E_INVALID_STATE);
  EXPECT_EQ(file->RequestFileRanges(1, &range), BG_E_INVALID_STATE);
  EXPECT_EQ(file->SetProperty(BITS_FILE_PROPERTY_ID_HTTP_RESPONSE_HEADERS, value),
            BG_E_INVALID_STATE);
  EXPECT_EQ(job.as<IBackgroundCopyJob2>()->SetReplyFileName(L"/tmp/r"), BG_E_INVALID_STATE);
  LPWSTR name = nullptr;
  EXPECT_EQ(file->GetRemoteName(&name), S_OK);
  CoTaskMemFree(name);
}

TEST(BitsObjects, AJobWithoutFilesCannotBeResumed) {
  const auto job = new_job();
  EXPECT_EQ(job->Resume(), BG_E_EMPTY);
  EXPECT_EQ(state_of(job), BG_JOB_STATE_SUSPENDED);
  EXPECT_EQ(job->Suspend(), S_OK);
}

TEST(BitsObjects, ErrorsTellFileProtocolAndTexts) {
  const auto job = failed_job();
  Com<IBackgroundCopyError> error;
  ASSERT_EQ(job->GetError(&error), S_OK);
  Com<IBackgroundCopyFile> file;
  EXPECT_EQ(error->GetFile(&file), S_OK);
  LPWSTR text = nullptr;
  EXPECT_EQ(error->GetProtocol(&text), S_OK);
  EXPECT_EQ(take(text), L"http");
  EXPECT_EQ(error->GetErrorDescription(LANGIDFROMLCID(GetThreadLocale()), &text), S_OK);
  EXPECT_FALSE(take(text).empty());
  EXPECT_EQ(error->GetErrorContextDescription(LANG_ENGLISH, &text), S_OK);
  EXPECT_FALSE(take(text).empty());
  EXPECT_EQ(error->GetErrorDescription(0, &text), E_INVALIDARG);
  EXPECT_EQ(text, nullptr);
  EXPECT_EQ(error->GetErrorDescription(0x0407, &text),
            HRESULT_FROM_WIN32(ERROR_RESOURCE_LANG_NOT_FOUND));
  EXPECT_EQ(manager()->GetErrorDescription(BG_E_EMPTY, 0x0409, &text), S_OK);
  EXPECT_FALSE(take(text).empty());
  const auto healthy = new_job();
  EXPECT_EQ(healthy->GetError(&error), BG_E_ERROR_INFORMATION_UNAVAILABLE);
  EXPECT_EQ(error.get(), nullptr);
}

}  // namespace
}  // namespace backhaul::test
