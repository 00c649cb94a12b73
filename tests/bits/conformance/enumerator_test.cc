// SPDX-License-Identifier: Apache-2.0
// IEnumBackgroundCopyJobs and IEnumBackgroundCopyFiles (jobs.md §10), and what leads from one object to another
// (interfaces.md §3).
#include "tests/bits/conformance/program.h"

namespace backhaul::test {
namespace {

// A job with that many files, and an enumerator of them.
Com<IEnumBackgroundCopyFiles> files_of_new_job(unsigned count, Job& job) {
  job = new_job();
  for (unsigned i = 0; i < count; ++i) EXPECT_EQ(add_answered(job, "size=1"), S_OK);
  Com<IEnumBackgroundCopyFiles> files;
  EXPECT_EQ(job->EnumFiles(&files), S_OK);
  return files;
}

std::wstring next_name(const Com<IEnumBackgroundCopyFiles>& files) {
  Com<IBackgroundCopyFile> file;
  return files->Next(1, &file, nullptr) == S_OK ? text_of(file.get(), &IBackgroundCopyFile::GetRemoteName) : L"(end)";
}

// jobs.md §10: S_FALSE with fewer, and those are delivered.
TEST(Next, GivesWhatIsLeftAndSaysThatItIsLess) {
  Job job;
  const auto files = files_of_new_job(3, job);
  IBackgroundCopyFile* given[4] = {};
  for (auto& file : given) file = reinterpret_cast<IBackgroundCopyFile*>(&job);
  ULONG count = 7;
  EXPECT_EQ(files->Next(2, given, &count), S_OK);
  EXPECT_EQ(count, 2U);
  given[0]->Release();
  given[1]->Release();
  EXPECT_EQ(files->Next(4, given, &count), S_FALSE);
  EXPECT_EQ(count, 1U);
  given[0]->Release();
  EXPECT_EQ(given[1], nullptr);
  EXPECT_EQ(given[3], nullptr);
  EXPECT_EQ(files->Next(1, given, &count), S_FALSE) << "and again at the end";
  EXPECT_EQ(count, 0U);
}

// jobs.md §10
TEST(Next, OfNothingIsNoError) {
  Job job;
  const auto files = files_of_new_job(1, job);
  IBackgroundCopyFile* none = nullptr;
  ULONG count = 7;
  EXPECT_EQ(files->Next(0, &none, &count), S_OK);
  EXPECT_EQ(count, 0U);
  EXPECT_NE(next_name(files), L"(end)");
}

// jobs.md §10: the count may be NULL only for one element.
TEST(Next, WithoutACountIsForOneElement) {
  Job job;
  const auto files = files_of_new_job(2, job);
  IBackgroundCopyFile* given[2] = {};
  EXPECT_EQ(files->Next(2, given, nullptr), E_INVALIDARG);
  EXPECT_EQ(files->Next(1, nullptr, nullptr), E_INVALIDARG);
  EXPECT_EQ(next_name(files), text_of(file_of(job).get(), &IBackgroundCopyFile::GetRemoteName)) << "it stays there";
}

// jobs.md §10: back to the first, of the same list.
TEST(Reset, BeginsAgainWithTheSameList) {
  Job job;
  const auto files = files_of_new_job(2, job);
  const std::wstring first = next_name(files);
  EXPECT_EQ(files->Skip(9), S_FALSE);
  ASSERT_EQ(add_answered(job, "size=1"), S_OK);
  EXPECT_EQ(files->Reset(), S_OK);
  EXPECT_EQ(next_name(files), first);
  EXPECT_EQ(files->Skip(1), S_OK);
  EXPECT_EQ(next_name(files), L"(end)");
}

// jobs.md §10: of the same list and place, and independent from then on.
TEST(Clone, GoesItsOwnWay) {
  Job job;
  const auto files = files_of_new_job(3, job);
  const std::wstring first = next_name(files);
  Com<IEnumBackgroundCopyFiles> clone;
  ASSERT_EQ(files->Clone(&clone), S_OK);
  EXPECT_EQ(clone->Skip(2), S_OK);
  EXPECT_EQ(next_name(clone), L"(end)");
  EXPECT_EQ(clone->Reset(), S_OK);
  EXPECT_EQ(next_name(clone), first);
  EXPECT_EQ(next_name(files), text_of(file_of(job, 1).get(), &IBackgroundCopyFile::GetRemoteName));
  EXPECT_EQ(files->Clone(nullptr), E_INVALIDARG);
}

// jobs.md §10: whatever the place.
TEST(GetCount, IsThatOfTheWholeList) {
  Job job;
  const auto files = files_of_new_job(3, job);
  EXPECT_EQ(files->Skip(2), S_OK);
  EXPECT_EQ(value_of(files.get(), &IEnumBackgroundCopyFiles::GetCount), 3U);
  EXPECT_EQ(files->Skip(9), S_FALSE);
  EXPECT_EQ(value_of(files.get(), &IEnumBackgroundCopyFiles::GetCount), 3U);
  EXPECT_EQ(files->GetCount(nullptr), E_INVALIDARG);
}

// interfaces.md §3: the interfaces of an object are one identity, and it has no others.
TEST(QueryInterface, OfAJobAnswersForEveryVersionAndNoOtherObject) {
  const Job job = new_job();
  const auto identity = job.as<IUnknown>();
  const auto is_same = [&](const auto& other) {
    return other.get() != nullptr && other.template as<IUnknown>().get() == identity.get();
  };
  EXPECT_TRUE(is_same(job.as<IBackgroundCopyJob2>()));
  EXPECT_TRUE(is_same(job.as<IBackgroundCopyJob3>()));
  EXPECT_TRUE(is_same(job.as<IBackgroundCopyJob4>()));
  EXPECT_TRUE(is_same(job.as<IBackgroundCopyJob5>()));
  EXPECT_TRUE(is_same(job.as<IBackgroundCopyJobHttpOptions>()));
  EXPECT_TRUE(is_same(job.as<IBackgroundCopyJobHttpOptions2>()));
  EXPECT_TRUE(is_same(job.as<IBackgroundCopyJobHttpOptions3>()));
  EXPECT_TRUE(is_same(job.as<IBitsTokenOptions>()));
  EXPECT_EQ(job.as<IBackgroundCopyFile>().get(), nullptr);
  EXPECT_EQ(job.as<IBackgroundCopyManager>().get(), nullptr);
  void* out = &out;
  EXPECT_EQ(job->QueryInterface(IID_IClassFactory, &out), E_NOINTERFACE);
  EXPECT_EQ(out, nullptr);
  EXPECT_EQ(job->QueryInterface(IID_IUnknown, nullptr), E_POINTER);
}

// interfaces.md §3
TEST(QueryInterface, OfOtherObjectsAnswersForTheirOwn) {
  const auto made = manager();
  const auto peers = made.as<IBitsPeerCacheAdministration>();
  ASSERT_NE(peers.get(), nullptr);
  EXPECT_EQ(peers.as<IUnknown>().get(), made.as<IUnknown>().get());
  EXPECT_EQ(made.as<IBackgroundCopyJob>().get(), nullptr);
  Job job;
  const auto files = files_of_new_job(1, job);
  EXPECT_NE(files.as<IUnknown>().get(), nullptr);
  EXPECT_EQ(files.as<IEnumBackgroundCopyJobs>().get(), nullptr);
  const auto error = failure_of(failed_job()).object;
  EXPECT_NE(error.as<IUnknown>().get(), nullptr);
  EXPECT_EQ(error.as<IBackgroundCopyJob>().get(), nullptr);
}

// jobs.md §8: the id is that of CreateJob, and finds the job again.
TEST(GetId, IsTheIdThatCreateJobGave) {
  GUID id = GUID_NULL, same = GUID_NULL;
  Job job, found;
  ASSERT_EQ(manager()->CreateJob(L"id", BG_JOB_TYPE_DOWNLOAD, &id, &job), S_OK);
  EXPECT_EQ(job->GetId(&same), S_OK);
  EXPECT_EQ(same, id);
  EXPECT_EQ(manager()->GetJob(id, &found), S_OK);
  EXPECT_EQ(found.get(), job.get());
  EXPECT_EQ(value_of(job.get(), &IBackgroundCopyJob::GetType), BG_JOB_TYPE_DOWNLOAD);
  EXPECT_EQ(manager()->GetJob(id, nullptr), E_INVALIDARG);
}

}  // namespace
}  // namespace backhaul::test
