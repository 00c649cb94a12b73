// SPDX-License-Identifier: Apache-2.0
#include "core/held_directory.h"

#include <gtest/gtest.h>

namespace backhaul::core {
namespace {

TEST(HeldDirectory, IsReadAsItIsWrittenAndNothingElseIs) {
  const HeldDirectory held{2049, UINT64_MAX};
  EXPECT_EQ(held.text(), "@2049:18446744073709551615");
  EXPECT_EQ(HeldDirectory::parse(held.text()), held);
  for (const char* other : {"", "@", "@1", "@1:", "@:1", "@01:1", "@1:1 ", "@-1:1", "/1:1", "1:1", "@1:18446744073709551616"})
    EXPECT_FALSE(HeldDirectory::parse(other)) << other;
}

TEST(HeldDirectory, IsHandedOverByTheOwnerOfTheJob) {
  const Owner ann{1000, {}};
  const Owner app{1000, "flatpak/org.example.App"};
  const Owner root{0, {}};
  EXPECT_TRUE(may_hand_over(ann, ann, true));
  EXPECT_TRUE(may_hand_over(app, app, true)) << "what it has a descriptor of it may write to";
  EXPECT_FALSE(may_hand_over(ann, root, true));
  EXPECT_FALSE(may_hand_over(root, root, true));
  EXPECT_TRUE(may_hand_over(root, root, false));
}

TEST(HeldDirectory, FilesInItHaveNames) {
  EXPECT_TRUE(check_name_in_directory("a file"));
  for (const char* bad : {"", ".", "..", "a/b", "/a", "../a"}) EXPECT_FALSE(check_name_in_directory(bad)) << bad;
}

}  // namespace
}  // namespace backhaul::core
