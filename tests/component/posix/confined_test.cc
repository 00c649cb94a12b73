// SPDX-License-Identifier: Apache-2.0
// Files whose directory must lie beneath another one: a link that its owner lays afterwards leads
// nobody out, at no step.
#include <unistd.h>

#include <filesystem>

#include "tests/component/posix/files_fixture.h"

namespace backhaul::posix {
namespace {

namespace fs = std::filesystem;
using base::Code;

class ConfinedFiles : public FilesTest {
 protected:
  void SetUp() override {
    fs::create_directories(root_ + "/data");
    fs::create_directories(outside_);
  }
  ports::OpenPart confined(std::uint64_t transfer, const std::string& local) {
    ports::OpenPart part = request(transfer);
    part.local = local;
    part.root = root_;
    return part;
  }
  // What the owner of the folder may do while we work: "data" leads out, with all that was in it.
  void lead_out() {
    fs::rename(root_ + "/data", outside_ + "/data");
    fs::create_directory_symlink(outside_ + "/data", root_ + "/data");
  }
  ports::PartStored stored() {
    ports::Sink* sink = open(confined(1, root_ + "/data/f"));
    BH_ASSERT(sink != nullptr);
    write(*sink, "content");
    sink->end_of_data();
    EXPECT_TRUE(wait([&] { return inbox_.count<ports::PartStored>() == 1; }));
    close(1);
    return last<ports::PartStored>();
  }
  ports::PartRef ref(std::uint32_t epoch = 0) const {
    return {0, epoch, root_ + "/data/f", root_};
  }
  static std::size_t entries(const std::string& folder) {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
  }

  const std::string root_ = directory_ / "app";
  const std::string outside_ = directory_ / "outside";
};

TEST_F(ConfinedFiles, ADirectoryIsLookedForBeneathTheRoot) {
  fs::create_directory_symlink("data", root_ + "/inner");
  fs::create_directory_symlink(outside_, root_ + "/absolute");
  fs::create_directory_symlink("../outside", root_ + "/relative");
  const auto code = [&](const std::string& local) {
    const auto checked = check(local, root_);
    return checked ? Code::S_OK : checked.error().code;
  };
  EXPECT_EQ(code(root_ + "/f"), Code::S_OK);
  EXPECT_EQ(code(root_ + "/data/f"), Code::S_OK);
  EXPECT_EQ(code(root_ + "/inner/f"), Code::S_OK);
  EXPECT_EQ(code(root_ + "/absolute/f"), Code::E_ACCESSDENIED);
  EXPECT_EQ(code(root_ + "/relative/f"), Code::E_ACCESSDENIED);
  EXPECT_EQ(code(root_ + "/data/../../outside/f"), Code::E_ACCESSDENIED);
  EXPECT_EQ(code(outside_ + "/f"), Code::E_ACCESSDENIED);
  EXPECT_EQ(code(root_ + "/none/f"), Code::PATH_NOT_FOUND);
  EXPECT_EQ(code(directory_ / "apple/f"), Code::E_ACCESSDENIED);  // not the same beginning of a name
}

TEST_F(ConfinedFiles, APartIsMadeBeneathTheRootOrNotAtAll) {
  EXPECT_NE(open(confined(1, root_ + "/data/f")), nullptr);
  EXPECT_EQ(entries(root_ + "/data"), 1U);
  close(1);
  fs::remove_all(root_ + "/data");
  fs::create_directory_symlink(outside_, root_ + "/data");
  EXPECT_EQ(open(confined(2, root_ + "/data/f")), nullptr);
  EXPECT_EQ(last<ports::PartFailed>().error.code, Code::E_ACCESSDENIED);
  EXPECT_EQ(entries(outside_), 0U);
}

TEST_F(ConfinedFiles, ADirectoryThatIsOpenAlreadyIsNoWayAround) {
  EXPECT_NE(open(request(1, 0, "outside/f")), nullptr);  // held open by another job
  fs::remove_all(root_ + "/data");
  fs::create_directory_symlink(outside_, root_ + "/data");
  ports::OpenPart unconfined = request(2, 1, "app/data/f");
  EXPECT_NE(open(unconfined), nullptr);  // known by this very name
  ports::OpenPart part = confined(3, root_ + "/data/f");
  part.index = 2;
  EXPECT_EQ(open(part), nullptr);
}

TEST_F(ConfinedFiles, PublishingPutsNothingOutside) {
  const ports::PartStored part = stored();
  ports::PublishFile file = to_publish(part);
  file.part = ref();
  lead_out();
  files().publish({.job = job_, .owner = owner_, .files = {file}, .drop = {}});
  const auto refused = answer<ports::Published>();
  ASSERT_TRUE(refused.files[0].error);
  EXPECT_EQ(refused.files[0].error->code, Code::E_ACCESSDENIED);
  EXPECT_FALSE(exists(outside_ + "/data/f"));
  fs::remove(root_ + "/data");
  fs::rename(outside_ + "/data", root_ + "/data");
  files().publish({.job = job_, .owner = owner_, .files = {file}, .drop = {}});
  EXPECT_FALSE(answer<ports::Published>().files[0].error);
  EXPECT_EQ(content(root_ + "/data/f"), "content");
}

TEST_F(ConfinedFiles, NothingIsDeletedOutside) {
  stored();
  lead_out();
  files().discard({.job = job_, .owner = owner_, .parts = {ref()}});
  EXPECT_TRUE(answer<ports::Discarded>().leftovers);
  files().sweep({job_, owner_, ref(1), {}, 1});
  files().publish({.job = job_, .owner = owner_, .files = {}, .drop = {}});  // behind the sweep
  answer<ports::Published>();
  EXPECT_EQ(entries(outside_ + "/data"), 1U);
}

}  // namespace
}  // namespace backhaul::posix
