// SPDX-License-Identifier: Apache-2.0
#include "cli/targets.h"

#include <gtest/gtest.h>

namespace backhaul::cli {
namespace {

TargetRules rules() {
  TargetRules r;
  r.base = "/home/ana";
  r.is_directory = [](const std::string& path) { return path == "/srv" || path == "/home/ana/dir"; };
  return r;
}

TEST(TargetsTest, NamesOutOfUrls) {
  EXPECT_EQ(name_from_url("http://x/a/b.iso?x=1#y"), "b.iso");
  EXPECT_EQ(name_from_url("http://x/a%20b"), "a b");
  EXPECT_EQ(name_from_url("http://x/%2e%2e%2fetc%1b"), "_._etc_");
  EXPECT_EQ(name_from_url("http://x/%2e%2e"), "");
  EXPECT_EQ(name_from_url("http://x/a/"), "");
  EXPECT_EQ(name_from_url("http://x"), "");
  EXPECT_EQ(name_from_url("http://x?a=/b"), "");
}

TEST(TargetsTest, PathsOfThisMachineAreRemoteNames) {
  EXPECT_EQ(name_from_url("/srv/a%20b?x#y"), "a%20b?x#y") << "a path has no escapes and no query";
  EXPECT_EQ(name_from_url("/srv/.."), "");
  EXPECT_EQ(remote_of("../a/./b", "/home/ana"), "/home/a/b");
  EXPECT_EQ(remote_of("./a/", "/srv"), "/srv/a/") << "a directory is refused";
  for (const char* root : {"/", "/..", "../"}) EXPECT_EQ(remote_of(root, "/srv"), "/") << root << " is no share";
  for (const char* folder : {"/", "/srv/a/"})
    EXPECT_EQ(make_targets({folder}, rules()).error(), std::string(folder) + " is a directory: name a file in it");
  EXPECT_EQ(remote_of("//host/a", "/srv"), "//host/a") << "and a share";
  EXPECT_EQ(remote_of("http://x/../a", "/srv"), "http://x/../a");
  EXPECT_FALSE(looks_like_path("a")) << "it may be the name of a job";
  const auto files = parse_list("/mnt/a b\n  mirror=../c\n./d http://x/d\n  out=e\n", rules());
  ASSERT_TRUE(files) << files.error();
  EXPECT_EQ((*files)[0].remote, "/mnt/a");
  EXPECT_EQ((*files)[0].local, "/home/ana/b");
  EXPECT_EQ((*files)[0].mirrors, std::vector<std::string>{"/home/c"});
  EXPECT_EQ((*files)[1].remote, "/home/ana/d");
}

TEST(TargetsTest, PathsBecomeAbsolute) {
  EXPECT_EQ(absolute_path("a", "/b"), "/b/a");
  EXPECT_EQ(absolute_path("../a/./c//d", "/b/e"), "/b/a/c/d");
  EXPECT_EQ(absolute_path("/x/../..", "/b"), "/");
}

TEST(TargetsTest, RangesAreOfEveryUrlOrOfTheLineAboveThem) {
  TargetRules r = rules();
  r.ranges = {{0, 100}};
  const auto files = make_targets({"http://x/a", "http://x/b"}, r);
  ASSERT_TRUE(files);
  EXPECT_EQ((*files)[1].ranges.at(0).length, 100U);
  const auto list = parse_list("http://x/a\n range=5-9,20-\nhttp://x/b\n", r);
  ASSERT_TRUE(list);
  ASSERT_EQ((*list)[0].ranges.size(), 2U);
  EXPECT_EQ((*list)[0].ranges[1].length, to_end_of_file);
  EXPECT_TRUE((*list)[1].ranges.empty());
  EXPECT_TRUE(parse_list("http://x/a\n range=9-5\n", r).error().starts_with("line 2: \"9-5\""));
}

TEST(TargetsTest, OutputsGoToUrlsInOrderAndTheRestIsNamedByItsUrl) {
  TargetRules r = rules();
  r.outputs = {"one", "/srv"};
  const auto files = make_targets({"http://x/a", "http://x/b", "http://x/c"}, r);
  ASSERT_TRUE(files);
  EXPECT_EQ((*files)[0].local, "/home/ana/one");
  EXPECT_EQ((*files)[1].local, "/srv/b");
  EXPECT_EQ((*files)[2].local, "/home/ana/c");
}

TEST(TargetsTest, ADirectoryIsWhereRelativeNamesGo) {
  TargetRules r = rules();
  r.directory = "down";
  r.outputs = {"x"};
  const auto files = make_targets({"http://x/a", "http://x/b"}, r);
  ASSERT_TRUE(files);
  EXPECT_EQ((*files)[0].local, "/home/ana/down/x");
  EXPECT_EQ((*files)[1].local, "/home/ana/down/b");
}

TEST(TargetsTest, StandardOutputIsATargetWhereThereIsADirectoryForIt) {
  TargetRules r = rules();
  r.outputs = {"-", "one", "-"};
  EXPECT_EQ(make_targets({"http://x/a"}, r).error(), "there are more -o than URLs: \"one\" has none");
  const std::vector<std::string> urls{"http://x/a", "http://x/b", "http://x/"};
  EXPECT_EQ(make_targets(urls, r).error(),
            "only get writes to standard output: give a name with -o");
  r.for_standard_output = "/tmp/private";
  const auto files = make_targets(urls, r);
  ASSERT_TRUE(files);
  EXPECT_EQ((*files)[0].local, "/tmp/private/1-a");
  EXPECT_EQ((*files)[1].local, "/home/ana/one");
  EXPECT_EQ((*files)[2].local, "/tmp/private/3-output");
}

TEST(TargetsTest, MistakesAreSentences) {
  TargetRules r = rules();
  EXPECT_EQ(make_targets({"nonsense"}, r).error(), "\"nonsense\" is not a URL");
  EXPECT_NE(make_targets({"http://x/"}, r).error().find("-o"), std::string::npos);
  r.outputs = {"a", "b"};
  EXPECT_EQ(make_targets({"http://x/a"}, r).error(), "there are more -o than URLs: \"b\" has none");
}

TEST(TargetsTest, ListsHaveUrlsPathsAndOptions) {
  const auto files = parse_list(
      "# mirrors\n"
      "http://x/a\n"
      "  out=first\n"
      "\n"
      "http://x/b   /srv/file with blank\r\n"
      "http://x/c\n"
      "\tdir=dir\n",
      rules());
  ASSERT_TRUE(files) << files.error();
  ASSERT_EQ(files->size(), 3U);
  EXPECT_EQ((*files)[0].local, "/home/ana/first");
  EXPECT_EQ((*files)[1].local, "/srv/file with blank");
  EXPECT_EQ((*files)[2].local, "/home/ana/dir/c");
}

TEST(TargetsTest, AListMayBeginWithAByteOrderMark) {
  const auto files = parse_list("\xEF\xBB\xBFhttp://x/a\n", rules());
  ASSERT_TRUE(files) << files.error();
  EXPECT_EQ(files->front().remote, "http://x/a");
}

TEST(TargetsTest, MistakesInListsNameTheirLine) {
  EXPECT_EQ(parse_list("http://x/a\n  mirror=b\n", rules()).error(),
            "line 2: expected out=NAME, dir=DIRECTORY, mirror=URL, checksum=ALGORITHM:HEX, torrent=URL or range=RANGES "
            "below a URL");
  EXPECT_EQ(parse_list("\nnonsense\n", rules()).error(), "line 2: \"nonsense\" is not a URL");
}

TEST(TargetsTest, SeveralUrlsOnALineAreOneFile) {
  const auto files = parse_list(
      "http://x/a\thttp://y/b\thttp://z/c\n"
      "http://x/d http://y/d /srv/of two\n"
      "http://x/e\n"
      "  mirror=http://y/e\n"
      "  checksum=sha-256=abc\n"
      "  torrent=https://x/e.torrent\n",
      rules());
  ASSERT_TRUE(files) << files.error();
  ASSERT_EQ(files->size(), 3U);
  EXPECT_EQ((*files)[0].remote, "http://x/a");
  EXPECT_EQ((*files)[0].local, "/home/ana/a");
  EXPECT_EQ((*files)[0].mirrors, (std::vector<std::string>{"http://y/b", "http://z/c"}));
  EXPECT_EQ((*files)[1].local, "/srv/of two");
  EXPECT_EQ((*files)[1].mirrors, std::vector<std::string>{"http://y/d"});
  EXPECT_EQ((*files)[2].mirrors, std::vector<std::string>{"http://y/e"});
  EXPECT_EQ((*files)[2].digests, std::vector<std::string>{"sha-256=abc"});
}

TEST(TargetsTest, TwoFilesOfOneNameAreNamedBoth) {
  const auto same = [](const std::string& path) { return path; };
  EXPECT_EQ(clash({{"http://x/a", "/d/a"}, {"http://y/a", "/d/b"}}, same), "");
  const std::string both =
      clash({{"http://x/b", "/d/b"}, {"http://u:s3cret@x/a?s3cret", "/d/a"}, {"http://y/a", "/d/a"}}, same);
  for (const char* part : {"URL 2 (http://x/a)", "URL 3 (http://y/a)", "/d/a"})
    EXPECT_NE(both.find(part), std::string::npos) << both;
  EXPECT_EQ(both.find("s3cret"), std::string::npos);
  EXPECT_NE(clash({{"http://x/a", "/link/a"}, {"http://y/a", "/d/a"}},
                  [](const std::string&) { return "/d/a"; }), "") << "two ways to one folder";
}

TEST(TargetsTest, AFileThatAJobHasAlreadyIsNamedBesideTheNewOne) {
  const auto same = [](const std::string& path) { return path; };
  const std::vector<FileThere> there = {{0, "http://x/b", "/d/b"}, {1, "http://u:s3cret@x/a", "/d/a"}};
  EXPECT_EQ(clash_with(there, {{"http://y/c", "/d/c"}, {"http://y/a", "/e/a"}}, same), "");
  const std::string both = clash_with(there, {{"http://y/c", "/d/c"}, {"http://y/a", "/d/a"}}, same);
  for (const char* part : {"file 1 of the job (http://x/a)", "http://y/a would take its place", "/d/a"})
    EXPECT_NE(both.find(part), std::string::npos) << both;
  EXPECT_NE(clash_with(there, {{"http://y/a", "/link/a"}}, [](const std::string&) { return "/d/a"; }), "");
  EXPECT_EQ(clash_with(there, {{"http://y/z", "/link/z"}},
                       [](const std::string& path) { ADD_FAILURE() << "looked at " << path; return path; }), "");
}

}  // namespace
}  // namespace backhaul::cli
