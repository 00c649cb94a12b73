// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/place_watch.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include "tests/support/recording_log.h"
#include "tests/support/temp_dir.h"

namespace backhaul::sqlite {
namespace {

namespace fs = std::filesystem;

// A queue in a folder, and what may be done to it.
class PlaceWatchTest : public ::testing::Test {
 protected:
  PlaceWatchTest() {
    fs::create_directory(folder_);
    test::write_file(path_, "queue");
  }
  // How often it was told that the queue is gone, once everything was heard.
  int told_after(const std::function<void()>& change) {
    int told = 0;
    PlaceWatch watch(loop_, path_, log_, [&told] { ++told; });
    change();
    for (int i = 0; i < 10; ++i) loop_.run_once({});
    EXPECT_EQ(told > 0, log_.text().find(path_ + " was removed or replaced") != std::string::npos) << log_.text();
    return told;
  }

  test::TempDir directory_;
  const std::string folder_ = directory_ / "state";
  const std::string path_ = folder_ + "/queue.db";
  test::RecordingLog log_;
  loop::Loop loop_;
};

TEST_F(PlaceWatchTest, AFolderThatIsMovedAwayTakesItAlong) {
  EXPECT_EQ(told_after([&] { fs::rename(folder_, directory_ / "elsewhere"); }), 1);
}

TEST_F(PlaceWatchTest, AFolderThatIsRemovedIsHeardAlsoWhileItsFilesAreOpen) {
  const std::ifstream open(path_);
  EXPECT_EQ(told_after([&] { fs::remove_all(folder_); }), 1) << "once, whatever else is said of the folder";
}

TEST_F(PlaceWatchTest, AnotherFileInItsPlaceIsNotIt) {
  test::write_file(folder_ + "/other", "another");
  EXPECT_EQ(told_after([&] { fs::rename(folder_ + "/other", path_); }), 1);
}

TEST_F(PlaceWatchTest, WhatHappensToTheFilesBesideItIsNothing) {
  EXPECT_EQ(told_after([&] {
    test::write_file(folder_ + "/queue.db-wal", "x");
    fs::rename(folder_ + "/queue.db-wal", folder_ + "/aside");
    fs::remove(folder_ + "/aside");
    test::write_file(path_, "more");
  }), 0);
}

TEST_F(PlaceWatchTest, WhatIsPutBackAtOnceWasNeverGone) {
  EXPECT_EQ(told_after([&] {
    fs::rename(folder_, directory_ / "elsewhere");
    fs::rename(directory_ / "elsewhere", folder_);
  }), 0);
}

}  // namespace
}  // namespace backhaul::sqlite
