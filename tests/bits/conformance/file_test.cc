// SPDX-License-Identifier: Apache-2.0
// AddFile and its kin, IEnumBackgroundCopyFiles, IBackgroundCopyFile to File6 (files.md).
#include <sys/stat.h>

#include <fstream>

#include "tests/bits/conformance/program.h"

namespace backhaul::test {
namespace {

std::string url(const std::string& path) { return Stage::get().url(path); }
std::string local(const std::string& name) { return Stage::get().folder(name); }
ULONG files_in(const Job& job) { return progress_of(job).FilesTotal; }

// --- AddFile -------------------------------------------------------------------------------------

// files.md §1, §2
TEST(AddFile, RefusesNamesThatAreNone) {
  const Job job = new_job();
  const std::wstring good = L"http://127.0.0.1/f";
  const std::wstring place = wide(local("refused"));
  const std::vector<std::pair<std::wstring, std::wstring>> bad = {
      {L"", place},
      {good, L""},
      {L"no address", place},
      {L"ftp://host/f", place},
      {L"gopher://host/f", place},
      {L"http:///f", place},
      {good, L"relative/f"},
      {good, place + L"/"},
      {good, wide(local("..")) + L"/f"},
      {good, wide(local(".")) + L"/f"},
  };
  for (const auto& [remote, name] : bad)
    EXPECT_EQ(job->AddFile(remote.c_str(), name.c_str()), E_INVALIDARG) << std::string(remote.begin(), remote.end());
  EXPECT_EQ(job->AddFile(nullptr, place.c_str()), E_INVALIDARG);
  EXPECT_EQ(job->AddFile(good.c_str(), nullptr), E_INVALIDARG);
  EXPECT_EQ(files_in(job), 0U);
}

// files.md §2, jobs.md §20
TEST(AddFile, NamesHaveTheirLimits) {
  const Job job = new_job();
  const std::wstring begin = L"http://127.0.0.1";
  std::wstring longest = begin;
  while (longest.size() + 201 <= 2200) longest += L"/" + std::wstring(200, L'x');
  longest += L"/" + std::wstring(2199 - longest.size(), L'y');
  ASSERT_EQ(longest.size(), 2200U);
  const std::wstring place = wide(local("limits"));
  EXPECT_EQ(job->AddFile(longest.c_str(), place.c_str()), S_OK);
  EXPECT_EQ(job->AddFile((longest + L"y").c_str(), place.c_str()), E_INVALIDARG);
  EXPECT_EQ(job->AddFile((begin + L"/" + std::wstring(260, L'x')).c_str(), place.c_str()), S_OK);
  EXPECT_EQ(job->AddFile((begin + L"/" + std::wstring(261, L'x')).c_str(), place.c_str()), E_INVALIDARG);
  EXPECT_EQ(job->AddFile(begin.c_str(), (L"/" + std::wstring(260, L'x')).c_str()), E_INVALIDARG);
}

// files.md §1
TEST(AddFile, AMissingDirectoryIsAPathThatIsNotFound) {
  EXPECT_EQ(add(new_job(), url("/f"), local("missing/f")), HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND));
}

// files.md §1
TEST(AddFile, TheSameNamesTwiceAreTwoFiles) {
  const Job job = new_job();
  Stage::get().answer("/twice", "size=100");
  for (int i = 0; i < 2; ++i) EXPECT_EQ(add(job, url("/twice"), local("twice")), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  EXPECT_EQ(progress_of(job).BytesTransferred, 200U);
  EXPECT_EQ(job->Complete(), S_OK);
}

// files.md §1: also while it transfers; the state stays.
TEST(AddFile, IsPossibleInEveryStateThatIsNotFinal) {
  for (const auto& [behaviours, state] : {std::pair("size=1000 gate=10", BG_JOB_STATE_TRANSFERRING),
                                          {"status=503", BG_JOB_STATE_TRANSIENT_ERROR},
                                          {"status=404", BG_JOB_STATE_ERROR},
                                          {"size=10", BG_JOB_STATE_TRANSFERRED}}) {
    const Job job = resumed(behaviours, state);
    EXPECT_EQ(add_answered(job, "size=10"), S_OK);
    EXPECT_EQ(state_of(job), state);
    EXPECT_EQ(files_in(job), 2U);
    EXPECT_EQ(job->Cancel(), S_OK);
  }
}

// files.md §1
TEST(AddFileSet, TakesAllOrNone) {
  const Job job = new_job();
  std::wstring remote = L"http://127.0.0.1/f", good = wide(local("set")), bad = L"relative";
  BG_FILE_INFO files[] = {{remote.data(), good.data()}, {remote.data(), bad.data()}};
  EXPECT_EQ(job->AddFileSet(2, files), E_INVALIDARG);
  EXPECT_EQ(files_in(job), 0U);
  EXPECT_EQ(job->AddFileSet(1, files), S_OK);
  EXPECT_EQ(files_in(job), 1U);
}

// files.md §1
TEST(AddFileSet, OfNothingIsNoError) {
  const Job job = new_job();
  EXPECT_EQ(job->AddFileSet(0, nullptr), S_OK);
  EXPECT_EQ(job->AddFileSet(1, nullptr), E_INVALIDARG);
  EXPECT_EQ(files_in(job), 0U);
}

// files.md §1, §4
TEST(AddFileWithRanges, JudgesItsRanges) {
  const auto job = new_job().as<IBackgroundCopyJob3>();
  const auto add_ranges = [&](std::vector<BG_FILE_RANGE> ranges) {
    return job->AddFileWithRanges(L"http://127.0.0.1/f", wide(local("ranged")).c_str(),
                                  static_cast<DWORD>(ranges.size()), ranges.data());
  };
  EXPECT_EQ(add_ranges({}), E_INVALIDARG);
  EXPECT_EQ(add_ranges({{0, 0}}), BG_E_INVALID_RANGE);
  EXPECT_EQ(add_ranges({{UINT64_MAX, 1}}), BG_E_INVALID_RANGE);
  EXPECT_EQ(add_ranges({{UINT64_MAX - 5, 10}}), BG_E_INVALID_RANGE);
  EXPECT_EQ(add_ranges({{0, 10}, {9, 10}}), BG_E_OVERLAPPING_RANGES);
  EXPECT_EQ(add_ranges({{5, 5}, {5, 5}}), BG_E_OVERLAPPING_RANGES);
  EXPECT_EQ(add_ranges({{10, BG_LENGTH_TO_EOF}, {50, 1}}), BG_E_OVERLAPPING_RANGES);
  EXPECT_EQ(add_ranges({{50, 1}, {0, 10}, {100, BG_LENGTH_TO_EOF}}), S_OK);
  EXPECT_EQ(job->AddFileWithRanges(L"file:///etc/hostname", wide(local("ranged")).c_str(), 1,
                                   std::vector<BG_FILE_RANGE>{{0, 1}}.data()),
            E_INVALIDARG);
}

// files.md §4: the order is kept, and the local file is their concatenation.
TEST(AddFileWithRanges, TheLocalFileIsTheRangesInTheirOrder) {
  Stage::get().answer("/ordered", "size=1000");
  const Job whole = resumed("size=1000", BG_JOB_STATE_TRANSFERRED);
  ASSERT_EQ(whole->Complete(), S_OK);
  const Job job = new_job();
  BG_FILE_RANGE ranges[] = {{100, 100}, {900, 100}, {400, 100}};
  ASSERT_EQ(job.as<IBackgroundCopyJob3>()->AddFileWithRanges(wide(url("/ordered")).c_str(),
                                                             wide(local("ordered")).c_str(), 3, ranges),
            S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  EXPECT_EQ(progress_of(job).BytesTotal, 300U);
  DWORD count = 0;
  BG_FILE_RANGE* given = nullptr;
  ASSERT_EQ(file_of(job)->GetFileRanges(&count, &given), S_OK);
  ASSERT_EQ(count, 3U);
  for (DWORD i = 0; i < 3; ++i) EXPECT_EQ(given[i].InitialOffset, ranges[i].InitialOffset);
  CoTaskMemFree(given);
  ASSERT_EQ(job->Complete(), S_OK);
  const auto read = [](const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  const std::wstring name = text_of(file_of(whole).get(), &IBackgroundCopyFile::GetLocalName);
  const std::string all = read(std::string(name.begin(), name.end()));
  ASSERT_EQ(all.size(), 1000U);
  EXPECT_EQ(read(local("ordered")), all.substr(100, 100) + all.substr(900, 100) + all.substr(400, 100));
}

// files.md §4: at run time.
TEST(AddFileWithRanges, WhatTheServerCannotGiveIsAnError) {
  const auto failed_with = [](const std::string& behaviours, BG_FILE_RANGE range) {
    Stage::get().answer("/given", behaviours);
    const Job job = new_job();
    EXPECT_EQ(job.as<IBackgroundCopyJob3>()->AddFileWithRanges(wide(url("/given")).c_str(),
                                                               wide(local("given")).c_str(), 1, &range),
              S_OK);
    EXPECT_EQ(job->Resume(), S_OK);
    EXPECT_TRUE(wait_for_state(job, BG_JOB_STATE_ERROR));
    return failure_of(job).code;
  };
  EXPECT_EQ(failed_with("size=1000", {2000, 10}), BG_E_INVALID_RANGE);
  EXPECT_EQ(failed_with("size=1000 ranges=0", {10, 10}), BG_E_INSUFFICIENT_RANGE_SUPPORT);
}

// --- EnumFiles -----------------------------------------------------------------------------------

// jobs.md §10: in the order in which they were added, and a snapshot.
TEST(EnumFiles, IsInOrderAndStaysAsItWas) {
  const Job job = job_with_file("size=1");
  ASSERT_EQ(add_answered(job, "size=2"), S_OK);
  Com<IEnumBackgroundCopyFiles> files;
  ASSERT_EQ(job->EnumFiles(&files), S_OK);
  ASSERT_EQ(add_answered(job, "size=3"), S_OK);
  EXPECT_EQ(value_of(files.get(), &IEnumBackgroundCopyFiles::GetCount), 2U);
  EXPECT_EQ(files->Skip(2), S_OK);
  Com<IBackgroundCopyFile> none;
  EXPECT_EQ(files->Next(1, &none, nullptr), S_FALSE);
  EXPECT_EQ(none.get(), nullptr);
}

TEST(EnumFiles, OfAJobWithoutFilesIsEmpty) {
  Com<IEnumBackgroundCopyFiles> files;
  ASSERT_EQ(new_job()->EnumFiles(&files), S_OK);
  EXPECT_EQ(value_of(files.get(), &IEnumBackgroundCopyFiles::GetCount), 0U);
  EXPECT_EQ(files->Skip(0), S_OK);
  EXPECT_EQ(files->Skip(1), S_FALSE);
}

// jobs.md §10, files.md §10: its files outlive the enumerator and the end of their job.
TEST(EnumFiles, GoesOnAfterTheJobVanished) {
  const Job job = job_with_file("size=10");
  Com<IEnumBackgroundCopyFiles> files;
  ASSERT_EQ(job->EnumFiles(&files), S_OK);
  ASSERT_EQ(job->Cancel(), S_OK);
  Com<IBackgroundCopyFile> file;
  ASSERT_EQ(files->Next(1, &file, nullptr), S_OK);
  files.reset();
  EXPECT_NE(text_of(file.get(), &IBackgroundCopyFile::GetRemoteName), L"(failed)");
}

// interfaces.md §3
TEST(File, AnswersEveryVersionOfItsInterface) {
  const auto file = file_of(job_with_file("size=10"));
  const auto identity = file.as<IUnknown>();
  const auto is_same = [&](const auto& other) {
    return other.get() != nullptr && other.template as<IUnknown>().get() == identity.get();
  };
  EXPECT_TRUE(is_same(file.as<IBackgroundCopyFile>()));
  EXPECT_TRUE(is_same(file.as<IBackgroundCopyFile2>()));
  EXPECT_TRUE(is_same(file.as<IBackgroundCopyFile3>()));
  EXPECT_TRUE(is_same(file.as<IBackgroundCopyFile4>()));
  EXPECT_TRUE(is_same(file.as<IBackgroundCopyFile5>()));
  EXPECT_EQ(file.as<IBackgroundCopyJob>().get(), nullptr);
}

// --- The getters of a file -------------------------------------------------------------------------

// files.md §2, §10: as given; nothing is escaped or unescaped.
TEST(GetRemoteName, IsWhatWasGiven) {
  const std::string escaped = "http://127.0.0.1/a%20b%41?q=%c3%a4+%2F";
  const Job job = new_job();
  ASSERT_EQ(add(job, escaped, local("given")), S_OK);
  EXPECT_EQ(text_of(file_of(job).get(), &IBackgroundCopyFile::GetRemoteName), wide(escaped));
  const Job of_this_machine = new_job();
  ASSERT_EQ(add(of_this_machine, "file:///etc/hostname", local("given")), S_OK);
  EXPECT_EQ(text_of(file_of(of_this_machine).get(), &IBackgroundCopyFile::GetRemoteName), L"file:///etc/hostname");
}

// files.md §10
TEST(GetLocalName, IsWhatWasGiven) {
  const Job job = new_job();
  const std::wstring name = wide(local("n")) + L"\u00e4me";
  ASSERT_EQ(job->AddFile(wide(url("/f")).c_str(), name.c_str()), S_OK);
  EXPECT_EQ(text_of(file_of(job).get(), &IBackgroundCopyFile::GetLocalName), name);
}

// jobs.md §7: TRUE only after Complete.
TEST(FileProgress, IsCompletedAfterCompleteOnly) {
  const Job job = transferred_job();
  BG_FILE_PROGRESS progress = value_of(file_of(job).get(), &IBackgroundCopyFile::GetProgress);
  EXPECT_EQ(progress.BytesTransferred, progress.BytesTotal);
  EXPECT_FALSE(progress.Completed);
  ASSERT_EQ(job->Complete(), S_OK);
  EXPECT_TRUE(value_of(file_of(job).get(), &IBackgroundCopyFile::GetProgress).Completed);
}

// files.md §3: in the directory of the destination, and valid until Complete or Cancel.
TEST(GetTemporaryName, LiesBesideTheDestination) {
  const Job job = resumed("size=1000 gate=500", BG_JOB_STATE_TRANSFERRING);
  const std::wstring name = text_of(file_of(job).get(), &IBackgroundCopyFile3::GetTemporaryName);
  EXPECT_EQ(name.rfind(wide(local("")), 0), 0U);
  EXPECT_NE(name.find(L"BIT"), std::wstring::npos);
  EXPECT_EQ(job->Cancel(), S_OK);
}

// files.md §4
TEST(GetFileRanges, OfAWholeFileAreNone) {
  DWORD count = 7;
  BG_FILE_RANGE* ranges = nullptr;
  const auto file = file_of(job_with_file("size=10"));
  EXPECT_EQ(file->GetFileRanges(&count, &ranges), S_FALSE);
  EXPECT_EQ(count, 0U);
  EXPECT_EQ(ranges, nullptr);
  EXPECT_EQ(file->GetFileRanges(nullptr, &ranges), E_INVALIDARG);
}

// files.md §9
TEST(Validation, CanBeSaidOfAWholeFileOnly) {
  const auto early = file_of(job_with_file("size=10"));
  EXPECT_FALSE(value_of(early.get(), &IBackgroundCopyFile3::GetValidationState));
  EXPECT_EQ(early->SetValidationState(TRUE), E_PENDING);
  const Job job = transferred_job();
  const auto file = file_of(job);
  EXPECT_EQ(file->SetValidationState(TRUE), S_OK);
  EXPECT_TRUE(value_of(file.get(), &IBackgroundCopyFile3::GetValidationState));
}

// files.md §9
TEST(Validation, DeniedPutsTheJobIntoErrorAndTheFileToItsBegin) {
  const Job job = transferred_job();
  EXPECT_EQ(file_of(job)->SetValidationState(FALSE), S_OK);
  EXPECT_EQ(state_of(job), BG_JOB_STATE_ERROR);
  EXPECT_EQ(failure_of(job).code, BG_E_VALIDATION_FAILED);
  EXPECT_EQ(value_of(file_of(job).get(), &IBackgroundCopyFile::GetProgress).BytesTransferred, 0U);
}

// files.md §9
TEST(PeerStatistics, SayThatEveryByteIsFromTheOrigin) {
  const auto file = file_of(transferred_job());
  UINT64 origin = 0, peers = 7;
  EXPECT_FALSE(value_of(file.get(), &IBackgroundCopyFile3::IsDownloadedFromPeer));
  EXPECT_EQ(file->GetPeerDownloadStats(&origin, &peers), S_OK);
  EXPECT_EQ(origin, 1000U);
  EXPECT_EQ(peers, 0U);
  EXPECT_EQ(file->GetPeerDownloadStats(nullptr, &peers), E_INVALIDARG);
}

// jobs.md §11
TEST(FileProperty, HeadersAreThoseOfTheLastAnswerAndReadOnly) {
  const Job job = job_with_file("size=10");
  BITS_FILE_PROPERTY_VALUE value{};
  EXPECT_EQ(file_of(job)->GetProperty(BITS_FILE_PROPERTY_ID_HTTP_RESPONSE_HEADERS, &value), S_OK);
  EXPECT_EQ(value.String, nullptr) << "before any answer";
  EXPECT_EQ(file_of(job)->SetProperty(BITS_FILE_PROPERTY_ID_HTTP_RESPONSE_HEADERS, value), BG_E_READ_ONLY_PROPERTY);
  EXPECT_EQ(file_of(job)->GetProperty(static_cast<BITS_FILE_PROPERTY_ID>(2), &value), BG_E_UNKNOWN_PROPERTY_ID);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  EXPECT_EQ(file_of(job)->GetProperty(BITS_FILE_PROPERTY_ID_HTTP_RESPONSE_HEADERS, &value), S_OK);
  EXPECT_NE(taken(value.String).find(L"\r\n"), std::wstring::npos);
}

// --- SetRemoteName, ReplaceRemotePrefix --------------------------------------------------------------

// files.md §5
TEST(SetRemoteName, LetsAFailedFileGoOnElsewhere) {
  const Job job = resumed("status=404", BG_JOB_STATE_ERROR);
  Stage::get().answer("/elsewhere", "size=1000");
  EXPECT_EQ(file_of(job)->SetRemoteName(wide(url("/elsewhere")).c_str()), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  EXPECT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
}

// files.md §5: from the first character on, case counts.
TEST(ReplaceRemotePrefix, ReplacesWhatBeginsSoAndSaysWhenNothingDid) {
  const auto job = new_job().as<IBackgroundCopyJob3>();
  ASSERT_EQ(job->AddFile(L"http://one/a", wide(local("p1")).c_str()), S_OK);
  ASSERT_EQ(job->AddFile(L"http://two/b", wide(local("p2")).c_str()), S_OK);
  const Job same(job.get());
  EXPECT_EQ(job->ReplaceRemotePrefix(L"HTTP://one", L"http://three"), S_FALSE);
  EXPECT_EQ(job->ReplaceRemotePrefix(L"one", L"three"), S_FALSE);
  EXPECT_EQ(job->ReplaceRemotePrefix(L"http://one", L"http://three"), S_OK);
  EXPECT_EQ(text_of(file_of(same).get(), &IBackgroundCopyFile::GetRemoteName), L"http://three/a");
  EXPECT_EQ(text_of(file_of(same, 1).get(), &IBackgroundCopyFile::GetRemoteName), L"http://two/b");
  EXPECT_EQ(job->ReplaceRemotePrefix(L"", L"http://x"), E_INVALIDARG);
  EXPECT_EQ(job->ReplaceRemotePrefix(L"http://two", L""), E_INVALIDARG);
  EXPECT_EQ(job->ReplaceRemotePrefix(nullptr, L"http://x"), E_INVALIDARG);
}

// --- Random access -----------------------------------------------------------------------------------

// files.md §8
TEST(RandomAccess, IsNotForRangesDynamicContentOrFilesOfThisMachine) {
  BG_FILE_RANGE range{0, 1};
  const Job ranged = new_job();
  ASSERT_EQ(ranged.as<IBackgroundCopyJob3>()->AddFileWithRanges(L"http://127.0.0.1/f", wide(local("ra")).c_str(), 1,
                                                                &range),
            S_OK);
  const Job here = new_job();
  ASSERT_EQ(add(here, "/etc/hostname", local("ra")), S_OK);
  const Job dynamic = new_job();
  BITS_JOB_PROPERTY_VALUE yes{};
  yes.Enable = TRUE;
  ASSERT_EQ(set_property(dynamic, BITS_JOB_PROPERTY_DYNAMIC_CONTENT, yes), S_OK);
  ASSERT_EQ(add(dynamic, "http://127.0.0.1/f", local("ra")), S_OK);
  for (const Job& job : {ranged, here, dynamic}) {
    EXPECT_EQ(file_of(job)->RequestFileRanges(1, &range), BG_E_RANDOM_ACCESS_NOT_SUPPORTED);
    EXPECT_EQ(file_of(job)->UpdateDownloadPosition(0), BG_E_RANDOM_ACCESS_NOT_SUPPORTED);
  }
}

// files.md §8
TEST(RandomAccess, WhatIsFilledIsMergedAndSorted) {
  const Job job = transferred_job();
  DWORD count = 0;
  BG_FILE_RANGE* ranges = nullptr;
  ASSERT_EQ(file_of(job)->GetFilledFileRanges(&count, &ranges), S_OK);
  ASSERT_EQ(count, 1U);
  EXPECT_EQ(ranges[0].InitialOffset, 0U);
  EXPECT_EQ(ranges[0].Length, 1000U);
  CoTaskMemFree(ranges);
}

}  // namespace
}  // namespace backhaul::test
