// SPDX-License-Identifier: Apache-2.0
#include "core/weight.h"

#include <gtest/gtest.h>

#include <functional>

namespace backhaul::core {
namespace {

constexpr std::size_t length = 65'536;
const std::string text(length, 'x');

template <class Row>
std::uint64_t added(const std::function<void(Row&)>& change) {
  Row row;
  const std::uint64_t before = weigh(row);
  change(row);
  return weigh(row) - before;
}

// Little comes on top of the text: what keeps it.
template <class Row>
void expect_counted(const char* what, const std::function<void(Row&)>& change, std::size_t octets = length) {
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
  counted("remote", [](File& file) { file.remote = text; }, length);
  counted("local", [](File& file) { file.local = text; }, length);
  counted("root", [](File& file) { file.root = text; }, length);
  counted("headers", [](File& file) { file.response_headers = text; }, length);
  counted("date", [](File& file) { file.remote_identity.last_modified = text; }, length);
  counted("etag", [](File& file) { file.remote_identity.etag = text; }, length);
  counted("mirrors", [](File& file) { file.rare.edit().mirrors = Mirrors{.addresses = text, .passing = {}}; }, length);
  counted("digests", [](File& file) { file.rare.edit().digests = text; }, length);
  counted("torrent", [](File& file) { file.rare.edit().torrent = text; }, length);
  counted("pieces", [](File& file) { file.rare.edit().expected = Expected{.pieces = text}; }, length);
  counted("signature and key",
          [](File& file) { file.rare.edit().expected = Expected{.pieces = {}, .signature = text, .key = text}; },
          2 * length);
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
  counted("name", [](Job& job) { job.name = text; }, length);
  counted("description", [](Job& job) { job.description = text; }, length);
  counted("command", [](Job& job) { job.command.edit().parameters = text; }, length);
  counted("class", [](Job& job) { job.notify_class.edit().path = text; }, length);
  counted("object", [](Job& job) { job.object = ObjectRegistration{.path = text}; }, length);
  counted("proxies", [](Job& job) { job.rare.edit().proxy.edit().list = text; }, length);
  counted("proxies of its maker", [](Job& job) { job.rare.edit().proxy_environment = ProxyEnvironment{.http = text}; },
          length);
  counted("error", [](Job& job) { job.error = ErrorInfo{.text = text}; }, length);
}

TEST(Weight, WhatLiesSealedIsCounted) {
  Shelf shelf;
  shelf[SecretSlot::headers] = base::Text(text);
  shelf[SecretSlot::addresses] = base::Text(text);
  EXPECT_EQ(weigh(shelf), 2 * length);
}

}  // namespace
}  // namespace backhaul::core
