// SPDX-License-Identifier: Apache-2.0
#include "adapters/neighbours/group.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "core/introduction.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace backhaul::neighbours {
namespace {

class GroupTest : public testing::Test {
 protected:
  base::Result<Group> with(const std::string& text, mode_t mode = 0600) {
    test::write_file(path_, text);
    EXPECT_EQ(chmod(path_.c_str(), mode), 0);
    return Group::read(path_);
  }
  test::TempDir folder_;
  const std::string path_ = folder_ / "peer-group";
  const std::string secret_ = std::string(43, 's');
};

TEST_F(GroupTest, IsWhoeverHasTheSameSecret) {
  const auto one = with(secret_ + "\n");
  const auto same = with(secret_);
  const auto other = with(secret_ + "t");
  ASSERT_TRUE(one && same && other);
  EXPECT_TRUE(core::is_group(one->tag()));
  EXPECT_EQ(one->tag(), same->tag());
  EXPECT_NE(one->tag(), other->tag());
  EXPECT_EQ(one->prove("words"), same->prove("words"));
  EXPECT_NE(one->prove("words"), other->prove("words"));
  EXPECT_FALSE(one->prove("words").starts_with(one->tag()));
}

TEST_F(GroupTest, ASecretThatOthersCouldReadOrGuessIsNone) {
  EXPECT_TRUE(with(secret_, 0640)) << "root lays it down for the account of the service";
  for (const mode_t mode : {0644U, 0660U, 0602U}) EXPECT_FALSE(with(secret_, mode)) << mode;
  EXPECT_FALSE(with("password\n"));
  EXPECT_FALSE(Group::read(folder_ / "missing"));
}

}  // namespace
}  // namespace backhaul::neighbours
