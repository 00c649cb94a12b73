// SPDX-License-Identifier: Apache-2.0
#include "swarm/address.h"

#include <algorithm>
#include <cstddef>

namespace backhaul::swarmd {
namespace {

constexpr std::size_t longest_address = 8192;

bool is_plain(char c) { return c > ' ' && c < 0x7F && std::string_view("\"<>\\").find(c) == std::string_view::npos; }

}  // namespace

std::string_view obstacle_to_address(std::string_view url) {
  const std::size_t scheme = url.starts_with("https://") ? 8 : url.starts_with("http://") ? 7 : 0;
  if (scheme == 0) return "is no address with http or https";
  if (url.size() > longest_address) return "is longer than 8192 characters";
  if (!std::all_of(url.begin(), url.end(), is_plain)) return "has characters that an address has to escape";
  url.remove_prefix(scheme);
  const std::size_t end = std::min(url.find_first_of("/?#"), url.size());
  const std::string_view host = url.substr(0, end);
  if (host.empty()) return "names no server";
  if (host.find('@') != std::string_view::npos) return "has a name or a password in it";
  if (end == url.size() || url[end] != '/') return "is the address of a server and not of a file";
  return {};
}

std::string_view obstacle_to_web_seed(std::string_view url) {
  if (const std::string_view why = obstacle_to_address(url); !why.empty()) return why;
  // To a web seed that ends so libtorrent adds the name of the file.
  if (url.ends_with('/')) return "is the address of a folder and not of a file";
  return {};
}

}  // namespace backhaul::swarmd
