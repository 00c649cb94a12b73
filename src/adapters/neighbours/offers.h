// SPDX-License-Identifier: Apache-2.0
// What may be given to neighbours, and what comes and may be some day: told by the loop thread, asked by the server's.
// The only names in it are digests of addresses.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>

#include "adapters/neighbours/request.h"
#include "base/ids.h"
#include "core/neighbours.h"
#include "core/peer_cache.h"

namespace backhaul::neighbours {

struct Copy {
  base::RecordId id;
  std::uint64_t size = 0;
  std::string etag;           // as the origin told them
  std::string last_modified;
  std::string digest;         // as a value of Repr-Digest; empty: its algorithm has no name there
};
struct OnItsWay {
  std::optional<std::uint64_t> offset;  // unset: this machine waits as well
};
// monostate: nothing.
using Offered = std::variant<std::monostate, Copy, OnItsWay>;

// "sha256:HEX" as RFC 9530 writes it; empty: it has no name for the algorithm.
std::string repr_digest(std::string_view digest);

class Offers {
 public:
  void offer(const core::CacheRecord& record);
  void withdraw(const base::RecordId& id);
  void coming(base::TransferId transfer, const core::Coming& what);
  void came(base::TransferId transfer);

  // Everything that is asked for has to be equal (P7, P13).
  Offered find(const ObjectRequest& request) const;
  std::optional<Copy> find(const base::RecordId& id) const;

 private:
  struct Object {
    std::string name;  // as in ObjectRequest
    std::uint64_t size = 0;
    std::string etag, last_modified;
    core::Wanted wanted;

    bool answers(const ObjectRequest& request) const;
  };
  struct OfferedCopy {
    Object object;
    Copy copy;
  };
  struct Arriving {
    Object object;
    OnItsWay far;
  };

  mutable std::mutex mutex_;
  std::unordered_map<base::RecordId, OfferedCopy> records_;
  std::multimap<std::string, base::RecordId, std::less<>> by_name_;
  std::map<base::TransferId, Arriving> coming_;
};

}  // namespace backhaul::neighbours
