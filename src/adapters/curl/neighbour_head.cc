// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/neighbour_head.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

#include "base/hex.h"
#include "core/text.h"
#include "os/sha256.h"

namespace backhaul::curl {
namespace {

constexpr std::size_t answer_bytes_max = 16U * 1024U;
// Of one field of the request.
constexpr std::size_t field_bytes_max = 8U * 1024U;
constexpr std::size_t rank_digits_max = 64;
constexpr std::size_t record_digits = 32;
constexpr std::string_view record_path = "/v1/record/";

bool fits_in_field(std::string_view text) {
  return text.size() <= field_bytes_max && std::ranges::none_of(text, core::is_control);
}

// Of a number as it is usually written.
std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool padded = text.size() > 1 && text.front() == '0';
  if (error != std::errc() || end != text.data() + text.size() || padded) return std::nullopt;
  return value;
}

// Ends are always told, so that equal ranges are equal texts; none: there are none of this file.
std::string ranges_of(const core::Sought& sought) {
  std::string text;
  for (const core::WantedRange& range : sought.wanted.ranges()) {
    const std::uint64_t end = range.length == core::to_end_of_file ? sought.size : range.offset + range.length;
    if (!text.empty()) text += ',';
    text += std::to_string(range.offset) + '-' + std::to_string(end - 1);
  }
  return text;
}

}  // namespace

std::string server_of(const core::Neighbour& neighbour) {
  std::string host = core::to_lower(neighbour.host);
  if (const auto zone = host.find('%'); zone != std::string::npos) host.insert(zone + 1, "25");
  const std::string server = core::bracketed(std::move(host)) + ':' + std::to_string(neighbour.port);
  // Anything but a host would be read as another one.
  return core::url_server("https://" + server) == server ? "https://" + server : std::string();
}

std::vector<std::string> search_fields(const core::Sought& sought) {
  if (sought.size == base::size_unknown || !sought.wanted.fits(sought.size)) return {};
  std::vector<std::string> fields = {"Backhaul-Object: " + os::sha256(sought.url),
                                     "Backhaul-Size: " + std::to_string(sought.size)};
  if (!sought.etag.empty()) fields.push_back("If-Match: " + sought.etag);
  if (!sought.last_modified.empty()) fields.push_back("If-Unmodified-Since: " + sought.last_modified);
  if (!sought.wanted.whole()) fields.push_back("Backhaul-Ranges: " + ranges_of(sought));
  if (!std::ranges::all_of(fields, fits_in_field)) return {};
  return fields;
}

bool NeighbourHead::line(std::string_view text) {
  bytes_ += text.size();
  if (bytes_ > answer_bytes_max) return false;
  if (text.starts_with("HTTP/")) {  // an interim answer came before
    ranks_.clear();
    offsets_.clear();
  }
  parser_.line(text);
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return true;
  const std::string name = core::to_lower(text.substr(0, colon));
  const std::string_view value = core::trimmed(text.substr(colon + 1));
  if (name == "backhaul-rank") ranks_.emplace_back(value);
  if (name == "backhaul-offset") offsets_.emplace_back(value);
  return true;
}

// What both tell is equal to the letter, and it is as long as what is wanted.
bool NeighbourHead::is_of(const core::Sought& sought) const {
  const core::ResponseHead& head = parser_.head();
  const auto equal = [](const std::string& ours, const std::string& told) { return ours.empty() || told.empty() || ours == told; };
  return !head.content_length_malformed && head.content_length == sought.wanted.local_size(sought.size) &&
         equal(sought.etag, head.etag) && equal(sought.last_modified, head.last_modified);
}

std::optional<core::NeighbourAnswer> NeighbourHead::answer(const core::Neighbour& neighbour, const std::string& server,
                                                           const core::Sought& sought) const {
  const core::ResponseHead& head = parser_.head();
  core::NeighbourAnswer answer{.key = neighbour.key};
  switch (head.status) {
    case 404: return answer;
    case 503: answer.has = core::NeighbourHas::busy; return answer;
    case 202: {
      if (ranks_.size() != 1 || ranks_.front().size() > rank_digits_max || !base::is_lower_hex(ranks_.front())) return std::nullopt;
      answer.has = core::NeighbourHas::coming;
      answer.rank = ranks_.front();
      if (offsets_.empty()) return answer;
      answer.offset = number_in(offsets_.front());
      const bool inside = answer.offset && *answer.offset <= sought.wanted.local_size(sought.size);
      return offsets_.size() == 1 && inside ? std::optional(std::move(answer)) : std::nullopt;
    }
    case 200: {
      const bool named = head.location.starts_with(record_path) &&
                         head.location.size() == record_path.size() + record_digits &&
                         base::is_lower_hex(std::string_view(head.location).substr(record_path.size()));
      if (!named || !is_of(sought)) return std::nullopt;
      answer.has = core::NeighbourHas::all;
      answer.address = server + head.location;
      return answer;
    }
    default: return std::nullopt;
  }
}

}  // namespace backhaul::curl
