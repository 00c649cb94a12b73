// SPDX-License-Identifier: Apache-2.0
// Ranges of files and random access (files.md §4, §7, §8; notifications.md §13): one test for each
// statement, named by the page.
#include <fstream>
#include <iterator>

#include "tests/bits/fixture.h"

namespace backhaul::test {
namespace {

using Ranges = std::vector<BG_FILE_RANGE>;

constexpr char served[] = "size=10000 seed=7 last-modified=Tue,%2015%20Nov%201994%2012:45:26%20GMT";

// A callback that answers all three interfaces and keeps the ranges it was told.
class RangesRecorder final : public IBackgroundCopyCallback3 {
 public:
  HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** out) override {
    const bool known = riid == IID_IUnknown || riid == IID_IBackgroundCopyCallback ||
                       riid == IID_IBackgroundCopyCallback2 || riid == IID_IBackgroundCopyCallback3;
    *out = known ? static_cast<IBackgroundCopyCallback3*>(this) : nullptr;
    if (known) AddRef();
    return known ? S_OK : E_NOINTERFACE;
  }
  ULONG STDMETHODCALLTYPE AddRef() override { return ++references_; }
  ULONG STDMETHODCALLTYPE Release() override {
    const ULONG left = --references_;
    if (left == 0) delete this;
    return left;
  }
  HRESULT STDMETHODCALLTYPE JobTransferred(IBackgroundCopyJob*) override {
    ++transferred;
    return S_OK;
  }
  HRESULT STDMETHODCALLTYPE JobError(IBackgroundCopyJob*, IBackgroundCopyError*) override {
    return S_OK;
  }
  HRESULT STDMETHODCALLTYPE JobModification(IBackgroundCopyJob*, DWORD) override { return S_OK; }
  HRESULT STDMETHODCALLTYPE FileTransferred(IBackgroundCopyJob*, IBackgroundCopyFile*) override {
    return S_OK;
  }
  HRESULT STDMETHODCALLTYPE FileRangesTransferred(IBackgroundCopyJob*, IBackgroundCopyFile* file,
                                                  DWORD count, const BG_FILE_RANGE ranges[]) override {
    const std::lock_guard lock(mutex_);
    for (DWORD i = 0; i < count; ++i) told_.push_back(ranges[i]);
    LPWSTR name = nullptr;
    if (FAILED(file->GetRemoteName(&name))) told_.push_back({0, 0});
    CoTaskMemFree(name);
    return S_OK;
  }
  UINT64 octets() const {
    const std::lock_guard lock(mutex_);
    UINT64 sum = 0;
    for (const BG_FILE_RANGE& range : told_) sum += range.Length;
    return sum;
  }
  std::atomic<unsigned> transferred{0};

 private:
  ~RangesRecorder() = default;
  std::atomic<ULONG> references_{0};
  mutable std::mutex mutex_;
  Ranges told_;
};

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string target(IBackgroundCopyJob* job) { return Stage::get().folder("r" + id_text(job)); }

std::string serve(const std::string& behaviours = served) {
  static int last = 0;
  const std::string path = "/ranged" + std::to_string(++last);
  Stage::get().answer(path, behaviours);
  return Stage::get().url(path);
}

// The whole file that `served` is.
const std::string& whole() {
  static const std::string text = [] {
    const auto job = new_job();
    const std::string path = target(job);
    if (FAILED(job->AddFile(wide(serve()).c_str(), wide(path).c_str())) || FAILED(job->Resume()) ||
        !wait_for_state(job, BG_JOB_STATE_TRANSFERRED) || job->Complete() != S_OK)
      fail("the whole file cannot be fetched");
    return contents(path);
  }();
  return text;
}

HRESULT add(IBackgroundCopyJob* job, Ranges ranges, const std::string& url) {
  return Com<IBackgroundCopyJob>(job).as<IBackgroundCopyJob3>()->AddFileWithRanges(
      wide(url).c_str(), wide(target(job)).c_str(), static_cast<DWORD>(ranges.size()), ranges.data());
}

Com<IBackgroundCopyFile6> file_of(IBackgroundCopyJob* job) {
  Com<IEnumBackgroundCopyFiles> files;
  Com<IBackgroundCopyFile> first;
  if (job->EnumFiles(&files) != S_OK || files->Next(1, &first, nullptr) != S_OK) fail("no file");
  return first.as<IBackgroundCopyFile6>();
}

HRESULT set_enable(IBackgroundCopyJob* job, BITS_JOB_PROPERTY_ID id, BOOL enable) {
  BITS_JOB_PROPERTY_VALUE value{};
  value.Enable = enable;
  return Com<IBackgroundCopyJob>(job).as<IBackgroundCopyJob5>()->SetProperty(id, value);
}

BOOL get_enable(IBackgroundCopyJob* job, BITS_JOB_PROPERTY_ID id) {
  BITS_JOB_PROPERTY_VALUE value{};
  EXPECT_EQ(Com<IBackgroundCopyJob>(job).as<IBackgroundCopyJob5>()->GetProperty(id, &value), S_OK);
  return value.Enable;
}

HRESULT error_of(IBackgroundCopyJob* job) {
  Com<IBackgroundCopyError> error;
  BG_ERROR_CONTEXT context;
  HRESULT code = S_OK;
  if (job->GetError(&error) == S_OK) error->GetError(&context, &code);
  return code;
}

Ranges taken(HRESULT hr, DWORD count, BG_FILE_RANGE* ranges) {
  EXPECT_EQ(hr, S_OK);
  Ranges list(ranges, ranges + count);
  CoTaskMemFree(ranges);
  return list;
}

Ranges filled(IBackgroundCopyFile6* file) {
  DWORD count = 9;
  BG_FILE_RANGE* ranges = nullptr;
  const HRESULT hr = file->GetFilledFileRanges(&count, &ranges);
  return taken(hr, count, ranges);
}

bool equal(const Ranges& a, const Ranges& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.InitialOffset == y.InitialOffset && x.Length == y.Length;
  });
}

// A job on demand with one file; not resumed.
Com<IBackgroundCopyJob> on_demand_job(const std::string& behaviours = served) {
  const auto job = new_job();
  if (set_enable(job, BITS_JOB_PROPERTY_ON_DEMAND_MODE, TRUE) != S_OK ||
      job->AddFile(wide(serve(behaviours)).c_str(), wide(target(job)).c_str()) != S_OK)
    fail("no on-demand job");
  return job;
}

// --- AddFileWithRanges: files.md §1, §4 ------------------------------------------------------------

TEST(BitsRanges, TheLocalFileIsTheirConcatenationInTheOrderGiven) {
  const auto job = new_job();
  ASSERT_EQ(add(job, {{100, 100}, {900, 100}, {400, 100}, {9990, BG_LENGTH_TO_EOF}}, serve()), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  BG_FILE_PROGRESS progress;
  EXPECT_EQ(file_of(job)->GetProgress(&progress), S_OK);
  EXPECT_EQ(progress.BytesTotal, 310U);
  EXPECT_EQ(progress.BytesTransferred, 310U);
  ASSERT_EQ(job->Complete(), S_OK);
  EXPECT_EQ(contents(target(job)), whole().substr(100, 100) + whole().substr(900, 100) +
                                       whole().substr(400, 100) + whole().substr(9990));
}

// files.md §4: up to the last number there is, and beyond it; BG_LENGTH_TO_EOF is no length.
constexpr BG_FILE_RANGE ends_of_numbers[] = {{1, UINT64_MAX - 1},
                                             {UINT64_MAX - 1, 1},
                                             {UINT64_MAX - 5, 10},
                                             {UINT64_MAX, 1},
                                             {UINT64_MAX, BG_LENGTH_TO_EOF}};

TEST(BitsRanges, WhatCannotBeIsRefusedAndNothingIsAdded) {
  const auto job = new_job();
  const std::string url = serve();
  EXPECT_EQ(add(job, {}, url), E_INVALIDARG);
  EXPECT_EQ(add(job, {{0, 0}}, url), BG_E_INVALID_RANGE);
  EXPECT_EQ(add(job, {{UINT64_MAX, 1}}, url), BG_E_INVALID_RANGE);
  for (const BG_FILE_RANGE range : ends_of_numbers) EXPECT_EQ(add(job, {range}, url), BG_E_INVALID_RANGE) << range.InitialOffset;
  EXPECT_EQ(add(job, {{10, 10}, {0, 11}}, url), BG_E_OVERLAPPING_RANGES);
  EXPECT_EQ(add(job, {{10, 10}, {10, 10}}, url), BG_E_OVERLAPPING_RANGES);
  EXPECT_EQ(add(job, {{100, 1}, {0, BG_LENGTH_TO_EOF}}, url), BG_E_OVERLAPPING_RANGES);
  EXPECT_EQ(add(job, {{0, 1}}, "ftp://host/file"), E_INVALIDARG);
  BG_JOB_PROGRESS progress;
  EXPECT_EQ(job->GetProgress(&progress), S_OK);
  EXPECT_EQ(progress.FilesTotal, 0U);
  EXPECT_EQ(add(job, {{0, 10}, {10, 10}}, url), S_OK) << "touching is no overlap";
  EXPECT_EQ(job->Cancel(), S_OK);
  EXPECT_EQ(add(job, {{0, 10}}, url), BG_E_INVALID_STATE);
}

TEST(BitsRanges, AreAnErrorOutsideTheFileOrWithoutTheServer) {
  const auto outside = new_job();
  ASSERT_EQ(add(outside, {{9990, 11}}, serve()), S_OK);
  ASSERT_EQ(outside->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(outside, BG_JOB_STATE_ERROR));
  EXPECT_EQ(error_of(outside), BG_E_INVALID_RANGE);
  const auto without = new_job();
  ASSERT_EQ(add(without, {{10, 10}}, serve("size=1000 ranges=0")), S_OK);
  ASSERT_EQ(without->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(without, BG_JOB_STATE_ERROR));
  EXPECT_EQ(error_of(without), BG_E_INSUFFICIENT_RANGE_SUPPORT);
  EXPECT_EQ(outside->Cancel(), S_OK);
  EXPECT_EQ(without->Cancel(), S_OK);
}

TEST(BitsRanges, GetFileRangesGivesThemAsTheyWereGiven) {
  const auto job = new_job();
  ASSERT_EQ(add(job, {{500, BG_LENGTH_TO_EOF}, {10, 20}}, serve()), S_OK);
  DWORD count = 0;
  BG_FILE_RANGE* ranges = nullptr;
  const HRESULT hr = file_of(job)->GetFileRanges(&count, &ranges);
  EXPECT_TRUE(equal(taken(hr, count, ranges), {{500, BG_LENGTH_TO_EOF}, {10, 20}}));
  EXPECT_EQ(file_of(job)->GetFileRanges(nullptr, &ranges), E_INVALIDARG);
  EXPECT_EQ(job->Cancel(), S_OK);
  const auto plain = job_with_file("size=10");
  count = 9;
  EXPECT_EQ(file_of(plain)->GetFileRanges(&count, &ranges), S_FALSE);
  EXPECT_EQ(count, 0U);
  EXPECT_EQ(ranges, nullptr);
  EXPECT_EQ(plain->Cancel(), S_OK);
}

// --- IBackgroundCopyFile6: files.md §8 -------------------------------------------------------------

TEST(BitsRandomAccess, N126_OnDemandEndsInSuspendedWithoutJobTransferred) {
  const auto job = on_demand_job();
  const Com<RangesRecorder> callback(new RangesRecorder);
  ASSERT_EQ(job->SetNotifyInterface(callback), S_OK);
  const auto file = file_of(job);
  const BG_FILE_RANGE wanted[] = {{4000, 500}, {0, 100}};
  ASSERT_EQ(file->RequestFileRanges(2, wanted), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(eventually([&] { return filled(file).size() == 2; }));
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_SUSPENDED));
  EXPECT_TRUE(equal(filled(file), {{0, 100}, {4000, 500}}));
  EXPECT_EQ(callback->transferred, 0U);
  LPWSTR name = nullptr;
  ASSERT_EQ(file->GetTemporaryName(&name), S_OK);
  std::string path;
  for (LPWSTR c = name; *c != 0; ++c) path += static_cast<char>(*c);
  CoTaskMemFree(name);
  EXPECT_EQ(contents(path).substr(4000, 500), whole().substr(4000, 500));
  const BG_FILE_RANGE rest = {0, BG_LENGTH_TO_EOF};
  ASSERT_EQ(file->RequestFileRanges(1, &rest), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  ASSERT_EQ(job->Complete(), S_OK);
  EXPECT_EQ(contents(target(job)), whole());
}

TEST(BitsRandomAccess, N125_WhatIsToldIsWhatIsFilled) {
  const auto job = on_demand_job();
  const Com<RangesRecorder> callback(new RangesRecorder);
  ASSERT_EQ(job->SetNotifyInterface(callback), S_OK);
  ASSERT_EQ(job->SetNotifyFlags(BG_NOTIFY_FILE_RANGES_TRANSFERRED), S_OK);
  const auto file = file_of(job);
  const BG_FILE_RANGE wanted[] = {{4000, 500}, {0, 100}, {4200, 1000}};
  ASSERT_EQ(file->RequestFileRanges(3, wanted), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(eventually([&] { return callback->octets() >= 1300; }));
  EXPECT_TRUE(equal(filled(file), {{0, 100}, {4000, 1200}}));
  EXPECT_EQ(callback->octets(), 1300U);
  EXPECT_EQ(job->Cancel(), S_OK);
}

TEST(BitsRandomAccess, BytesOutsideTheFileAreAnInvalidRange) {
  const auto job = on_demand_job();
  const auto file = file_of(job);
  const BG_FILE_RANGE first = {0, 10};
  for (const BG_FILE_RANGE& range : ends_of_numbers)  // as long as nobody knows its size
    EXPECT_EQ(file->RequestFileRanges(1, &range), BG_E_INVALID_RANGE) << range.InitialOffset;
  ASSERT_EQ(file->RequestFileRanges(1, &first), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(eventually([&] { return !filled(file).empty(); }));
  const BG_FILE_RANGE beyond = {9990, 11};
  EXPECT_EQ(file->RequestFileRanges(1, &beyond), BG_E_INVALID_RANGE);
  for (const BG_FILE_RANGE& range : ends_of_numbers)
    EXPECT_EQ(file->RequestFileRanges(1, &range), BG_E_INVALID_RANGE) << range.InitialOffset;
  EXPECT_EQ(file->UpdateDownloadPosition(10'001), BG_E_INVALID_RANGE);
  EXPECT_EQ(file->UpdateDownloadPosition(5000), S_OK);
  EXPECT_EQ(file->RequestFileRanges(0, &beyond), E_INVALIDARG);
  EXPECT_EQ(file->RequestFileRanges(1, nullptr), E_INVALIDARG);
  EXPECT_EQ(job->Cancel(), S_OK);
}

TEST(BitsRandomAccess, IsNotSupportedForRangesDynamicContentAndServersWithout) {
  const BG_FILE_RANGE first = {5, 10};
  DWORD count = 0;
  BG_FILE_RANGE* ranges = nullptr;
  const auto ranged = new_job();
  ASSERT_EQ(add(ranged, {{0, 100}}, serve()), S_OK);
  EXPECT_EQ(file_of(ranged)->RequestFileRanges(1, &first), BG_E_RANDOM_ACCESS_NOT_SUPPORTED);
  EXPECT_EQ(file_of(ranged)->UpdateDownloadPosition(1), BG_E_RANDOM_ACCESS_NOT_SUPPORTED);
  EXPECT_EQ(file_of(ranged)->GetFilledFileRanges(&count, &ranges), BG_E_RANDOM_ACCESS_NOT_SUPPORTED);
  EXPECT_EQ(ranged->Cancel(), S_OK);
  const auto dynamic = new_job();
  ASSERT_EQ(set_enable(dynamic, BITS_JOB_PROPERTY_DYNAMIC_CONTENT, TRUE), S_OK);
  ASSERT_EQ(dynamic->AddFile(wide(serve()).c_str(), wide(target(dynamic)).c_str()), S_OK);
  EXPECT_EQ(file_of(dynamic)->RequestFileRanges(1, &first), BG_E_RANDOM_ACCESS_NOT_SUPPORTED);
  EXPECT_EQ(dynamic->Cancel(), S_OK);
  const auto without = on_demand_job("size=1000 ranges=0");
  ASSERT_EQ(file_of(without)->RequestFileRanges(1, &first), S_OK) << "nobody knows yet";
  ASSERT_EQ(without->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(without, BG_JOB_STATE_ERROR));
  EXPECT_EQ(error_of(without), BG_E_RANDOM_ACCESS_NOT_SUPPORTED);
  EXPECT_EQ(without->Cancel(), S_OK);
}

TEST(BitsRandomAccess, WithoutOnDemandModeTheRestFollows) {
  const auto job = new_job();
  ASSERT_EQ(job->AddFile(wide(serve()).c_str(), wide(target(job)).c_str()), S_OK);
  const BG_FILE_RANGE last = {9000, 1000};
  ASSERT_EQ(file_of(job)->RequestFileRanges(1, &last), S_OK);
  ASSERT_EQ(file_of(job)->UpdateDownloadPosition(5000), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  ASSERT_EQ(job->Complete(), S_OK);
  EXPECT_EQ(contents(target(job)), whole());
}

// --- properties: jobs.md §11 -----------------------------------------------------------------------

TEST(BitsRandomAccess, OnDemandModeIsOffAndCanBeSwitchedAtAnyTime) {
  const auto job = new_job();
  EXPECT_EQ(get_enable(job, BITS_JOB_PROPERTY_ON_DEMAND_MODE), FALSE);
  EXPECT_EQ(set_enable(job, BITS_JOB_PROPERTY_ON_DEMAND_MODE, TRUE), S_OK);
  EXPECT_EQ(get_enable(job, BITS_JOB_PROPERTY_ON_DEMAND_MODE), TRUE);
  EXPECT_EQ(set_enable(job, BITS_JOB_PROPERTY_DYNAMIC_CONTENT, TRUE),
            BG_E_UNSUPPORTED_JOB_CONFIGURATION);
  EXPECT_EQ(job->Cancel(), S_OK);
  EXPECT_EQ(set_enable(job, BITS_JOB_PROPERTY_ON_DEMAND_MODE, FALSE), BG_E_INVALID_STATE);
}

TEST(BitsDynamicContent, ComesWithoutSizeAndRangesInTheForeground) {
  const auto job = new_job();
  EXPECT_EQ(get_enable(job, BITS_JOB_PROPERTY_DYNAMIC_CONTENT), FALSE);
  ASSERT_EQ(set_enable(job, BITS_JOB_PROPERTY_DYNAMIC_CONTENT, TRUE), S_OK);
  EXPECT_EQ(get_enable(job, BITS_JOB_PROPERTY_DYNAMIC_CONTENT), TRUE);
  BG_JOB_PRIORITY priority;
  EXPECT_EQ(job->GetPriority(&priority), S_OK);
  EXPECT_EQ(priority, BG_JOB_PRIORITY_FOREGROUND);
  EXPECT_EQ(add(job, {{0, 1}}, serve()), BG_E_UNSUPPORTED_JOB_CONFIGURATION);
  const std::string url = serve("size=2000 ranges=0 accept-ranges=0 length=0 close=1 last-modified=");
  ASSERT_EQ(job->AddFile(wide(url).c_str(), wide(target(job)).c_str()), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  BG_JOB_PROGRESS progress;
  EXPECT_EQ(job->GetProgress(&progress), S_OK);
  EXPECT_EQ(progress.BytesTotal, 2000U);
  EXPECT_EQ(set_enable(job, BITS_JOB_PROPERTY_DYNAMIC_CONTENT, FALSE),
            BG_E_READ_ONLY_PROPERTY_AFTER_RESUME);
  EXPECT_EQ(job->Complete(), S_OK);
}

}  // namespace
}  // namespace backhaul::test
