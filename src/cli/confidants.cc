// SPDX-License-Identifier: Apache-2.0
#include "cli/confidants.h"

#include <algorithm>
#include <cctype>

namespace backhaul::cli {
namespace {

// Another port may be another program.
std::string server_of(const std::string& url) {
  const std::size_t mark = url.find("://");
  if (mark == std::string::npos) return {};
  const std::size_t begin = mark + 3;
  std::string authority = url.substr(begin, url.find_first_of("/?#", begin) - begin);
  authority.erase(0, authority.rfind('@') + 1);
  std::string scheme = url.substr(0, mark);
  for (std::string* text : {&scheme, &authority})
    std::ranges::transform(*text, text->begin(), [](unsigned char c) { return std::tolower(c); });
  if (scheme != "http" && scheme != "https") return {};
  const std::string usual = scheme == "http" ? ":80" : ":443";
  if (authority.ends_with(usual)) authority.resize(authority.size() - usual.size());
  return scheme + "://" + authority;
}

}  // namespace

std::vector<std::string> new_confidants(const Addresses& moved) {
  std::vector<std::string> servers;
  for (const auto& [before, after] : moved) {
    const std::string server = server_of(after);
    if (server.empty() || server == server_of(before)) continue;
    if (std::ranges::find(servers, server) == servers.end()) servers.push_back(server);
  }
  return servers;
}

std::string secrets_text(const JobInfo& info, const Result<std::string>& headers) {
  const auto& set = info.credentials_set();
  const bool credentials = std::ranges::any_of(
      set, [](const CredentialsSet& one) { return one.target == AuthTarget::server; });
  const bool in_headers =
      headers ? may_carry_credentials(*headers) : info.custom_headers_set_by().time != Time{};
  if (credentials && in_headers) return "the credentials and the secret headers";
  if (credentials) return "the credentials";
  return in_headers ? "the secret headers" : "";
}

}  // namespace backhaul::cli
