// SPDX-License-Identifier: Apache-2.0
// The cache, the proxy and the swarms of a simulated site. What each of them has is a file of a server of its own, so it
// can be wrong, slow or broken like any other; what it does not have cannot be reached.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "core/source.h"
#include "ports/swarm.h"
#include "tests/sim/origin.h"
#include "tests/sim/stage.h"

namespace backhaul::sim {

class SimSite final : public ports::Swarm {
 public:
  SimSite(Stage& stage, Origin& origin) : stage_(stage), origin_(origin) {}

  void join(base::TransferId transfer, const core::Swarmed& what) override;
  void leave(base::TransferId transfer) override;
  void service_died() { joined_.clear(); }

  // As the origin has it now: at the address of a cache with the pattern of the settings, by the proxy, in a swarm.
  RemoteFile& cache(const std::string& url);
  RemoteFile& share(const std::string& url) { return copy(shared_[url], url, url); }
  RemoteFile& seed(const std::string& url);
  RemoteFile* find(const core::Source& source);
  const std::set<base::TransferId>& joined() const { return joined_; }

  static constexpr const char* pattern = "https://cache.site/{scheme}/{host}/{path}";
  static constexpr const char* proxy = "http://127.0.0.1:65001";
  base::Microseconds swarm_latency = std::chrono::milliseconds(100);  // of what it says
  std::uint32_t joins = 0;

 private:
  RemoteFile& copy(RemoteFile& file, const std::string& address, const std::string& url);

  Stage& stage_;
  Origin& origin_;
  std::map<std::string, RemoteFile> cached_;  // by address
  std::map<std::string, RemoteFile> shared_;  // by the address at the origin, as the next one
  std::map<std::string, RemoteFile> seeded_;
  std::set<base::TransferId> joined_;
};

}  // namespace backhaul::sim
