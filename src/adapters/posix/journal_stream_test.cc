// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/journal_stream.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include "adapters/posix/descriptor.h"
#include "tests/support/temp_dir.h"

namespace backhaul::posix {
namespace {

constexpr const char* journal_variable = "JOURNAL_STREAM";

class JournalStreamTest : public ::testing::Test {
 protected:
  JournalStreamTest() {
    if (const char* value = getenv(journal_variable)) before_ = value;
    test::write_file(folder_ / "stream", "");
    test::write_file(folder_ / "other", "");
  }
  ~JournalStreamTest() override {
    if (before_.empty()) unsetenv(journal_variable);
    else setenv(journal_variable, before_.c_str(), 1);
  }
  Descriptor open_file(const char* name) const { return Descriptor(open((folder_ / name).c_str(), O_RDONLY | O_CLOEXEC)); }

  const test::TempDir folder_;
  std::string before_;
};

TEST_F(JournalStreamTest, OnlyTheStreamThatTheVariableNamesIsTheJournal) {
  const Descriptor stream = open_file("stream"), other = open_file("other");
  struct stat status {};
  ASSERT_EQ(fstat(stream.get(), &status), 0);
  setenv(journal_variable, (std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino)).c_str(), 1);
  EXPECT_TRUE(is_journal(stream.get()));
  EXPECT_FALSE(is_journal(other.get()));
  EXPECT_FALSE(is_journal(-1));
  setenv(journal_variable, "of something else", 1);
  EXPECT_FALSE(is_journal(stream.get()));
  unsetenv(journal_variable);
  EXPECT_FALSE(is_journal(stream.get()));
}

}  // namespace
}  // namespace backhaul::posix
