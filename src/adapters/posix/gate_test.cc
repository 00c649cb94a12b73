// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/gate.h"

#include <gtest/gtest.h>

#include <string>

namespace backhaul::posix {
namespace {

class GateTest : public ::testing::Test {
 protected:
  void file(std::uint32_t index, char name) {
    gate_.enter_file(job_, index, [this, name] { trace_ += name; });
  }
  void whole(char name) {
    gate_.enter_job(job_, [this, name] { trace_ += name; });
  }
  base::JobId job_;
  Gate gate_;
  std::string trace_;
};

TEST_F(GateTest, FilesDoNotWaitForEachOther) {
  file(0, 'a');
  file(1, 'b');
  EXPECT_EQ(trace_, "ab");
}

TEST_F(GateTest, TheSameFileWaitsInOrder) {
  file(0, 'a');
  file(0, 'b');
  file(0, 'c');
  EXPECT_EQ(trace_, "a");
  gate_.leave_file(job_, 0);
  EXPECT_EQ(trace_, "ab");
  gate_.leave_file(job_, 0);
  EXPECT_EQ(trace_, "abc");
}

TEST_F(GateTest, TheWholeJobWaitsForItsFilesAndLaterFilesForIt) {
  file(0, 'a');
  whole('W');
  file(1, 'b');
  whole('X');
  EXPECT_EQ(trace_, "a");
  gate_.leave_file(job_, 0);
  EXPECT_EQ(trace_, "aW");
  gate_.leave_job(job_);
  EXPECT_EQ(trace_, "aWb");
  gate_.leave_file(job_, 1);
  EXPECT_EQ(trace_, "aWbX");
  gate_.leave_job(job_);
  EXPECT_FALSE(gate_.busy(job_, 0));
}

TEST_F(GateTest, OtherJobsGoOn) {
  whole('W');
  base::JobId other;
  other.bytes[0] = 1;
  gate_.enter_file(other, 0, [this] { trace_ += 'o'; });
  EXPECT_EQ(trace_, "Wo");
}

TEST_F(GateTest, BusyMeansInsideOrWaiting) {
  EXPECT_FALSE(gate_.busy(job_, 0));
  file(0, 'a');
  EXPECT_TRUE(gate_.busy(job_, 0));
  EXPECT_FALSE(gate_.busy(job_, 1));
  whole('W');
  EXPECT_TRUE(gate_.busy(job_, 1));
}

TEST_F(GateTest, WhoeverIsLetInMayLeaveAtOnce) {
  gate_.enter_file(job_, 0, [this] {
    trace_ += 'a';
    gate_.leave_file(job_, 0);
  });
  file(0, 'b');
  EXPECT_EQ(trace_, "ab");
}

}  // namespace
}  // namespace backhaul::posix
