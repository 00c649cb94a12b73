// SPDX-License-Identifier: Apache-2.0
// Limits at both of their ends, kinds of answers, progress while a job moves, and objects that several threads use.
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <iterator>
#include <thread>

#include "tests/bits/conformance/program.h"

namespace backhaul::test {
namespace {

std::string local(const std::string& name) { return Stage::get().folder(name); }
std::string url(const std::string& path) { return Stage::get().url(path); }
constexpr ULONG longest = 0xFFFFFFFF;

BG_FILE_PROGRESS file_progress(const Job& job, ULONG index = 0) {
  return value_of(file_of(job, index).get(), &IBackgroundCopyFile::GetProgress);
}

// --- limits ------------------------------------------------------------------------------------------

// jobs.md §9: below five it becomes five, and five is five.
TEST(SetMinimumRetryDelay, HasAFloorOfFiveAndNoCeiling) {
  const Job job = new_job();
  for (const auto& [given, kept] : std::vector<std::pair<ULONG, ULONG>>{{1, 5}, {4, 5}, {5, 5}, {6, 6}, {60, 60},
                                                                        {longest, longest}}) {
    EXPECT_EQ(job->SetMinimumRetryDelay(given), S_OK);
    EXPECT_EQ(value_of(job.get(), &IBackgroundCopyJob::GetMinimumRetryDelay), kept) << given;
  }
}

// jobs.md §9: any number of seconds, nought among them.
TEST(SetNoProgressTimeout, TakesEveryNumber) {
  const Job job = new_job();
  for (const ULONG seconds : {0U, 1U, 600U, longest}) {
    EXPECT_EQ(job->SetNoProgressTimeout(seconds), S_OK);
    EXPECT_EQ(value_of(job.get(), &IBackgroundCopyJob::GetNoProgressTimeout), seconds);
  }
}

// jobs.md §9: ULONG, in both directions of what the policy says.
TEST(SetMaximumDownloadTime, TakesEveryNumber) {
  const auto job = new_job().as<IBackgroundCopyJob4>();
  for (const ULONG seconds : {0U, 1U, 7'776'000U, 7'776'001U, longest}) {
    EXPECT_EQ(job->SetMaximumDownloadTime(seconds), S_OK);
    EXPECT_EQ(value_of(job.get(), &IBackgroundCopyJob4::GetMaximumDownloadTime), seconds);
  }
}

// jobs.md §11: 1 to UINT64_MAX.
TEST(MaximumDownloadSize, IsOneToTheLargestNumber) {
  const Job job = new_job();
  BITS_JOB_PROPERTY_VALUE value{};
  for (const UINT64 size : {UINT64{1}, UINT64{1} << 40, UINT64{UINT64_MAX}}) {
    value.Uint64 = size;
    EXPECT_EQ(set_property(job, BITS_JOB_PROPERTY_MAX_DOWNLOAD_SIZE, value), S_OK);
    EXPECT_EQ(property_of(job, BITS_JOB_PROPERTY_MAX_DOWNLOAD_SIZE).Uint64, size);
  }
  value.Uint64 = 0;
  EXPECT_EQ(set_property(job, BITS_JOB_PROPERTY_MAX_DOWNLOAD_SIZE, value), BG_E_MAX_DOWNLOAD_SIZE_INVALID_VALUE);
  EXPECT_EQ(property_of(job, BITS_JOB_PROPERTY_MAX_DOWNLOAD_SIZE).Uint64, UINT64_MAX);
}

// jobs.md §11: a limit of rate; nought is none.
TEST(MinimumNotificationInterval, TakesEveryNumber) {
  const Job job = new_job();
  BITS_JOB_PROPERTY_VALUE value{};
  for (const DWORD interval : {0U, 1U, 500U, longest}) {
    value.Dword = interval;
    EXPECT_EQ(set_property(job, BITS_JOB_PROPERTY_MINIMUM_NOTIFICATION_INTERVAL_MS, value), S_OK);
    EXPECT_EQ(property_of(job, BITS_JOB_PROPERTY_MINIMUM_NOTIFICATION_INTERVAL_MS).Dword, interval);
  }
}

// jobs.md §8: they count in UTF-16, not NULL, and an empty one is one.
TEST(SetDescription, CountsUnitsOfUtf16) {
  const Job job = new_job();
  EXPECT_EQ(job->SetDescription(std::wstring(512, L'\U0001f319').c_str()), S_OK);
  EXPECT_EQ(job->SetDescription(std::wstring(513, L'\U0001f319').c_str()), BG_E_STRING_TOO_LONG);
  EXPECT_EQ(text_of(job.get(), &IBackgroundCopyJob::GetDescription), std::wstring(512, L'\U0001f319'));
  EXPECT_EQ(job->SetDescription(L""), S_OK);
  EXPECT_EQ(text_of(job.get(), &IBackgroundCopyJob::GetDescription), L"");
}

// jobs.md §8: NULL, and what is no text, changes nothing.
TEST(SetDisplayName, OfNothingOrOfNoTextChangesNothing) {
  const Job job = new_job();
  ASSERT_EQ(job->SetDisplayName(L"kept"), S_OK);
  const WCHAR half[] = {static_cast<WCHAR>(0xD83C), L'x', 0};
  EXPECT_EQ(job->SetDisplayName(nullptr), E_INVALIDARG);
  EXPECT_EQ(job->SetDisplayName(half), E_INVALIDARG);
  EXPECT_EQ(text_of(job.get(), &IBackgroundCopyJob::GetDisplayName), L"kept");
}

// files.md §2: no wildcards in either name, and only the characters of a URL in a remote one.
TEST(AddFile, TakesNoWildcardsAndNoForeignCharacters) {
  const Job job = new_job();
  const std::wstring place = wide(local("wild"));
  for (const wchar_t* remote :
       {L"http://h/a*b", L"http://h/a b", L"http://h/<a>", L"http://h/\u00e4", L"http://h/a|b", L"http://h/\"a\"",
        L"http://h/a\nb", L"http:/h/a", L"http//h/a", L"http://:80/a", L"http://h:99999/a", L"//h/a",
        L"\\\\server\\share\\a", L"smb://h/a", L"h"}) {
    const std::wstring shown = remote;
    EXPECT_EQ(job->AddFile(remote, place.c_str()), E_INVALIDARG) << std::string(shown.begin(), shown.end());
  }
  for (const wchar_t* name : {L"/tmp/a*", L"/tmp/a?", L"C:\\a", L"a", L"/", L"./a", L"/tmp/../a"})
    EXPECT_EQ(job->AddFile(L"http://h/a", name), E_INVALIDARG) << std::wstring(name).size();
  EXPECT_EQ(progress_of(job).FilesTotal, 0U);
}

// files.md §2: of what is legal nothing is changed.
TEST(AddFile, TakesEveryFormOfAnAddressThatIsLegal) {
  const Job job = new_job();
  const std::vector<std::wstring> legal = {L"http://h",       L"http://h/",          L"HTTP://H/A",  L"https://h:8443/a",
                                           L"http://[::1]/a", L"http://h/a?b=*&c=?", L"http://h/%C3%A4#part"};
  for (const std::wstring& remote : legal)
    EXPECT_EQ(job->AddFile(remote.c_str(), wide(local("legal")).c_str()), S_OK) << remote.size();
  for (ULONG i = 0; i < legal.size(); ++i)
    EXPECT_EQ(text_of(file_of(job, i).get(), &IBackgroundCopyFile::GetRemoteName), legal[i]);
}

// files.md §5
TEST(SetRemoteName, IsJudgedLikeThatOfAddFileAndKeepsTheOldOne) {
  const Job job = new_job();
  ASSERT_EQ(add(job, "http://h/a", local("set-remote")), S_OK);
  const auto file = file_of(job);
  const std::wstring too_long = L"http://h" + std::wstring(2200, L'/');
  for (const std::wstring& bad : {std::wstring(), std::wstring(L"ftp://h/a"), std::wstring(L"http://h/a b"), too_long})
    EXPECT_EQ(file->SetRemoteName(bad.c_str()), E_INVALIDARG);
  EXPECT_EQ(text_of(file.get(), &IBackgroundCopyFile::GetRemoteName), L"http://h/a");
  EXPECT_EQ(file->SetRemoteName(L"https://other/b"), S_OK) << "it may switch the protocol";
  EXPECT_EQ(text_of(file.get(), &IBackgroundCopyFile::GetRemoteName), L"https://other/b");
  EXPECT_EQ(text_of(file_of(job).get(), &IBackgroundCopyFile::GetRemoteName), L"https://other/b") << "at once";
}

// files.md §1, §4
TEST(AddFileWithRanges, NeedsNamesRangesAndTheirNumber) {
  const auto job = new_job().as<IBackgroundCopyJob3>();
  const std::wstring place = wide(local("ranged-null"));
  BG_FILE_RANGE range{0, 1};
  EXPECT_EQ(job->AddFileWithRanges(L"http://h/f", place.c_str(), 1, nullptr), E_INVALIDARG);
  EXPECT_EQ(job->AddFileWithRanges(L"http://h/f", place.c_str(), 0, &range), E_INVALIDARG);
  EXPECT_EQ(job->AddFileWithRanges(nullptr, place.c_str(), 1, &range), E_INVALIDARG);
  EXPECT_EQ(job->AddFileWithRanges(L"http://h/f", nullptr, 1, &range), E_INVALIDARG);
  EXPECT_EQ(job->AddFileWithRanges(L"/etc/hostname", place.c_str(), 1, &range), E_INVALIDARG);
}

// files.md §4: ranges that touch do not overlap, whatever their order.
TEST(AddFileWithRanges, TakesRangesThatTouch) {
  const auto job = new_job().as<IBackgroundCopyJob3>();
  BG_FILE_RANGE ranges[] = {{10, 10}, {0, 10}, {20, BG_LENGTH_TO_EOF}};
  EXPECT_EQ(job->AddFileWithRanges(L"http://h/f", wide(local("touch")).c_str(), 3, ranges), S_OK);
}

// --- progress ------------------------------------------------------------------------------------------

// jobs.md §7: the total is unknown until the size of every file is known, and counts asked-for bytes only.
TEST(GetProgress, OfRangesCountsWhatIsAskedFor) {
  Stage::get().answer("/partly", "size=1000");
  const Job job = new_job();
  BG_FILE_RANGE ranges[] = {{100, 200}, {900, BG_LENGTH_TO_EOF}};
  ASSERT_EQ(job.as<IBackgroundCopyJob3>()->AddFileWithRanges(wide(url("/partly")).c_str(),
                                                             wide(local("partly")).c_str(), 2, ranges),
            S_OK);
  EXPECT_EQ(file_progress(job).BytesTotal, BG_SIZE_UNKNOWN) << "one of them goes to the end";
  EXPECT_EQ(progress_of(job).BytesTotal, BG_SIZE_UNKNOWN);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  EXPECT_EQ(file_progress(job).BytesTotal, 300U);
  EXPECT_EQ(file_progress(job).BytesTransferred, 300U);
  EXPECT_EQ(progress_of(job).BytesTotal, 300U);
  EXPECT_EQ(job->Cancel(), S_OK);
}

// jobs.md §6, §7: one file after the other, in their order; files that came count at once.
TEST(GetProgress, CountsFilesOneAfterTheOther) {
  const Job job = job_with_file("size=100");
  ASSERT_EQ(add_answered(job, "size=1000 gate=10"), S_OK);
  ASSERT_EQ(add_answered(job, "size=1"), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(eventually(
      [&] { return progress_of(job).FilesTransferred == 1 && file_progress(job, 1).BytesTransferred == 10; }));
  EXPECT_EQ(file_progress(job, 0).BytesTransferred, 100U);
  EXPECT_EQ(progress_of(job).FilesTotal, 3U);
  EXPECT_EQ(progress_of(job).BytesTransferred, 110U + file_progress(job, 2).BytesTransferred);
  EXPECT_EQ(job->Cancel(), S_OK);
}

// jobs.md §7: no size is asked for by itself, so the total is unknown until the last file has been answered.
TEST(GetProgress, TheTotalIsUnknownWhileOneFileWasNotAnswered) {
  std::string first, last = "/last-answered";
  const Job job = job_with_file("size=1000 gate=10", &first);
  Stage::get().answer(last, "size=7 gate=0 hold-head=1");
  ASSERT_EQ(add(job, url(last), local("last-answered")), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  // Octets count as they come, and the size once it is stored.
  ASSERT_TRUE(eventually([&] {
    return file_progress(job).BytesTransferred == 10 && file_progress(job).BytesTotal == 1000;
  }));
  EXPECT_EQ(file_progress(job, 1).BytesTotal, BG_SIZE_UNKNOWN);
  EXPECT_EQ(progress_of(job).BytesTotal, BG_SIZE_UNKNOWN);
  Stage::get().release(first);
  ASSERT_TRUE(eventually([&] { return progress_of(job).FilesTransferred == 1; }));
  EXPECT_EQ(progress_of(job).BytesTotal, BG_SIZE_UNKNOWN);
  Stage::get().answer(last, "size=7");
  ASSERT_EQ(job->Suspend(), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  EXPECT_EQ(progress_of(job).BytesTotal, 1007U);
  EXPECT_EQ(job->Cancel(), S_OK);
}

// jobs.md §7: what was given up counts no more.
TEST(GetProgress, FallsBackWhenAFileBeginsAnew) {
  const Job job = transferred_job();
  ASSERT_EQ(file_of(job)->SetValidationState(FALSE), S_OK);
  EXPECT_EQ(progress_of(job).BytesTransferred, 0U);
  EXPECT_EQ(progress_of(job).FilesTransferred, 0U);
  EXPECT_EQ(progress_of(job).BytesTotal, 1000U);
}

// jobs.md §9: a suspended job keeps what came.
TEST(Suspend, KeepsWhatCameAndResumeGoesOn) {
  std::string path;
  const Job job = job_with_file("size=100000 gate=40000 | size=100000", &path);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(eventually([&] { return progress_of(job).BytesTransferred == 40000; }));
  ASSERT_EQ(job->Suspend(), S_OK);
  EXPECT_EQ(progress_of(job).BytesTransferred, 40000U);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  EXPECT_EQ(progress_of(job).BytesTransferred, 100000U);
  EXPECT_EQ(job->Cancel(), S_OK);
}

// --- states --------------------------------------------------------------------------------------------

// jobs.md §3.1: Resume of a job that waits for its turn changes nothing.
TEST(Resume, OfAQueuedJobChangesNothing) {
  const Job runs = resumed("size=1000 gate=10", BG_JOB_STATE_TRANSFERRING);
  const Job waits = job_with_file("size=10");
  ASSERT_EQ(waits->SetPriority(BG_JOB_PRIORITY_LOW), S_OK);
  ASSERT_EQ(waits->Resume(), S_OK);
  EXPECT_EQ(state_of(waits), BG_JOB_STATE_QUEUED);
  EXPECT_EQ(waits->Resume(), S_OK);
  EXPECT_EQ(state_of(waits), BG_JOB_STATE_QUEUED);
  EXPECT_EQ(waits->Cancel(), S_OK);
  EXPECT_EQ(runs->Cancel(), S_OK);
}

// jobs.md §3.1, §4: the error is that of the state, and Resume leaves it.
TEST(GetError, IsGoneOnceTheJobMovesAgain) {
  const Job job = resumed("status=404 | size=1000 gate=10", BG_JOB_STATE_ERROR);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRING));
  Com<IBackgroundCopyError> error;
  EXPECT_EQ(job->GetError(&error), BG_E_ERROR_INFORMATION_UNAVAILABLE);
  EXPECT_EQ(job->Cancel(), S_OK);
}

// jobs.md §13: a download may be completed before it is whole, in whatever state.
TEST(Complete, OfARunningJobKeepsWhatIsWhole) {
  const Job job = job_with_file("size=100");
  ASSERT_EQ(add_answered(job, "size=1000 gate=10"), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(eventually(
      [&] { return progress_of(job).FilesTransferred == 1 && file_progress(job, 1).BytesTransferred > 0; }));
  EXPECT_EQ(job->Complete(), BG_S_PARTIAL_COMPLETE);
  EXPECT_EQ(state_of(job), BG_JOB_STATE_ACKNOWLEDGED);
  const std::wstring kept = text_of(file_of(job).get(), &IBackgroundCopyFile::GetLocalName);
  const std::wstring dropped = text_of(file_of(job, 1).get(), &IBackgroundCopyFile::GetLocalName);
  EXPECT_EQ(access(std::string(kept.begin(), kept.end()).c_str(), F_OK), 0);
  EXPECT_NE(access(std::string(dropped.begin(), dropped.end()).c_str(), F_OK), 0);
}

// errors.md §2: what is no success and no refusal of that class.
TEST(HttpStatus, OfARedirectThatLeadsNowhereIsFinal) {
  for (const int status : {300, 304, 305}) {
    const Job job = resumed("status=" + std::to_string(status), BG_JOB_STATE_ERROR);
    EXPECT_EQ(failure_of(job).code, static_cast<HRESULT>(0x80190000U + static_cast<unsigned>(status)));
    EXPECT_EQ(job->Cancel(), S_OK);
  }
}

// errors.md §2: "anything else".
TEST(HttpStatus, OfAnotherKindIsTriedAgain) {
  for (const int status : {306, 600}) {
    const Job job = resumed("status=" + std::to_string(status), BG_JOB_STATE_TRANSIENT_ERROR);
    EXPECT_EQ(failure_of(job).code, static_cast<HRESULT>(0x80190000U + static_cast<unsigned>(status)));
    EXPECT_EQ(job->Cancel(), S_OK);
  }
}

// http-and-network.md §3, §1
TEST(Server, ThatEncodesItsAnswerOrTellsNoLength) {
  const Job unknown = resumed("size=1000 length=0", BG_JOB_STATE_TRANSFERRED);
  EXPECT_EQ(progress_of(unknown).BytesTotal, 1000U) << "the end of the connection is the end of the file";
  EXPECT_EQ(unknown->Cancel(), S_OK);
  const Job chunked = resumed("size=1000 chunked=1", BG_JOB_STATE_TRANSFERRED);
  EXPECT_EQ(progress_of(chunked).BytesTransferred, 1000U);
  EXPECT_EQ(chunked->Cancel(), S_OK);
}

// errors.md §4: texts of different contexts and codes are different ones.
TEST(ErrorTexts, TellContextsApart) {
  const auto context_text = [](const Job& job) {
    LPWSTR text = nullptr;
    EXPECT_EQ(failure_of(job).object->GetErrorContextDescription(0x0409, &text), S_OK);
    return taken(text);
  };
  const Job remote = failed_job();
  const Job queue = job_with_file("size=1000 gate=10");
  ASSERT_EQ(queue.as<IBackgroundCopyJob4>()->SetMaximumDownloadTime(2), S_OK);
  ASSERT_EQ(queue->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(queue, BG_JOB_STATE_ERROR));
  EXPECT_NE(context_text(remote), context_text(queue));
  LPWSTR first = nullptr, second = nullptr;
  EXPECT_EQ(manager()->GetErrorDescription(BG_E_NOT_FOUND, 0x0409, &first), S_OK);
  EXPECT_EQ(manager()->GetErrorDescription(BG_E_EMPTY, 0x0409, &second), S_OK);
  EXPECT_NE(taken(first), taken(second));
}

// errors.md §4: of a success, and of a code of nobody, there is an answer as well.
TEST(ErrorTexts, OfWhatIsNoErrorAreAnAnswer) {
  for (const HRESULT code :
       {S_OK, S_FALSE, static_cast<HRESULT>(BG_S_PARTIAL_COMPLETE), static_cast<HRESULT>(0x8FFF1234)}) {
    LPWSTR text = nullptr;
    EXPECT_EQ(manager()->GetErrorDescription(code, 0x0409, &text), S_OK) << std::hex << code;
    EXPECT_FALSE(taken(text).empty()) << std::hex << code;
  }
}

// errors.md §3: the error of a transport belongs to the file that was under way.
TEST(ErrorFile, OfTheTransportIsTheOneUnderWay) {
  const Job job = new_job();
  ASSERT_EQ(add(job, "http://127.0.0.1:1/f", local("under-way")), S_OK);
  ASSERT_EQ(job->SetNoProgressTimeout(0), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_ERROR));
  Com<IBackgroundCopyFile> file;
  ASSERT_EQ(failure_of(job).object->GetFile(&file), S_OK);
  EXPECT_EQ(text_of(file.get(), &IBackgroundCopyFile::GetLocalName), wide(local("under-way")));
}

// --- objects and threads ---------------------------------------------------------------------------------

// interfaces.md §3: one identity, from whichever interface it is asked, and from whichever thread.
TEST(Identity, IsTheSameFromEveryThread) {
  const Job job = new_job();
  GUID id;
  ASSERT_EQ(job->GetId(&id), S_OK);
  std::atomic<int> same{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      ASSERT_EQ(CoInitializeEx(nullptr, COINIT_MULTITHREADED), S_OK);
      for (int round = 0; round < 50; ++round) {
        Job found;
        EXPECT_EQ(manager()->GetJob(id, &found), S_OK);
        const auto options = found.as<IBackgroundCopyJobHttpOptions3>();
        same += options.as<IUnknown>().get() == job.as<IUnknown>().get() && found.get() == job.get() ? 1 : 0;
      }
      CoUninitialize();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(same.load(), 200);
}

// interfaces.md §3: QueryInterface goes from any interface to any other, and back.
TEST(QueryInterface, GoesFromEveryInterfaceToEveryOther) {
  const Job job = new_job();
  const IID ids[] = {__uuidof(IBackgroundCopyJob),
                     __uuidof(IBackgroundCopyJob2),
                     __uuidof(IBackgroundCopyJob3),
                     __uuidof(IBackgroundCopyJob4),
                     __uuidof(IBackgroundCopyJob5),
                     __uuidof(IBackgroundCopyJobHttpOptions),
                     __uuidof(IBackgroundCopyJobHttpOptions2),
                     __uuidof(IBackgroundCopyJobHttpOptions3),
                     __uuidof(IBitsTokenOptions),
                     __uuidof(IUnknown)};
  for (const IID& from : ids) {
    Com<IUnknown> first;
    ASSERT_EQ(job->QueryInterface(from, reinterpret_cast<void**>(&first)), S_OK);
    for (const IID& to : ids) {
      Com<IUnknown> second, again;
      ASSERT_EQ(first->QueryInterface(to, reinterpret_cast<void**>(&second)), S_OK);
      ASSERT_EQ(job->QueryInterface(to, reinterpret_cast<void**>(&again)), S_OK);
      EXPECT_EQ(second.get(), again.get()) << "the same pointer for the same interface";
    }
  }
}

// com-surface.md §2.3: what is not an id of an interface of an object is none of it, nor is one of another object.
TEST(QueryInterface, OfAForeignIdIsRefused) {
  const Job job = failed_job();
  Com<IEnumBackgroundCopyFiles> files;
  Com<IEnumBackgroundCopyJobs> jobs;
  ASSERT_EQ(job->EnumFiles(&files), S_OK);
  ASSERT_EQ(manager()->EnumJobs(0, &jobs), S_OK);
  const auto made = manager();
  const auto file = file_of(job);
  const auto error = failure_of(job).object;
  for (IUnknown* object : {static_cast<IUnknown*>(job.get()), static_cast<IUnknown*>(files.get()),
                           static_cast<IUnknown*>(jobs.get()), static_cast<IUnknown*>(made.get()),
                           static_cast<IUnknown*>(file.get()), static_cast<IUnknown*>(error.get())}) {
    for (const IID& id : {GUID_NULL, __uuidof(IClassFactory), __uuidof(IBackgroundCopyCallback),
                          CLSID_BackgroundCopyManager}) {
      void* out = object;
      EXPECT_EQ(object->QueryInterface(id, &out), E_NOINTERFACE);
      EXPECT_EQ(out, nullptr);
    }
    EXPECT_EQ(object->QueryInterface(__uuidof(IUnknown), nullptr), E_POINTER);
  }
}

// com-surface.md §2.3: an apartment is entered once, more often, or not at all.
TEST(CoInitializeEx, IsCountedAndHasOneModeForAThread) {
  std::thread([] {
    Com<IBackgroundCopyManager> made;
    const auto create = [&] {
      return CoCreateInstance(CLSID_BackgroundCopyManager, nullptr, CLSCTX_LOCAL_SERVER, IID_PPV_ARGS(&made));
    };
    EXPECT_EQ(create(), CO_E_NOTINITIALIZED);
    EXPECT_EQ(made.get(), nullptr);
    EXPECT_EQ(CoInitializeEx(nullptr, COINIT_APARTMENTTHREADED), S_OK);
    EXPECT_EQ(CoInitializeEx(nullptr, COINIT_APARTMENTTHREADED), S_FALSE);
    EXPECT_EQ(CoInitializeEx(nullptr, COINIT_MULTITHREADED), RPC_E_CHANGED_MODE);
    EXPECT_EQ(create(), S_OK);
    made.reset();
    CoUninitialize();
    EXPECT_EQ(create(), S_OK) << "it was entered twice";
    made.reset();
    CoUninitialize();
    EXPECT_EQ(create(), CO_E_NOTINITIALIZED);
    EXPECT_EQ(CoInitializeEx(nullptr, COINIT_MULTITHREADED), S_OK) << "and may be another one then";
    EXPECT_EQ(CoInitializeEx(nullptr, 0x100), E_INVALIDARG);
    CoUninitialize();
  }).join();
}

// jobs.md §10, §5: enumerators and their clones may be used from several threads at once.
TEST(Next, OfOneEnumeratorGivesEachElementOnce) {
  const Job job = new_job();
  constexpr ULONG count = 60;
  for (ULONG i = 0; i < count; ++i) ASSERT_EQ(add(job, "http://h/" + std::to_string(i), local("many")), S_OK);
  Com<IEnumBackgroundCopyFiles> files;
  ASSERT_EQ(job->EnumFiles(&files), S_OK);
  std::atomic<ULONG> given{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (;;) {
        IBackgroundCopyFile* some[3] = {};
        ULONG fetched = 0;
        const HRESULT hr = files->Next(3, some, &fetched);
        given += fetched;
        for (ULONG k = 0; k < fetched; ++k) some[k]->Release();
        if (hr != S_OK) return;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(given.load(), count);
  EXPECT_EQ(files->Reset(), S_OK);
  EXPECT_EQ(files->Skip(count), S_OK);
  EXPECT_EQ(files->Skip(0), S_OK);
}

}  // namespace
}  // namespace backhaul::test
