// SPDX-License-Identifier: Apache-2.0
// What machines tell of themselves by DNS-SD, and which addresses are those of others. Pure but for own_addresses();
// all of it comes from whoever is in the network.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace backhaul::neighbours {

using Octets = std::vector<std::uint8_t>;
using Texts = std::vector<Octets>;

inline constexpr std::size_t machine_digits = 32;  // of the name by which a machine announces itself

struct Announced {
  std::string id;     // the first 16 octets of its key, in lower-case hex; of a cache the name that its certificate has
  std::string group;  // core::group_words, by the secret of its group; empty: it is of none
  std::string path{};  // of a cache: core::AnnouncedCache

  bool operator==(const Announced&) const = default;
};

Texts texts_of(const Announced& own);
// Unset: it is no neighbour.
std::optional<Announced> announced_in(const Texts& texts);
// Likewise of a cache of the site on this machine, whose name it has where it tells no other.
std::optional<Announced> announced_cache_in(const Texts& texts, const std::string& machine);

// The lower, the surer it is that everybody can use it; 4: it is no address.
int rank_of(const std::string& address);
// Whether it may be another machine's. `own`: those of this one.
bool is_elsewhere(const std::string& address, const std::set<std::string>& own);
// Of all its interfaces, as inet_ntop(3) writes them.
std::set<std::string> own_addresses();

}  // namespace backhaul::neighbours
