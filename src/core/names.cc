// SPDX-License-Identifier: Apache-2.0
#include "core/names.h"

#include <algorithm>
#include <cstdint>

#include "base/hex.h"
#include "base/ids.h"
#include "core/hidden_users.h"
#include "core/http.h"
#include "core/local_address.h"
#include "core/shown_url.h"
#include "core/text.h"
#include "core/utf8.h"

namespace backhaul::core {
namespace {

using base::Code;
using base::Error;
using base::Result;

constexpr std::size_t remote_max = 64 * 1024;
constexpr std::size_t path_max = 4'095;  // PATH_MAX without its NUL
constexpr std::size_t component_max = 255;
constexpr std::size_t bus_name_max = 255;
constexpr std::string_view clsid_prefix = "org.backhaul.clsid.g";

Error invalid(std::string text) { return {Code::E_INVALIDARG, std::move(text)}; }

Result<void> check_length(std::string_view text, std::size_t limit, std::string_view what) {
  BH_TRY(const std::size_t units, utf16_units(text));
  if (units <= limit) return {};
  return Error(Code::BG_E_STRING_TOO_LONG, std::string(what) + " has " + std::to_string(units) +
                                               " characters; at most " + std::to_string(limit) +
                                               " are allowed");
}

constexpr bool is_url_character(char c) {
  constexpr std::string_view others = "-._~:/?#[]@!$&'()*+,;=%";
  return is_alnum(c) || others.find(c) != std::string_view::npos;
}

std::string escaped(char c) { return '%' + base::hex_of(static_cast<std::uint8_t>(c), base::upper_hex); }

bool lies_in_host(std::string_view url, std::size_t at) {
  const auto colon = url.find("://");
  if (colon == std::string_view::npos || at < colon + 3) return false;
  return at < std::min(url.find_first_of("/?#", colon + 3), url.size());
}

// Calls `check` with everything between two slashes, until one is refused.
template <class F>
Result<void> for_each_component(std::string_view path, F check) {
  while (true) {
    const auto slash = path.find('/');
    BH_CHECK(check(path.substr(0, slash)));
    if (slash == std::string_view::npos) return {};
    path.remove_prefix(slash + 1);
  }
}

}  // namespace

Result<std::size_t> utf16_units(std::string_view utf8) {
  std::size_t units = 0;
  while (!utf8.empty()) {
    const auto character = take_character(utf8);
    if (!character) return invalid("the text is not UTF-8");
    if (*character == 0) return invalid("the text holds a NUL");
    units += *character >= 0x10000 ? 2 : 1;
  }
  return units;
}

Result<void> check_remote(std::string_view url) {
  if (url.size() > remote_max) return invalid("the URL is longer than 65,536 bytes");
  if (is_local_address(url)) {
    BH_CHECK(local_path(url));
    return {};
  }
  if (url.starts_with("\\\\") || url_scheme(url) == "smb")
    return invalid("the address " + shown_url(url) +
                   " is a share, which is not fetched: mount the share and give the path of the file");
  for (std::size_t at = 0; at < url.size(); ++at) {
    if (is_url_character(url[at])) continue;
    const bool in_host = lies_in_host(url, at) && static_cast<unsigned char>(url[at]) >= 0x80;
    return invalid("the URL " + shown_url(url) + " holds " + character_text(url[at]) + " at character " +
                   std::to_string(at + 1) +
                   (in_host ? ": the name of a host is written in ASCII there (xn--…)"
                            : ", which must be escaped as " + escaped(url[at])));
  }
  const std::string scheme = url_scheme(url);
  if (scheme != "http" && scheme != "https")
    return invalid("the URL " + shown_url(url) + " is neither http, https nor file");
  if (url_host(url).empty())
    return invalid("the URL " + shown_url(url) + " " + std::string(server_fault(url)));
  if (names_unsendable_user(url))
    return invalid("the URL " + shown_url(url) + " has a user with a colon (%3A) in the name, or with a control character: "
                   "such a one cannot be sent");
  return {};
}

Result<void> check_local(std::string_view path) { return check_path(path, "the local name"); }

Result<void> check_path(std::string_view path, std::string_view subject) {
  BH_CHECK(utf16_units(path));
  const auto bad = [&](const std::string& why) {
    return invalid(std::string(subject) + " " + in_quotes(path) + why);
  };
  if (!path.starts_with('/')) return bad(" is not an absolute path");
  if (path.ends_with('/')) return bad(" is a directory");
  BH_CHECK(for_each_component(path.substr(1), [&](std::string_view component) -> Result<void> {
    if (component == "." || component == "..") return bad(" holds the component " + in_quotes(component));
    if (component.size() > component_max)
      return invalid("the file name " + in_quotes(component) + " has " + std::to_string(component.size()) +
                     " bytes; a name has at most " + std::to_string(component_max) + " (NAME_MAX)");
    return {};
  }));
  if (path.size() > path_max) return bad(" is longer than 4,095 bytes");
  return {};
}

Result<void> check_name(std::string_view name) { return check_length(name, 256, "the display name of the job"); }

Result<void> check_description(std::string_view description) {
  return check_length(description, 1'024, "the description of the job");
}

Result<void> check_command(std::string_view program, std::string_view parameters) {
  BH_CHECK(check_length(program, 260, "the program"));
  BH_CHECK(check_length(parameters, 4'000, "the command line"));
  if (program.empty())
    return parameters.empty() ? Result<void>() : invalid("parameters without a program");
  if (!program.starts_with('/'))
    return invalid("the program " + in_quotes(program) + " is not an absolute path");
  return {};
}

Result<void> check_bus_name(std::string_view name) {
  if (name.size() > bus_name_max) return invalid("the bus name is longer than 255");
  const auto bad = [&](const std::string& why) { return invalid("the bus name " + in_quotes(name) + why); };
  if (name.find('.') == std::string_view::npos) return bad(" has no '.': it needs two elements");
  std::size_t length = 0;  // of the element so far
  for (char c : name) {
    if (c == '.') {
      if (length == 0) return bad(" holds an empty element");
      length = 0;
      continue;
    }
    if (!is_alnum(c) && c != '_' && c != '-') return bad(" holds " + character_text(c));
    if (length == 0 && is_digit(c)) return bad(" has an element that begins with a digit");
    ++length;
  }
  if (length == 0) return bad(" holds an empty element");
  return {};
}

Result<void> check_object_path(std::string_view path) {
  const auto bad = [&](const std::string& why) {
    return invalid("the object path " + in_quotes(path) + why);
  };
  if (!path.starts_with('/')) return bad(" is not absolute");
  if (path == "/") return {};
  return for_each_component(path.substr(1), [&](std::string_view element) -> Result<void> {
    if (element.empty()) return bad(" holds an empty element");
    for (char c : element)
      if (!is_alnum(c) && c != '_') return bad(" holds " + character_text(c));
    return {};
  });
}

std::optional<std::string> clsid_bus_name(std::string_view clsid_text) {
  const auto id = base::parse_job_id(clsid_text);  // the same sixteen bytes, written the same way
  if (!id) return std::nullopt;
  return std::string(clsid_prefix) + base::to_hex(*id);
}

bool is_clsid_name(std::string_view name) {
  if (!name.starts_with(clsid_prefix) || name.size() != clsid_prefix.size() + 32) return false;
  for (char c : name.substr(clsid_prefix.size()))
    if (!is_hex(c) || c != to_lower(c)) return false;
  return true;
}

}  // namespace backhaul::core
