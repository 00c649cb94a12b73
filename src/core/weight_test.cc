// SPDX-License-Identifier: Apache-2.0
#include "core/weight.h"

#include <gtest/gtest.h>

#include <functional>

namespace backhaul::core {
namespace {

constexpr std::size_t many_octets = 65'536;
const std::string long_text(many_octets, 'x');

template <class Row>
std::uint64_t added(const std::function<void(Row&)>& change) {
  Row row;
  const std::uint64_t before = weigh(row);
  change(row);
  return weigh(row) - before;
}

// Little comes on top of the text: what keeps it.
template <class Row>
void expect_counted(const char* what, const std::function<void(Row&)>& change, std::size_t octets = many_octets) {
  const std::uint64_t more = added<Row>(change);
  EXPECT_GE(more, octets) << what;
  EXPECT_LT(more, octets + 2000) << what;
}

TEST(Weight, ARowWithoutTextsIsCounted) {
  EXPECT_GE(weigh(Job{}), sizeof(Job));
  EXPECT_GE(weigh(File{}), sizeof(File));
  EXPECT_EQ(weigh(Shelf{}), 0U);
}

TEST(Weight, OfAFileEveryTextIsCounted) {
  const auto counted = expect_counted<File>;
  counted("remote", [](File& file) { file.remote = long_text; }, many_octets);
  counted("local", [](File& file) { file.local = long_text; }, many_octets);
  counted("root", [](File& file) { file.root = long_text; }, many_octets);
  counted("headers", [](File& file) { file.response_headers = long_text; }, many_octets);
  counted("date", [](File& file) { file.remote_identity.last_modified = long_text; }, many_octets);
  counted("etag", [](File& file) { file.remote_identity.etag = long_text; }, many_octets);
  counted("mirrors", [](File& file) { (file.rare.edit().mirrors = Mirrors())->addresses = long_text; }, many_octets);
  counted("digests", [](File& file) { file.rare.edit().digests = long_text; }, many_octets);
  counted("torrent", [](File& file) { file.rare.edit().torrent = long_text; }, many_octets);
  counted("duplicates", [](File& file) { file.rare.edit().duplicates = long_text; }, many_octets);
  counted("pieces", [](File& file) { file.rare.edit().expected = Expected{.pieces = long_text}; }, many_octets);
  counted("signature and key",
          [](File& file) {
            file.rare.edit().expected = Expected{.pieces = {}, .signature = long_text, .key = long_text};
          },
          2 * many_octets);
}

TEST(Weight, OfAFileListsOfRangesAreCounted) {
  const std::vector<WantedRange> ranges{{0, 10}, {20, 10}, {40, 10}};
  EXPECT_EQ(added<File>([&](File& file) { file.wanted = *Wanted::of_ranges(ranges); }), 3 * sizeof(WantedRange));
  expect_counted<File>(
      "asked", [](File& file) { file.rare.edit().demand = Demand{.asked = std::vector<Extent>(5000)}; },
      5000 * sizeof(Extent));
}

TEST(Weight, OfAJobEveryTextIsCounted) {
  const auto counted = expect_counted<Job>;
  counted("name", [](Job& job) { job.name = long_text; }, many_octets);
  counted("description", [](Job& job) { job.description = long_text; }, many_octets);
  counted("command", [](Job& job) { job.command.edit().parameters = long_text; }, many_octets);
  counted("class", [](Job& job) { job.notify_class.edit().path = long_text; }, many_octets);
  counted("object", [](Job& job) { (job.object = ObjectRegistration())->path = long_text; }, many_octets);
  counted("proxies", [](Job& job) { job.rare.edit().proxy.edit().list = long_text; }, many_octets);
  counted("proxies of its maker",
          [](Job& job) { (job.rare.edit().proxy_environment = ProxyEnvironment())->http = long_text; }, many_octets);
  counted("error", [](Job& job) { (job.error = ErrorInfo())->text = long_text; }, many_octets);
}

TEST(Weight, WhatLiesSealedIsCounted) {
  Shelf shelf;
  shelf[SecretSlot::headers] = base::Text(long_text);
  shelf[SecretSlot::addresses] = base::Text(long_text);
  EXPECT_EQ(weigh(shelf), 2 * many_octets);
}

}  // namespace
}  // namespace backhaul::core
