// SPDX-License-Identifier: Apache-2.0
// The other machines of the site: what each of them keeps, what comes to it, and how it answers. A copy is a file of a
// server of its own, so it can be wrong, slow or broken like any other.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/site_sources.h"
#include "ports/neighbourhood.h"
#include "tests/sim/origin.h"
#include "tests/sim/stage.h"

namespace backhaul::sim {

struct SimNeighbour {
  core::Neighbour who;
  std::string rank;  // for every object
  bool known = true;   // it was found
  bool answers = true;
  bool busy = false;
  std::map<std::string, RemoteFile> copies;  // by the address of the origin
  // What comes to it: how far, or that it waits as well.
  std::map<std::string, std::optional<std::uint64_t>> coming;
  std::uint32_t asked = 0;
};

class SimNeighbourhood final : public ports::Neighbourhood, public ports::NeighbourSearch {
 public:
  SimNeighbourhood(Stage& stage, Origin& origin) : stage_(stage), origin_(origin) {}

  void apply(const core::NeighbourRules& rules, bool serves) override;
  void apply(const core::NeighbourRules&) override { stage_.port_call(); }
  void look(bool) override { tell(); }
  void look_for_caches(bool looks) override;
  void offer(const core::CacheRecord&) override { stage_.port_call(); }
  void withdraw(const base::RecordId&) override { stage_.port_call(); }
  void coming(base::TransferId transfer, const core::Coming& what) override;
  void came(base::TransferId transfer) override;
  void search(base::TransferId transfer, core::Sought sought, std::vector<core::Neighbour> whom) override;
  void give_up(base::TransferId transfer) override;

  void service_died();
  SimNeighbour& add(const std::string& name);
  // As the origin has it now.
  RemoteFile& keep(SimNeighbour& neighbour, const std::string& url);
  // The service hears who is known.
  void tell();
  RemoteFile* find(const std::string& address);
  std::map<std::string, SimNeighbour>& all() { return all_; }  // by key
  const std::map<base::TransferId, core::Coming>& told() const { return told_; }
  bool serves() const { return serves_; }
  std::uint32_t applied() const { return applied_; }

  std::vector<core::AnnouncedCache> caches;  // that announce themselves
  std::string own_rank = "m";
  Microseconds latency = std::chrono::milliseconds(100);  // of an answer; who gives none costs a second
  std::uint32_t searches = 0;

 private:
  core::NeighbourAnswer answer_of(SimNeighbour& neighbour, const core::Sought& sought);

  Stage& stage_;
  Origin& origin_;
  std::map<std::string, SimNeighbour> all_;
  std::map<base::TransferId, core::Coming> told_;
  std::set<base::TransferId> searching_;
  std::uint32_t applied_ = 0;
  bool serves_ = false;
};

}  // namespace backhaul::sim
