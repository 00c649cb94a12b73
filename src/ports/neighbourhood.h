// SPDX-License-Identifier: Apache-2.0
// The other machines of the site: who they are, what they have, and what this one gives them. Whom to ask, whose bytes
// are taken and what is given away is decided by the engine. Loop thread only; calls return at once.
#pragma once

#include <cstdint>

#include "base/ids.h"
#include "core/neighbours.h"
#include "core/peer_cache.h"

namespace backhaul::ports {

// Finds them, and serves them. That nobody can be found or served is never an error of a job: it is logged once.
class Neighbourhood {
 public:
  virtual ~Neighbourhood() = default;
  // What is laid down from now on, and whether anything is given away (rules, and a network that is free to use). The
  // first call begins it. Answer, now and whenever it changes: NeighboursChanged.
  virtual void apply(const core::NeighbourRules& rules, bool serves) = 0;
  // Looks for them at once, beside what it does by itself. `anew`: whoever was found is forgotten before. Answer:
  // NeighboursChanged, where that changes anything.
  virtual void look(bool anew) = 0;
  // Caches of the site that announce themselves are looked for, or not any more. Answer, now and whenever it changes:
  // CachesFound.
  virtual void look_for_caches(bool looks) = 0;
  // May be given away from now on; again for the same record: in the place of what was told before.
  virtual void offer(const core::CacheRecord& record) = 0;
  // Whoever is being given it now gets the rest. Answers while one is: RecordServed.
  virtual void withdraw(const base::RecordId& id) = 0;
  // What comes, as it comes; again for the same transfer: in the place of what was told before.
  virtual void coming(base::TransferId transfer, const core::Coming& what) = 0;
  virtual void came(base::TransferId transfer) = 0;
  // Of copies, since it began, to whoever has got what he wanted of one, or left.
  virtual std::uint64_t octets_given() const { return 0; }
};

// Asks some of them for one object. Answer: NeighboursAnswered, once, after at most a second.
class NeighbourSearch {
 public:
  virtual ~NeighbourSearch() = default;
  // What is laid down from now on: of it, by what a neighbour is known to be one. Who asks nobody need not know.
  virtual void apply(const core::NeighbourRules& /*rules*/) {}
  virtual void search(base::TransferId transfer, core::Sought sought, std::vector<core::Neighbour> whom) = 0;
  // No answer comes any more. Unknown numbers are ignored.
  virtual void give_up(base::TransferId transfer) = 0;
};

}  // namespace backhaul::ports
