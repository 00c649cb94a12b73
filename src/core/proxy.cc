// SPDX-License-Identifier: Apache-2.0
#include "core/proxy.h"

#include <algorithm>
#include <utility>

#include "core/hidden_users.h"
#include "core/http.h"
#include "core/names.h"
#include "core/shown_url.h"
#include "core/text.h"

namespace backhaul::core {
namespace {

using base::Code;
using base::Error;
using base::Result;

Error unusable(std::string text) {
  return {Code::BG_E_INVALID_PROXY_INFO, base::ErrorContext::general_transport, std::move(text)};
}

std::vector<std::string_view> words_of_list(std::string_view list) {
  std::vector<std::string_view> words;
  constexpr std::string_view between = " \t\r\n;";
  while (true) {
    list.remove_prefix(std::min(list.find_first_not_of(between), list.size()));
    if (list.empty()) return words;
    const std::size_t end = std::min(list.find_first_of(between), list.size());
    words.push_back(list.substr(0, end));
    list.remove_prefix(end);
  }
}

std::string_view usual_port(std::string_view scheme) {
  if (scheme == "http") return "80";
  if (scheme == "https") return "443";
  const bool socks = scheme == "socks4" || scheme == "socks4a" || scheme == "socks5" ||
                     scheme == "socks5h" || scheme == "socks";
  return socks ? "1080" : "";
}

// Of what protocol a word of the list speaks; empty: of all that no other word names.
std::string take_protocol(std::string_view& word) {
  const std::size_t equals = word.find('=');
  // One behind an '@' or "://" belongs to something else.
  if (equals == std::string_view::npos || equals > word.find_first_of(":@/")) return {};
  std::string protocol = to_lower(word.substr(0, equals));
  word.remove_prefix(equals + 1);
  return protocol;
}

Result<std::vector<std::string>> proxies_of(std::string_view list, const std::string& scheme) {
  std::vector<std::string> named;
  std::vector<std::string> others;
  for (std::string_view word : words_of_list(list)) {
    const std::string protocol = take_protocol(word);
    if (!protocol.empty() && protocol != "http" && protocol != "https" && protocol != "ftp")
      return unusable("the proxy list names the protocol " + in_quotes(protocol) +
                      ", which is neither http nor https");
    BH_TRY(std::string address, proxy_address(word));
    if (protocol.empty()) others.push_back(std::move(address));
    else if (protocol == scheme) named.push_back(std::move(address));
  }
  return named.empty() ? others : named;
}

// A host, or a host and its port; '*' may stand for its begin.
Result<bool> is_passed_by(std::string_view word, std::string_view url) {
  const std::string pattern = to_lower(word);
  const std::string host = url_host(url);
  if (pattern == "<local>") return host.find_first_of(".:") == std::string::npos;
  if (pattern.find('*', 1) != std::string::npos || pattern.find_first_of("/<>") != std::string::npos)
    return unusable("the list of servers without a proxy has " + in_quotes(word) +
                    ": it takes names, \"*\" at their begin, and <local>");
  const std::string server = url_server(url);
  if (!pattern.starts_with('*')) {
    const std::string bare = pattern.starts_with('[') && pattern.ends_with(']')
                                 ? pattern.substr(1, pattern.size() - 2)
                                 : pattern;
    return bare == host || pattern == server;
  }
  const std::string_view end = std::string_view(pattern).substr(1);
  return host.ends_with(end) || server.ends_with(end);
}

Result<bool> is_passed(std::string_view bypass, std::string_view url) {
  bool passed = false;
  for (const std::string_view word : words_of_list(bypass)) {
    BH_TRY(const bool this_one, is_passed_by(word, url));
    passed = passed || this_one;
  }
  return passed;
}

Result<ProxyRoute> listed_route(std::string_view url, const ProxySettings& settings) {
  BH_TRY(std::vector<std::string> proxies, proxies_of(settings.list, url_scheme(url)));
  BH_TRY(const bool passed, is_passed(settings.bypass, url));
  if (passed || proxies.empty()) return ProxyRoute{};
  return ProxyRoute{.way = ProxyRoute::Way::proxies, .proxies = std::move(proxies), .bypass = {}};
}

// Who names a proxy for one protocol has said that the others go without.
Result<ProxyRoute> preconfigured_route(std::string_view url, const ProxyEnvironment& environment,
                                       const ProxySettings& otherwise) {
  const std::string bypass(environment.bypass.view());
  if (!environment.names_proxy() && !otherwise.list.empty()) return listed_route(url, otherwise);
  if (!environment.names_proxy())
    return ProxyRoute{.way = ProxyRoute::Way::desktop, .proxies = {}, .bypass = bypass};
  const base::Text& own = url_scheme(url) == "https" ? environment.https : environment.http;
  const base::Text& named = own.empty() ? environment.all : own;
  if (named.empty()) return ProxyRoute{};
  BH_TRY(std::string address, proxy_address(named));
  return ProxyRoute{.way = ProxyRoute::Way::proxies, .proxies = {std::move(address)}, .bypass = bypass};
}

Result<void> check_length(std::string_view text, Code too_large, const char* what) {
  BH_TRY(const std::size_t units, utf16_units(text));
  if (units <= proxy_list_max) return {};
  return Error(too_large, std::string(what) + " has " + std::to_string(units) + " characters, more than " +
                              std::to_string(proxy_list_max));
}

}  // namespace

Result<ProxySettings> judge_proxy(std::uint32_t usage, std::string_view list,
                                  std::string_view bypass) {
  if (usage > static_cast<std::uint32_t>(ProxyUsage::detected))
    return Error(Code::E_NOTIMPL, "the proxy usage is 0 to 3, not " + std::to_string(usage));
  const auto known = static_cast<ProxyUsage>(usage);
  if (known != ProxyUsage::listed && (!list.empty() || !bypass.empty()))
    return Error(Code::E_INVALIDARG, "lists of proxies go with the usage 2 alone");
  if (known == ProxyUsage::listed && list.empty())
    return Error(Code::E_INVALIDARG, "the usage 2 needs a list of proxies");
  BH_CHECK(check_length(list, Code::BG_E_PROXY_LIST_TOO_LARGE, "the proxy list"));
  BH_CHECK(check_length(bypass, Code::BG_E_PROXY_BYPASS_LIST_TOO_LARGE,
                        "the list of servers without a proxy"));
  return ProxySettings{.usage = known, .list = list, .bypass = bypass};
}

Result<std::string> proxy_address(std::string_view text) {
  const auto refuse = [&] {
    return unusable("the proxy " + in_quotes(shown_proxy(text)) + " is no address of one");
  };
  const std::size_t mark = text.find("://");
  const std::string scheme = mark == std::string_view::npos ? "http" : to_lower(text.substr(0, mark));
  std::string_view authority = mark == std::string_view::npos ? text : text.substr(mark + 3);
  if (authority.ends_with('/')) authority.remove_suffix(1);
  const std::string_view port = usual_port(scheme);
  if (port.empty() || authority.find_first_of("/?#") != std::string_view::npos) return refuse();
  // Read as an address of http, the only kind that has a judge.
  const std::string as_http = "http://" + std::string(authority);
  if (url_host(as_http).empty()) return refuse();
  if (names_unsendable_user(as_http))
    return unusable("the proxy " + in_quotes(shown_proxy(text)) + " has a user with a colon (%3A) in the name, or with a "
                    "control character: such a one cannot be sent");
  const std::string_view server = authority.substr(authority.rfind('@') + 1);
  const std::size_t colon = server.find(':', server.starts_with('[') ? server.find(']') : 0);
  std::string address = scheme + "://" + std::string(authority);
  if (colon == std::string_view::npos) return address.append(":").append(port);
  return colon + 1 == server.size() ? address.append(port) : address;
}

Result<ProxyRoute> route_to(std::string_view url, const ProxySettings& settings,
                            const ProxyEnvironment& environment, const ProxySettings& otherwise) {
  switch (settings.usage) {
    case ProxyUsage::none: return ProxyRoute{};
    case ProxyUsage::listed: return listed_route(url, settings);
    case ProxyUsage::detected: return ProxyRoute{.way = ProxyRoute::Way::detected, .proxies = {}, .bypass = {}};
    case ProxyUsage::preconfigured: break;
  }
  return preconfigured_route(url, environment, otherwise);
}

}  // namespace backhaul::core
