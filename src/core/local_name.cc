// SPDX-License-Identifier: Apache-2.0
#include "core/local_name.h"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "core/utf8.h"

namespace backhaul::core {
namespace {

std::optional<int> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto high = i + 2 < text.size() ? hex_digit(text[i + 1]) : std::nullopt;
    const auto low = i + 2 < text.size() ? hex_digit(text[i + 2]) : std::nullopt;
    const bool escaped = text[i] == '%' && high && low;
    out += escaped ? static_cast<char>(*high * 16 + *low) : text[i];
    if (escaped) i += 2;
  }
  return out;
}

// The two joiners are parts of words and pictures.
bool is_refused(char32_t c) {
  const bool unseen = c == 0x61C || c == 0x200B || c == 0x200E || c == 0x200F || (c >= 0x2028 && c <= 0x202E) ||
                      (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) ||
                      (c >= 0xE0000 && c <= 0xE007F);
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == U'/' || unseen;
}

std::string_view last_part(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  if (const std::size_t scheme = url.find("://"); scheme != std::string_view::npos) {
    url.remove_prefix(scheme + 3);
    const std::size_t slash = url.find('/');
    if (slash == std::string_view::npos) return {};
    url.remove_prefix(slash);
  }
  return url.substr(url.rfind('/') + 1);
}

}  // namespace

std::string local_name_of(std::string_view url) {
  const std::string decoded = percent_decoded(last_part(url));
  if (decoded == "." || decoded == "..") return {};
  std::string name;
  for (std::string_view rest = decoded; !rest.empty();) {
    const std::string_view before = rest;
    const auto character = take_character(rest);
    if (!character) rest.remove_prefix(1);
    if (!character || is_refused(*character))
      name += '_';
    else
      name += before.substr(0, before.size() - rest.size());
  }
  if (name.starts_with('-') || name.starts_with('.')) name.front() = '_';
  return name;
}

}  // namespace backhaul::core
