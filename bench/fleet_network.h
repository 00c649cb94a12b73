// SPDX-License-Identifier: Apache-2.0
// A network as a fluid: transfers share lines max-min, without packets, losses and slow starts. Those of one pool have
// the same rate, so a change costs as much as there are pools, however many transfers they have.
#ifndef BACKHAUL_BENCH_FLEET_NETWORK_H
#define BACKHAUL_BENCH_FLEET_NETWORK_H

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace backhaul::fleet {

// Octets a second.
struct Lines {
  double origin = 0;  // of the server
  double wan = 0;     // of each site, for what comes from the origin
  double down = 0;    // of each machine
  double give = 0;    // of each machine, for all whom it gives something
  double domain = std::numeric_limits<double>::infinity();  // of each broadcast domain, for what its machines give
};

struct Place {
  std::size_t site = 0;
  std::size_t domain = 0;
};

// Every machine has one transfer at most. Seconds since the begin.
class Network {
 public:
  Network(const Lines& lines, std::vector<Place> places, std::size_t sites, std::size_t domains,
          std::size_t given_at_once);

  void from_origin(double now, std::size_t machine, double octets);
  void from_neighbour(double now, std::size_t machine, std::size_t giver, double octets);
  // What came of it, which is all where it is whole.
  double end(double now, std::size_t machine);
  double came(double now, std::size_t machine) const;
  std::size_t takers(std::size_t giver) const { return takers_[giver].size(); }
  const std::vector<std::size_t>& takers_of(std::size_t giver) const { return takers_[giver]; }

  struct Due {
    double when = 0;
    std::size_t machine = 0;
  };
  // Who is next to have all of it.
  std::optional<Due> next() const;
  double sent_by_origin() const { return sent_by_origin_; }

 private:
  struct Pool {
    double rate = 0;   // of each of its transfers
    double level = 0;  // what one that began with the pool would have by now
    double at = 0;
    double due = std::numeric_limits<double>::infinity();
    std::set<std::pair<double, std::size_t>> transfers;  // by the level at which they are whole
  };
  struct Transfer {
    std::optional<std::size_t> pool;
    double octets = 0;
    double whole = 0;  // the level
    std::optional<std::size_t> giver;
  };

  std::size_t pool_of(std::size_t giver) const;
  double left(double now, const Transfer& transfer) const;
  void put(double now, std::size_t pool, std::size_t machine, double octets);
  void take(double now, std::size_t machine);
  void set_rate(double now, std::size_t pool, double rate);
  void note_due(std::size_t pool);
  // `pools`: with what each transfer of them can use at most.
  void share(double now, double line, std::vector<std::pair<double, std::size_t>> pools);
  void share_origin(double now);
  void share_domain(double now, std::size_t domain);
  // Those who take from it go to the pool for as many, and back.
  void move_takers(double now, std::size_t giver, const auto& change);

  const Lines lines_;
  const std::vector<Place> places_;
  const std::size_t sites_;
  const std::size_t given_at_once_;
  std::vector<Pool> pools_;
  std::vector<Transfer> transfers_;
  std::vector<std::vector<std::size_t>> takers_;
  std::set<std::pair<double, std::size_t>> due_;
  double sent_by_origin_ = 0;
};

}  // namespace backhaul::fleet

#endif
