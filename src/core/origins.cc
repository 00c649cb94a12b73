// SPDX-License-Identifier: Apache-2.0
#include "core/origins.h"

#include <algorithm>
#include <utility>

#include "core/http.h"
#include "core/limits.h"
#include "core/shown_url.h"
#include "core/text.h"

namespace backhaul::core {
namespace {

using base::Code;
using base::Error;

constexpr std::string_view separators = " \t,";

// The end of an origin: scheme, host and port as url_origin() writes them, "https://example.org:443".
struct AskedOrigin {
  std::string scheme, host, port;
};

AskedOrigin asked_of(std::string_view url) {
  const std::string server = url_server(url);
  return {url_scheme(url), url_host(url), server.substr(std::min(server.rfind(':') + 1, server.size()))};
}

// A dot at the end of a name says nothing more (RFC 3986 §3.2.2).
std::string_view without_dot(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  return host;
}

bool fits_host(std::string_view pattern, std::string_view host) {
  if (pattern == "*") return true;
  host = without_dot(host);
  if (!pattern.starts_with("*.")) return without_dot(pattern) == host;
  const std::string_view domain = without_dot(pattern.substr(1));  // with the dot in front
  return host.size() > domain.size() && host.ends_with(domain);
}

bool fits(const OriginPattern& pattern, const AskedOrigin& asked) {
  return (pattern.scheme.empty() || pattern.scheme == asked.scheme) &&
         (pattern.port.empty() || pattern.port == asked.port) && fits_host(pattern.host, asked.host);
}

base::Result<OriginPattern> parse_origin(std::string_view text) {
  const auto refuse = [text](const char* what) { return Error(Code::E_INVALIDARG, in_quotes(text) + " " + what); };
  OriginPattern pattern;
  std::string_view server = text;
  if (const std::size_t mark = text.find("://"); mark != std::string_view::npos) {
    pattern.scheme = to_lower(text.substr(0, mark));
    if (pattern.scheme != "http" && pattern.scheme != "https") return refuse("has a scheme that is neither http nor https");
    server = text.substr(mark + 3);
  }
  if (server.ends_with('/')) server.remove_suffix(1);
  if (server.find_first_of("/?#@") != std::string_view::npos) return refuse("has more than a scheme, a host and a port");
  // What stands for names is read as one, so that the rest is judged as in an address.
  const bool all = server == "*" || server.starts_with("*:");
  const bool below = server.starts_with("*.");
  const std::string read = "http://" + (all ? "all" + std::string(server.substr(1)) : below ? std::string(server.substr(2)) : std::string(server));
  const std::string host = url_host(read);
  if (host.empty()) return refuse("is no name of a server, nor *.DOMAIN, nor *");
  pattern.host = all ? "*" : below ? "*." + host : host;
  const std::size_t bracket = server.rfind(']');
  const std::size_t colon = server.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon != std::string_view::npos && colon + 1 < server.size()) pattern.port = asked_of(read).port;
  return pattern;
}

}  // namespace

base::Result<OriginPatterns> parse_origins(std::string_view list) {
  OriginPatterns patterns;
  if (trimmed(list) == "none") return patterns;
  while (true) {
    list.remove_prefix(std::min(list.find_first_not_of(separators), list.size()));
    if (list.empty()) return patterns;
    const std::string_view one = list.substr(0, list.find_first_of(separators));
    BH_TRY(OriginPattern pattern, parse_origin(one));
    patterns.push_back(std::move(pattern));
    list.remove_prefix(one.size());
  }
}

std::optional<OriginRefusal> refusal(const AllowedOrigins& allowed, std::string_view url) {
  if (allowed.all()) return std::nullopt;
  const std::string scheme = url_scheme(url);
  if (scheme != "http" && scheme != "https") return std::nullopt;
  const AskedOrigin asked = asked_of(url);
  for (const Rule<OriginPatterns>& rule : allowed.rules) {
    if (rule.where.empty()) continue;
    const bool named = !asked.host.empty() && std::ranges::any_of(rule.value, [&](const OriginPattern& one) {
      return fits(one, asked);
    });
    if (!named) return OriginRefusal{asked.host, rule.where};
  }
  return std::nullopt;
}

std::string describe(const OriginRefusal& refusal) {
  return (refusal.host.empty() ? std::string("the address") : refusal.host) +
         " is not among the servers that jobs may fetch from " + by_rule("AllowedOrigins", refusal.where);
}

base::Result<void> may_fetch_from(const AllowedOrigins& allowed, std::string_view url) {
  if (const auto refused = refusal(allowed, url)) return Error(Code::BG_E_BLOCKED_BY_POLICY, describe(*refused));
  return {};
}

}  // namespace backhaul::core
