// SPDX-License-Identifier: Apache-2.0
// By which way a request reaches its server: what the owner of a job said about proxies, and what that
// means for one address (jobs.md §19, http-and-network.md §7). Pure; who asks the desktop or the network
// for a proxy is an adapter.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/text.h"

namespace backhaul::core {

enum class ProxyUsage : std::uint8_t {
  preconfigured = 0,  // what the environment of the job's maker said, else the desktop's settings
  none = 1,
  listed = 2,    // BITS's OVERRIDE: the list of the job
  detected = 3,  // BITS's AUTODETECT: what the network says, for every file anew
};

// A list may hold passwords: it is shown by shown_proxies() alone (core/shown_url.h).
struct ProxySettings {
  ProxyUsage usage = ProxyUsage::preconfigured;
  base::Text list;    // of `listed`: "[proto=][scheme://]host[:port]", blanks or ';' between them
  base::Text bypass;  // … "*.example", "<local>": these servers are asked without a proxy

  bool operator==(const ProxySettings&) const = default;
};

// The variables of whoever made a job, as they were then (http_proxy and its like).
struct ProxyEnvironment {
  base::Text http, https, all;  // proxies; empty: not set
  base::Text bypass;            // no_proxy

  bool names_proxy() const { return !http.empty() || !https.empty() || !all.empty(); }
  bool empty() const { return !names_proxy() && bypass.empty(); }
  bool operator==(const ProxyEnvironment&) const = default;
};

inline constexpr std::size_t proxy_list_max = 32'000;  // UTF-16 units, of each of the two lists
inline constexpr std::size_t proxy_variable_max = 32'000;

// As somebody asked for it. E_NOTIMPL: no such usage. E_INVALIDARG: lists with another usage than
// `listed`, or none with that. BG_E_PROXY_LIST_TOO_LARGE, BG_E_PROXY_BYPASS_LIST_TOO_LARGE. What the
// lists say is looked at when they are used, as BITS does.
base::Result<ProxySettings> judge_proxy(std::uint32_t usage, std::string_view list,
                                        std::string_view bypass);

// For one request.
struct ProxyRoute {
  enum class Way : std::uint8_t {
    direct,
    proxies,   // by one of them
    desktop,   // by what the settings of the desktop say of this address
    detected,  // by what the network says of it
  };
  Way way = Way::direct;
  std::vector<std::string> proxies;  // URLs, in the order in which they are tried; never empty
  std::string bypass;                // no_proxy, in the form that curl and its like read

  bool operator==(const ProxyRoute&) const = default;
};

// BG_E_INVALID_PROXY_INFO: the settings cannot be understood.
// `otherwise`: asked where a job has the usual ones and the environment of its maker names none, in the place of
// the desktop; with an empty list nothing is laid down.
base::Result<ProxyRoute> route_to(std::string_view url, const ProxySettings& settings,
                                  const ProxyEnvironment& environment, const ProxySettings& otherwise = {});

// The address of a proxy: a URL with a scheme that is known and a port; unset port: the scheme's usual
// one. BG_E_INVALID_PROXY_INFO, in words that name no password.
base::Result<std::string> proxy_address(std::string_view text);

}  // namespace backhaul::core
