// SPDX-License-Identifier: Apache-2.0
// The two example programs do what the documentation page of BITS describes: told by an object of
// the running program, and by a class that is started when the file has arrived.
#include <filesystem>

#include "tests/bits/fixture.h"

namespace backhaul::test {
namespace {

constexpr char notify_class_id[] = "{c8e6d3d2-5f65-4f2c-9b57-0f0a5d9b7e11}";

std::uintmax_t size_of(const std::string& file) {
  std::error_code none;
  const auto size = std::filesystem::file_size(file, none);
  return none ? 0 : size;
}

TEST(BitsExamples, NotifyObjectDownloadsAndEndsWhenTheCallbackWasTold) {
  const std::string file = Stage::get().folder("Übertragung.file");
  Stage::get().answer("/object", "size=3000");
  EXPECT_EQ(Stage::get().run({NOTIFY_OBJECT, Stage::get().url("/object"), file}), 0);
  EXPECT_EQ(size_of(file), 3000U);
}

TEST(BitsExamples, NotifyObjectTellsOfAFailureByItsExitStatus) {
  const std::string file = Stage::get().folder("missing.file");
  Stage::get().answer("/missing", "status=404");
  EXPECT_EQ(Stage::get().run({NOTIFY_OBJECT, Stage::get().url("/missing"), file}), 1);
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST(BitsExamples, NotifyClassHandsOverAndIsStartedToPutTheFileInPlace) {
  const std::string file = Stage::get().folder("übergeben.file");
  Stage::get().answer("/class", "size=3000 gate=10");
  Stage::get().install_class(notify_class_id, {NOTIFY_CLASS});
  EXPECT_EQ(Stage::get().run({NOTIFY_CLASS, Stage::get().url("/class"), file}), 0);
  // The program has ended; only now the rest of the file arrives.
  Com<IEnumBackgroundCopyJobs> jobs;
  Com<IBackgroundCopyJob> job;
  ASSERT_EQ(manager()->EnumJobs(0, &jobs), S_OK);
  ASSERT_EQ(jobs->Next(1, &job, nullptr), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRING));
  EXPECT_FALSE(std::filesystem::exists(file));
  Stage::get().release("/class");
  EXPECT_TRUE(wait_for_state(job, BG_JOB_STATE_ACKNOWLEDGED));
  EXPECT_EQ(size_of(file), 3000U);
  // The server leaves when nothing is left to serve.
  std::string name = "org.backhaul.clsid.g";
  for (const char c : std::string(notify_class_id)) {
    if (c != '{' && c != '}' && c != '-') name.push_back(c);
  }
  EXPECT_TRUE(eventually([&] { return Stage::get().owner_of(name) == 0; }));
}

}  // namespace
}  // namespace backhaul::test
