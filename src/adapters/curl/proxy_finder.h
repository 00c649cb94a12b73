// SPDX-License-Identifier: Apache-2.0
// What the desktop, or the network, says about proxies. Its library runs scripts of strangers, reads
// settings of other programs and waits for name servers: it is asked in a process of its own, which may
// crash, is given a limited time, and hears no more of an address than its server. What it says of a server
// holds for a while.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "base/time.h"
#include "core/proxy.h"
#include "loop/loop.h"

namespace backhaul::curl {

class ProxyFinder {
 public:
  // URLs as core::proxy_address makes them, tried in order; empty: there is none to go by.
  using Proxies = std::vector<std::string>;
  using Done = std::move_only_function<void(base::Result<Proxies>)>;

  // `program`: with its first arguments; "desktop" or "network", and the address of a server, follow. It
  // prints proxies, one a line. No words: there is nobody to ask.
  ProxyFinder(loop::Loop& loop, base::Log& log, std::vector<std::string> program);
  ~ProxyFinder();
  ProxyFinder(const ProxyFinder&) = delete;
  ProxyFinder& operator=(const ProxyFinder&) = delete;

  // BG_E_INVALID_PROXY_INFO where the network was to be asked and cannot be; a desktop that cannot be
  // asked has none. `done` may run within this call.
  void find(core::ProxyRoute::Way way, const std::string& url, Done done);

 private:
  struct Question;
  struct Known;
  using Key = std::pair<core::ProxyRoute::Way, std::string>;  // of whom, about which origin

  base::Result<void> ask(Question& question, const std::string& origin);
  void ended(const Key& key);
  void answer(const Key& key, base::Result<Proxies> found);

  loop::Loop& loop_;
  base::Log& log_;
  const std::vector<std::string> program_;
  std::map<Key, Known> known_;
  std::map<Key, std::unique_ptr<Question>> questions_;
};

// What the program says with its exit code (adapters/curl/find_proxy.cc).
namespace finder_exit {
inline constexpr int found = 0;
inline constexpr int no_library = 3;  // and, of the network, there is a script to be run
inline constexpr int no_scripts = 4;  // the library is there, and nothing that runs scripts
inline constexpr int no_answer = 5;   // not even that there is no proxy: the script does not run
}  // namespace finder_exit

}  // namespace backhaul::curl
