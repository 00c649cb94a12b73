// SPDX-License-Identifier: Apache-2.0
// Just enough of a URL to know whom it addresses. Anything that two programs could read differently
// has no host here: a wrong answer would send a job past a rule made for another host.
#include <algorithm>

#include "core/http.h"
#include "core/text.h"

namespace backhaul::core {
namespace {

bool is_port(std::string_view text) {
  if (text.empty()) return true;  // "host:" is legal and means the default
  if (text.size() > 5) return false;
  unsigned value = 0;
  for (char c : text) {
    if (!is_digit(c)) return false;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return value > 0 && value <= 65535;
}

bool is_host_name(std::string_view text) {
  for (char c : text)
    if (!is_alnum(c) && c != '.' && c != '-' && c != '_') return false;
  return !text.empty() && text.front() != '.' && text.find("..") == std::string_view::npos;
}

// Loose: whether it is an address is the resolver's business. A zone ("%25eth0") is taken.
bool is_ipv6(std::string_view text) {
  const auto zone = text.find('%');
  std::size_t colons = 0;
  for (char c : text.substr(0, zone)) {
    if (!is_hex(c) && c != ':' && c != '.') return false;
    colons += c == ':' ? 1 : 0;
  }
  if (zone != std::string_view::npos)
    for (char c : text.substr(zone + 1))
      if (!is_alnum(c) && c != '-' && c != '_' && c != '.') return false;
  return colons >= 2;
}

bool is_dotted_quad(std::string_view text) {
  int parts = 0;
  while (true) {
    const auto dot = text.find('.');
    const std::string_view part = text.substr(0, dot);
    if (part.empty() || part.size() > 3) return false;
    unsigned value = 0;
    for (char c : part) {
      if (!is_digit(c)) return false;
      value = value * 10 + static_cast<unsigned>(c - '0');
    }
    if (value > 255) return false;
    ++parts;
    if (dot == std::string_view::npos) return parts == 4;
    text.remove_prefix(dot + 1);
  }
}

bool is_loopback_quad(std::string_view text) {
  return text.starts_with("127.") && is_dotted_quad(text);
}

}  // namespace

std::string url_scheme(std::string_view url) {
  const auto colon = url.find(':');
  if (colon == std::string_view::npos || colon == 0 || !is_alpha(url.front())) return {};
  for (char c : url.substr(0, colon))
    if (!is_alnum(c) && c != '+' && c != '-' && c != '.') return {};
  return to_lower(url.substr(0, colon));
}

namespace {

struct Server {
  std::string host;
  std::string_view port;  // digits; empty: not given
};

Server server_of(std::string_view url, std::string_view scheme) {
  if (scheme != "http" && scheme != "https") return {};
  url.remove_prefix(scheme.size() + 1);
  if (!url.starts_with("//")) return {};
  url.remove_prefix(2);
  std::string_view authority = url.substr(0, url.find_first_of("/?#"));
  if (authority.find('\\') != std::string_view::npos) return {};
  if (const auto at = authority.find('@'); at != std::string_view::npos) {
    authority.remove_prefix(at + 1);
    if (authority.find('@') != std::string_view::npos) return {};
  }
  if (authority.starts_with('[')) {
    const auto close = authority.find(']');
    if (close == std::string_view::npos) return {};
    std::string_view after = authority.substr(close + 1);
    if (!after.empty() && (after.front() != ':' || !is_port(after.substr(1)))) return {};
    if (!after.empty()) after.remove_prefix(1);
    const std::string_view host = authority.substr(1, close - 1);
    return is_ipv6(host) ? Server{to_lower(host), after} : Server{};
  }
  const auto colon = authority.find(':');
  const std::string_view port =
      colon == std::string_view::npos ? std::string_view() : authority.substr(colon + 1);
  const std::string_view host = authority.substr(0, colon);
  if (!is_port(port) || !is_host_name(host)) return {};
  return {to_lower(host), port};
}

}  // namespace

std::string_view server_fault(std::string_view url) {
  const std::string scheme = url_scheme(url);
  url.remove_prefix(std::min(scheme.size() + 1, url.size()));
  if (!url.starts_with("//")) return "has no // in front of its host";
  url.remove_prefix(2);
  std::string_view authority = url.substr(0, url.find_first_of("/?#"));
  authority.remove_prefix(authority.rfind('@') + 1);  // npos + 1 is 0
  const std::size_t colon = authority.rfind(':');
  const std::string_view host = authority.substr(0, colon);
  if (authority.empty() || host.empty()) return "names no host";
  const bool has_port = colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos;
  if (has_port && !is_port(authority.substr(colon + 1)))
    return "has a port that is no number from 1 to 65535";
  return "has a host that is neither a name nor an address";
}

std::string url_host(std::string_view url) { return server_of(url, url_scheme(url)).host; }

std::string bracketed(std::string host) { return host.find(':') == std::string::npos ? host : '[' + host + ']'; }

std::string url_server(std::string_view url) {
  const std::string scheme = url_scheme(url);
  auto [host, port] = server_of(url, scheme);
  if (host.empty()) return {};
  if (port.empty()) port = scheme == "https" ? "443" : "80";
  port.remove_prefix(std::min(port.find_first_not_of('0'), port.size()));
  return bracketed(std::move(host)) + ':' + std::string(port);
}

std::string url_origin(std::string_view url) {
  const std::string server = url_server(url);
  return server.empty() ? server : url_scheme(url) + "://" + server;
}

bool is_loopback_host(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  const std::string lower = to_lower(host);
  if (lower == "localhost" || lower.ends_with(".localhost")) return true;
  if (lower == "::1" || lower == "0:0:0:0:0:0:0:1") return true;
  constexpr std::string_view mapped = "::ffff:";
  return is_loopback_quad(lower.starts_with(mapped) ? lower.substr(mapped.size()) : lower);
}

}  // namespace backhaul::core
