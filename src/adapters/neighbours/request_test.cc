// SPDX-License-Identifier: Apache-2.0
#include "adapters/neighbours/request.h"

#include <gtest/gtest.h>

#include <map>

namespace backhaul::neighbours {
namespace {

using Fields = std::map<std::string, std::string>;

std::optional<ObjectRequest> read(Fields fields) {
  return object_request([fields](const char* name) -> std::string_view {
    const auto found = fields.find(name);
    return found == fields.end() ? std::string_view() : std::string_view(found->second);
  });
}

Fields usual() {
  return {{"Backhaul-Object", std::string(64, 'a')}, {"Backhaul-Size", "100"}, {"If-Match", "\"x\""}};
}

TEST(ObjectRequest, IsReadFromItsHead) {
  Fields fields = usual();
  fields["If-Unmodified-Since"] = "Mon, 02 Nov 2026 10:00:00 GMT";
  fields["Backhaul-Ranges"] = "0-9,20-";
  const auto request = read(fields);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->size, 100U);
  EXPECT_EQ(request->etag, "\"x\"");
  EXPECT_EQ(request->last_modified, "Mon, 02 Nov 2026 10:00:00 GMT");
  EXPECT_EQ(request->wanted.text(), "0:10,20:eof");
}

TEST(ObjectRequest, WhatDoesNotSayWhichVersionOrWhatObjectIsNone) {
  EXPECT_TRUE(read(usual()));
  const std::vector<std::pair<std::string, std::string>> wrong{
      {"Backhaul-Object", ""},      {"Backhaul-Object", std::string(63, 'a')}, {"Backhaul-Object", std::string(64, 'A')},
      {"Backhaul-Size", ""},        {"Backhaul-Size", "-1"},                   {"Backhaul-Size", "99999999999999999999"},
      {"Backhaul-Size", "1 "},      {"If-Match", ""},                          {"If-Match", "W/\"x\""},
      {"If-Match", "*"},            {"Backhaul-Ranges", "9-0"},                {"Backhaul-Ranges", "0-9,5-20"},
      {"Backhaul-Ranges", "0-9,"},  {"Backhaul-Ranges", "bytes=0-9"},          {"Backhaul-Ranges", "0-100"},
      {"Backhaul-Ranges", "0-18446744073709551615"}};
  for (const auto& [name, value] : wrong) {
    Fields fields = usual();
    fields[name] = value;
    EXPECT_FALSE(read(fields)) << name << ": " << value;
  }
}

TEST(Ranges, AreTheSameHoweverTheyWereWritten) {
  const auto same = [](const char* one, const char* other) {
    return is_same_range(*parse_ranges(one), *parse_ranges(other), 100);
  };
  EXPECT_TRUE(same("0-9,20-", "0-9,20-99"));
  EXPECT_TRUE(is_same_range(*parse_ranges("0-"), core::Wanted(), 100));
  EXPECT_FALSE(same("0-9", "0-10")) << "P13: only equal ones";
  EXPECT_FALSE(same("0-9,20-29", "20-29,0-9")) << "another file comes of them";
}

TEST(Record, IsNamedByThirtyTwoDigits) {
  const auto id = record_of_path("/v1/record/0123456789abcdef0123456789abcdef");
  ASSERT_TRUE(id);
  EXPECT_EQ(base::to_hex(*id), "0123456789abcdef0123456789abcdef");
  for (const char* path : {"/v1/record/", "/v1/record/0123456789ABCDEF0123456789abcdef", "/v1/record/../../etc/passwd",
                           "/v1/record/01234567-89ab-cdef-0123-456789abcdef", "/v1/object"})
    EXPECT_FALSE(record_of_path(path)) << path;
}

TEST(Piece, IsOneRangeOrAll) {
  const auto text = [](const char* range) {
    const auto piece = piece_of(range, 100);
    return piece ? std::to_string(piece->from) + "+" + std::to_string(piece->length) + (piece->whole ? " all" : "") : "none";
  };
  EXPECT_EQ(text(""), "0+100 all");
  EXPECT_EQ(text("bytes=0-9"), "0+10");
  EXPECT_EQ(text("bytes=90-"), "90+10");
  EXPECT_EQ(text("bytes=90-1000"), "90+10");
  EXPECT_EQ(text("bytes=-7"), "93+7");
  EXPECT_EQ(text("bytes=-700"), "0+100");
  EXPECT_EQ(text("bytes=100-"), "none");
  EXPECT_EQ(text("bytes=-0"), "none");
  EXPECT_EQ(text("bytes=0-1,5-6"), "0+100 all");
  EXPECT_EQ(text("bytes=x"), "0+100 all");
}

}  // namespace
}  // namespace backhaul::neighbours
