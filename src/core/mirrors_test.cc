// SPDX-License-Identifier: Apache-2.0
// One file at several addresses: what is kept when another one is asked.
#include "core/mirrors.h"

#include <string>
#include <vector>

#include "core/conversation_for_test.h"

namespace backhaul::core {
namespace {

using namespace testing;
using base::Code;

TEST(Mirrors, AreAddressesInTheirOrder) {
  File file;
  file.remote = "http://a/x";
  EXPECT_EQ(address_count(file), 1U);
  EXPECT_EQ(address(file), "http://a/x");
  auto mirrors = mirrors_of({"http://b/x", "https://c/x"});
  ASSERT_TRUE(mirrors);
  file.rare.set(&RareOfFile::mirrors, *mirrors);
  EXPECT_EQ(address_count(file), 3U);
  EXPECT_EQ(address(file, 1), "http://b/x");
  EXPECT_EQ(address(file, 2), "https://c/x");
  std::string walked;
  each_address(file, [&](std::uint32_t number, std::string_view one) {
    walked += std::to_string(number) + " " + std::string(one) + " ";
  });
  EXPECT_EQ(walked, "0 http://a/x 1 http://b/x 2 https://c/x ");
  file.rare.edit().mirrors->current = 1;
  EXPECT_EQ(address(file), "http://b/x");
  EXPECT_EQ(told_at(file), ToldAt::mirror);
  file.moved = true;
  EXPECT_EQ(told_at(file), ToldAt::former_address);
  EXPECT_FALSE(*mirrors_of({}));
  EXPECT_EQ(mirrors_of({"nonsense"}).error().code, Code::E_INVALIDARG);
  EXPECT_EQ(mirrors_of(std::vector<std::string>(mirrors_max + 1, "http://b/x")).error().code, Code::E_INVALIDARG);
}

TEST(Mirrors, ThoseThatThePolicyRefusesAreAsIfTheyWereNotThere) {
  AllowedOrigins allowed;
  const auto only = [&](const char* list) { allowed.rules[0] = {*parse_origins(list), "/etc/x.conf:1"}; };
  File file;
  file.remote = "http://a/x";
  EXPECT_EQ(allowed_address(allowed, file, 0), 0U);
  only("b");
  EXPECT_EQ(allowed_address(allowed, file, 0), std::nullopt);
  EXPECT_EQ(address(file, allowed), "http://a/x") << "that one is told as the reason";
  file.rare.set(&RareOfFile::mirrors, *mirrors_of({"http://b/x", "http://c/x"}));
  EXPECT_EQ(allowed_address(allowed, file, 0), 1U);
  EXPECT_EQ(allowed_address(allowed, file, 2), 1U) << "behind the last comes the first";
  EXPECT_EQ(address(file, allowed), "http://b/x");
  only("a c");
  EXPECT_EQ(allowed_address(allowed, file, 1), 2U);
  file.rare.edit().mirrors->current = 2;
  EXPECT_EQ(address_in_use(file), 2U);
  EXPECT_EQ(address(file, allowed), "http://c/x") << "the one in use before all";
  only("none");
  EXPECT_EQ(allowed_address(allowed, file, 1), std::nullopt);
}

TEST(Mirrors, ARoundIsOverWhenEachThatMayBeAskedHasFailed) {
  AllowedOrigins allowed;
  File file;
  file.remote = "http://a/x";
  EXPECT_EQ(address_left(allowed, file, 0), 0U);
  file.rare.set(&RareOfFile::mirrors, *mirrors_of({"http://b/x", "http://c/x"}));
  set_failed(file, 1);
  EXPECT_TRUE(has_failed(file, 1));
  EXPECT_EQ(address_left(allowed, file, 1), 2U) << "the one behind it";
  set_failed(file, 2);
  EXPECT_EQ(address_left(allowed, file, 1), 0U) << "whatever was gone past";
  allowed.rules[0] = {*parse_origins("b c"), "/etc/x.conf:1"};
  EXPECT_EQ(address_left(allowed, file, 0), std::nullopt) << "the policy refuses what is left";
}

TEST(Mirrors, EachHasAMarkOfItsOwn) {
  File file;
  file.remote = "http://a/x";
  file.rare.set(&RareOfFile::mirrors, *mirrors_of(std::vector<std::string>(mirrors_max, "http://b/x")));
  for (std::uint32_t number = 0; number < address_count(file); ++number) {
    EXPECT_EQ(address_left({}, file, 0), number);
    set_failed(file, number);
  }
  EXPECT_EQ(address_left({}, file, 0), std::nullopt);
}

RemoteRecord told(ToldAt at, RemoteRecord record = held()) {
  record.told_at = at;
  return record;
}
const std::string before = std::to_string(half - sample_bytes) + "-";

TEST(Moved, TheLastBytesAreFetchedAgainAndTheHeadDecides) {
  Talk talk(told(ToldAt::former_address));
  EXPECT_EQ(talk.asked(), before) << "no condition of another server";
  EXPECT_USE(talk.answer({partial, range(half - sample_bytes), dated, v2}), append);
  EXPECT_USE(talk.compared(Sample::equal), append);
}

TEST(Moved, WhatDiffersBeginsAnewAtOnce) {
  for (const std::vector<std::string>& lines : std::vector<std::vector<std::string>>{
           {partial, range(half - sample_bytes), redated, v2},
           {partial, range(half - sample_bytes, size, size + 1), dated, v1},
           {partial, range(half - sample_bytes, size, size + 1)}}) {
    Talk talk(told(ToldAt::former_address));
    ASSERT_TRUE(talk.dropped(lines));
    EXPECT_EQ(talk.asked(), "whole");
  }
  Talk talk(told(ToldAt::former_address));
  EXPECT_USE(talk.answer({ok, "Content-Length: 5", dated, v1}), anew) << "no contradiction of another server";
}

// Where nothing lies in front of what is asked for, bytes that are held elsewhere bear the words of another server out.
TEST(Moved, WhatCannotBeComparedIsNotGoneOnWith) {
  const auto read_from_the_middle = [](ToldAt at) {
    RemoteRecord record = told(at);
    record.demand.position = half + 1;
    return record;
  };
  for (const ToldAt at : {ToldAt::former_address, ToldAt::mirror}) {
    Talk talk(read_from_the_middle(at));
    EXPECT_TRUE(talk.probe(Sample::equal, {dated, v2}));
    EXPECT_USE(talk.answer({partial, range(half + 1), dated, v2}), append);
    EXPECT_FALSE(talk.identity().version_untold);
  }
  Talk moved(read_from_the_middle(ToldAt::former_address));
  EXPECT_TRUE(moved.probe(Sample::worthless, {dated, v2}));
  EXPECT_TRUE(moved.dropped({partial, range(half + 1), dated, v2}));
  EXPECT_USE(moved.answer({partial, range(half + 1), dated, v2}), anew);
  Talk mirror(read_from_the_middle(ToldAt::mirror));
  EXPECT_TRUE(mirror.probe(Sample::worthless, {dated, v2}));
  EXPECT_FALSE(mirror.dropped({partial, range(half + 1), dated, v2}));
  EXPECT_EQ(mirror.code(), Code::BG_E_REMOTE_FILE_CHANGED) << "it is the mirror that has another file";
}

TEST(Moved, WhereNothingIsToldTheBytesDecide) {
  for (const bool same : {true, false}) {
    Talk talk(told(ToldAt::former_address));
    EXPECT_USE(talk.answer({partial, range(half - sample_bytes)}), append);
    EXPECT_EQ(static_cast<int>(talk.compared(same ? Sample::equal : Sample::differs)),
              static_cast<int>(same ? Use::append : Use::drop));
  }
}

TEST(Mirror, ValidatorsOfTwoServersSayNothing) {
  Talk talk(told(ToldAt::mirror));
  EXPECT_EQ(talk.asked(), before);
  EXPECT_USE(talk.answer({partial, range(half - sample_bytes), redated, v2}), append);
  EXPECT_USE(talk.compared(Sample::equal), append);
  EXPECT_FALSE(talk.end(size - half + sample_bytes));
  EXPECT_TRUE(talk.done());
}

TEST(Mirror, AnotherFileThereCostsNothingOfWhatIsHeld) {
  const auto fails = [](Talk& talk) {
    EXPECT_FALSE(talk.end());
    EXPECT_EQ(talk.code(), Code::BG_E_REMOTE_FILE_CHANGED);
  };
  Talk bytes(told(ToldAt::mirror));
  EXPECT_USE(bytes.answer({partial, range(half - sample_bytes), dated, v1}), append);
  EXPECT_USE(bytes.compared(Sample::differs), drop);
  fails(bytes);
  Talk length(told(ToldAt::mirror));
  EXPECT_USE(length.answer({partial, range(half - sample_bytes, size, size + 1)}), drop);
  fails(length);
  Talk whole(told(ToldAt::mirror));
  EXPECT_USE(whole.answer({ok, "Content-Length: 5"}), drop);
  fails(whole);
}

TEST(Mirror, ADigestThatBothTellIsProof) {
  RemoteRecord record = told(ToldAt::mirror);
  record.identity.digest = "sha256:" + std::string(64, '0');
  Talk talk(record);
  EXPECT_USE(talk.answer({partial, range(half - sample_bytes), "Repr-Digest: sha-256=:" + std::string(43, 'A') + "=:"}), append);
  EXPECT_USE(talk.compared(Sample::worthless), append) << "one repeated byte is enough then";
}

TEST(Redirect, IsNeverRememberedOverARequest) {
  Talk talk(held("", ""));
  EXPECT_EQ(talk.ask().url, "http://host/f");
  ASSERT_TRUE(talk.dropped({"HTTP/1.1 302 x", "Location: http://signed/once"}));
  EXPECT_EQ(talk.ask().url, "http://signed/once");
  EXPECT_USE(talk.answer({partial, range(half - sample_bytes, half + 99)}), append);
  EXPECT_USE(talk.compared(Sample::equal), append);
  ASSERT_TRUE(talk.end(sample_bytes + 100)) << "the rest is asked for";
  EXPECT_EQ(talk.ask().url, "http://host/f");
}

}  // namespace
}  // namespace backhaul::core
