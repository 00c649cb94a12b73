// SPDX-License-Identifier: Apache-2.0
// ports::Neighbourhood: the key of this machine, its group, the server, and who is found (docs/neighbours.md).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/neighbours/discovery.h"
#include "adapters/neighbours/group.h"
#include "adapters/neighbours/introductions.h"
#include "adapters/neighbours/machine_key.h"
#include "adapters/neighbours/offers.h"
#include "adapters/neighbours/pins.h"
#include "adapters/neighbours/server.h"
#include "base/log.h"
#include "loop/loop.h"
#include "ports/events.h"
#include "ports/introducer.h"
#include "ports/neighbourhood.h"

namespace backhaul::neighbours {

struct SitePlaces {
  std::string state;        // the folder of the key
  std::string copies;       // that of the copies
  std::string bus_address;  // of the system bus
};

class Site final : public ports::Neighbourhood {
 public:
  Site(loop::Loop& loop, ports::Inbox& inbox, base::Log& log, ports::Introducer& introducer, SitePlaces places);
  ~Site() override;

  void apply(const core::NeighbourRules& rules, bool serves) override;
  void look(bool anew) override;
  void look_for_caches(bool looks) override;
  void offer(const core::CacheRecord& record) override;
  void withdraw(const base::RecordId& id) override;
  void coming(base::TransferId transfer, const core::Coming& what) override;
  void came(base::TransferId transfer) override;

  std::uint64_t octets_given() const override { return octets_given_; }

  std::uint16_t port() const { return server_ ? server_->port() : 0; }  // 0: nobody is served

 private:
  void work();
  bool by_group() const { return rules_.trust.value == core::NeighbourTrust::group; }
  void have_key();
  void join_group();
  void introduced(const std::string& key);
  void serve();
  void discover();
  void look_around(bool tells_always);
  void look_at_key();
  void tell_caches();
  void warn(const std::string& text);
  std::vector<core::Neighbour> neighbours(const std::vector<Found>& found) const;
  std::vector<core::Neighbour> of_group(const std::vector<Found>& found) const;

  loop::Loop& loop_;
  ports::Inbox& inbox_;
  base::Log& log_;
  ports::Introducer& introducer_;
  const SitePlaces places_;
  core::NeighbourRules rules_;
  bool serves_ = false;
  Offers offers_;
  std::uint64_t octets_given_ = 0;
  std::optional<MachineKey> key_;
  std::optional<Group> group_;  // unset: this machine is of none, or its secret cannot be had
  Pins pins_;
  std::string said_;  // what is in the way, once
  std::vector<core::Neighbour> told_;
  loop::Timer again_;   // until what is in the way is gone
  loop::Timer key_day_;
  loop::Poster poster_;
  std::unique_ptr<Introductions> introductions_;  // null: there is no group
  std::unique_ptr<Discovery> discovery_;  // null: nobody is looked for
  std::unique_ptr<Server> server_;        // null: nobody is served
  std::unique_ptr<Discovery> caches_;     // null: none is looked for
  std::optional<loop::Worker> keeper_;    // of the file of those who are known; made when it is first needed
};

}  // namespace backhaul::neighbours
