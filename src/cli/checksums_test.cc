// SPDX-License-Identifier: Apache-2.0
#include "cli/checksums.h"

#include <gtest/gtest.h>

namespace backhaul::cli {
namespace {

const std::string a(64, 'a');
const std::string b(128, 'b');

TEST(ChecksumsTest, ListsOfTheUsualToolsAreRead) {
  const auto lines = parse_checksums(a + "  one\n" + b + " *./two\r\nSHA256 (three four) = " + a + "\n", "SHA256SUMS");
  ASSERT_TRUE(lines) << lines.error();
  ASSERT_EQ(lines->size(), 3U);
  EXPECT_EQ((*lines)[0].digest, "sha256:" + a);
  EXPECT_EQ((*lines)[0].path, "one");
  EXPECT_EQ((*lines)[1].digest, "sha512:" + b);
  EXPECT_EQ((*lines)[1].path, "two");
  EXPECT_EQ((*lines)[2].path, "three four");
  EXPECT_EQ((*parse_checksums(b + "  x", "/d/B2SUMS"))[0].digest, "blake2b-512:" + b);
  EXPECT_EQ((*parse_checksums("\xEF\xBB\xBF" + a + "  x\n", "l"))[0].path, "x") << "as some editors begin";
  EXPECT_FALSE(parse_checksums("<html>\n", "x"));
}

TEST(ChecksumsTest, EveryFileNeedsItsLine) {
  std::vector<FileSpec> files{{"http://x/d/one?sig=1", "/t/uno"}, {"http://x/e/two", "/t/two"}};
  ASSERT_TRUE(apply_checksums(files, {{"sha256:1", "d/one"}, {"sha256:2", "two"}}, "l"));
  EXPECT_EQ(files[0].digests, std::vector<std::string>{"sha256:1"});
  EXPECT_EQ(files[1].digests, std::vector<std::string>{"sha256:2"});
  EXPECT_EQ(apply_checksums(files, {{"sha256:1", "e/one"}}, "l").error(), "l says nothing of http://x/d/one");
  EXPECT_FALSE(apply_checksums(files, {{"sha256:1", ""}}, "l")) << "a bare digest is of one file";
  files.resize(1);
  EXPECT_TRUE(apply_checksums(files, {{"sha256:1", ""}}, "l"));
}

}  // namespace
}  // namespace backhaul::cli
