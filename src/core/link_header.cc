// SPDX-License-Identifier: Apache-2.0
#include "core/link_header.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

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
  std::uint32_t priority = DuplicateLink::least_priority;
  bool describes = false;
  bool of_torrent = false;
  bool duplicates = false;
  bool of_another = false;  // it is about something else than what the answer brings
};

std::uint32_t priority_of(std::string_view text) {
  std::uint32_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, number);
  const bool tells = problem == std::errc() && stop == end && number >= 1;
  return tells ? std::min(number, DuplicateLink::least_priority) : DuplicateLink::least_priority;
}

// The parameters of a link, up to the comma behind it. Of one that is there twice the first counts.
void read_parameters(std::string_view& text, Link& link) {
  bool has_rel = false;
  bool has_type = false;
  bool has_priority = false;
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
      link.duplicates = has_word(value, "duplicate");
    } else if (name == "type" && !has_type) {
      has_type = true;
      link.of_torrent = to_lower(value) == "application/x-bittorrent";
    } else if (name == "pri" && !has_priority) {
      has_priority = true;
      link.priority = priority_of(value);
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

bool leads_somewhere(const Link& link) {
  return !link.of_another && !link.target.empty() && link.target.size() <= target_max &&
         std::ranges::none_of(link.target, [](char c) { return is_control(c) || is_blank(c); });
}

// `goes_on(link)` for each that leads somewhere; false: the rest of the field is not looked at.
template <class GoesOn>
void each_link(std::string_view field, GoesOn goes_on) {
  while (auto link = take_link(field)) {
    if (leads_somewhere(*link) && !goes_on(*link)) return;
    if (!field.starts_with(',')) return;
    while (field.starts_with(',')) {
      field.remove_prefix(1);
      skip_blanks(field);
    }
  }
}

}  // namespace

std::string torrent_link(std::string_view field) {
  std::string torrent;
  each_link(field, [&](Link& link) {
    if (!link.describes || !link.of_torrent) return true;
    torrent = std::move(link.target);
    return false;
  });
  return torrent;
}

void add_duplicate_links(std::vector<DuplicateLink>& links, std::string_view field) {
  each_link(field, [&](Link& link) {
    if (links.size() >= duplicate_links_max) return false;
    if (link.duplicates) links.push_back({std::move(link.target), link.priority});
    return true;
  });
}

}  // namespace backhaul::core
