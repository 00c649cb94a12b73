// SPDX-License-Identifier: Apache-2.0
#include "core/shown_url.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/hex.h"
#include "core/text.h"
#include "core/utf8.h"

namespace backhaul::core {
namespace {

constexpr std::size_t shown_max = 200;  // an error is a sentence, not a page

std::string cut(std::string text) {
  if (text.size() <= shown_max) return text;
  std::size_t end = shown_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  return text + "...";
}

constexpr bool is_scheme_character(char c) {
  return is_alnum(c) || c == '+' || c == '-' || c == '.';
}

// Where the authority begins: behind "scheme://", "scheme:" in front of slashes, or "//"; else at 0.
std::size_t behind_scheme(std::string_view url) {
  std::size_t at = 0;
  while (at < url.size() && is_scheme_character(url[at])) ++at;
  const std::size_t slashes = url.find_first_not_of("/\\", at + 1);
  if (at > 0 && at < url.size() && url[at] == ':' && slashes != std::string_view::npos &&
      slashes > at + 1)
    return slashes;
  // "ht!tp" is none, and was meant as one: what follows is shown with the same care.
  const std::size_t mark = url.find("://");
  if (mark != std::string_view::npos && url.substr(0, mark).find_first_of("/@:") == std::string_view::npos)
    return mark + 3;
  return url.starts_with("//") ? 2 : 0;
}

bool is_port_or_nothing(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return is_digit(c); });
}

}  // namespace

std::string harmless(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::string_view before = text;
    const auto character = take_character(text);
    if (!character) {
      out += '?';
      text = before.substr(1);
    } else if (*character < 0x20 || (*character >= 0x7F && *character < 0xA0)) {
      out += '?';
    } else {
      out += before.substr(0, before.size() - text.size());
    }
  }
  return out;
}

std::string shown_url(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  const std::size_t begin = behind_scheme(url);
  std::string_view authority = url.substr(begin, url.find('/', begin) - begin);
  std::size_t at = authority.rfind('@');
  if (at == std::string_view::npos && !authority.starts_with('[')) {
    // "user:pass/word@host", "user:pass?word@host": characters that should have been escaped. A port
    // that is no number is none, so what stands there, and all up to an '@', may be the secret.
    const auto colon = authority.find(':');
    if (colon != std::string_view::npos && !is_port_or_nothing(authority.substr(colon + 1))) {
      const auto later = url.rfind('@');
      if (later != std::string_view::npos && later > begin) at = later - begin;
      else url = url.substr(0, begin + colon);
    }
  }
  std::string out(url.substr(0, begin));
  out += url.substr(at == std::string_view::npos ? begin : begin + at + 1);
  return cut(harmless(out));
}

std::string shown_text(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t mark = text.find("://");
    std::size_t begin = std::min(mark, text.size());
    if (mark != std::string_view::npos)
      while (begin > 0 && is_scheme_character(text[begin - 1])) --begin;
    out += harmless(text.substr(0, begin));
    text.remove_prefix(begin);
    const std::size_t end = std::min(text.find_first_of(" \t\r\n\"'<>()"), text.size());
    if (mark != std::string_view::npos) out += shown_url(text.substr(0, end));
    text.remove_prefix(mark != std::string_view::npos ? end : 0);
  }
  return out;
}

std::string shown_proxy(std::string_view address) {
  const std::size_t begin = behind_scheme(address);
  const std::size_t user = address.rfind('@');
  const std::size_t from = user == std::string_view::npos ? begin : std::max(begin, user);
  return shown_url(address.substr(0, address.find('/', from)));
}

std::string shown_proxies(std::string_view list) {
  std::string out;
  while (!list.empty()) {
    const std::size_t begin = std::min(list.find_first_not_of(" \t\r\n;"), list.size());
    out += list.substr(0, begin);
    list.remove_prefix(begin);
    std::string_view word = list.substr(0, list.find_first_of(" \t\r\n;"));
    list.remove_prefix(word.size());
    // "http=" is no scheme: what is behind it is the address.
    const std::size_t equals = word.find('=');
    if (equals != std::string_view::npos && equals < word.find_first_of(":@/")) {
      out += harmless(word.substr(0, equals + 1));
      word.remove_prefix(equals + 1);
    }
    out += shown_proxy(word);
  }
  return out;
}

std::string in_quotes(std::string_view value) { return '"' + cut(harmless(value)) + '"'; }

std::string character_text(char c) {
  const auto byte = static_cast<std::uint8_t>(c);
  const std::string hex = "0x" + base::hex_of(byte);
  if (c == ' ') return "a blank";
  if (is_control(c)) return "a control character (" + hex + ")";
  if (byte >= 0x80) return "a byte beyond ASCII (" + hex + ")";
  return std::string("'") + c + "'";
}

}  // namespace backhaul::core
