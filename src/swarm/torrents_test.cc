// SPDX-License-Identifier: Apache-2.0
// What is read out of a file that calls itself a torrent: it is somebody else's, and may be anything.
#include "swarm/torrents.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/hex.h"
#include "tests/fuzz/mutator.h"
#include "tests/support/temp_dir.h"

namespace backhaul::swarmd {
namespace {

std::string torrent_of(const test::TempDir& folder, std::size_t size) {
  test::write_file(folder / "file", std::string(size, 'z'));
  auto made = make_torrent({.file = folder / "file", .url = "http://origin.example/file", .tracker = {}});
  EXPECT_TRUE(made) << made.error().text;
  return *made;
}

std::string bencoded(const std::string& text) { return std::to_string(text.size()) + ":" + text; }

// Of version 1: one file, or several.
std::string first_version(int files, std::uint64_t size) {
  std::string what = bencoded("length") + "i" + std::to_string(size) + "e";
  if (files > 1) {
    what = bencoded("files") + "l";
    for (int i = 0; i < files; ++i)
      what += "d" + bencoded("length") + "i" + std::to_string(size) + "e" + bencoded("path") + "l" +
              bencoded("f" + std::to_string(i)) + "ee";
    what += "e";
  }
  return "d" + bencoded("info") + "d" + what + bencoded("name") + bencoded("n") + bencoded("piece length") + "i16384e" +
         bencoded("pieces") + bencoded(std::string(20, 'h')) + "ee";
}

// Of version 2: `files` of one name and size each, with a root that means nothing.
std::string second_version(const std::string& tree, const std::string& piece_length = "16384") {
  return "d" + bencoded("info") + "d" + bencoded("file tree") + tree + bencoded("meta version") + "i2e" +
         bencoded("name") + bencoded("n") + bencoded("piece length") + "i" + piece_length + "e" + "e" +
         bencoded("piece layers") + "dee";
}

std::string leaf(std::uint64_t size) {
  return "d" + bencoded("") + "d" + bencoded("length") + "i" + std::to_string(size) + "e" + bencoded("pieces root") +
         bencoded(std::string(32, 'r')) + "ee";
}

TEST(TorrentsTest, OneOfVersion2WithTheSizeThatWasAskedForIsTaken) {
  const test::TempDir folder;
  for (const std::size_t size : {1U, 16'384U, 100'000U, 3'000'000U}) {
    const auto torrent = read_torrent(torrent_of(folder, size), size);
    ASSERT_TRUE(torrent) << size << ": " << torrent.error().text;
    EXPECT_EQ(torrent->size, size);
    EXPECT_GE(torrent->piece_length, 16'384U);
  }
  EXPECT_TRUE(read_torrent(second_version("d" + bencoded("n") + leaf(100) + "e"), 100));
}

TEST(TorrentsTest, AnotherSizeIsRefusedByBothSizes) {
  const test::TempDir folder;
  const auto torrent = read_torrent(torrent_of(folder, 1000), 1001);
  ASSERT_FALSE(torrent);
  EXPECT_EQ(torrent.error().text, "the file of the torrent has 1000 octets and not 1001");
}

TEST(TorrentsTest, TwoFilesAndVersion1AloneAreRefused) {
  const auto two = read_torrent(second_version("d" + bencoded("a") + leaf(50) + bencoded("b") + leaf(50) + "e"), 100);
  ASSERT_FALSE(two);
  EXPECT_NE(two.error().text.find("files and not one"), std::string::npos) << two.error().text;
  for (const int files : {1, 2}) {
    const auto old = read_torrent(first_version(files, 100), 100);
    ASSERT_FALSE(old);
    EXPECT_EQ(old.error().text, "the torrent is of version 1 alone, whose hashes are not believed");
  }
}

TEST(TorrentsTest, WhatIsNoTorrentIsRefused) {
  const std::string broken[]{
      "",
      "x",
      "d",
      "de",
      "le",
      "i1e",
      "<!doctype html><title>404</title>",
      std::string(100'000, 'l'),
      std::string(100'000, 'd'),
      "99999999999999999999:x",
      "d4:infoi1ee",
      "d4:infodee",
      second_version("de"),
      second_version("i1e"),
      second_version("d" + bencoded("n") + leaf(0) + "e"),
      second_version("d" + bencoded("n") + leaf(UINT64_MAX) + "e"),
      second_version("d" + bencoded("n") + leaf(1'000'000) + "e"),  // without the hashes of its pieces
      second_version("d" + bencoded("n") + leaf(100) + "e", "0"),
      second_version("d" + bencoded("n") + leaf(100) + "e", "-16384"),
      second_version("d" + bencoded("n") + leaf(100) + "e", "16385"),
      second_version("d" + bencoded("n") + leaf(100) + "e", "1073741824"),
      std::string(largest_torrent + 1, 'd'),
  };
  for (const std::string& content : broken)
    for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{100}, std::uint64_t{1'000'000}, UINT64_MAX})
      EXPECT_FALSE(read_torrent(content, size)) << content.substr(0, 80) << " " << size;
}

// Whatever is changed of a good one, it is refused or has the size that was asked for.
TEST(TorrentsTest, AChangedOneIsRefusedOrStillTheFile) {
  const test::TempDir folder;
  constexpr std::uint64_t size = 200'000;
  const std::vector<std::string> seeds{torrent_of(folder, size), first_version(2, size),
                                       second_version("d" + bencoded("n") + leaf(size) + "e")};
  ASSERT_TRUE(read_torrent(seeds.front(), size));
  fuzz::Mutator mutator(seeds, 20'260'101);
  for (int round = 0; round < 3000; ++round) {
    const std::string changed = mutator.next();
    const auto torrent = read_torrent(changed, size);
    ASSERT_TRUE(!torrent || torrent->size == size) << "run " << round << ": " << base::to_hex(changed);
  }
}

}  // namespace
}  // namespace backhaul::swarmd
