// SPDX-License-Identifier: Apache-2.0
// notifications.md N21–N44, N58, N122: what is delivered to an object, and what it may do meanwhile.
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/bits/fixture.h"

namespace backhaul::test {
namespace {

constexpr auto a_while = std::chrono::milliseconds(300);

// Of the first file.
std::wstring local_name(IBackgroundCopyJob* job) {
  Com<IEnumBackgroundCopyFiles> files;
  Com<IBackgroundCopyFile> file;
  LPWSTR name = nullptr;
  if (FAILED(job->EnumFiles(&files)) || files->Next(1, &file, nullptr) != S_OK ||
      FAILED(file->GetLocalName(&name))) {
    return {};
  }
  const std::wstring copy = name;
  CoTaskMemFree(name);
  return copy;
}

std::uintmax_t size_of(IBackgroundCopyJob* job) {
  std::error_code none;
  const auto size = std::filesystem::file_size(std::filesystem::path(local_name(job)), none);
  return none ? 0 : size;
}

std::string content_of(LPCWSTR path) {
  std::ifstream file{std::filesystem::path(path)};
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(BitsDelivery, N21_N23_TransferredIsToldInThatState) {
  const auto job = job_with_file("size=1000");
  const auto object = recorder();
  std::atomic<int> state{-1};
  object->on_transferred = [&](IBackgroundCopyJob* told) {
    state = state_of(told);
    return S_OK;
  };
  ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
  ASSERT_EQ(job->SetNotifyFlags(BG_NOTIFY_JOB_TRANSFERRED), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(object->wait_for(Event::transferred));
  EXPECT_TRUE(eventually([&] { return state == BG_JOB_STATE_TRANSFERRED; }));
}

TEST(BitsDelivery, N22_WithoutItsFlagTransferredIsNotTold) {
  const auto job = job_with_file("size=1000");
  const auto object = recorder();
  ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
  ASSERT_EQ(job->SetNotifyFlags(BG_NOTIFY_JOB_ERROR), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  EXPECT_TRUE(never([&] { return !object->events().empty(); }, a_while));
}

TEST(BitsDelivery, N26_ErrorIsToldWithTheErrorThatTheJobGives) {
  const auto job = job_with_file("status=404");
  const auto object = recorder();
  std::mutex mutex;
  HRESULT code = S_OK, read_code = S_OK;
  BG_ERROR_CONTEXT context{}, read_context{};
  object->on_error = [&](IBackgroundCopyJob* told, IBackgroundCopyError* error) {
    const std::lock_guard lock(mutex);
    Com<IBackgroundCopyError> read;
    EXPECT_EQ(error->GetError(&context, &code), S_OK);
    EXPECT_EQ(told->GetError(&read), S_OK);
    EXPECT_EQ(read->GetError(&read_context, &read_code), S_OK);
    return S_OK;
  };
  ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(object->wait_for(Event::error));
  EXPECT_TRUE(eventually([&] {
    const std::lock_guard lock(mutex);
    return read_code != S_OK;
  }));
  EXPECT_EQ(code, BG_E_HTTP_ERROR_404);
  EXPECT_EQ(context, BG_ERROR_CONTEXT_REMOTE_FILE);
  EXPECT_EQ(code, read_code);
  EXPECT_EQ(context, read_context);
  EXPECT_EQ(state_of(job), BG_JOB_STATE_ERROR);
}

TEST(BitsDelivery, N27_ATransientErrorIsNotToldAsError) {
  const auto job = job_with_file("status=503");
  const auto object = recorder();
  ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSIENT_ERROR));
  EXPECT_TRUE(never([&] { return object->count(Event::error) != 0; }, a_while));
  EXPECT_EQ(job->Cancel(), S_OK);
}

TEST(BitsDelivery, N28_ATransientErrorBeyondTheNoProgressTimeoutIsTold) {
  const auto job = job_with_file("status=503");
  const auto object = recorder();
  ASSERT_EQ(job->SetMinimumRetryDelay(5), S_OK);
  ASSERT_EQ(job->SetNoProgressTimeout(6), S_OK);
  ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSIENT_ERROR));
  EXPECT_EQ(object->count(Event::error), 0U);
  EXPECT_TRUE(object->wait_for(Event::error));
}

TEST(BitsDelivery, N35_DisableSilencesEverythingAndN36ClearingItDeliversWhatIsPending) {
  const auto job = job_with_file("size=1000");
  const auto object = recorder();
  object->level = 2;
  ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
  ASSERT_EQ(job->SetNotifyFlags(0x3f), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  EXPECT_TRUE(never([&] { return !object->events().empty(); }, a_while));
  ASSERT_EQ(job->SetNotifyFlags(both), S_OK);
  EXPECT_TRUE(object->wait_for(Event::transferred));
}

TEST(BitsDelivery, N37_FlagsChangedDuringTheTransferCountForLaterEvents) {
  std::string path;
  const auto job = job_with_file("size=1000 gate=10", &path);
  const auto object = recorder();
  ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
  ASSERT_EQ(job->SetNotifyFlags(0), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRING));
  ASSERT_EQ(job->SetNotifyFlags(BG_NOTIFY_JOB_TRANSFERRED), S_OK);
  EXPECT_TRUE(object->events().empty());
  Stage::get().release(path);
  EXPECT_TRUE(object->wait_for(Event::transferred));
}

TEST(BitsDelivery, N38_PointersKeptWithAddRefOutliveTheCall) {
  const auto job = job_with_file("status=404");
  const auto object = recorder();
  std::mutex mutex;
  Com<IBackgroundCopyJob> kept_job;
  Com<IBackgroundCopyError> kept_error;
  object->on_error = [&](IBackgroundCopyJob* told, IBackgroundCopyError* error) {
    const std::lock_guard lock(mutex);
    kept_job = Com<IBackgroundCopyJob>(told);
    kept_error = Com<IBackgroundCopyError>(error);
    return S_OK;
  };
  ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(eventually([&] {
    const std::lock_guard lock(mutex);
    return kept_error.get() != nullptr;
  }));
  EXPECT_EQ(job->Cancel(), S_OK);
  BG_ERROR_CONTEXT context;
  HRESULT code = S_OK;
  EXPECT_EQ(kept_error->GetError(&context, &code), S_OK);  // a snapshot: the job has moved on
  EXPECT_EQ(code, BG_E_HTTP_ERROR_404);
  EXPECT_EQ(state_of(kept_job), BG_JOB_STATE_CANCELLED);
  EXPECT_EQ(kept_job.get(), job.get());  // one object for a job in a process
}

TEST(BitsDelivery, N39_NotReleasingWhatIsPassedLeaksNothing) {
  Com<IBackgroundCopyJob> job = job_with_file("size=1000");
  const auto object = recorder();
  std::atomic<IBackgroundCopyJob*> told{nullptr};
  object->on_transferred = [&](IBackgroundCopyJob* passed) {
    told = passed;
    return S_OK;
  };
  ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(eventually([&] { return told != nullptr; }));
  EXPECT_EQ(told, job.get());
  // Only the test's own reference is left once the call has returned.
  EXPECT_TRUE(eventually([&] {
    job->AddRef();
    return job->Release() == 1;
  }));
}

TEST(BitsDelivery, N40_CompleteInsideTransferredLeavesTheFilesInPlace) {
  const auto job = job_with_file("size=5000");
  const auto object = recorder();
  std::atomic<HRESULT> completed{E_FAIL};
  std::atomic<std::uintmax_t> size{0};
  object->on_transferred = [&](IBackgroundCopyJob* told) {
    completed = told->Complete();
    size = size_of(told);
    return S_OK;
  };
  ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(object->wait_for(Event::transferred));
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_ACKNOWLEDGED));
  EXPECT_TRUE(eventually([&] { return size == 5000U; }));
  EXPECT_EQ(completed, S_OK);
}

TEST(BitsDelivery, N41_CancelAndCompleteInsideErrorSucceed) {
  for (const bool cancel : {true, false}) {
    const auto job = job_with_file("status=404");
    const auto object = recorder();
    std::atomic<HRESULT> result{E_FAIL};
    object->on_error = [&](IBackgroundCopyJob* told, IBackgroundCopyError*) {
      result = cancel ? told->Cancel() : told->Complete();
      return S_OK;
    };
    ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
    ASSERT_EQ(job->Resume(), S_OK);
    EXPECT_TRUE(wait_for_state(job, cancel ? BG_JOB_STATE_CANCELLED : BG_JOB_STATE_ACKNOWLEDGED));
    EXPECT_TRUE(eventually([&] { return SUCCEEDED(result); }));
    EXPECT_EQ(result, cancel ? S_OK : BG_S_PARTIAL_COMPLETE);
  }
}

TEST(BitsDelivery, N42_ResumeInsideErrorAfterTheRepairLeadsToTransferred) {
  const auto job = job_with_file("status=404 | size=1000");
  const auto object = recorder();
  std::atomic<HRESULT> resumed{E_FAIL};
  object->on_error = [&](IBackgroundCopyJob* told, IBackgroundCopyError*) {
    resumed = told->Resume();
    return S_OK;
  };
  ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  EXPECT_TRUE(object->wait_for(Event::transferred));
  EXPECT_EQ(resumed, S_OK);
  EXPECT_EQ(object->events(), (std::vector{Event::error, Event::transferred}));
}

// notifications.md, JobModification: real programs end their wait on it.
TEST(BitsDelivery, TheEndOfAJobIsAModificationAlsoForWhoEndsIt) {
  for (const bool completes : {false, true}) {
    const auto job = job_with_file("size=1000");
    ASSERT_EQ(job->Resume(), S_OK);
    ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
    const auto object = recorder();
    std::atomic<int> last{-1};
    object->on_modification = [&](IBackgroundCopyJob* told) {
      last = state_of(told);
      return S_OK;
    };
    ASSERT_EQ(job->SetNotifyFlags(BG_NOTIFY_JOB_MODIFICATION), S_OK);
    ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
    ASSERT_EQ(completes ? job->Complete() : job->Cancel(), S_OK);
    const int wanted = completes ? BG_JOB_STATE_ACKNOWLEDGED : BG_JOB_STATE_CANCELLED;
    EXPECT_TRUE(eventually([&] { return last == wanted; })) << last;
  }
}

TEST(BitsDelivery, N44_ClearingInsideACallbackLeavesTheObjectAliveForTheCall) {
  const auto job = job_with_file("size=1000");
  auto object = recorder();
  std::atomic<HRESULT> cleared{E_FAIL};
  std::atomic<ULONG> left{0};
  Recorder* const raw = object;
  object->on_transferred = [&, raw](IBackgroundCopyJob* told) {
    cleared = told->SetNotifyInterface(nullptr);
    left = raw->references();  // the program dropped its own: this is the library's
    return S_OK;
  };
  ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
  object.reset();
  ASSERT_EQ(job->Resume(), S_OK);
  EXPECT_TRUE(eventually([&] { return left != 0; }));
  EXPECT_EQ(cleared, S_OK);
  EXPECT_TRUE(eventually([&] { return notify_interface(job).get() == nullptr; }));
}

// The next event waits for this call, whose answer counts for the registration that was made in it.
TEST(BitsDelivery, N56_RegisteringAgainInsideFileTransferredIsNoSecondCallAboutTheFile) {
  const auto job = job_with_file("size=1000");
  const auto object = recorder();
  object->level = 2;
  Recorder* const raw = object;
  object->on_file = [raw](IBackgroundCopyJob* told, IBackgroundCopyFile*) { return told->SetNotifyInterface(raw); };
  ASSERT_EQ(job->SetNotifyFlags(BG_NOTIFY_FILE_TRANSFERRED | BG_NOTIFY_JOB_TRANSFERRED), S_OK);
  ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(object->wait_for(Event::transferred));
  EXPECT_EQ(object->events(), (std::vector{Event::file, Event::transferred}));
}

TEST(BitsDelivery, TheLastReferenceMayBeDroppedInsideACallback) {
  auto job = job_with_file("size=1000");
  const auto object = recorder();
  std::atomic<bool> dropped{false};
  object->on_transferred = [&](IBackgroundCopyJob* told) {
    job.reset();  // the program's only pointer
    dropped = state_of(told) == BG_JOB_STATE_TRANSFERRED;
    return told->Complete();
  };
  ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  EXPECT_TRUE(eventually([&] { return dropped.load(); }));
  EXPECT_TRUE(object->wait_for_references(1));
}

TEST(BitsDelivery, N122_InsideFileTransferredTheTemporaryNameHoldsTheWholeFile) {
  const auto job = job_with_file("size=5000 seed=7");
  const auto object = recorder();
  object->level = 2;
  std::mutex mutex;
  std::string there, published;
  object->on_file = [&](IBackgroundCopyJob*, IBackgroundCopyFile* told) {
    LPWSTR temporary = nullptr, local = nullptr;
    EXPECT_EQ(Com(told).as<IBackgroundCopyFile3>()->GetTemporaryName(&temporary), S_OK);
    EXPECT_EQ(told->GetLocalName(&local), S_OK);
    const std::lock_guard lock(mutex);
    there = content_of(temporary);
    published = content_of(local);
    CoTaskMemFree(temporary);
    CoTaskMemFree(local);
    return S_OK;
  };
  ASSERT_EQ(job->SetNotifyFlags(BG_NOTIFY_FILE_TRANSFERRED | BG_NOTIFY_JOB_TRANSFERRED), S_OK);
  ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(object->wait_for(Event::transferred));  // the call about the file has returned
  const std::lock_guard lock(mutex);
  EXPECT_EQ(published, "");
  ASSERT_EQ(there.size(), 5000U);
  ASSERT_EQ(job->Complete(), S_OK);
  EXPECT_EQ(there, content_of(local_name(job).c_str()));
}

TEST(BitsDelivery, N58_AnExceptionDoesNotEndTheProgramAndCountsAsFailure) {
  const auto job = job_with_file("size=1000");
  const auto object = recorder();
  // The second call may still run when the test is over: it was counted when it came.
  const auto calls = std::make_shared<std::atomic<int>>(0);
  object->on_transferred = [calls](IBackgroundCopyJob*) -> HRESULT {
    if (++*calls == 1) throw std::string("a program's own trouble");
    return S_OK;
  };
  ASSERT_EQ(job->SetMinimumRetryDelay(5), S_OK);
  ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  EXPECT_TRUE(object->wait_for(Event::transferred, 2));
}

}  // namespace
}  // namespace backhaul::test
