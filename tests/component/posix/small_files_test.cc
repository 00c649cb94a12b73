// SPDX-License-Identifier: Apache-2.0
// Small files that owners name, a client certificate and its key: read by whoever has the rights of the owner, so that
// what the service itself can read is nothing for him, however he leads there.
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "adapters/posix/direct_access.h"
#include "adapters/posix/posix_owners_files.h"
#include "adapters/posix/small_file.h"
#include "tests/component/posix/owners_fixture.h"

namespace backhaul::posix {
namespace {

constexpr const char* machines_key = "the key of the machine";

class SmallFiles : public OwnersTest {
 protected:
  void SetUp() override {
    OwnersTest::SetUp();
    if (IsSkipped()) return;
    small_ = std::make_unique<PosixOwnersFiles>(loop_, *owners_);
    {
      const As root(0);
      make_directory("state", service_uid, service_uid, 0700);
    }
    write_private(service_uid, "state/peer.key", machines_key);
    write_private(alice, "alice/peer.key", "hers");
  }
  void TearDown() override {
    small_.reset();
    OwnersTest::TearDown();
  }

  void write_private(uid_t owner, const std::string& name, const std::string& content) {
    const As whose(owner);
    std::ofstream(path(name)) << content;
    ASSERT_EQ(chmod(path(name).c_str(), 0600), 0);
  }
  base::Result<std::string> read_as(uid_t owner, const std::string& name) {
    std::optional<base::Result<std::string>> answer;
    const std::string wanted = path(name);
    const auto begun = small_->with_rights_of({owner, {}}, {wanted}, [&answer, wanted](const auto& read) {
      return [&answer, content = read(wanted)]() mutable {
        if (content)
          answer.emplace(std::string(content->reveal()));
        else
          answer.emplace(std::move(content).error());
      };
    });
    if (!begun) return begun.error();
    EXPECT_TRUE(wait([&] { return answer.has_value(); }));
    return *std::move(answer);
  }
  Code code_as(uid_t owner, const std::string& name) {
    const auto read = read_as(owner, name);
    return read ? Code::S_OK : read.error().code;
  }

  std::unique_ptr<PosixOwnersFiles> small_;
};

TEST_F(SmallFiles, OneThatOnlyItsOwnerMayReadIsRead) {
  const auto hers = read_as(alice, "alice/peer.key");
  ASSERT_TRUE(hers) << hers.error().text;
  EXPECT_EQ(*hers, "hers");
  EXPECT_EQ(code_as(bob, "alice/peer.key"), Code::E_ACCESSDENIED);
  EXPECT_EQ(code_as(alice, "alice/none"), Code::FILE_NOT_FOUND);
  EXPECT_EQ(code_as(nobody_here, "alice/peer.key"), Code::E_ACCESSDENIED);
}

TEST_F(SmallFiles, ALinkDoesNotLeadToWhatTheServiceMayRead) {
  DirectAccess service(022);
  ASSERT_TRUE(read_small_file(service, path("state/peer.key"))) << "the service itself may";
  EXPECT_EQ(code_as(alice, "state/peer.key"), Code::E_ACCESSDENIED);
  {
    const As her(alice);
    ASSERT_EQ(mkdir(path("alice/pk").c_str(), 0755), 0);
  }
  write_private(alice, "alice/pk/peer.key", "hers");
  EXPECT_EQ(code_as(alice, "alice/pk/peer.key"), Code::S_OK);
  {
    const As her(alice);
    std::filesystem::rename(path("alice/pk"), path("alice/pk2"));
    std::filesystem::create_directory_symlink(path("state"), path("alice/pk"));
    std::filesystem::remove(path("alice/peer.key"));
    std::filesystem::create_symlink(path("state/peer.key"), path("alice/peer.key"));
  }
  EXPECT_EQ(code_as(alice, "alice/pk/peer.key"), Code::E_ACCESSDENIED) << "by the folder";
  EXPECT_EQ(code_as(alice, "alice/peer.key"), Code::E_ACCESSDENIED) << "by the file";
  // A link to a file of her own is one that she may follow.
  {
    const As her(alice);
    std::filesystem::create_symlink(path("alice/pk2/peer.key"), path("alice/link"));
  }
  const auto own = read_as(alice, "alice/link");
  ASSERT_TRUE(own) << own.error().text;
  EXPECT_EQ(*own, "hers");
}

TEST_F(SmallFiles, WhatIsNoSmallFileIsRefused) {
  {
    const As her(alice);
    ASSERT_EQ(mkfifo(path("alice/pipe").c_str(), 0600), 0);
    std::ofstream(path("alice/most")) << std::string(1024 * 1024, 'x');
    std::ofstream(path("alice/large")) << std::string(1024 * 1024 + 1, 'x');
    std::filesystem::create_symlink("/dev/zero", path("alice/zero"));
  }
  EXPECT_EQ(code_as(alice, "alice/pipe"), Code::E_INVALIDARG);
  EXPECT_EQ(code_as(alice, "alice/zero"), Code::E_INVALIDARG);
  EXPECT_EQ(code_as(alice, "alice"), Code::E_INVALIDARG);
  EXPECT_EQ(code_as(alice, "alice/most"), Code::S_OK);
  EXPECT_EQ(code_as(alice, "alice/large"), Code::E_INVALIDARG);
}

}  // namespace
}  // namespace backhaul::posix
