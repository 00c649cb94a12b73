// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/neighbours.h"

#include <utility>
#include <vector>

#include "core/http.h"

namespace backhaul::sim {

void SimNeighbourhood::apply(const core::NeighbourRules&, bool serves) {
  stage_.port_call();
  ++applied_;
  serves_ = serves;
  tell();
}

void SimNeighbourhood::tell() {
  stage_.timeline.in_service(Microseconds::zero(), [this] {
    ports::NeighboursChanged event{.own_key = "own", .all = {}};
    for (const auto& [key, neighbour] : all_)
      if (neighbour.known) event.all.push_back(neighbour.who);
    if (applied_ != 0) stage_.post(std::move(event));
  });
}

void SimNeighbourhood::look_for_caches(bool looks) {
  stage_.port_call();
  if (looks) stage_.timeline.in_service(Microseconds::zero(), [this] { stage_.post(ports::CachesFound{caches}); });
}

void SimNeighbourhood::coming(base::TransferId transfer, const core::Coming& what) {
  stage_.port_call();
  if (what.sought.size == base::size_unknown || (what.sought.etag.empty() && what.sought.last_modified.empty()))
    stage_.fail("neighbours are told of a file that nobody could tell from another version");
  told_[transfer] = what;
}

void SimNeighbourhood::came(base::TransferId transfer) {
  stage_.port_call();
  if (told_.erase(transfer) == 0) stage_.fail("neighbours are told the end of what they never heard of");
}

SimNeighbour& SimNeighbourhood::add(const std::string& name) {
  SimNeighbour& one = all_["key-" + name];
  one.who = {.key = "key-" + name, .host = name, .port = 2178, .name = name};
  one.rank = name;
  return one;
}

RemoteFile& SimNeighbourhood::keep(SimNeighbour& neighbour, const std::string& url) {
  RemoteFile& copy = neighbour.copies[url];
  copy = {};
  copy.url = "https://" + neighbour.who.host + ":2178/v1/record/" + std::to_string(neighbour.copies.size());
  copy.versions = {origin_.find(url)->current()};
  copy.latency = std::chrono::milliseconds(10);
  copy.rate = 100'000;
  return copy;
}

RemoteFile* SimNeighbourhood::find(const std::string& address) {
  for (auto& [key, neighbour] : all_)
    for (auto& [url, copy] : neighbour.copies)
      if (copy.url == address) return &copy;
  return nullptr;
}

core::NeighbourAnswer SimNeighbourhood::answer_of(SimNeighbour& neighbour, const core::Sought& sought) {
  core::NeighbourAnswer answer{.key = neighbour.who.key, .address = {}, .rank = {}, .offset = {}};
  ++neighbour.asked;
  if (const auto copy = neighbour.copies.find(sought.url); copy != neighbour.copies.end()) {
    const Version& version = copy->second.current();
    const bool same = version.size == sought.size && version.etag == sought.etag &&
                      version.last_modified == sought.last_modified && sought.wanted.whole();
    if (same) answer.has = neighbour.busy ? core::NeighbourHas::busy : core::NeighbourHas::all;
    if (same) answer.address = copy->second.url;
    return answer;
  }
  if (const auto comes = neighbour.coming.find(sought.url); comes != neighbour.coming.end()) {
    answer.has = core::NeighbourHas::coming;
    answer.rank = neighbour.rank;
    answer.offset = comes->second;
  }
  return answer;
}

void SimNeighbourhood::search(base::TransferId transfer, core::Sought sought, std::vector<core::Neighbour> whom) {
  stage_.port_call();
  ++searches;
  if (!searching_.insert(transfer).second) stage_.fail("neighbours are asked twice for one transfer");
  if (whom.empty() || whom.size() > core::asked_further_at_once) stage_.fail("nobody is asked, or too many are");
  Microseconds takes = latency;
  std::vector<std::string> keys;
  for (const core::Neighbour& one : whom) {
    const auto found = all_.find(one.key);
    if (found != all_.end() && found->second.answers)
      keys.push_back(one.key);
    else
      takes = std::chrono::seconds(1);
  }
  stage_.timeline.in_service(takes, [this, transfer, sought = std::move(sought), keys = std::move(keys)] {
    if (searching_.erase(transfer) == 0) return;
    ports::NeighboursAnswered event{.transfer = transfer, .own_rank = own_rank, .answers = {}};
    for (const std::string& key : keys) event.answers.push_back(answer_of(all_.at(key), sought));
    stage_.post(std::move(event));
  });
}

void SimNeighbourhood::give_up(base::TransferId transfer) {
  stage_.port_call();
  searching_.erase(transfer);
}

void SimNeighbourhood::service_died() {
  told_.clear();
  searching_.clear();
  applied_ = 0;
  serves_ = false;
}

}  // namespace backhaul::sim
