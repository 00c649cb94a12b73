// SPDX-License-Identifier: Apache-2.0
// Files into a directory that its owner handed over, by a service that is somebody else (core/held_directory.h).
#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "adapters/posix/held_directories.h"
#include "tests/component/posix/owners_fixture.h"

namespace backhaul::posix {
namespace {

class HeldDirectory : public OwnersTest {
 protected:
  void SetUp() override {
    OwnersTest::SetUp();
    if (IsSkipped()) return;
    const As her(alice);
    ASSERT_EQ(mkdir(path("alice/into").c_str(), 0700), 0);
  }
  core::Placed hand_over(uid_t uid, const std::string& directory) {
    Descriptor opened;
    {
      const As its_owner(uid);
      opened = Descriptor(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    }
    const auto access = owners().access_of({uid, {}});
    BH_ASSERT(access.has_value() && (*access)->held() != nullptr);
    const auto placed = hold_directory(*(*access)->held(), opened.get());
    BH_ASSERT(placed.has_value());
    return *placed;
  }
  static std::string file_in(const core::Placed& directory) { return directory.local + "/file"; }
  Code check_in(uid_t uid, const core::Placed& directory) { return check_as(uid, file_in(directory), directory.root); }
};

TEST_F(HeldDirectory, IsWhereverItGoesWhileTheServiceKeepsItOpen) {
  const core::Placed directory = hand_over(alice, path("alice/into"));
  EXPECT_EQ(check_in(alice, directory), Code::S_OK);
  ports::OpenPart request = request_of(alice, 1, file_in(directory));
  request.root = directory.root;
  ports::Sink* const sink = open(request);
  ASSERT_NE(sink, nullptr);
  {
    const As her(alice);
    std::filesystem::rename(path("alice/into"), path("alice/moved"));
    std::filesystem::create_directory(path("alice/into"));
  }
  const ports::PartStored stored = receive(*sink, "hers");
  close(1);
  EXPECT_EQ(publish_as(alice, stored, file_in(directory), directory.root), Code::S_OK);
  EXPECT_EQ(text_of("alice/moved/file"), "hers");
  EXPECT_EQ(seen("alice/moved/file").st_uid, alice);
  const As root(0);
  EXPECT_TRUE(std::filesystem::is_empty(path("alice/into")));
}

TEST_F(HeldDirectory, OnlyWhoMayWriteThereCanUseItAndNobodyElseHasItByItsNumber) {
  const core::Placed hers = hand_over(alice, path("alice/into"));
  EXPECT_EQ(check_in(bob, hers), Code::E_ACCESSDENIED) << "the path is all that he has";
  const core::Placed roots = hand_over(bob, "/");
  EXPECT_EQ(check_in(bob, roots), Code::E_ACCESSDENIED);
}

}  // namespace
}  // namespace backhaul::posix
