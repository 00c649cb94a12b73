// SPDX-License-Identifier: Apache-2.0
#include "cli/companions.h"

#include <backhaul/codes.h>
#include <gtest/gtest.h>

namespace backhaul::cli {
namespace {

TEST(CompanionsTest, WhatDidNotComeSaysWhy) {
  JobView job;
  job.state = JobState::connecting;
  EXPECT_EQ(why_it_did_not_come(job).message, "it did not come within 5 minutes");
  EXPECT_EQ(why_it_did_not_come(job).code, code::bg_e_maxdownload_timeout);
  job.waiting.sentence = "waiting for a network";
  EXPECT_EQ(why_it_did_not_come(job).message, "it did not come within 5 minutes: waiting for a network");
  job.state = JobState::transient_error;
  job.error.code = code::winhttp_timeout;
  job.error.text = "the server says nothing";
  EXPECT_EQ(why_it_did_not_come(job).message, "it did not come within 5 minutes: the server says nothing");
  EXPECT_EQ(why_it_did_not_come(job).code, code::winhttp_timeout);
  job.state = JobState::error;
  EXPECT_EQ(why_it_did_not_come(job).message, "the server says nothing") << "that was not the time";
  job.state = JobState::cancelled;
  EXPECT_EQ(why_it_did_not_come(job).message, "its job was cancelled meanwhile");
}

TEST(CompanionsTest, DigestsThatAreNotCheckedAreNamedAndObeyedByNoTerminal) {
  EXPECT_EQ(unchecked_line("a.iso", {"sha-1"}), "a.iso: its only digest is sha-1, which is not checked");
  EXPECT_EQ(unchecked_line("a.iso", {"md5", "sha-1", "x\ny"}),
            "a.iso: its only digests are md5, sha-1 and x?y, which are not checked");
}

}  // namespace
}  // namespace backhaul::cli
