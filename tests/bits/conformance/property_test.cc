// SPDX-License-Identifier: Apache-2.0
// Properties of jobs, and what Complete and ReplaceRemotePrefix promise of files in trouble.
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <string>

#include "tests/bits/conformance/program.h"

namespace backhaul::test {
namespace {

std::string local(const std::string& name) { return Stage::get().folder(name); }

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// jobs.md §11: 6 and 8 are internal.
TEST(JobProperty, OfAnUnknownNumberIsUnknown) {
  const auto job = new_job().as<IBackgroundCopyJob5>();
  BITS_JOB_PROPERTY_VALUE value{};
  for (const int id : {0, 6, 8, 11, 1000}) {
    EXPECT_EQ(job->SetProperty(static_cast<BITS_JOB_PROPERTY_ID>(id), value), BG_E_UNKNOWN_PROPERTY_ID) << id;
    EXPECT_EQ(job->GetProperty(static_cast<BITS_JOB_PROPERTY_ID>(id), &value), BG_E_UNKNOWN_PROPERTY_ID) << id;
  }
}

// jobs.md §4, §11
TEST(JobProperty, OfAnEndedJobIsReadAndNotSet) {
  const Job job = cancelled_job();
  BITS_JOB_PROPERTY_VALUE value{};
  for (const int id : {1, 2, 3, 4, 9, 10}) {
    EXPECT_EQ(set_property(job, id, property_of(job, id)), BG_E_INVALID_STATE) << id;
  }
  value.Uint64 = 1;
  EXPECT_EQ(set_property(job, BITS_JOB_PROPERTY_MAX_DOWNLOAD_SIZE, value), BG_E_INVALID_STATE);
}

BITS_JOB_PROPERTY_VALUE yes() {
  BITS_JOB_PROPERTY_VALUE value{};
  value.Enable = TRUE;
  return value;
}

Job high_performance_job(const std::string& behaviours, const std::string& name) {
  const Job job = new_job();
  EXPECT_EQ(set_property(job, BITS_JOB_PROPERTY_HIGH_PERFORMANCE, yes()), S_OK);
  Stage::get().answer("/" + name, behaviours);
  EXPECT_EQ(add(job, Stage::get().url("/" + name), local(name)), S_OK);
  return job;
}

// jobs.md §11
TEST(HighPerformance, IsSetBeforeTheFirstFile) {
  const Job job = high_performance_job("size=10", "hp-set");
  EXPECT_TRUE(property_of(job, BITS_JOB_PROPERTY_HIGH_PERFORMANCE).Enable);
  BITS_JOB_PROPERTY_VALUE no{};
  EXPECT_EQ(set_property(job, BITS_JOB_PROPERTY_HIGH_PERFORMANCE, no), BG_E_READ_ONLY_PROPERTY_AFTER_ADDFILE);
}

// files.md §3: no temporary file, the final name from the first byte on.
TEST(HighPerformance, HasTheFinalNameFromTheFirstByteOn) {
  const Job job = high_performance_job("size=100000 gate=50000", "hp-name");
  EXPECT_EQ(text_of(file_of(job).get(), &IBackgroundCopyFile3::GetTemporaryName), wide(local("hp-name")));
  std::ofstream(local("hp-name")) << "what was there before";
  ASSERT_EQ(job->Resume(), S_OK);
  EXPECT_TRUE(eventually([&] { return progress_of(job).BytesTransferred > 0; }));
  EXPECT_TRUE(eventually([&] { return content_of(local("hp-name")).find("what was") == std::string::npos; }));
  // jobs.md §13: what is not whole is left to the caller.
  EXPECT_EQ(job->Cancel(), S_OK);
  EXPECT_EQ(access(local("hp-name").c_str(), F_OK), 0);
}

// jobs.md §13
TEST(HighPerformance, NeedsCompleteAllTheSame) {
  const Job job = high_performance_job("size=1000", "hp-complete");
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  EXPECT_FALSE(value_of(file_of(job).get(), &IBackgroundCopyFile::GetProgress).Completed);
  EXPECT_EQ(content_of(local("hp-complete")).size(), 1000U);
  EXPECT_EQ(job->Complete(), S_OK);
  EXPECT_TRUE(value_of(file_of(job).get(), &IBackgroundCopyFile::GetProgress).Completed);
  EXPECT_EQ(content_of(local("hp-complete")).size(), 1000U);
}

// jobs.md §13.4: a rename that fails is told, the job stays, and a second Complete does the rest.
TEST(Complete, ThatCannotPutAFileInPlaceLeavesTheJobAndDoesTheRestLater) {
  const Job job = job_with_file("size=10");
  ASSERT_EQ(add_answered(job, "size=20"), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  const std::wstring name = text_of(file_of(job, 1).get(), &IBackgroundCopyFile::GetLocalName);
  const std::string second(name.begin(), name.end());  // of ASCII
  ASSERT_EQ(mkdir(second.c_str(), 0700), 0);
  EXPECT_TRUE(FAILED(job->Complete()));
  EXPECT_EQ(state_of(job), BG_JOB_STATE_TRANSFERRED);
  ASSERT_EQ(rmdir(second.c_str()), 0);
  EXPECT_EQ(job->Complete(), S_OK);
  EXPECT_EQ(content_of(second).size(), 20U);
}

// files.md §5
TEST(ReplaceRemotePrefix, RefusesEmptyPrefixesAndComparesEveryOctet) {
  const Job job = new_job();
  ASSERT_EQ(add(job, "http://h/One", local("prefix")), S_OK);
  const auto three = job.as<IBackgroundCopyJob3>();
  EXPECT_EQ(three->ReplaceRemotePrefix(L"", L"http://other/"), E_INVALIDARG);
  EXPECT_EQ(three->ReplaceRemotePrefix(L"http://h/", L""), E_INVALIDARG);
  EXPECT_EQ(three->ReplaceRemotePrefix(L"HTTP://h/", L"http://other/"), S_FALSE);
  EXPECT_EQ(three->ReplaceRemotePrefix(L"h/", L"other/"), S_FALSE) << "from the first character on";
  EXPECT_EQ(text_of(file_of(job).get(), &IBackgroundCopyFile::GetRemoteName), L"http://h/One");
  EXPECT_EQ(job->Cancel(), S_OK);
  EXPECT_EQ(three->ReplaceRemotePrefix(L"http://h/", L"http://other/"), BG_E_INVALID_STATE);
}

}  // namespace
}  // namespace backhaul::test
