// SPDX-License-Identifier: Apache-2.0
#include "core/local_address.h"

#include "core/http.h"
#include "core/names.h"
#include "core/shown_url.h"
#include "core/text.h"

namespace backhaul::core {
namespace {

base::Error not_here(std::string_view address, std::string_view why) {
  return {base::Code::E_INVALIDARG,
          "the address " + shown_url(address) + " " + std::string(why)};
}

int digit_value(char c) {
  if (is_digit(c)) return c - '0';
  return (c | 0x20) - 'a' + 10;
}

base::Result<std::string> without_escapes(std::string_view address, std::string_view path) {
  std::string text;
  for (std::size_t at = 0; at < path.size(); ++at) {
    if (path[at] == '?' || path[at] == '#') return not_here(address, "has a query or a fragment, which no file has: write ? as %3F and # as %23");
    if (path[at] != '%') {
      text += path[at];
      continue;
    }
    if (at + 2 >= path.size() || !is_hex(path[at + 1]) || !is_hex(path[at + 2]))
      return not_here(address, "holds a '%' that escapes nothing");
    text += static_cast<char>(digit_value(path[at + 1]) * 16 + digit_value(path[at + 2]));
    at += 2;
  }
  return text;
}

}  // namespace

bool is_local_address(std::string_view address) {
  return address.starts_with('/') || url_scheme(address) == "file";
}

base::Result<std::string> local_path(std::string_view address) {
  constexpr std::string_view share = "names another machine: mount the share and give the path of the file";
  std::string path(address);
  if (!address.starts_with('/')) {
    std::string_view rest = address.substr(address.find(':') + 1);
    if (rest.starts_with("//")) {
      rest.remove_prefix(2);
      const std::string host = to_lower(rest.substr(0, rest.find('/')));
      if (!host.empty() && host != "localhost") return not_here(address, share);
      rest.remove_prefix(host.size());
    }
    BH_TRY(path, without_escapes(address, rest));
  }
  if (path.starts_with("//")) return not_here(address, share);
  BH_CHECK(check_path(path, "the path"));
  return path;
}

}  // namespace backhaul::core
