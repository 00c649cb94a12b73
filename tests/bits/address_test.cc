// SPDX-License-Identifier: Apache-2.0
// SetRemoteName and ReplaceRemotePrefix (files.md §5), files of this machine as remote ones (files.md §2).
#include <sys/stat.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <tuple>

#include "tests/bits/fixture.h"

namespace backhaul::test {
namespace {

Com<IBackgroundCopyFile2> first_file(const Com<IBackgroundCopyJob>& job) {
  Com<IEnumBackgroundCopyFiles> files;
  Com<IBackgroundCopyFile> file;
  if (job->EnumFiles(&files) == S_OK) static_cast<void>(files->Next(1, &file, nullptr));
  return file.as<IBackgroundCopyFile2>();
}

std::wstring remote_name(const Com<IBackgroundCopyFile2>& file) {
  LPWSTR text = nullptr;
  const HRESULT hr = file->GetRemoteName(&text);
  const std::wstring name = hr == S_OK ? text : L"(none)";
  CoTaskMemFree(text);
  return name;
}

std::wstring remote_name(const Com<IBackgroundCopyJob>& job) { return remote_name(first_file(job)); }

HRESULT error_of(const Com<IBackgroundCopyJob>& job) {
  Com<IBackgroundCopyError> error;
  BG_ERROR_CONTEXT context;
  HRESULT code = S_OK;
  if (job->GetError(&error) == S_OK) static_cast<void>(error->GetError(&context, &code));
  return code;
}

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string write(const std::string& name, const std::string& text) {
  const std::string path = Stage::get().folder(name);
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

Com<IBackgroundCopyJob> job_of(const std::string& remote, const std::string& local) {
  const auto job = new_job();
  EXPECT_EQ(job->AddFile(wide(remote).c_str(), wide(Stage::get().folder(local)).c_str()), S_OK) << remote;
  return job;
}

std::uint64_t transferred_bytes(const Com<IBackgroundCopyJob>& job) {
  BG_JOB_PROGRESS progress{};
  static_cast<void>(job->GetProgress(&progress));
  return progress.BytesTransferred;
}

// --- SetRemoteName -------------------------------------------------------------------------------

TEST(BitsAddress, TheNewNameIsShownAtOnceAndTheTimeOfTheJobMovesOn) {
  const auto job = job_with_file("size=10");
  BG_JOB_TIMES before{}, after{};
  ASSERT_EQ(job->GetTimes(&before), S_OK);
  ASSERT_EQ(first_file(job)->SetRemoteName(L"http://127.0.0.1/other"), S_OK);
  EXPECT_EQ(remote_name(job), L"http://127.0.0.1/other");
  ASSERT_EQ(job->GetTimes(&after), S_OK);
  EXPECT_NE(before.ModificationTime.dwLowDateTime, after.ModificationTime.dwLowDateTime);
  EXPECT_EQ(job->Cancel(), S_OK);
}

TEST(BitsAddress, WhatIsNoNameIsRefusedAndChangesNothing) {
  std::string path;
  const auto job = job_with_file("size=10", &path);
  const std::wstring name = remote_name(job);
  const auto file = first_file(job);
  EXPECT_EQ(file->SetRemoteName(nullptr), E_INVALIDARG);
  EXPECT_EQ(file->SetRemoteName(L""), E_INVALIDARG);
  EXPECT_EQ(file->SetRemoteName(L"ftp://host/x"), E_INVALIDARG);
  EXPECT_EQ(file->SetRemoteName((L"http://h/?" + std::wstring(2191, L'x')).c_str()), E_INVALIDARG);
  EXPECT_EQ(file->SetRemoteName((L"http://h/?" + std::wstring(2190, L'x')).c_str()), S_OK);
  EXPECT_EQ(file->SetRemoteName(name.c_str()), S_OK);
  EXPECT_EQ(remote_name(job), name);
  EXPECT_EQ(job->Cancel(), S_OK);
}

TEST(BitsAddress, AJobThatMovesKeepsItsBytesWhereTheFileIsTheSame) {
  Stage::get().answer("/moved-here", "size=300000 gate=100000");
  Stage::get().answer("/moved-there", "size=300000");
  const auto job = job_of(Stage::get().url("/moved-here"), "moved");
  ASSERT_EQ(job->SetPriority(BG_JOB_PRIORITY_FOREGROUND), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(eventually([&] { return transferred_bytes(job) >= 100000; }));
  ASSERT_EQ(first_file(job)->SetRemoteName(wide(Stage::get().url("/moved-there")).c_str()), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  ASSERT_EQ(job->Complete(), S_OK);
  EXPECT_EQ(text_of(Stage::get().folder("moved")).size(), 300000U);
}

TEST(BitsAddress, AnotherFileThereStartsOverWithoutAnError) {
  Stage::get().answer("/old", "size=300000 gate=100000");
  Stage::get().answer("/new", "size=200000 seed=7 last-modified=Wed,%2016%20Nov%201994%2012:45:26%20GMT");
  const auto job = job_of(Stage::get().url("/old"), "over");
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(eventually([&] { return transferred_bytes(job) >= 100000; }));
  ASSERT_EQ(first_file(job)->SetRemoteName(wide(Stage::get().url("/new")).c_str()), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  ULONG errors = 1;
  EXPECT_EQ(job->GetErrorCount(&errors), S_OK);
  EXPECT_EQ(errors, 0U);
  ASSERT_EQ(job->Complete(), S_OK);
  EXPECT_EQ(text_of(Stage::get().folder("over")).size(), 200000U);
}

TEST(BitsAddress, AJobInErrorGoesOnAfterResume) {
  Stage::get().answer("/gone", "status=404");
  Stage::get().answer("/found", "size=1000");
  const auto job = job_of(Stage::get().url("/gone"), "found");
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_ERROR));
  ASSERT_EQ(first_file(job)->SetRemoteName(wide(Stage::get().url("/found")).c_str()), S_OK);
  EXPECT_EQ(state_of(job), BG_JOB_STATE_ERROR);
  ASSERT_EQ(job->Resume(), S_OK);
  EXPECT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  EXPECT_EQ(job->Cancel(), S_OK);
}

TEST(BitsAddress, AModificationIsTold) {
  const auto job = job_with_file("size=10");
  const auto object = recorder();
  ASSERT_EQ(job->SetNotifyFlags(BG_NOTIFY_JOB_MODIFICATION), S_OK);
  ASSERT_EQ(job->SetNotifyInterface(object), S_OK);
  ASSERT_EQ(first_file(job)->SetRemoteName(L"http://127.0.0.1/other"), S_OK);
  EXPECT_TRUE(object->wait_for(Event::modification));
  EXPECT_EQ(job->Cancel(), S_OK);
}

// --- ReplaceRemotePrefix -------------------------------------------------------------------------

TEST(BitsPrefix, FilesWhoseNameBeginsSoGetAnotherOne) {
  const auto job = new_job().as<IBackgroundCopyJob3>();
  ASSERT_EQ(job->AddFile(L"http://old/a/1", wide(Stage::get().folder("p1")).c_str()), S_OK);
  EXPECT_EQ(job->ReplaceRemotePrefix(L"http://old/", L"http://new/x/"), S_OK);
  EXPECT_EQ(remote_name(job.as<IBackgroundCopyJob>()), L"http://new/x/a/1");
  EXPECT_EQ(job->ReplaceRemotePrefix(L"http://old/", L"http://new/"), S_FALSE) << "nothing matched";
  EXPECT_EQ(job->ReplaceRemotePrefix(L"HTTP://new/", L"http://other/"), S_FALSE) << "case counts";
  EXPECT_EQ(job->ReplaceRemotePrefix(L"new/", L"other/"), S_FALSE) << "from character 0";
  EXPECT_EQ(remote_name(job.as<IBackgroundCopyJob>()), L"http://new/x/a/1");
  EXPECT_EQ(job->Cancel(), S_OK);
}

TEST(BitsPrefix, BadPrefixesAndNamesThatWouldBeTooLongChangeNothing) {
  const auto job = new_job().as<IBackgroundCopyJob3>();
  const std::wstring tail(2100, L'x');
  ASSERT_EQ(job->AddFile(L"http://old/1", wide(Stage::get().folder("p2")).c_str()), S_OK);
  ASSERT_EQ(job->AddFile((L"http://old/?" + tail).c_str(), wide(Stage::get().folder("p3")).c_str()), S_OK);
  EXPECT_EQ(job->ReplaceRemotePrefix(nullptr, L"x"), E_INVALIDARG);
  EXPECT_EQ(job->ReplaceRemotePrefix(L"x", nullptr), E_INVALIDARG);
  EXPECT_EQ(job->ReplaceRemotePrefix(L"", L"http://new/"), E_INVALIDARG);
  EXPECT_EQ(job->ReplaceRemotePrefix(L"http://old/", L""), E_INVALIDARG);
  EXPECT_EQ(job->ReplaceRemotePrefix(L"http://old/", L"gopher://new/"), E_INVALIDARG);
  EXPECT_EQ(job->ReplaceRemotePrefix(L"http://old/", (L"http://" + std::wstring(200, L'n') + L"/").c_str()),
            E_INVALIDARG);
  EXPECT_EQ(remote_name(job.as<IBackgroundCopyJob>()), L"http://old/1") << "all or nothing";
  EXPECT_EQ(job->Cancel(), S_OK);
  EXPECT_EQ(job->ReplaceRemotePrefix(L"http://old/", L"http://new/"), BG_E_INVALID_STATE);
}

TEST(BitsPrefix, FilesThatAreHereAreNotFetchedAgain) {
  const auto job = transferred_job();
  const auto three = job.as<IBackgroundCopyJob3>();
  EXPECT_EQ(three->ReplaceRemotePrefix(L"http://", L"https://nowhere.invalid/"), S_OK);
  EXPECT_EQ(job->Resume(), S_OK);
  EXPECT_EQ(state_of(job), BG_JOB_STATE_TRANSFERRED);
  EXPECT_EQ(job->Complete(), S_OK);
}

// --- files of this machine -----------------------------------------------------------------------

TEST(BitsLocalFile, AnAbsolutePathAndAFileUrlAreCopiedAndComeBackAsGiven) {
  const std::string source = write("source one", std::string(700000, 'a') + "end");
  std::string url = "file://" + source;
  url.replace(url.find(' '), 1, "%20");
  for (const std::string& remote : {source, url}) {
    const auto job = job_of(remote, "copy");
    EXPECT_EQ(remote_name(job), wide(remote));
    ASSERT_EQ(job->Resume(), S_OK);
    ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED)) << std::hex << error_of(job);
    ASSERT_EQ(job->Complete(), S_OK);
    EXPECT_EQ(text_of(Stage::get().folder("copy")), text_of(source));
    struct stat from {}, to {};
    ASSERT_EQ(stat(source.c_str(), &from), 0);
    ASSERT_EQ(stat(Stage::get().folder("copy").c_str(), &to), 0);
    EXPECT_EQ(from.st_mtim.tv_sec, to.st_mtim.tv_sec);
  }
}

TEST(BitsLocalFile, AnEmptyFileIsAFile) {
  const auto job = job_of(write("nothing", ""), "nothing copied");
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  EXPECT_EQ(job->Complete(), S_OK);
}

TEST(BitsLocalFile, WhatIsNotThereOrNoFileIsTheCodeOfErrorsMd) {
  const auto missing = job_of(Stage::get().folder("not there"), "c1");
  ASSERT_EQ(missing->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(missing, BG_JOB_STATE_ERROR));
  EXPECT_EQ(error_of(missing), HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND));
  EXPECT_EQ(missing->Cancel(), S_OK);
  const std::string pipe = Stage::get().folder("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const auto odd = job_of(pipe, "c2");
  ASSERT_EQ(odd->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(odd, BG_JOB_STATE_ERROR)) << "nobody waits for a writer";
  EXPECT_EQ(odd->Cancel(), S_OK);
}

TEST(BitsLocalFile, TheProtocolOfItsErrorIsFile) {
  const auto job = job_of(Stage::get().folder("missing too"), "c3");
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_ERROR));
  Com<IBackgroundCopyError> error;
  ASSERT_EQ(job->GetError(&error), S_OK);
  LPWSTR protocol = nullptr;
  EXPECT_EQ(error->GetProtocol(&protocol), S_OK);
  EXPECT_EQ(std::wstring(protocol), L"file");
  CoTaskMemFree(protocol);
  EXPECT_EQ(job->Cancel(), S_OK);
}

TEST(BitsLocalFile, AJobMayGoOnFromAShareToAServerAndBack) {
  const std::string source = write("same", "");
  Stage::get().answer("/switch", "status=404");
  const auto job = job_of(Stage::get().url("/switch"), "switched");
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_ERROR));
  ASSERT_EQ(first_file(job)->SetRemoteName(wide(source).c_str()), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  EXPECT_EQ(job->Complete(), S_OK);
}

// errors.md §4: the error is a snapshot, also where it is asked for later.
TEST(BitsLocalFile, TheProtocolOfAnErrorIsThatOfTheAddressThatFailed) {
  Stage::get().answer("/left", "status=404");
  const std::wstring server = wide(Stage::get().url("/left"));
  const std::wstring none = wide(Stage::get().folder("no such file"));
  for (const auto& [fails, next, protocol] : {std::tuple(server, none, L"http"), std::tuple(none, server, L"file")}) {
    const auto job = new_job();
    ASSERT_EQ(job->AddFile(fails.c_str(), wide(Stage::get().folder("left")).c_str()), S_OK);
    ASSERT_EQ(job->Resume(), S_OK);
    ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_ERROR));
    Com<IBackgroundCopyError> before, after;
    ASSERT_EQ(job->GetError(&before), S_OK);
    ASSERT_EQ(first_file(job)->SetRemoteName(next.c_str()), S_OK);
    ASSERT_EQ(job->GetError(&after), S_OK);
    for (const auto& error : {before.get(), after.get()}) {
      LPWSTR told = nullptr;
      ASSERT_EQ(error->GetProtocol(&told), S_OK);
      EXPECT_EQ(std::wstring(told), protocol);
      CoTaskMemFree(told);
    }
    EXPECT_EQ(job->Cancel(), S_OK);
  }
}

TEST(BitsLocalFile, SharesOfOtherMachinesAreRefused) {
  const auto job = new_job();
  const std::wstring local = wide(Stage::get().folder("share"));
  for (const wchar_t* remote : {L"\\\\server\\share\\x", L"file://server/share/x", L"smb://server/x", L"//server/x"})
    EXPECT_EQ(job->AddFile(remote, local.c_str()), E_INVALIDARG);
  EXPECT_EQ(job->Cancel(), S_OK);
}

}  // namespace
}  // namespace backhaul::test
