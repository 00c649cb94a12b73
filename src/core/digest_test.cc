// SPDX-License-Identifier: Apache-2.0
#include "core/digest.h"

#include <gtest/gtest.h>

#include "core/http.h"
#include "core/judge.h"

namespace backhaul::core {
namespace {

using base::Code;

// Of "hello\n": what sha256sum says, and the same in base64.
constexpr const char* hello_hex = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";
constexpr const char* hello_base64 = "WJG1tSLV3whtD/CxEPvZ0hu0/HFjrzTQgoai6Eb2vgM=";

TEST(Digests, AreReadAsPeopleAndOtherProgramsWriteThem) {
  const std::string hex(64, 'A');
  for (const char* word : {"sha256:", "SHA-256:", "sha-256=", "Sha256="})
    EXPECT_EQ(to_text(*parse_digest(word + hex)), "sha256:" + std::string(64, 'a')) << word;
  EXPECT_EQ(to_text(*parse_digest("blake2b:" + std::string(128, '0'))), "blake2b-512:" + std::string(128, '0'));
  EXPECT_EQ(to_text(*parse_digest("blake2s-256:" + hex)), "blake2s-256:" + std::string(64, 'a'));
}

TEST(Digests, WhatIsNoneIsRefused) {
  for (const char* text : {"", "sha256", "md5:00", "sha1:00", ":00", "=00"})
    EXPECT_EQ(parse_digest(text).error().code, Code::BG_E_INVALID_HASH_ALGORITHM) << text;
  for (const std::string& text : {std::string("sha256:"), "sha256:" + std::string(63, '0'),
                                  "sha512:" + std::string(64, '0'), "sha256:" + std::string(64, 'g')})
    EXPECT_EQ(parse_digest(text).error().code, Code::E_INVALIDARG) << text;
  EXPECT_EQ(digest_list(std::vector<std::string>(9, "sha256:" + std::string(64, '0'))).error().code,
            Code::E_INVALIDARG);
}

TEST(Digests, AListComesBackAsItWas) {
  const std::vector<std::string> given{"sha256:" + std::string(64, '1'), "sha512:" + std::string(128, '2')};
  const auto list = digest_list(given);
  ASSERT_TRUE(list);
  const auto digests = parse_digest_list(*list);
  ASSERT_EQ(digests.size(), 2U);
  for (std::size_t i = 0; i < given.size(); ++i) EXPECT_EQ(to_text(digests[i]), given[i]);
  EXPECT_TRUE(parse_digest_list("").empty());
}

TEST(Digests, FieldsTellTheStrongestThatCounts) {
  const std::string expected = std::string("sha256:") + hello_hex;
  EXPECT_EQ(digest_of_field(std::string("sha-256=:") + hello_base64 + ":"), expected);
  EXPECT_EQ(digest_of_field(std::string("SHA-256=") + hello_base64), expected);
  EXPECT_EQ(digest_of_field(std::string("md5=:AAAA:, sha-256=:") + hello_base64 + ":;q=1"), expected);
  const std::string both = std::string("sha-256=:") + hello_base64 + ":, sha-512=:" + std::string(86, 'A') + "==:";
  EXPECT_EQ(digest_of_field(both), "sha512:" + std::string(128, '0'));
  const std::string right = std::string("sha-256=:") + hello_base64 + ":";
  const std::string wrong = "sha-256=:" + std::string(43, 'A') + "=:";
  EXPECT_EQ(digest_of_field(wrong + ", " + right), expected) << "the last of one key counts";
  EXPECT_EQ(digest_of_field(right + ", " + wrong), "sha256:" + std::string(64, '0'));
  EXPECT_EQ(digest_of_field(right + ", sha-256=:AAAA:"), "") << "also where it is none";
  for (const char* bad : {"", "sha-256", "sha-256=::", "sha-256=:AAAA:", "sha-256=:****:", "md5=:AAAA:"})
    EXPECT_EQ(digest_of_field(bad), "") << bad;
}

TEST(Digests, HeadsTellThoseOfTheWholeFileAlone) {
  const auto told = [&](const std::string& status, const std::string& field) {
    HeadParser parser;
    for (const std::string& line : {"HTTP/1.1 " + status, field + ": sha-256=:" + hello_base64 + ":",
                                    std::string("Content-Range: bytes 0-1/6")})
      parser.line(line);
    return !told_by(parser.head()).digest.empty();
  };
  EXPECT_TRUE(told("200 OK", "Repr-Digest"));
  EXPECT_TRUE(told("206 Partial", "Repr-Digest"));
  EXPECT_TRUE(told("206 Partial", "Digest"));
  EXPECT_TRUE(told("200 OK", "Content-Digest"));
  EXPECT_FALSE(told("206 Partial", "Content-Digest"));
}

TEST(Digests, ALineOfAFieldThatTellsNoneTakesNothingBack) {
  for (const std::string field : {"Content-Digest: ", "Repr-Digest: "}) {
    HeadParser parser;
    for (const std::string& line : {std::string("HTTP/1.1 206 Partial"), field + "sha-256=:" + hello_base64 + ":", field + "md5=:AAAA:"})
      parser.line(line);
    EXPECT_EQ(parser.head().content_digest + parser.head().repr_digest, std::string("sha256:") + hello_hex);
  }
}

TEST(Digests, OnlyOneOfTheSameAlgorithmDenies) {
  const std::vector<Digest> a{{DigestAlgorithm::sha256, "aa"}};
  EXPECT_EQ(denied(a, a), nullptr);
  EXPECT_EQ(denied(a, {{DigestAlgorithm::sha512, "bb"}}), nullptr);
  EXPECT_NE(denied(a, {{DigestAlgorithm::sha256, "bb"}}), nullptr);
}

TEST(Digests, CountLikeAValidatorWhereBothTellOne) {
  const RemoteIdentity one{.size = 10, .digest = "sha256:aa"};
  RemoteIdentity other = one;
  EXPECT_EQ(relate(one, other, true), Relation::same);
  other.digest = "sha256:bb";
  EXPECT_EQ(relate(one, other, true), Relation::other);
  other.digest = "sha512:bb";
  EXPECT_EQ(relate(one, other, true), Relation::doubtful) << "not comparable";
  other.digest = {};
  EXPECT_EQ(relate(one, other, true), Relation::doubtful) << "a digest that is missing proves nothing";
}

}  // namespace
}  // namespace backhaul::core
