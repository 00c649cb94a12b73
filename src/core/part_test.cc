// SPDX-License-Identifier: Apache-2.0
#include "core/part.h"

#include <gtest/gtest.h>

#include <string_view>

namespace backhaul::core {
namespace {

const PartRecord recorded{
    .volume = 7, .mount = 3, .inode = 12, .stored = Extents::until(1000), .tail = 77};
constexpr PartFacts as_recorded{.volume = 7, .mount = 3, .inode = 12, .size = 1000, .tail = 77};

PartFacts but(void (*change)(PartFacts&)) {
  PartFacts facts = as_recorded;
  change(facts);
  return facts;
}

std::uint64_t digest(std::string_view text) {
  TailDigest digest;
  digest.add(std::as_bytes(std::span(text)));
  return digest.value();
}

TEST(TailDigest, IsTheKnownOneHoweverTheBytesCome) {
  // Reference values of FNV-1a, 64 bits: rows hold them, so they stay what they are.
  EXPECT_EQ(digest(""), 0xCBF29CE484222325U);
  EXPECT_EQ(digest("a"), 0xAF63DC4C8601EC8CU);
  EXPECT_EQ(digest("foobar"), 0x85944171F73967E8U);
  TailDigest pieces;
  for (const std::string_view piece : {"foo", "", "bar"})
    pieces.add(std::as_bytes(std::span(piece)));
  EXPECT_EQ(pieces.value(), digest("foobar"));
}

TEST(ComparePart, WhatIsAsRecordedIsWhole) {
  EXPECT_EQ(compare_part(recorded, as_recorded), PartVerdict::whole);
}

TEST(ComparePart, AnotherVolumeSaysNothingAboutAPartThatIsNotThere) {
  for (const PartFacts& found : {PartFacts{.volume = 8}, but([](PartFacts& f) { f.volume = 8, f.tail = 78; }),
                                 but([](PartFacts& f) { f.volume = 8, f.size = 999; })})
    EXPECT_EQ(compare_part(recorded, found), PartVerdict::other_volume);
  PartRecord plain = recorded;
  plain.tail = 0;
  EXPECT_EQ(compare_part(plain, but([](PartFacts& f) { f.volume = 8; })), PartVerdict::other_volume);
}

TEST(ComparePart, APartThatCameBackUnderAnotherNumberOfItsVolumeIsThePart) {
  const auto came_back = but([](PartFacts& f) { f.volume = 8, f.mount = 4, f.inode = 1; });
  EXPECT_EQ(compare_part(recorded, came_back), PartVerdict::whole);
  EXPECT_EQ(compare_part(recorded, but([](PartFacts& f) { f.volume = 8, f.size = 1001; })), PartVerdict::longer);
  PartRecord empty = recorded;
  empty.stored = {};
  empty.tail = 0;
  EXPECT_EQ(compare_part(empty, but([](PartFacts& f) { f.volume = 8, f.size = 0; })), PartVerdict::whole)
      << "nothing was held";
}

TEST(ComparePart, AShorterFileIsCutShortWhateverElseItIs) {
  EXPECT_EQ(compare_part(recorded, but([](PartFacts& f) { f.size = 999; })), PartVerdict::cut_short);
  EXPECT_EQ(compare_part(recorded, but([](PartFacts& f) { f.size = 0, f.inode = 9, f.tail = 0; })),
            PartVerdict::cut_short);
}

TEST(ComparePart, AnotherFileInTheSameMountIsAnotherFile) {
  EXPECT_EQ(compare_part(recorded, but([](PartFacts& f) { f.inode = 13; })), PartVerdict::replaced);
}

TEST(ComparePart, InAnotherMountTheEndDecidesAndNotTheNumber) {
  const auto anew = but([](PartFacts& f) { f.mount = 4, f.inode = 1; });
  EXPECT_EQ(compare_part(recorded, anew), PartVerdict::whole);
  const auto other = but([](PartFacts& f) { f.mount = 4, f.tail = 78; });
  EXPECT_EQ(compare_part(recorded, other), PartVerdict::changed);
}

TEST(ComparePart, WhereNumbersMeanNothingTheEndDecidesToo) {
  PartRecord unsteady = recorded;
  unsteady.mount = 0;
  const auto renumbered = but([](PartFacts& f) { f.mount = 0, f.inode = 99; });
  EXPECT_EQ(compare_part(unsteady, renumbered), PartVerdict::whole);
}

// A deleted file's number is given out again at once.
TEST(ComparePart, TheSameNumberWithOtherBytesIsNotThePart) {
  EXPECT_EQ(compare_part(recorded, but([](PartFacts& f) { f.tail = 78; })), PartVerdict::changed);
}

TEST(ComparePart, WithoutADigestTheNumberIsAllThereIs) {
  PartRecord plain = recorded;
  plain.tail = 0;
  EXPECT_EQ(compare_part(plain, but([](PartFacts& f) { f.mount = 9; })), PartVerdict::whole);
  EXPECT_EQ(compare_part(plain, but([](PartFacts& f) { f.mount = 9, f.inode = 1; })),
            PartVerdict::replaced);
}

// Bytes in the middle, or another file of the same size and end that got the number of the one before.
TEST(ComparePart, WhoeverWroteToItChangedItsTime) {
  const base::WallTime synced = base::from_epoch_us(2'000'000'000);
  PartRecord whole = recorded;
  whole.last_write = mark_of_write(synced);
  const auto at = [&](base::WallTime time) {
    PartFacts facts = as_recorded;
    facts.modified = time;
    return facts;
  };
  const auto later = synced + base::Microseconds(1);
  EXPECT_EQ(compare_part(whole, at(synced)), PartVerdict::whole);
  EXPECT_EQ(compare_part(whole, at(later)), PartVerdict::changed);
  EXPECT_EQ(compare_part(recorded, at(later)), PartVerdict::whole) << "none is on record";

  const base::WallTime published = base::from_epoch_us(1'000'000'000);
  EXPECT_EQ(compare_part(whole, at(published), published), PartVerdict::whole) << "a crash came before the name";
  EXPECT_EQ(compare_part(whole, at(later), published), PartVerdict::changed);

  PartFacts grown = at(later);
  grown.size = 1001;
  EXPECT_EQ(compare_part(whole, grown), PartVerdict::changed) << "nobody of ours wrote to it";
  EXPECT_EQ(compare_part(recorded, grown), PartVerdict::longer) << "a crash may have left that";

  PartFacts elsewhere = at(later);
  elsewhere.mount = 4;
  EXPECT_EQ(compare_part(whole, elsewhere), PartVerdict::whole) << "a power cut may have lost the time";
}

TEST(ComparePart, WhatIsLongerMayBeContinuedButIsNotWhole) {
  EXPECT_EQ(compare_part(recorded, but([](PartFacts& f) { f.size = 1001; })), PartVerdict::longer);
}

TEST(ComparePart, TheLastExtentSaysHowLongThePartIsAndWhichBytesTell) {
  PartRecord gaps = recorded;
  gaps.stored = Extents::until(100);
  gaps.stored.add({500'000, 900'000});
  gaps.stored.add({999'990, 1'000'000});
  EXPECT_EQ(tail_extent(gaps.stored), (Extent{999'990, 1'000'000})) << "nothing of the gap before it";
  EXPECT_EQ(compare_part(gaps, but([](PartFacts& f) { f.size = 999'999; })), PartVerdict::cut_short);
  EXPECT_EQ(compare_part(gaps, but([](PartFacts& f) { f.size = 1'000'000; })), PartVerdict::whole);
  gaps.stored.add({900'000, 999'990});
  EXPECT_EQ(tail_extent(gaps.stored), (Extent{1'000'000 - tail_length, 1'000'000}));
  EXPECT_EQ(tail_extent({}), Extent{});
}

TEST(PublishedPart, IsTheSameFileUnderItsNewName) {
  const base::WallTime time = base::from_epoch_us(1'000'000'000);
  PartRecord known = recorded;
  known.last_write = mark_of_write(time);
  PartFacts touched = as_recorded;
  touched.modified = time + std::chrono::hours(1);
  EXPECT_TRUE(is_published_part(known, touched, time)) << "it is somebody's since";
  EXPECT_FALSE(is_published_part(recorded, but([](PartFacts& f) { f.inode = 13; }), time));
}

TEST(PublishedPart, InAnotherMountItHasTheTimeThatPublishingGives) {
  const base::WallTime time = base::from_epoch_us(1'000'000'000);
  PartFacts anew = but([](PartFacts& f) { f.mount = 4, f.inode = 1; });
  anew.modified = time - std::chrono::seconds(1);
  EXPECT_TRUE(is_published_part(recorded, anew, time));
  anew.modified = time - std::chrono::hours(1);
  EXPECT_FALSE(is_published_part(recorded, anew, time)) << "an earlier version with the same end";
  EXPECT_TRUE(is_published_part(recorded, anew, {}));
}

}  // namespace
}  // namespace backhaul::core
