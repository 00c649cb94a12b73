// SPDX-License-Identifier: Apache-2.0
// A directory that does not answer holds up whoever wants to put files there, and nobody else.
#include "tests/component/posix/slow_directory.h"

#include <filesystem>
#include <optional>

#include "tests/component/posix/files_fixture.h"

namespace backhaul::posix {
namespace {

class SlowDirectories : public FilesTest {
 protected:
  void SetUp() override { std::filesystem::create_directory(directory_ / "slow"); }
  void ask(std::uint64_t check) {
    files().check(base::CheckId{check}, {owner_, {{directory_ / "slow/file", {}}}});
  }
  std::size_t answered() const { return inbox_.count<ports::DestinationsChecked>(); }
};

TEST_F(SlowDirectories, NeitherTheLoopNorOtherFilesWait) {
  std::optional<test::SlowDirectory> slow(directory_ / "slow");
  ask(1001);
  ASSERT_TRUE(wait([&] { return slow->inside() == 1; }));
  // However many ask for it, they hold up no other directory.
  for (std::uint64_t check = 1002; check <= 1020; ++check) ask(check);
  EXPECT_TRUE(check(directory_ / "file"));
  ports::Sink* sink = open(request(1));
  ASSERT_NE(sink, nullptr);
  write(*sink, "content");
  close(1);
  EXPECT_EQ(answered(), 1U);
  EXPECT_EQ(slow->inside(), 1);
  slow.reset();
  EXPECT_TRUE(wait([&] { return answered() == 21; }));
}

TEST_F(SlowDirectories, TheAnswerIsThatOfTheDirectoryAsItIsThen) {
  std::optional<test::SlowDirectory> slow(directory_ / "slow");
  ask(1001);
  ASSERT_TRUE(wait([&] { return slow->inside() == 1; }));
  std::filesystem::remove(directory_ / "slow");
  slow.reset();
  ASSERT_TRUE(wait([&] { return answered() == 1; }));
  const auto said = last<ports::DestinationsChecked>();
  EXPECT_EQ(said.check, base::CheckId{1001});
  ASSERT_TRUE(said.refusal);
  EXPECT_EQ(said.refusal->code, Code::PATH_NOT_FOUND);
}

}  // namespace
}  // namespace backhaul::posix
