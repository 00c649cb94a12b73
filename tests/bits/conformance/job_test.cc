// SPDX-License-Identifier: Apache-2.0
// IBackgroundCopyManager, and the states of a job.
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "tests/bits/conformance/program.h"

namespace backhaul::test {
namespace {

// --- IBackgroundCopyManager::CreateJob -------------------------------------------------------------

HRESULT create(const std::wstring& name, int type = BG_JOB_TYPE_DOWNLOAD) {
  GUID id;
  Job job;
  return manager()->CreateJob(name.c_str(), static_cast<BG_JOB_TYPE>(type), &id, &job);
}

// jobs.md §3.1
TEST(CreateJob, AlwaysMakesASuspendedJob) { EXPECT_EQ(state_of(new_job()), BG_JOB_STATE_SUSPENDED); }

// jobs.md §8, §20
TEST(CreateJob, TakesANameOf256UnitsAndRefusesALongerOneAsAnArgument) {
  EXPECT_EQ(create(std::wstring(256, L'x')), S_OK);
  EXPECT_EQ(create(std::wstring(257, L'x')), E_INVALIDARG);
}

// jobs.md §8: counted in UTF-16 units, of which such a character has two.
TEST(CreateJob, CountsUnitsOfUtf16) {
  EXPECT_EQ(create(std::wstring(128, L'\U0001f319')), S_OK);
  EXPECT_EQ(create(std::wstring(129, L'\U0001f319')), E_INVALIDARG);
}

// jobs.md §8
TEST(CreateJob, NamesNeedNotBeUnique) {
  EXPECT_EQ(create(L"one name"), S_OK);
  EXPECT_EQ(create(L"one name"), S_OK);
}

TEST(CreateJob, AnUnknownTypeIsRefused) { EXPECT_EQ(create(L"x", 3), E_INVALIDARG); }

// jobs.md §1, §7, §9, §11, §12, §19, §21; http-and-network.md §5
TEST(CreateJob, ANewJobHasTheDocumentedDefaults) {
  const Job job = new_job();
  const auto last = job.as<IBackgroundCopyJob5>();
  EXPECT_EQ(value_of(job.get(), &IBackgroundCopyJob::GetPriority), BG_JOB_PRIORITY_NORMAL);
  EXPECT_EQ(value_of(job.get(), &IBackgroundCopyJob::GetNotifyFlags), 3U);
  EXPECT_EQ(value_of(job.get(), &IBackgroundCopyJob::GetMinimumRetryDelay), 600U);
  EXPECT_EQ(value_of(job.get(), &IBackgroundCopyJob::GetNoProgressTimeout), 1'209'600U);
  EXPECT_EQ(value_of(last.get(), &IBackgroundCopyJob4::GetMaximumDownloadTime), 7'776'000U);
  EXPECT_EQ(value_of(job.get(), &IBackgroundCopyJob::GetErrorCount), 0U);
  EXPECT_EQ(value_of(last.get(), &IBackgroundCopyJob3::GetFileACLFlags), 0U);
  EXPECT_EQ(value_of(last.get(), &IBackgroundCopyJob4::GetPeerCachingFlags), 0U);
  EXPECT_EQ(text_of(job.get(), &IBackgroundCopyJob::GetDescription), L"");
  EXPECT_EQ(notify_interface(job).get(), nullptr);
  EXPECT_FALSE(property_of(job, BITS_JOB_PROPERTY_DYNAMIC_CONTENT).Enable);
  EXPECT_FALSE(property_of(job, BITS_JOB_PROPERTY_HIGH_PERFORMANCE).Enable);
  EXPECT_FALSE(property_of(job, BITS_JOB_PROPERTY_ON_DEMAND_MODE).Enable);
  EXPECT_EQ(property_of(job, BITS_JOB_PROPERTY_MAX_DOWNLOAD_SIZE).Uint64, UINT64_MAX);
  EXPECT_EQ(property_of(job, BITS_JOB_PROPERTY_MINIMUM_NOTIFICATION_INTERVAL_MS).Dword, 500U);
  EXPECT_EQ(property_of(job, BITS_JOB_PROPERTY_NOTIFICATION_CLSID).ClsID, GUID_NULL);
}

// --- GetJob, EnumJobs ----------------------------------------------------------------------------

HRESULT get_job(const Job& job) {
  GUID id;
  Job found;
  EXPECT_EQ(job->GetId(&id), S_OK);
  return manager()->GetJob(id, &found);
}

// jobs.md §3, §10
TEST(GetJob, FindsAJobUntilItLeavesTheQueue) {
  const Job cancelled = new_job();
  const Job completed = transferred_job();
  EXPECT_EQ(get_job(cancelled), S_OK);
  EXPECT_EQ(cancelled->Cancel(), S_OK);
  EXPECT_EQ(completed->Complete(), S_OK);
  EXPECT_EQ(get_job(cancelled), BG_E_NOT_FOUND);
  EXPECT_EQ(get_job(completed), BG_E_NOT_FOUND);
}

std::vector<Job> jobs_of(const Com<IEnumBackgroundCopyJobs>& jobs) {
  std::vector<Job> list;
  for (Job job; jobs->Next(1, &job, nullptr) == S_OK;) list.push_back(job);
  return list;
}

bool holds(const std::vector<Job>& list, const Job& job) {
  for (const Job& one : list)
    if (one.get() == job.get()) return true;
  return false;
}

Com<IEnumBackgroundCopyJobs> enumerated(DWORD flags = 0) {
  Com<IEnumBackgroundCopyJobs> jobs;
  EXPECT_EQ(manager()->EnumJobs(flags, &jobs), S_OK);
  return jobs;
}

// jobs.md §10
TEST(EnumJobs, LeavesOutFinalStates) {
  const Job living = new_job();
  const Job ended = cancelled_job();
  const auto list = jobs_of(enumerated());
  EXPECT_TRUE(holds(list, living));
  EXPECT_FALSE(holds(list, ended));
}

// jobs.md §10
TEST(EnumJobs, OfAllUsersIsForAdministrators) {
  Com<IEnumBackgroundCopyJobs> jobs;
  EXPECT_EQ(manager()->EnumJobs(BG_JOB_ENUM_ALL_USERS, &jobs), getuid() == 0 ? S_OK : E_ACCESSDENIED);
  EXPECT_EQ(manager()->EnumJobs(2, &jobs), E_INVALIDARG);
  EXPECT_EQ(jobs.get(), nullptr);
}

// jobs.md §10: a snapshot of the list, of living objects.
TEST(EnumJobs, KeepsItsListAfterJobsCameAndWent) {
  const Job first = new_job();
  const Job second = new_job();
  const auto jobs = enumerated();
  const ULONG count = value_of(jobs.get(), &IEnumBackgroundCopyJobs::GetCount);
  EXPECT_EQ(first->Cancel(), S_OK);
  const Job late = new_job();
  EXPECT_EQ(value_of(jobs.get(), &IEnumBackgroundCopyJobs::GetCount), count);
  const auto list = jobs_of(jobs);
  EXPECT_EQ(list.size(), count);
  EXPECT_TRUE(holds(list, first) && holds(list, second) && !holds(list, late));
  EXPECT_EQ(state_of(first), BG_JOB_STATE_CANCELLED);
  EXPECT_EQ(jobs->Reset(), S_OK);
  EXPECT_EQ(jobs_of(jobs).size(), count) << "Reset: the same snapshot";
}

// jobs.md §10
TEST(EnumJobs, NextWithoutACountIsForOneElement) {
  const Job job = new_job();
  const auto jobs = enumerated();
  IBackgroundCopyJob* two[2] = {};
  EXPECT_EQ(jobs->Next(2, two, nullptr), E_INVALIDARG);
  EXPECT_EQ(jobs->Next(1, nullptr, nullptr), E_INVALIDARG);
}

// jobs.md §10
TEST(EnumJobs, SkipBeyondTheEndStaysThere) {
  const Job job = new_job();
  const auto jobs = enumerated();
  Job none;
  EXPECT_EQ(jobs->Skip(value_of(jobs.get(), &IEnumBackgroundCopyJobs::GetCount)), S_OK);
  EXPECT_EQ(jobs->Next(1, &none, nullptr), S_FALSE);
  EXPECT_EQ(jobs->Skip(1), S_FALSE);
  EXPECT_EQ(jobs->Reset(), S_OK);
  EXPECT_EQ(jobs->Skip(100'000), S_FALSE);
  EXPECT_EQ(jobs->Next(1, &none, nullptr), S_FALSE);
}

// jobs.md §10
TEST(EnumJobs, ACloneIsIndependentAndBeginsAtTheSamePlace) {
  const Job first = new_job();
  const Job second = new_job();
  const auto jobs = enumerated();
  EXPECT_EQ(jobs->Skip(1), S_OK);
  Com<IEnumBackgroundCopyJobs> clone;
  ASSERT_EQ(jobs->Clone(&clone), S_OK);
  EXPECT_EQ(first->Cancel(), S_OK);
  const auto rest = jobs_of(jobs);
  const auto rest_of_clone = jobs_of(clone);
  ASSERT_EQ(rest.size(), rest_of_clone.size());
  for (std::size_t i = 0; i < rest.size(); ++i) EXPECT_EQ(rest[i].get(), rest_of_clone[i].get());
  EXPECT_EQ(jobs->Clone(nullptr), E_INVALIDARG);
}

// --- Resume, Suspend, Cancel, Complete -------------------------------------------------------------

// jobs.md §4: the final state is looked at before the files.
TEST(Resume, OfAnEndedJobWithoutFilesIsAWrongState) {
  EXPECT_EQ(cancelled_job()->Resume(), BG_E_INVALID_STATE);
}

// jobs.md §3.1
TEST(Resume, OfARunningJobChangesNothing) {
  const Job job = resumed("size=1000 gate=10", BG_JOB_STATE_TRANSFERRING);
  EXPECT_EQ(job->Resume(), S_OK);
  EXPECT_EQ(state_of(job), BG_JOB_STATE_TRANSFERRING);
  EXPECT_EQ(job->Cancel(), S_OK);
}

// jobs.md §3.1
TEST(Resume, OfATransferredJobWithNothingToFetchChangesNothing) {
  const Job job = transferred_job();
  EXPECT_EQ(job->Resume(), S_OK);
  EXPECT_EQ(state_of(job), BG_JOB_STATE_TRANSFERRED);
}

// jobs.md §3.1: what was done already is kept.
TEST(Resume, OfAFailedJobKeepsWhatCame) {
  const Job job = job_with_file("size=1000 cut=400 | status=404 | size=1000");
  ASSERT_EQ(job->SetMinimumRetryDelay(5), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_ERROR));
  EXPECT_EQ(progress_of(job).BytesTransferred, 400U);
  ASSERT_EQ(job->Resume(), S_OK);
  EXPECT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
}

// jobs.md §3.1
TEST(Suspend, OfASuspendedJobIsNoError) { EXPECT_EQ(new_job()->Suspend(), S_OK); }

// jobs.md §3.1: they are suspended already.
TEST(Suspend, LeavesErrorAndTransferred) {
  const Job failed = failed_job();
  const Job transferred = transferred_job();
  EXPECT_EQ(failed->Suspend(), S_OK);
  EXPECT_EQ(state_of(failed), BG_JOB_STATE_ERROR);
  EXPECT_EQ(transferred->Suspend(), S_OK);
  EXPECT_EQ(state_of(transferred), BG_JOB_STATE_TRANSFERRED);
}

// jobs.md §3.1
TEST(Suspend, StopsWhatRunsAndWhatWaitsForARetry) {
  const Job running = resumed("size=1000 gate=10", BG_JOB_STATE_TRANSFERRING);
  const Job waiting = resumed("status=503", BG_JOB_STATE_TRANSIENT_ERROR);
  EXPECT_EQ(running->Suspend(), S_OK);
  EXPECT_EQ(state_of(running), BG_JOB_STATE_SUSPENDED);
  EXPECT_EQ(waiting->Suspend(), S_OK);
  EXPECT_EQ(state_of(waiting), BG_JOB_STATE_SUSPENDED);
  EXPECT_EQ(running->Cancel(), S_OK);
  EXPECT_EQ(waiting->Cancel(), S_OK);
}

// jobs.md §3.1, §13: from any state that is not final, and not to be taken back.
TEST(Cancel, EndsAJobInAnyState) {
  for (const Job& job : {new_job(), failed_job(), transferred_job(),
                         resumed("status=503", BG_JOB_STATE_TRANSIENT_ERROR),
                         resumed("size=1000 gate=10", BG_JOB_STATE_TRANSFERRING)}) {
    EXPECT_EQ(job->Cancel(), S_OK);
    EXPECT_EQ(state_of(job), BG_JOB_STATE_CANCELLED);
    EXPECT_EQ(job->Cancel(), BG_E_INVALID_STATE);
    EXPECT_EQ(job->Resume(), BG_E_INVALID_STATE);
  }
}

bool is_there(const std::wstring& path) {
  return access(std::string(path.begin(), path.end()).c_str(), F_OK) == 0;
}

// jobs.md §13
TEST(Cancel, DeletesWhatCame) {
  const Job job = transferred_job();
  const std::wstring part = text_of(file_of(job).get(), &IBackgroundCopyFile3::GetTemporaryName);
  EXPECT_TRUE(is_there(part));
  EXPECT_EQ(job->Cancel(), S_OK);
  EXPECT_FALSE(is_there(part));
}

// jobs.md §13
TEST(Complete, PutsFilesInPlaceWithTheTimeOfTheServerAndReplacesWhatIsThere) {
  const Job job = job_with_file("size=1000 last-modified=Tue,%2015%20Nov%201994%2012:45:26%20GMT");
  const std::wstring wide_name = text_of(file_of(job).get(), &IBackgroundCopyFile::GetLocalName);
  const std::string name(wide_name.begin(), wide_name.end());
  std::ofstream(name) << "older";
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  ASSERT_EQ(job->Complete(), S_OK);
  struct stat info {};
  ASSERT_EQ(stat(name.c_str(), &info), 0);
  EXPECT_EQ(info.st_size, 1000);
  EXPECT_EQ(info.st_mtime, 784'903'526);
  EXPECT_EQ(info.st_uid, getuid()) << "the caller of Complete";
}

// jobs.md §13
TEST(Complete, OfAPartOfTheFilesSaysSoAndDropsTheRest) {
  const Job job = job_with_file("size=1000");
  ASSERT_EQ(add_answered(job, "status=404"), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_ERROR));
  EXPECT_EQ(job->Complete(), BG_S_PARTIAL_COMPLETE);
  EXPECT_EQ(state_of(job), BG_JOB_STATE_ACKNOWLEDGED);
  EXPECT_TRUE(value_of(file_of(job).get(), &IBackgroundCopyFile::GetProgress).Completed);
  EXPECT_FALSE(value_of(file_of(job, 1).get(), &IBackgroundCopyFile::GetProgress).Completed);
}

// jobs.md §2, §13: a download at any time.
TEST(Complete, OfNoFileAtAllIsPartial) {
  const Job job = job_with_file("size=1000");
  EXPECT_EQ(job->Complete(), BG_S_PARTIAL_COMPLETE);
  EXPECT_EQ(state_of(job), BG_JOB_STATE_ACKNOWLEDGED);
}

// Something that is no part stands in the place of the one of this file, and cannot be deleted like one.
std::string in_the_way(const Job& job, ULONG index = 0) {
  const std::wstring name = text_of(file_of(job, index).get(), &IBackgroundCopyFile3::GetTemporaryName);
  const std::string part(name.begin(), name.end());
  EXPECT_EQ(unlink(part.c_str()), 0);
  EXPECT_EQ(mkdir(part.c_str(), 0700), 0);
  return part;
}

// jobs.md §13, files.md §3: what is left over is told, and the job is over all the same.
TEST(Cancel, ThatLeavesSomethingOverSaysSo) {
  const Job job = transferred_job();
  const std::string left = in_the_way(job);
  EXPECT_EQ(job->Cancel(), BG_S_UNABLE_TO_DELETE_FILES);
  EXPECT_EQ(state_of(job), BG_JOB_STATE_CANCELLED);
  EXPECT_EQ(rmdir(left.c_str()), 0);
}

// jobs.md §13
TEST(Complete, ThatLeavesSomethingOverSaysSo) {
  const Job job = job_with_file("size=1000");
  ASSERT_EQ(add_answered(job, "size=1000 cut=500 | status=404"), S_OK);
  ASSERT_EQ(job->SetMinimumRetryDelay(5), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_ERROR));
  const std::string left = in_the_way(job, 1);
  EXPECT_EQ(job->Complete(), BG_S_UNABLE_TO_DELETE_FILES);
  EXPECT_EQ(state_of(job), BG_JOB_STATE_ACKNOWLEDGED);
  EXPECT_TRUE(value_of(file_of(job).get(), &IBackgroundCopyFile::GetProgress).Completed);
  EXPECT_EQ(rmdir(left.c_str()), 0);
}

// jobs.md §4
TEST(FinalState, RefusesEveryChange) {
  const Job job = cancelled_job();
  const auto last = job.as<IBackgroundCopyJob5>();
  const auto http = job.as<IBackgroundCopyJobHttpOptions3>();
  BITS_JOB_PROPERTY_VALUE value{};
  BG_FILE_RANGE range{0, 1};
  const std::vector<std::pair<const char*, HRESULT>> changes = {
      {"Suspend", job->Suspend()},
      {"Complete", job->Complete()},
      {"SetDisplayName", job->SetDisplayName(L"x")},
      {"SetDescription", job->SetDescription(L"x")},
      {"SetPriority", job->SetPriority(BG_JOB_PRIORITY_LOW)},
      {"SetNotifyFlags", job->SetNotifyFlags(1)},
      {"SetNotifyInterface", job->SetNotifyInterface(nullptr)},
      {"SetMinimumRetryDelay", job->SetMinimumRetryDelay(10)},
      {"SetNoProgressTimeout", job->SetNoProgressTimeout(10)},
      {"SetProxySettings", job->SetProxySettings(BG_JOB_PROXY_USAGE_NO_PROXY, nullptr, nullptr)},
      {"TakeOwnership", job->TakeOwnership()},
      {"SetNotifyCmdLine", last->SetNotifyCmdLine(nullptr, nullptr)},
      {"AddFileSet", job->AddFileSet(0, nullptr)},
      {"AddFileWithRanges", last->AddFileWithRanges(L"http://h/f", L"/tmp/f", 1, &range)},
      {"ReplaceRemotePrefix", last->ReplaceRemotePrefix(L"http://a", L"http://b")},
      {"SetFileACLFlags", last->SetFileACLFlags(0)},
      {"SetPeerCachingFlags", last->SetPeerCachingFlags(0)},
      {"SetMaximumDownloadTime", last->SetMaximumDownloadTime(10)},
      {"SetProperty", set_property(job, BITS_JOB_PROPERTY_ON_DEMAND_MODE, value)},
      {"RemoveCredentials", last->RemoveCredentials(BG_AUTH_TARGET_SERVER, BG_AUTH_SCHEME_BASIC)},
      {"SetSecurityFlags", http->SetSecurityFlags(0)},
      {"SetHttpMethod", http->SetHttpMethod(L"GET")},
      {"SetCustomHeaders", http->SetCustomHeaders(nullptr)},
  };
  for (const auto& [method, result] : changes) EXPECT_EQ(result, BG_E_INVALID_STATE) << method;
}

// jobs.md §4, §5
TEST(FinalState, AnswersEveryGetter) {
  const Job job = transferred_job();
  ASSERT_EQ(job->Complete(), S_OK);
  const auto last = job.as<IBackgroundCopyJob5>();
  EXPECT_EQ(text_of(job.get(), &IBackgroundCopyJob::GetDisplayName).empty(), false);
  EXPECT_NE(text_of(job.get(), &IBackgroundCopyJob::GetOwner), L"(failed)");
  value_of(job.get(), &IBackgroundCopyJob::GetType);
  value_of(job.get(), &IBackgroundCopyJob::GetPriority);
  value_of(job.get(), &IBackgroundCopyJob::GetNotifyFlags);
  value_of(job.get(), &IBackgroundCopyJob::GetErrorCount);
  value_of(last.get(), &IBackgroundCopyJob4::GetMaximumDownloadTime);
  property_of(job, BITS_JOB_PROPERTY_ID_COST_FLAGS);
  EXPECT_NE(number(times_of(job).TransferCompletionTime), 0U);
}

}  // namespace
}  // namespace backhaul::test
