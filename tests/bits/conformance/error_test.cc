// SPDX-License-Identifier: Apache-2.0
// IBackgroundCopyError, and which failure is an error of which kind (errors.md).
#include <sys/stat.h>
#include <unistd.h>

#include "tests/bits/conformance/program.h"

namespace backhaul::test {
namespace {

constexpr DWORD english = 0x0409;

// --- GetError --------------------------------------------------------------------------------------

// jobs.md §4, errors.md §1
TEST(GetError, IsForFailedJobsOnly) {
  for (const Job& job : {new_job(), transferred_job(), cancelled_job()}) {
    Com<IBackgroundCopyError> error;
    EXPECT_EQ(job->GetError(&error), BG_E_ERROR_INFORMATION_UNAVAILABLE);
    EXPECT_EQ(error.get(), nullptr);
  }
  EXPECT_EQ(failure_of(resumed("status=503", BG_JOB_STATE_TRANSIENT_ERROR)).code, BG_E_HTTP_ERROR_503);
  EXPECT_EQ(failure_of(resumed("status=404", BG_JOB_STATE_ERROR)).code, BG_E_HTTP_ERROR_404);
}

// errors.md §4: a snapshot.
TEST(GetError, TheObjectStaysAsItWas) {
  const Job job = resumed("status=404 | size=1000", BG_JOB_STATE_ERROR);
  const Failure failure = failure_of(job);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  BG_ERROR_CONTEXT context{};
  HRESULT code = S_OK;
  EXPECT_EQ(failure.object->GetError(&context, &code), S_OK);
  EXPECT_EQ(code, BG_E_HTTP_ERROR_404);
  EXPECT_EQ(context, BG_ERROR_CONTEXT_REMOTE_FILE);
  EXPECT_EQ(failure.object->GetError(nullptr, &code), E_INVALIDARG);
}

// --- Which status is what --------------------------------------------------------------------------

// errors.md §2
TEST(HttpStatus, OfARefusalIsFinal) {
  for (const int status : {400, 403, 404, 405, 410, 416, 451, 501, 505}) {
    const Job job = resumed("status=" + std::to_string(status), BG_JOB_STATE_ERROR);
    EXPECT_EQ(failure_of(job).code, static_cast<HRESULT>(0x80190000U + static_cast<unsigned>(status)));
    EXPECT_EQ(failure_of(job).context, BG_ERROR_CONTEXT_REMOTE_FILE) << status;
    EXPECT_EQ(job->Cancel(), S_OK);
  }
}

// errors.md §2, and the decision at its end
TEST(HttpStatus, OfAServerInTroubleIsTriedAgain) {
  for (const int status : {408, 409, 425, 429, 500, 502, 503, 504, 599}) {
    const Job job = resumed("status=" + std::to_string(status), BG_JOB_STATE_TRANSIENT_ERROR);
    EXPECT_EQ(failure_of(job).code, static_cast<HRESULT>(0x80190000U + static_cast<unsigned>(status)));
    EXPECT_EQ(job->Cancel(), S_OK);
  }
}

// errors.md §5
TEST(TransportError, OfAServerThatIsNotThereIsTransient) {
  const Job job = new_job();
  ASSERT_EQ(add(job, "http://127.0.0.1:1/f", Stage::get().folder("refused")), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSIENT_ERROR));
  const Failure failure = failure_of(job);
  EXPECT_EQ(failure.code, static_cast<HRESULT>(0x80072EFD));
  EXPECT_EQ(failure.context, BG_ERROR_CONTEXT_GENERAL_TRANSPORT);
  EXPECT_EQ(text_of(failure.object.get(), &IBackgroundCopyError::GetProtocol), L"http");
  EXPECT_EQ(job->Cancel(), S_OK);
}

// --- GetFile, GetProtocol --------------------------------------------------------------------------

// errors.md §3
TEST(ErrorFile, IsTheOneThatFailed) {
  const Job job = job_with_file("size=10");
  ASSERT_EQ(add_answered(job, "status=404"), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_ERROR));
  Com<IBackgroundCopyFile> file;
  ASSERT_EQ(failure_of(job).object->GetFile(&file), S_OK);
  EXPECT_EQ(text_of(file.get(), &IBackgroundCopyFile::GetRemoteName),
            text_of(file_of(job, 1).get(), &IBackgroundCopyFile::GetRemoteName));
}

// errors.md §3: an error of the queue belongs to no file and no protocol.
TEST(ErrorFile, OfTheQueueIsNone) {
  const Job job = job_with_file("size=1000 gate=10");
  ASSERT_EQ(job.as<IBackgroundCopyJob4>()->SetMaximumDownloadTime(2), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_ERROR));
  const Failure failure = failure_of(job);
  EXPECT_EQ(failure.context, BG_ERROR_CONTEXT_GENERAL_QUEUE_MANAGER);
  Com<IBackgroundCopyFile> file;
  LPWSTR protocol = const_cast<LPWSTR>(L"untouched");
  EXPECT_EQ(failure.object->GetFile(&file), BG_E_FILE_NOT_AVAILABLE);
  EXPECT_EQ(file.get(), nullptr);
  EXPECT_EQ(failure.object->GetProtocol(&protocol), BG_E_PROTOCOL_NOT_AVAILABLE);
  EXPECT_EQ(protocol, nullptr);
}

// errors.md §4
TEST(ErrorProtocol, OfAFileOfThisMachineIsFile) {
  const Job job = new_job();
  ASSERT_EQ(add(job, "file:///nonexistent/f", Stage::get().folder("nonexistent")), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_ERROR));
  const Failure failure = failure_of(job);
  EXPECT_EQ(failure.context, BG_ERROR_CONTEXT_REMOTE_FILE);
  EXPECT_EQ(text_of(failure.object.get(), &IBackgroundCopyError::GetProtocol), L"file");
}

// errors.md §3: the local side.
TEST(ErrorContext, OfADirectoryThatIsGoneIsTheLocalFile) {
  const std::string folder = Stage::get().folder("gone");
  ASSERT_EQ(mkdir(folder.c_str(), 0700), 0);
  Stage::get().answer("/gone", "size=1000");
  const Job job = new_job();
  ASSERT_EQ(add(job, Stage::get().url("/gone"), folder + "/f"), S_OK);
  ASSERT_EQ(rmdir(folder.c_str()), 0);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_ERROR));
  const Failure failure = failure_of(job);
  EXPECT_EQ(failure.context, BG_ERROR_CONTEXT_LOCAL_FILE);
  EXPECT_EQ(failure.code, HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND));
  Com<IBackgroundCopyFile> file;
  EXPECT_EQ(failure.object->GetFile(&file), S_OK);
  EXPECT_EQ(text_of(failure.object.get(), &IBackgroundCopyError::GetProtocol), L"(failed)");
}

// --- Texts -------------------------------------------------------------------------------------------

// errors.md §4
TEST(ErrorTexts, AreThereInEnglish) {
  const auto error = failure_of(failed_job()).object;
  for (const DWORD language : {0x0409U, 0x0009U, 0x0400U, 0x0800U}) {
    LPWSTR text = nullptr;
    EXPECT_EQ(error->GetErrorDescription(language, &text), S_OK) << language;
    EXPECT_GT(taken(text).size(), 10U);
    EXPECT_EQ(error->GetErrorContextDescription(language, &text), S_OK) << language;
    EXPECT_GT(taken(text).size(), 10U);
    EXPECT_EQ(manager()->GetErrorDescription(BG_E_NOT_FOUND, language, &text), S_OK) << language;
    EXPECT_GT(taken(text).size(), 10U);
  }
}

// errors.md §4
TEST(ErrorTexts, OfOtherLanguagesAreNotThere) {
  const auto error = failure_of(failed_job()).object;
  for (const auto& [language, result] :
       {std::pair<DWORD, HRESULT>(0, E_INVALIDARG),
        {0x0407, HRESULT_FROM_WIN32(ERROR_RESOURCE_LANG_NOT_FOUND)}}) {
    LPWSTR text = const_cast<LPWSTR>(L"untouched");
    EXPECT_EQ(error->GetErrorDescription(language, &text), result);
    EXPECT_EQ(text, nullptr);
    EXPECT_EQ(error->GetErrorContextDescription(language, &text), result);
    EXPECT_EQ(manager()->GetErrorDescription(E_FAIL, language, &text), result);
  }
  EXPECT_EQ(error->GetErrorDescription(english, nullptr), E_INVALIDARG);
}

// errors.md §4: BITS, HTTP and ordinary codes.
TEST(ErrorTexts, AreThereForEveryKindOfCode) {
  for (const HRESULT code : {BG_E_EMPTY, BG_E_HTTP_ERROR_404, static_cast<HRESULT>(0x801901F3), E_ACCESSDENIED,
                             HRESULT_FROM_WIN32(ERROR_DISK_FULL), static_cast<HRESULT>(0x80072EFD)}) {
    LPWSTR text = nullptr;
    EXPECT_EQ(manager()->GetErrorDescription(code, english, &text), S_OK);
    EXPECT_FALSE(taken(text).empty()) << std::hex << code;
  }
}

// errors.md §6: the callback is for ERROR, and gets what GetError would say.
TEST(JobErrorCallback, GetsTheErrorOfTheJob) {
  const Job job = job_with_file("status=503 | status=404");
  const auto told = recorder();
  std::atomic<HRESULT> code{S_OK};
  told->on_error = [&](IBackgroundCopyJob*, IBackgroundCopyError* error) {
    BG_ERROR_CONTEXT context{};
    HRESULT said = S_OK;
    error->GetError(&context, &said);
    code = said;
    return S_OK;
  };
  ASSERT_EQ(job->SetMinimumRetryDelay(5), S_OK);
  ASSERT_EQ(job->SetNotifyInterface(static_cast<IBackgroundCopyCallback2*>(told.get())), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(told->wait_for(Event::error));
  EXPECT_EQ(code.load(), BG_E_HTTP_ERROR_404);
  EXPECT_EQ(told->count(Event::error), 1U) << "never for TRANSIENT_ERROR";
  EXPECT_EQ(job->Cancel(), S_OK);
}

}  // namespace
}  // namespace backhaul::test
