// SPDX-License-Identifier: Apache-2.0
// Which objects stay in the cache of the swarm, and until when; and when there is nothing left to run for. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"

namespace backhaul::swarmd {

struct TenancyRules {
  std::uint64_t room = 0;  // octets of all objects together
  base::Microseconds seeding{};  // a whole file is given to others for so long after its last reader left
  base::Microseconds grace = std::chrono::minutes(1);  // one that is not whole waits so long for a reader to come back
  base::Microseconds idle = std::chrono::minutes(1);   // without any object, until it is over
};

class Tenancy {
 public:
  Tenancy(const TenancyRules& rules, base::BootTime now) : rules_(rules), empty_since_(now) {}

  // One more reader. Who has to go for a new object, those that were left first before others; unset: it has no room
  // even so, and nothing changed.
  std::optional<std::vector<std::string>> join(const std::string& id, std::uint64_t size);
  void leave(const std::string& id, base::BootTime now);
  void completed(const std::string& id, base::BootTime now);
  void remove(const std::string& id, base::BootTime now);

  bool has(const std::string& id) const { return tenants_.contains(id); }
  std::uint32_t readers(const std::string& id) const;
  bool is_complete(const std::string& id) const;
  bool fetches() const;  // some object is not whole
  // Whose time is over.
  std::vector<std::string> due(base::BootTime now) const;
  // Nobody was here for a while.
  bool is_over(base::BootTime now) const { return tenants_.empty() && now >= empty_since_ + rules_.idle; }
  // When to ask again.
  base::BootTime next() const;

 private:
  struct Tenant {
    std::uint64_t size = 0;
    std::uint32_t readers = 0;
    bool complete = false;
    base::BootTime since{};  // it has no reader, or is whole; whichever came later
  };
  base::BootTime end_of(const Tenant& tenant) const;

  const TenancyRules rules_;
  std::map<std::string, Tenant> tenants_;
  base::BootTime empty_since_;
};

}  // namespace backhaul::swarmd
