// SPDX-License-Identifier: Apache-2.0
// Servers that asked to be left alone (Retry-After), and until when. The wish of a server is for every
// job that would go there, or for those of one owner, where it may be the word of somebody on that owner's way
// (core::speaks_for_all); it is kept in the row of the one that was told, and here for the others. Only the
// owner's Start goes past a wish, and ends it for all when the server then gives a file; a network that
// comes up does not, and NoProgressTimeout goes on meanwhile.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/ids.h"
#include "base/time.h"
#include "core/job.h"
#include "core/origins.h"
#include "engine/context.h"
#include "engine/seen_server.h"

namespace backhaul::engine {

// The answer by which a wish became known, for those who wait because of it: the job that got it may be gone
// before the wish is over.
struct Told {
  base::JobId job{};
  std::string address{};  // that was asked, as it may be shown; empty: not known any more
  base::Code code = base::Code::S_OK;

  bool operator==(const Told&) const = default;
};

class Holds {
 public:
  // Of the addresses of a file that are left of its round: the first that may be asked, the one in use before all, or
  // the one that may be first, and when. Those that the policy refuses are as if they were not there.
  struct Way {
    std::uint32_t address = 0;
    std::optional<base::BootTime> until{};
    bool refused = false;  // the policy refuses all of them
  };
  Way way_to(const Context& context, const core::AllowedOrigins& origins, const core::File& file) const;
  // Until when the server of the file that is next does not want to see the job.
  std::optional<base::BootTime> until(const Context& context, const core::AllowedOrigins& origins,
                                      const base::JobId& job) const;
  // Until when all jobs, or all those of this owner, are to stay away.
  std::optional<base::BootTime> until(const SeenServer& server, base::BootTime now) const;
  struct Wish {
    base::BootTime until;
    Told told{};

    bool operator==(const Wish&) const = default;
  };
  using Held = std::map<SeenServer, Wish>::value_type;
  // What that server asks of the jobs of this owner: of what it asks of all and of these the one that ends later. Null:
  // nothing.
  const Held* find(const std::string& origin, std::uint32_t owner, base::BootTime now) const;
  // The server of the next file of this job, if it is that one's wish that holds it.
  std::optional<SeenServer> holder(const Context& context, const core::AllowedOrigins& origins,
                                   const base::JobId& job) const;
  // Where this job must not be redirected to.
  std::set<std::string> held_from(const core::Job& job, base::BootTime now) const;
  // When the first of them ends; base::never without any.
  base::BootTime next() const;

  bool empty() const { return wishes_.empty(); }
  // Of two wishes of one server the one that ends later counts. `owner`: whose jobs alone it holds.
  void hold(const std::string& origin, base::BootTime until, Told told = {}, std::optional<std::uint32_t> owner = {});
  // It serves again.
  void lift(const std::string& origin, std::optional<std::uint32_t> owner = {}) {
    wishes_.erase(SeenServer{origin, owner});
  }
  // The owner says: now, all the same. Until the next answer.
  void insist(const base::JobId& job) { insisting_.insert(job); }
  bool insists(const base::JobId& job) const { return insisting_.contains(job); }
  void relent(const base::JobId& job) { insisting_.erase(job); }
  void forget_past(base::BootTime now) {
    std::erase_if(wishes_, [now](const auto& entry) { return entry.second.until <= now; });
  }
  bool operator==(const Holds&) const = default;

 private:
  const Held* find(const SeenServer& server, base::BootTime now) const;

  std::map<SeenServer, Wish> wishes_;
  std::set<base::JobId> insisting_;  // their owners said Start although a server asked for time
};

// Of the addresses of this file the one at that server, as it may be shown; empty: a redirect led there, or the file has
// another address now.
std::string shown_address_at(const core::File& file, const std::string& origin);

}  // namespace backhaul::engine
