// SPDX-License-Identifier: Apache-2.0
// Who waits for an answer: calls whose change is not on record yet, and the reads that come behind
// them. A client reads its own writes.
#pragma once

#include <functional>
#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/ids.h"

namespace backhaul::engine {

class Answers {
 public:
  using Read = std::move_only_function<void()>;

  void open(base::CallId call, base::PeerId peer) {
    if (call == base::CallId::none) return;
    calls_.emplace(call, peer);
    ++unanswered_[peer];
  }
  // Runs what waited for the last call of that peer.
  void answered(base::CallId call) {
    const auto it = calls_.find(call);
    if (it == calls_.end()) return;
    const base::PeerId peer = it->second;
    calls_.erase(it);
    const auto count = unanswered_.find(peer);
    if (count == unanswered_.end() || --count->second > 0) return;
    unanswered_.erase(count);
    const auto [first, last] = reads_.equal_range(peer);
    std::vector<Read> reads;
    for (auto read = first; read != last; ++read) reads.push_back(std::move(read->second));
    reads_.erase(first, last);
    for (Read& read : reads) read();
  }
  void read(base::PeerId peer, Read answer) {
    if (unanswered_.contains(peer))
      reads_.emplace(peer, std::move(answer));
    else
      answer();
  }
  void forget(base::PeerId peer) { reads_.erase(peer); }
  bool empty() const { return calls_.empty(); }

 private:
  std::unordered_map<base::CallId, base::PeerId> calls_;
  std::unordered_map<base::PeerId, int> unanswered_;
  std::multimap<base::PeerId, Read> reads_;
};

}  // namespace backhaul::engine
