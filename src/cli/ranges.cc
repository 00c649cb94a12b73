// SPDX-License-Identifier: Apache-2.0
#include "cli/ranges.h"

#include <cstdint>
#include <optional>

#include "cli/text.h"

namespace backhaul::cli {
namespace {

std::optional<FileRange> parse_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto first = whole_number<std::uint64_t>(text.substr(0, dash));
  const std::string_view rest = text.substr(dash + 1);
  if (!first || *first == UINT64_MAX) return std::nullopt;
  if (rest.empty()) return FileRange{*first, to_end_of_file};
  const auto last = whole_number<std::uint64_t>(rest);
  if (!last || *last < *first || *last == UINT64_MAX) return std::nullopt;
  return FileRange{*first, *last - *first + 1};
}

}  // namespace

std::expected<std::vector<FileRange>, std::string> parse_ranges(std::string_view text) {
  std::vector<FileRange> ranges;
  for (std::string_view rest = text;;) {
    const std::size_t comma = rest.find(',');
    const auto range = parse_range(rest.substr(0, comma));
    if (!range)
      return std::unexpected("\"" + std::string(rest.substr(0, comma)) +
                             "\" is no range: it is the first and the last octet, as in 0-99,200-");
    ranges.push_back(*range);
    if (comma == std::string_view::npos) return ranges;
    rest.remove_prefix(comma + 1);
  }
}

std::string ranges_text(const std::vector<FileRange>& ranges) {
  std::string text;
  for (const FileRange& range : ranges) {
    text += (text.empty() ? "" : ",") + std::to_string(range.offset) + '-';
    if (range.length != to_end_of_file) text += std::to_string(range.offset + range.length - 1);
  }
  return text;
}

}  // namespace backhaul::cli
