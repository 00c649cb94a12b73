// SPDX-License-Identifier: Apache-2.0
#include "core/lost_parts.h"

#include <gtest/gtest.h>

namespace backhaul::core {
namespace {

Job broken_job(base::Code code, base::ErrorContext context = base::ErrorContext::local_file) {
  Job job;
  job.state = base::JobState::error;
  job.error = ErrorInfo{code, context, 0, "why"};
  return job;
}

TEST(LostParts, AreWhatALocalErrorOfThisKindSays) {
  EXPECT_TRUE(waits_for_lost_parts(broken_job(base::Code::FILE_NOT_FOUND)));
  EXPECT_TRUE(waits_for_lost_parts(broken_job(base::Code::BG_E_LOCAL_FILE_CHANGED)));
  EXPECT_FALSE(waits_for_lost_parts(broken_job(base::Code::DISK_FULL)));
  EXPECT_FALSE(waits_for_lost_parts(
      broken_job(base::Code::FILE_NOT_FOUND, base::ErrorContext::remote_file)));
}

TEST(LostParts, ConcernNobodyOnceTheJobWasStarted) {
  Job job = broken_job(base::Code::FILE_NOT_FOUND);
  job.state = base::JobState::queued;
  EXPECT_FALSE(waits_for_lost_parts(job));
  EXPECT_FALSE(waits_for_lost_parts(Job{}));
}

}  // namespace
}  // namespace backhaul::core
