// SPDX-License-Identifier: Apache-2.0
// Neighbourhood: who the neighbours of this machine are, who of them lied, and how each file comes by them. What they are
// told of files that come follows from the rows, the lanes and the records at the end of a turn; no step of a file has to
// know of it.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/approaches.h"
#include "engine/change.h"
#include "engine/draft.h"
#include "ports/events.h"

namespace backhaul::engine {

class Neighbourhood {
 public:
  const SharedSite& site() const { return site_; }
  const ApproachTable& approaches() const { return approaches_; }

  void recovered(const core::Bans& stored, base::ServiceTime now);
  void on(Draft& draft, ports::NeighboursChanged& event) const;
  void on(Draft& draft, ports::CachesFound& event) const;
  // At the end of a turn: what is laid down now, and what comes as far as it is here.
  void settle(Draft& draft) const;
  void merged(Change& change);
  bool operator==(const Neighbourhood&) const = default;

 private:
  void apply(Draft& draft) const;
  void look_for_caches(Draft& draft) const;
  void tell(Draft& draft, const base::JobId& id) const;

  SharedSite site_ = std::make_shared<Site>();
  ApproachTable approaches_;
};

}  // namespace backhaul::engine
