// SPDX-License-Identifier: Apache-2.0
// A conversation whose server is told by the heads of its answers in turn.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/conversation.h"

namespace backhaul::core::testing {

inline constexpr const char* monday = "Mon, 07 Nov 1994 08:49:37 GMT";
inline constexpr const char* tuesday = "Tue, 08 Nov 1994 08:49:37 GMT";
inline constexpr std::uint64_t size = 1'000'000;
inline constexpr std::uint64_t half = 400'000;

inline const std::string ok = "HTTP/1.1 200 OK";
inline const std::string partial = "HTTP/1.1 206 Partial Content";
inline const std::string outside = "HTTP/1.1 416 Range Not Satisfiable";
inline const std::string dated = std::string("Last-Modified: ") + monday;
inline const std::string redated = std::string("Last-Modified: ") + tuesday;
inline const std::string v1 = "ETag: \"v1\"";
inline const std::string v2 = "ETag: \"v2\"";
inline const std::string all = "Content-Length: 1000000";

inline std::string range(std::uint64_t first, std::uint64_t last = size - 1, std::uint64_t total = size) {
  return "Content-Range: bytes " + std::to_string(first) + '-' + std::to_string(last) + '/' +
         std::to_string(total);
}

inline RemoteRecord held(std::string modified = monday, std::string etag = "\"v1\"",
                  std::uint64_t total = size) {
  RemoteRecord record;
  record.held = Extents::until(half);
  record.identity = {total, std::move(modified), std::move(etag), Resumable::yes};
  return record;
}

inline ResponseHead head(const std::vector<std::string>& lines) {
  HeadParser parser;
  for (const auto& line : lines) parser.line(line);
  return parser.head();
}

class Talk {
 public:
  explicit Talk(RemoteRecord record = {}, RequestOptions options = {})
      : Talk(std::move(record), own_, std::move(options)) {}
  Talk(RemoteRecord record, OriginMemory& memory, RequestOptions options = {})
      : Talk(Source{.address = "http://host/f"}, std::move(record), memory, std::move(options)) {}
  Talk(Source source, RemoteRecord record, RequestOptions options)
      : Talk(std::move(source), std::move(record), own_, std::move(options)) {}
  Talk(Source source, RemoteRecord record, OriginMemory& memory, RequestOptions options)
      : talk_(std::move(source), std::move(record), memory,
              [](const std::string&, const std::string& to) -> base::Result<std::string> {
                return to;
              }, std::move(options)) {}

  // The answer comes, and is dropped or used; nothing of its body yet.
  Use answer(const std::vector<std::string>& lines) {
    body_ = talk_.head(head(lines));
    return body_.use;
  }
  std::optional<Gap> part(const ContentRange& range) { return talk_.part(range); }
  void parts_broken() { talk_.parts_broken(); }
  Use compared(Sample sample) { return (body_ = talk_.compared(sample)).use; }
  // What is held elsewhere is asked for, and comes under these words of its version; true while there is another request.
  bool probe(Sample sample, std::vector<std::string> words = {}) {
    const Ask& ask = talk_.ask();
    words.insert(words.begin(), {partial, range(ask.from.value(), ask.until.value() - 1)});
    EXPECT_EQ(static_cast<int>(answer(words)), static_cast<int>(Use::append));
    EXPECT_EQ(body_.sample, *ask.until - *ask.from) << "nothing of it goes into the part";
    EXPECT_EQ(body_.at_hand, body_.sample);
    compared(sample);
    return end(*ask.until - *ask.from);
  }
  // Its body ends; true while there is another request.
  bool end(std::uint64_t received = 0, bool cut = false) {
    std::optional<base::Error> broken;
    if (cut) broken = base::Error(base::Code::WINHTTP_CONNECTION_ERROR);
    ending = talk_.end(received, broken, base::WallTime{});
    return !ending;
  }
  bool dropped(const std::vector<std::string>& lines) {
    EXPECT_EQ(static_cast<int>(answer(lines)), static_cast<int>(Use::drop));
    return end();
  }

  // "400000- if "v1"", "400000-", "whole".
  std::string asked() const {
    const Ask& ask = talk_.ask();
    if (!ask.from) return "whole";
    return ask.range() + (ask.if_range.empty() ? "" : " if " + ask.if_range);
  }
  const Ask& ask() const { return talk_.ask(); }
  void hold_off(std::set<std::string> origins) { talk_.hold_off(std::move(origins)); }
  void body_too_long() { talk_.body_too_long(); }
  void written_to() { talk_.changed_meanwhile("it was written to"); }
  bool tells_content() const { return talk_.content_digest().has_value(); }
  void content_is(std::string hex) { talk_.content_is(std::move(hex)); }
  bool is_unchecked() const { return talk_.is_unchecked(); }
  const std::string& remote() const { return talk_.remote(); }
  const std::vector<std::string>& duplicates() const { return talk_.duplicates(); }
  const Body& body() const { return body_; }
  const RemoteIdentity& identity() const { return talk_.identity(); }
  bool knows_all_is_here() const { return talk_.knows_all_is_here(); }
  const std::string& headers() const { return talk_.headers(); }
  base::Code code() const { return ending && ending->error ? ending->error->code : base::Code::S_OK; }
  std::string text() const { return ending && ending->error ? ending->error->text : ""; }
  bool done() const { return ending && !ending->error; }

  std::optional<Ending> ending;

 private:
  OriginMemory own_;
  Conversation talk_;
  Body body_;
};

#define EXPECT_USE(actual, expected) \
  EXPECT_EQ(static_cast<int>(actual), static_cast<int>(Use::expected))

}  // namespace backhaul::core::testing
