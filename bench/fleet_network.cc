// SPDX-License-Identifier: Apache-2.0
#include "bench/fleet_network.h"

#include <algorithm>

namespace backhaul::fleet {

Network::Network(const Lines& lines, std::vector<Place> places, std::size_t sites, std::size_t domains,
                 std::size_t given_at_once)
    : lines_(lines),
      places_(std::move(places)),
      sites_(sites),
      given_at_once_(given_at_once),
      pools_(sites + domains * given_at_once),
      transfers_(places_.size()),
      takers_(places_.size()) {}

void Network::from_origin(double now, std::size_t machine, double octets) {
  transfers_[machine].giver.reset();
  transfers_[machine].octets = octets;
  put(now, places_[machine].site, machine, octets);
  share_origin(now);
}

void Network::from_neighbour(double now, std::size_t machine, std::size_t giver, double octets) {
  move_takers(now, giver, [&] { takers_[giver].push_back(machine); });
  transfers_[machine].giver = giver;
  transfers_[machine].octets = octets;
  put(now, pool_of(giver), machine, octets);
  share_domain(now, places_[giver].domain);
}

double Network::end(double now, std::size_t machine) {
  Transfer& transfer = transfers_[machine];
  const double all = came(now, machine);
  take(now, machine);
  if (transfer.giver) {
    const std::size_t giver = *transfer.giver;
    move_takers(now, giver, [&] { std::erase(takers_[giver], machine); });
    share_domain(now, places_[giver].domain);
  } else {
    sent_by_origin_ += all;
    share_origin(now);
  }
  return all;
}

double Network::came(double now, std::size_t machine) const {
  const Transfer& transfer = transfers_[machine];
  return transfer.octets - left(now, transfer);
}

std::optional<Network::Due> Network::next() const {
  if (due_.empty()) return std::nullopt;
  const auto [when, pool] = *due_.begin();
  return Due{when, pools_[pool].transfers.begin()->second};
}

std::size_t Network::pool_of(std::size_t giver) const {
  return sites_ + places_[giver].domain * given_at_once_ + takers_[giver].size() - 1;
}

double Network::left(double now, const Transfer& transfer) const {
  const Pool& pool = pools_[*transfer.pool];
  return std::clamp(transfer.whole - (pool.level + pool.rate * (now - pool.at)), 0.0, transfer.octets);
}

void Network::put(double now, std::size_t pool, std::size_t machine, double octets) {
  set_rate(now, pool, pools_[pool].rate);
  Transfer& transfer = transfers_[machine];
  transfer.pool = pool;
  transfer.whole = pools_[pool].level + octets;
  pools_[pool].transfers.emplace(transfer.whole, machine);
  note_due(pool);
}

void Network::take(double now, std::size_t machine) {
  Transfer& transfer = transfers_[machine];
  const std::size_t pool = *transfer.pool;
  set_rate(now, pool, pools_[pool].rate);
  pools_[pool].transfers.erase({transfer.whole, machine});
  transfer.pool.reset();
  note_due(pool);
}

void Network::set_rate(double now, std::size_t pool, double rate) {
  Pool& one = pools_[pool];
  // Where nothing is under way its level may begin anew, which keeps it exact.
  one.level = one.transfers.empty() ? 0 : one.level + one.rate * (now - one.at);
  one.at = now;
  one.rate = rate;
  note_due(pool);
}

void Network::note_due(std::size_t pool) {
  Pool& one = pools_[pool];
  const double due = one.transfers.empty() || one.rate <= 0
                         ? std::numeric_limits<double>::infinity()
                         : one.at + std::max(0.0, one.transfers.begin()->first - one.level) / one.rate;
  if (due == one.due) return;
  due_.erase({one.due, pool});
  one.due = due;
  if (due != std::numeric_limits<double>::infinity()) due_.emplace(due, pool);
}

void Network::share(double now, double line, std::vector<std::pair<double, std::size_t>> pools) {
  std::ranges::sort(pools);
  double transfers = 0;
  for (const auto& [most, pool] : pools) transfers += static_cast<double>(pools_[pool].transfers.size());
  for (const auto& [most, pool] : pools) {
    const double rate = std::min(most, line / transfers);
    const auto count = static_cast<double>(pools_[pool].transfers.size());
    if (rate != pools_[pool].rate) set_rate(now, pool, rate);
    line -= rate * count;
    transfers -= count;
  }
}

void Network::share_origin(double now) {
  std::vector<std::pair<double, std::size_t>> pools;
  for (std::size_t site = 0; site < sites_; ++site)
    if (const std::size_t count = pools_[site].transfers.size(); count > 0)
      pools.emplace_back(std::min(lines_.down, lines_.wan / static_cast<double>(count)), site);
  share(now, lines_.origin, std::move(pools));
}

void Network::share_domain(double now, std::size_t domain) {
  std::vector<std::pair<double, std::size_t>> pools;
  for (std::size_t count = 1; count <= given_at_once_; ++count)
    if (const std::size_t pool = sites_ + domain * given_at_once_ + count - 1; !pools_[pool].transfers.empty())
      pools.emplace_back(std::min(lines_.down, lines_.give / static_cast<double>(count)), pool);
  share(now, lines_.domain, std::move(pools));
}

void Network::move_takers(double now, std::size_t giver, const auto& change) {
  std::vector<std::pair<std::size_t, double>> others;
  for (const std::size_t one : takers_[giver])
    if (transfers_[one].pool) others.emplace_back(one, left(now, transfers_[one]));
  for (const auto& [one, octets] : others) take(now, one);
  change();
  if (!takers_[giver].empty())
    for (const auto& [one, octets] : others) put(now, pool_of(giver), one, octets);
}

}  // namespace backhaul::fleet
