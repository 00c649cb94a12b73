// SPDX-License-Identifier: Apache-2.0
// Keeps transfers to the bandwidth that is laid down for their priority, as a value: time and octets in,
// octets that may be taken out. The transfers of a priority share one bucket, which is granted in small
// pieces, in the order in which they asked; so none of them starves, and whatever arrives in a lump is
// paid for before the next piece.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "base/vocabulary.h"

namespace backhaul::core {

// Octets a second of each background priority, from high to low; unset: no limit, 0: nothing.
struct RateLimits {
  std::array<std::optional<std::uint64_t>, 3> octets{};
  bool near_free = false;  // they are not for servers of the own network

  std::optional<std::uint64_t> of(base::Priority priority) const {
    if (priority == base::Priority::foreground) return std::nullopt;
    return octets[static_cast<std::size_t>(priority) - 1];
  }
  bool operator==(const RateLimits&) const = default;
};

class RateLimiter {
 public:
  void set(const RateLimits& limits, base::BootTime now);
  const RateLimits& limits() const { return limits_; }

  // How many of these octets may be taken now. If not all of them, the transfer stands in line for more
  // and due() names it.
  std::uint64_t take(base::TransferId transfer, base::Priority priority, std::uint64_t wanted,
                     base::BootTime now);
  // What take() gave and nobody could use.
  void put_back(base::TransferId transfer, std::uint64_t octets);
  // These came without having been granted: what is granted next pays for them.
  void came(base::TransferId transfer, base::Priority priority, std::uint64_t octets);
  // It is over. What it owes the others pay, and what it did not use is theirs.
  void ended(base::TransferId transfer, base::BootTime now);

  // Who has something to take again, and no longer stands in line.
  std::vector<base::TransferId> due(base::BootTime now);
  // When due() may name somebody; never: nobody stands in line, or nobody knows.
  base::BootTime next() const;

  // How many octets may be on their way to the transfers of a priority beside what is granted, without
  // being felt; unset: as many as like.
  static std::optional<std::uint64_t> ahead(std::optional<std::uint64_t> rate);

 private:
  struct Account {
    base::Priority priority{};
    std::int64_t credit = 0;  // granted and not taken; below 0: owed
    bool in_line = false;
  };
  struct Bucket {
    base::BootTime free_at{};  // all that was granted is paid for
    std::deque<base::TransferId> line;
  };

  Bucket& bucket_of(base::Priority priority) {
    return buckets_[static_cast<std::size_t>(priority) - 1];
  }
  Account& open(base::TransferId transfer, base::Priority priority);
  bool grant(Account& account, base::BootTime now);
  void leave_line(base::TransferId transfer, Account& account);

  RateLimits limits_;
  std::array<Bucket, 3> buckets_;
  std::map<base::TransferId, Account> accounts_;
};

}  // namespace backhaul::core
