// SPDX-License-Identifier: Apache-2.0
// What is told to a neighbour in a search, and what counts of its answer (peer-caching.md §9: P7, P13).
#include "adapters/curl/neighbour_head.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.h"
#include "os/sha256.h"

namespace backhaul::curl {
namespace {

const std::string record_id = "0123456789abcdef0123456789abcdef";
const std::string monday_text = "Mon, 07 Nov 1994 08:49:37 GMT";

core::Sought sought_file() {
  return {.url = "http://host/secret", .size = 1000, .etag = "\"v1\"", .last_modified = monday_text};
}
std::optional<core::NeighbourAnswer> answer_of(const std::vector<std::string>& lines, const core::Sought& sought = sought_file()) {
  NeighbourHead head;
  for (const std::string& line : lines)
    if (!head.line(line + "\r\n")) return std::nullopt;
  return head.answer({.key = "k"}, "https://10.0.0.7:2178", sought);
}
std::vector<std::string> all_with(std::vector<std::string> lines) {
  lines.insert(lines.begin(), "HTTP/1.1 200 OK");
  return lines;
}

const std::string told_length = "Content-Length: 1000";
const std::string told_place = "Location: /v1/record/" + record_id;

TEST(NeighbourSearchFields, TellTheDigestOfTheAddressAlone) {
  const std::vector<std::string> expected = {"Backhaul-Object: " + os::sha256("http://host/secret"),
                                             "Backhaul-Size: 1000", "If-Match: \"v1\"",
                                             "If-Unmodified-Since: " + monday_text};
  EXPECT_EQ(search_fields(sought_file()), expected);
}

TEST(NeighbourSearchFields, P13TellRangesWithTheirEnds) {
  core::Sought sought = sought_file();
  sought.wanted = core::Wanted::of_ranges({{.offset = 200, .length = 100}, {.offset = 0, .length = 100}, {.offset = 400}}).value();
  EXPECT_EQ(search_fields(sought).back(), "Backhaul-Ranges: 200-299,0-99,400-999");
  sought.size = 300;
  EXPECT_TRUE(search_fields(sought).empty()) << "they do not lie in it";
}

TEST(NeighbourSearchFields, AreNoneWhereOneWouldBeSomethingElse) {
  for (const std::string& tag : {std::string("\"a\r\nX: y\""), '"' + std::string(9000, 'x') + '"'}) {
    core::Sought sought = sought_file();
    sought.etag = tag;
    EXPECT_TRUE(search_fields(sought).empty());
  }
}

TEST(NeighbourServer, IsAHostAndAPort) {
  const auto server = [](const std::string& host, std::uint16_t port = 2178) { return server_of({.host = host, .port = port}); };
  EXPECT_EQ(server("10.0.0.7"), "https://10.0.0.7:2178");
  EXPECT_EQ(server("Host.local"), "https://host.local:2178");
  EXPECT_EQ(server("fe80::1"), "https://[fe80::1]:2178");
  EXPECT_EQ(server("fe80::1%eth0"), "https://[fe80::1%25eth0]:2178");
  for (const char* host : {"", "a b", "a/b", "a@b", "a#b", "a?b", "a\\b", "[::1]", "a:b", "a\nb"}) EXPECT_EQ(server(host), "") << host;
  EXPECT_EQ(server("host", 0), "");
}

TEST(NeighbourAnswers, AreTheFourThatThereAre) {
  const auto all = answer_of(all_with({told_length, told_place, "ETag: \"v1\"", "Last-Modified: " + monday_text}));
  ASSERT_TRUE(all);
  EXPECT_EQ(all->has, core::NeighbourHas::all);
  EXPECT_EQ(all->key, "k");
  EXPECT_EQ(all->address, "https://10.0.0.7:2178/v1/record/" + record_id);
  const auto coming = answer_of({"HTTP/1.1 202 x", "Backhaul-Rank: 0af", "backhaul-offset: 17"});
  ASSERT_TRUE(coming);
  EXPECT_EQ(coming->has, core::NeighbourHas::coming);
  EXPECT_EQ(coming->rank, "0af");
  EXPECT_EQ(coming->offset, 17U);
  EXPECT_FALSE(answer_of({"HTTP/1.1 202 x", "Backhaul-Rank: 0af"})->offset) << "it waits as well";
  EXPECT_EQ(answer_of({"HTTP/1.1 404 x", told_place})->has, core::NeighbourHas::nothing);
  EXPECT_EQ(answer_of({"HTTP/1.1 503 x", "Retry-After: 5"})->has, core::NeighbourHas::busy);
  EXPECT_EQ(answer_of({"HTTP/1.1 100 x", "Backhaul-Rank: 1", "", "HTTP/1.1 202 x", "Backhaul-Rank: 2"})->rank, "2");
}

TEST(NeighbourAnswers, P7OfAnotherVersionAreNone) {
  for (const std::vector<std::string>& lines : std::vector<std::vector<std::string>>{
           {"Content-Length: 1001", told_place}, {"Content-Length: 1000", "Content-Length: 1001", told_place}, {told_place},
           {told_length, told_place, "ETag: \"v2\""}, {told_length, told_place, "ETag: W/\"v1\""},
           {told_length, told_place, "Last-Modified: Mon, 07 Nov 1994 08:49:38 GMT"}})
    EXPECT_FALSE(answer_of(all_with(lines))) << lines.back();
  core::Sought ranges = sought_file();
  ranges.wanted = core::Wanted::of_ranges({{.offset = 200, .length = 100}}).value();
  EXPECT_FALSE(answer_of(all_with({told_length, told_place}), ranges));
  EXPECT_TRUE(answer_of(all_with({"Content-Length: 100", told_place}), ranges)) << "as long as its copy";
}

TEST(NeighbourAnswers, LeadNowhereElse) {
  for (const std::string& place : std::vector<std::string>{
       "https://10.0.0.7:2178/v1/record/" + record_id, "//evil/v1/record/" + record_id, "/v1/record/" + record_id + "0",
        "/v1/record/../object/0123456789abcdef012", "/v1/record/", "/other", "/v1/record/0123456789ABCDEF0123456789abcdef"})
    EXPECT_FALSE(answer_of(all_with({told_length, "Location: " + place}))) << place;
  EXPECT_FALSE(answer_of(all_with({told_length})));
}

TEST(NeighbourAnswers, AreBounded) {
  const std::string too_long(65, 'a');
  for (const std::vector<std::string>& lines : std::vector<std::vector<std::string>>{
           {}, {"Backhaul-Rank: "}, {"Backhaul-Rank: xyz"}, {"Backhaul-Rank: AB"}, {"Backhaul-Rank: " + too_long},
           {"Backhaul-Rank: 1", "Backhaul-Rank: 2"}, {"Backhaul-Rank: 1", "Backhaul-Offset: -1"},
           {"Backhaul-Rank: 1", "Backhaul-Offset: 1001"}, {"Backhaul-Rank: 1", "Backhaul-Offset: 007"},
           {"Backhaul-Rank: 1", "Backhaul-Offset: 99999999999999999999"}, {"Backhaul-Rank: 1", "Backhaul-Offset: 1 2"},
           {"Backhaul-Rank: 1", "Backhaul-Offset: 1", "Backhaul-Offset: 1"}, {"Backhaul-Rank: 1", "X: " + std::string(20000, 'x')}}) {
    std::vector<std::string> answer = {"HTTP/1.1 202 x"};
    answer.insert(answer.end(), lines.begin(), lines.end());
    EXPECT_FALSE(answer_of(answer)) << (lines.empty() ? "" : lines.back().substr(0, 60));
  }
  for (const char* status : {"201", "204", "206", "301", "302", "400", "401", "403", "500", "99999"})
    EXPECT_FALSE(answer_of({std::string("HTTP/1.1 ") + status + " x", told_length, told_place, "Backhaul-Rank: 1"})) << status;
}

// Whatever comes, an answer leads to the one that was asked, and its numbers are within the file.
TEST(NeighbourAnswers, NoNoiseLeadsAstray) {
  base::Prng dice(7);
  const std::vector<std::string> pieces = {"HTTP/1.1 200 OK", "HTTP/1.1 202 x", told_length, told_place, "Backhaul-Rank: 1", "Backhaul-Offset: 5",
                                           "Location: ", "ETag: ", ":", "\"v1\"", std::string(1, '\0'), "\r\n", "\n", " ", "\xff"};
  for (int round = 0; round < 20000; ++round) {
    NeighbourHead head;
    for (int i = 0; i < 6; ++i) {
      std::string line = pieces[dice.next() % pieces.size()];
      if (dice.next() % 4 == 0) line += pieces[dice.next() % pieces.size()];
      if (dice.next() % 4 == 0 && !line.empty()) line[dice.next() % line.size()] ^= static_cast<char>(1 << dice.next() % 7);
      head.line(line);
    }
    const auto answer = head.answer({.key = "k"}, "https://a:1", sought_file());
    if (!answer) continue;
    EXPECT_TRUE(answer->address.empty() || answer->address.starts_with("https://a:1/v1/record/"));
    EXPECT_TRUE(!answer->offset || *answer->offset <= 1000);
    EXPECT_EQ(answer->has == core::NeighbourHas::coming, !answer->rank.empty());
  }
}

}  // namespace
}  // namespace backhaul::curl
