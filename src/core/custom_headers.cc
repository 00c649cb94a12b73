// SPDX-License-Identifier: Apache-2.0
#include "core/custom_headers.h"

#include <algorithm>
#include <array>

#include "core/names.h"
#include "core/text.h"

namespace backhaul::core {
namespace {

using base::Code;
using base::Error;

constexpr std::array<std::string_view, 18> own_names = {
    "range", "if-range", "if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "host",
    "content-length", "transfer-encoding", "te", "trailer", "connection", "keep-alive", "proxy-connection",
    "upgrade", "expect", "proxy-authorization", "content-range"};

constexpr std::array<std::string_view, 16> telling_words = {
    "auth", "cookie", "token", "key", "secret", "session", "passw", "pwd", "credential", "signature",
    "bearer", "jwt", "login", "user", "account", "ticket"};

bool is_name(std::string_view name) {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::ranges::all_of(name, [&](char c) {
    return is_alnum(c) || others.find(c) != std::string_view::npos;
  });
}

// Nothing that ends a line, or that programs on the way could take for an end.
bool is_value(std::string_view value) {
  return std::ranges::none_of(value, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7F;
  });
}

std::string_view take_line(std::string_view& text) {
  std::string_view line = next_line(text);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

CustomHeader split(std::string_view line) {
  const std::size_t colon = std::min(line.find(':'), line.size());
  return {line.substr(0, colon), trimmed(line.substr(std::min(colon + 1, line.size())))};
}

}  // namespace

std::vector<CustomHeader> custom_headers(std::string_view text) {
  std::vector<CustomHeader> headers;
  while (!text.empty())
    if (const std::string_view line = take_line(text); !line.empty()) headers.push_back(split(line));
  return headers;
}

base::Result<void> check_custom_headers(std::string_view text) {
  const auto units = utf16_units(text);
  if (!units) return Error(Code::E_INVALIDARG, "the headers are no valid text");
  if (*units > custom_headers_max)
    return Error(Code::BG_E_STRING_TOO_LONG, "the headers have " + std::to_string(*units) +
                                                 " characters; at most " +
                                                 std::to_string(custom_headers_max) + " are allowed");
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = take_line(text);
    if (line.empty()) continue;
    const CustomHeader header = split(line);
    if (line.find(':') == std::string_view::npos || !is_name(header.name) || !is_value(header.value))
      return Error(Code::E_INVALIDARG, "line " + std::to_string(number) + " of the headers is no \"Name: value\"");
    if (std::ranges::find(own_names, to_lower(header.name)) != own_names.end())
      return Error(Code::E_INVALIDARG, "the header " + std::string(header.name) + " is set by the service itself");
  }
  return {};
}

bool may_carry_credentials(const CustomHeader& header) {
  const std::string name = to_lower(header.name);
  if (name == "user-agent") return false;
  return std::ranges::any_of(telling_words,
                             [&](std::string_view word) { return name.find(word) != std::string::npos; });
}

}  // namespace backhaul::core
