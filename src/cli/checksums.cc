// SPDX-License-Identifier: Apache-2.0
#include "cli/checksums.h"

#include <backhaul/client.h>

#include <algorithm>
#include <cctype>
#include <optional>

#include "cli/targets.h"
#include "cli/utf8.h"

namespace backhaul::cli {
namespace {

bool is_hex(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](unsigned char c) { return std::isxdigit(c) != 0; });
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](unsigned char c) { return std::tolower(c); });
  return result;
}

// By the number of its digits; b2sum's has as many as sha512sum's, which are far more common.
std::optional<std::string> plain_digest(std::string_view hex, std::string_view name) {
  if (!is_hex(hex)) return std::nullopt;
  const std::string list = lower(name.substr(name.rfind('/') + 1));
  const bool blake = list.starts_with("b2") || list.ends_with(".b2") || list.find("blake2") != std::string::npos;
  if (hex.size() == 64) return "sha256:" + lower(hex);
  if (hex.size() == 128) return (blake ? "blake2b-512:" : "sha512:") + lower(hex);
  return std::nullopt;
}

// "SHA256 (NAME) = HEX"
std::optional<ChecksumLine> tagged(std::string_view line) {
  const auto open = line.find(" (");
  const auto close = line.rfind(") = ");
  if (open == std::string_view::npos || close == std::string_view::npos || close < open + 2)
    return std::nullopt;
  const std::string word = lower(line.substr(0, open));
  const std::string_view hex = line.substr(close + 4);
  if (!is_hex(hex) || (word != "sha256" && word != "sha512" && word != "blake2b" && word != "blake2s"))
    return std::nullopt;
  return ChecksumLine{word + ":" + lower(hex), std::string(line.substr(open + 2, close - open - 2))};
}

std::optional<ChecksumLine> line_of(std::string_view line, std::string_view name) {
  if (auto found = tagged(line)) return found;
  const auto blank = line.find(' ');
  auto digest = plain_digest(line.substr(0, blank), name);
  if (!digest) return std::nullopt;
  if (blank == std::string_view::npos) return ChecksumLine{*digest, {}};
  std::string_view path = line.substr(blank + 1);
  if (path.starts_with(' ') || path.starts_with('*')) path.remove_prefix(1);
  while (path.starts_with("./")) path.remove_prefix(2);
  return ChecksumLine{*std::move(digest), std::string(path)};
}

// The list names a file by the end of its address, or as it will be called here.
bool is_about(const ChecksumLine& line, const FileSpec& file, bool only_one) {
  if (line.path.empty()) return only_one;
  const std::string url = file.remote.substr(0, file.remote.find_first_of("?#"));
  return url.ends_with("/" + line.path) || name_from_url(file.remote) == line.path ||
         file.local.ends_with("/" + line.path);
}

}  // namespace

std::expected<std::vector<ChecksumLine>, std::string> parse_checksums(std::string_view text,
                                                                      std::string_view name) {
  std::vector<ChecksumLine> lines;
  text = without_mark(text);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (!line.empty() && std::isspace(static_cast<unsigned char>(line.back()))) line.remove_suffix(1);
    if (auto found = line_of(line, name)) lines.push_back(*std::move(found));
  }
  if (lines.empty())
    return std::unexpected(shown_url(std::string(name)) +
                           " holds no SHA-256, SHA-512 or BLAKE2 digest as sha256sum writes them");
  return lines;
}

std::expected<void, std::string> apply_checksums(std::vector<FileSpec>& files,
                                                 const std::vector<ChecksumLine>& lines,
                                                 std::string_view name) {
  const bool only_one = files.size() == 1 && lines.size() == 1;
  for (FileSpec& file : files) {
    bool found = false;
    for (const ChecksumLine& line : lines) {
      if (!is_about(line, file, only_one)) continue;
      found = true;
      if (std::ranges::find(file.digests, line.digest) == file.digests.end())
        file.digests.push_back(line.digest);
    }
    if (!found)
      return std::unexpected(shown_url(std::string(name)) + " says nothing of " + shown_url(file.remote));
  }
  return {};
}

}  // namespace backhaul::cli
