// SPDX-License-Identifier: Apache-2.0
#include "core/link_header.h"

#include <algorithm>
#include <optional>

#include "core/text.h"

namespace backhaul::core {
namespace {

constexpr std::size_t target_max = 4096;

void skip_blanks(std::string_view& text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
}

// A word, or what stands in quotes; behind it the text goes on.
std::string take_value(std::string_view& text) {
  std::string value;
  if (!text.starts_with('"')) {
    const auto end = std::min(text.find_first_of(";,"), text.size());
    value = trimmed(text.substr(0, end));
    text.remove_prefix(end);
    return value;
  }
  text.remove_prefix(1);
  while (!text.empty() && text.front() != '"') {
    if (text.front() == '\\' && text.size() > 1) text.remove_prefix(1);
    value += text.front();
    text.remove_prefix(1);
  }
  text.remove_prefix(std::min<std::size_t>(1, text.size()));
  return value;
}

bool has_word(std::string_view words, std::string_view word) {
  while (!words.empty()) {
    const std::string_view one = words.substr(0, words.find(' '));
    if (to_lower(one) == word) return true;
    words.remove_prefix(std::min(one.size() + 1, words.size()));
  }
  return false;
}

struct Link {
  std::string target;
  bool describes = false;
  bool of_torrent = false;
  bool of_another = false;  // it is about something else than what the answer brings
};

// The parameters of a link, up to the comma behind it. Of one that is there twice the first counts.
void read_parameters(std::string_view& text, Link& link) {
  bool has_rel = false;
  bool has_type = false;
  for (skip_blanks(text); text.starts_with(';'); skip_blanks(text)) {
    text.remove_prefix(1);
    const auto end = std::min(text.find_first_of("=;,"), text.size());
    const std::string name = to_lower(trimmed(text.substr(0, end)));
    text.remove_prefix(end);
    if (!text.starts_with('=')) continue;
    text.remove_prefix(1);
    skip_blanks(text);
    const std::string value = take_value(text);
    if (name == "rel" && !has_rel) {
      has_rel = true;
      link.describes = has_word(value, "describedby");
    } else if (name == "type" && !has_type) {
      has_type = true;
      link.of_torrent = to_lower(value) == "application/x-bittorrent";
    } else if (name == "anchor") {
      link.of_another = true;
    }
  }
}

// Unset: the rest of the field is no link.
std::optional<Link> take_link(std::string_view& text) {
  skip_blanks(text);
  const auto end = text.find('>');
  if (!text.starts_with('<') || end == std::string_view::npos) return std::nullopt;
  Link link;
  link.target = trimmed(text.substr(1, end - 1));
  text.remove_prefix(end + 1);
  read_parameters(text, link);
  return link;
}

}  // namespace

std::string torrent_link(std::string_view field) {
  while (auto link = take_link(field)) {
    const bool counts = link->describes && link->of_torrent && !link->of_another;
    if (counts && !link->target.empty() && link->target.size() <= target_max &&
        std::ranges::none_of(link->target, [](char c) { return is_control(c) || is_blank(c); }))
      return link->target;
    if (!field.starts_with(',')) return {};
    while (field.starts_with(',')) {
      field.remove_prefix(1);
      skip_blanks(field);
    }
  }
  return {};
}

}  // namespace backhaul::core
