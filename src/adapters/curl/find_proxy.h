// SPDX-License-Identifier: Apache-2.0
// The second process that asks for proxies (proxy_finder.h): libproxy reads the settings of
// the desktop and runs the scripts of networks, and may do so here alone.
#pragma once

#include <string>

namespace backhaul::curl {

// `whom`: "desktop" or "network". Prints the proxies for the address, one a line, in the order in which
// they are to be tried, "direct://" for none; its exit code is one of finder_exit.
int run_find_proxy(const std::string& whom, const std::string& url);

}  // namespace backhaul::curl
