// SPDX-License-Identifier: Apache-2.0
#include "core/job_change.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace backhaul::core {
namespace {

using base::Code;

TEST(JobSettings, ANewJobHasTheFirstValues) {
  const Job job;
  EXPECT_EQ(job.priority, base::Priority::normal);
  EXPECT_EQ(job.notify_flags, base::notify::initial);  // N1
  EXPECT_EQ(job.minimum_retry_delay, base::Seconds(600));
  EXPECT_EQ(job.no_progress_timeout, base::Seconds(14 * 86'400));
  EXPECT_EQ(job.maximum_download_time, base::Seconds(90 * 86'400));
  EXPECT_EQ(job.notification_interval, base::Milliseconds(500));
  EXPECT_FALSE(job.auto_complete);
}

TEST(JobSettings, ARetryDelayThatIsTooShortBecomesTheShortest) {
  for (const auto& [asked, kept] : {std::pair{0U, 5U}, {4U, 5U}, {5U, 5U}, {6U, 6U}}) {
    const auto job = change_settings({}, {.minimum_retry_delay = asked});
    ASSERT_TRUE(job);
    EXPECT_EQ(job->minimum_retry_delay, base::Seconds(kept));
  }
}

TEST(JobSettings, OneBadValueAmongGoodOnesGivesNoJob) {
  const Job job;
  const auto priority = change_settings(job, {.name = "new", .priority = 4});
  ASSERT_FALSE(priority);
  EXPECT_EQ(priority.error().code, Code::E_NOTIMPL);
  EXPECT_NE(priority.error().text.find('4'), std::string::npos) << priority.error().text;
  const auto flags = change_settings(job, {.name = "new", .notify_flags = 0x40});
  ASSERT_FALSE(flags);
  EXPECT_EQ(flags.error().code, Code::E_NOTIMPL);  // N7
  const auto name = change_settings(job, {.name = std::string(257, 'x'), .priority = 0});
  ASSERT_FALSE(name);
  EXPECT_EQ(name.error().code, Code::BG_E_STRING_TOO_LONG);
  EXPECT_FALSE(change_settings(job, {.name = "new", .notify_class = ClassRegistration{":1.5", "/"}}));
  EXPECT_FALSE(change_settings(job, {.name = "new", .command = CommandRegistration{"relative", ""}}));
}

TEST(JobSettings, TheMaximumSizeIsAtLeastOneAndSetBeforeTheFirstStart) {
  Job job;
  EXPECT_EQ(job.rare->maximum_download_size, base::size_unknown) << "no limit";
  const auto none = change_settings(job, {.maximum_download_size = 0});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Code::BG_E_MAX_DOWNLOAD_SIZE_INVALID_VALUE);
  const auto one = change_settings(job, {.maximum_download_size = 1});
  ASSERT_TRUE(one);
  EXPECT_EQ(one->rare->maximum_download_size, 1U);
  job.started = true;
  const auto late = change_settings(job, {.maximum_download_size = 2});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Code::BG_E_READ_ONLY_PROPERTY_AFTER_RESUME);
  EXPECT_NE(late.error().text.find("MaximumDownloadSize"), std::string::npos) << late.error().text;
}

TEST(JobSettings, HighPerformanceIsSetBeforeTheFirstFile) {
  Job job;
  EXPECT_TRUE(change_settings(job, {.high_performance = true})->rare->high_performance);
  job.files.total = 1;
  EXPECT_EQ(change_settings(job, {.high_performance = false}).error().code,
            Code::BG_E_READ_ONLY_PROPERTY_AFTER_ADDFILE);
}

TEST(JobSettings, DynamicContentIsInTheForegroundAlone) {
  Job job;
  const auto set = [&](const JobChange& change) {
    const auto changed = change_settings(job, change);
    if (changed) job = *changed;
    return changed ? Code::S_OK : changed.error().code;
  };
  EXPECT_EQ(set({.priority = 1, .dynamic_content = true}), Code::BG_E_UNSUPPORTED_JOB_CONFIGURATION);
  EXPECT_EQ(set({.dynamic_content = true, .on_demand_mode = true}),
            Code::BG_E_UNSUPPORTED_JOB_CONFIGURATION);
  EXPECT_EQ(set({.dynamic_content = true}), Code::S_OK);
  EXPECT_EQ(job.priority, base::Priority::foreground);
  EXPECT_EQ(set({.priority = 2}), Code::BG_E_UNSUPPORTED_JOB_CONFIGURATION);
  EXPECT_EQ(set({.on_demand_mode = true}), Code::BG_E_UNSUPPORTED_JOB_CONFIGURATION);
  EXPECT_EQ(set({.priority = 2, .dynamic_content = false}), Code::S_OK);
  job.files.ranged = 1;
  EXPECT_EQ(set({.dynamic_content = true}), Code::BG_E_UNSUPPORTED_JOB_CONFIGURATION);
}

TEST(JobSettings, OnDemandOnlyWhatCameCounts) {
  Job job;
  job.rare.edit().on_demand_mode = true;
  job.rare.edit().maximum_download_size = 100;
  job.files.bytes_known = 1000;
  EXPECT_FALSE(is_over_size(job));
  job.files.bytes_stored = 101;
  EXPECT_TRUE(is_over_size(job));
}

TEST(JobSettings, AJobIsOverItsSizeByWhatIsKnownOrByWhatCame) {
  Job job;
  job.rare.edit().maximum_download_size = 100;
  job.files.bytes_known = job.files.bytes_stored = 100;
  EXPECT_FALSE(is_over_size(job));
  job.files.bytes_known = 101;
  EXPECT_TRUE(is_over_size(job));
  job.files.bytes_known = 0;
  job.files.bytes_stored = 101;
  EXPECT_TRUE(is_over_size(job));
}

TEST(JobSettings, ADifferenceIsAnnouncedUnderItsGroup) {
  const Job a;
  Job b = a;
  EXPECT_FALSE(settings_differ(a, b).settings || settings_differ(a, b).notify);
  b.notify_flags = 0;
  EXPECT_TRUE(settings_differ(a, b).notify);
  EXPECT_FALSE(settings_differ(a, b).settings);
  b = a;
  b.auto_complete = true;
  EXPECT_TRUE(settings_differ(a, b).settings);
  EXPECT_FALSE(settings_differ(a, b).notify);
}

// jobs.md §4, §15.
TEST(JobSettings, AclFlagsAreFourBitsUntilAllIsTransferred) {
  Job job;
  const auto most = change_settings(job, {.file_acl_flags = 15});
  ASSERT_TRUE(most);
  EXPECT_EQ(most->rare->file_acl_flags, 15U);
  EXPECT_EQ(change_settings(job, {.file_acl_flags = 16}).error().code, Code::E_INVALIDARG);
  job.state = base::JobState::error;
  EXPECT_TRUE(change_settings(job, {.file_acl_flags = 1}));
  job.state = base::JobState::transferred;
  EXPECT_EQ(change_settings(job, {.file_acl_flags = 0}).error().code, Code::BG_E_INVALID_STATE);
}

TEST(JobSettings, PeerCachingFlagsAreThreeBits) {
  EXPECT_EQ(change_settings({}, {.peer_caching_flags = 7})->rare->peer_caching_flags, 7U);
  EXPECT_EQ(change_settings({}, {.peer_caching_flags = 8}).error().code, Code::E_INVALIDARG);
}

TEST(JobSettings, NoTwoHaveOneName) {
  std::multiset<std::string> names, keys, bits_ids;
#define BACKHAUL_JOB_SETTING(member, kind, Property, key, first, when, changes, bits, since, help) \
  names.insert(#Property);                                                                  \
  keys.insert(key);                                                                         \
  if (bits != 0) bits_ids.insert(std::to_string(bits));
#include "backhaul/job_settings.def"
  for (const auto* set : {&names, &keys, &bits_ids})
    for (const std::string& name : *set) EXPECT_EQ(set->count(name), 1U) << name;
}

}  // namespace
}  // namespace backhaul::core
