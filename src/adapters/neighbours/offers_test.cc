// SPDX-License-Identifier: Apache-2.0
#include "adapters/neighbours/offers.h"

#include <gtest/gtest.h>

#include "os/sha256.h"

namespace backhaul::neighbours {
namespace {

constexpr const char* url = "http://origin.example/file";

core::CacheRecord record(std::uint8_t id) {
  core::CacheRecord record;
  record.id.bytes[0] = id;
  record.remote_size = record.size = 100;
  record.etag = "\"x\"";
  record.last_modified = "Mon, 02 Nov 2026 10:00:00 GMT";
  record.digest = "sha256:" + std::string(64, '0');
  record.url = url;
  return record;
}

ObjectRequest request() {
  return {.object = os::sha256(url), .size = 100, .etag = "\"x\"", .last_modified = {}, .wanted = {}};
}

bool is_there(const Offers& offers, const ObjectRequest& request) {
  return std::holds_alternative<Copy>(offers.find(request));
}

TEST(Offers, P7_EverythingThatIsToldIsEqual) {
  Offers offers;
  offers.offer(record(1));
  EXPECT_TRUE(is_there(offers, request()));
  ObjectRequest other = request();
  other.last_modified = "Mon, 02 Nov 2026 10:00:00 GMT";
  EXPECT_TRUE(is_there(offers, other));
  other.last_modified = "Mon, 02 Nov 2026 10:00:01 GMT";
  EXPECT_FALSE(is_there(offers, other));
  other = request();
  other.etag = "\"y\"";
  EXPECT_FALSE(is_there(offers, other));
  other = request();
  other.size = 101;
  EXPECT_FALSE(is_there(offers, other));
  other = request();
  other.object = os::sha256("http://origin.example/other");
  EXPECT_FALSE(is_there(offers, other));
}

TEST(Offers, P13_OnlyEqualRangesAreTheSame) {
  Offers offers;
  core::CacheRecord piece = record(1);
  piece.wanted = *parse_ranges("10-19,30-39");
  piece.size = 20;
  offers.offer(piece);
  EXPECT_FALSE(is_there(offers, request()));
  ObjectRequest same = request();
  same.wanted = *parse_ranges("10-19,30-39");
  EXPECT_TRUE(is_there(offers, same));
  same.wanted = *parse_ranges("10-19");
  EXPECT_FALSE(is_there(offers, same));
}

TEST(Offers, AreChangedAndTakenBack) {
  Offers offers;
  offers.offer(record(1));
  offers.offer(record(1));
  offers.offer(record(2));
  offers.withdraw(record(1).id);
  EXPECT_TRUE(is_there(offers, request()));
  EXPECT_FALSE(offers.find(record(1).id));
  offers.withdraw(record(2).id);
  offers.withdraw(record(2).id);
  EXPECT_FALSE(is_there(offers, request()));
}

TEST(Offers, WhatComesIsToldUntilItCame) {
  Offers offers;
  const core::Sought sought{.url = url, .size = 100, .etag = "\"x\"", .last_modified = {}, .wanted = {}};
  offers.coming(base::TransferId{1}, {.sought = sought, .offset = {}});
  ASSERT_TRUE(std::holds_alternative<OnItsWay>(offers.find(request())));
  EXPECT_FALSE(std::get<OnItsWay>(offers.find(request())).offset);
  offers.coming(base::TransferId{2}, {.sought = sought, .offset = 7});
  EXPECT_EQ(std::get<OnItsWay>(offers.find(request())).offset, 7U) << "the farthest of them";
  offers.coming(base::TransferId{2}, {.sought = sought, .offset = 9});
  EXPECT_EQ(std::get<OnItsWay>(offers.find(request())).offset, 9U);
  offers.came(base::TransferId{1});
  offers.came(base::TransferId{2});
  EXPECT_TRUE(std::holds_alternative<std::monostate>(offers.find(request())));
}

TEST(ReprDigest, IsWrittenAsItsRfcHasIt) {
  EXPECT_EQ(repr_digest("sha256:" + os::sha256("")), "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:");
  EXPECT_EQ(repr_digest("blake2s-256:" + std::string(64, '0')), "");
  EXPECT_EQ(repr_digest(""), "");
}

}  // namespace
}  // namespace backhaul::neighbours
