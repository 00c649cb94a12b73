// SPDX-License-Identifier: Apache-2.0
// Which jobs each owner has, in the order in which they were made: whoever counts or lists those of one
// account, or of one application, looks at no other job.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "core/account.h"
#include "core/owner.h"
#include "engine/by_order.h"

namespace backhaul::engine {

class Owners {
 public:
  // The jobs of some owners as one list; to be gone through once, while the index stays as it is.
  class InOrder {
   public:
    struct End {};
    class Iterator {
     public:
      explicit Iterator(InOrder& list) : list_(&list) {}
      const ByOrder::value_type& operator*() const { return *list_->rests_.front().next; }
      const ByOrder::value_type* operator->() const { return &**this; }
      Iterator& operator++() {
        list_->advance();
        return *this;
      }
      bool operator==(End) const { return list_->rests_.empty(); }

     private:
      InOrder* list_;
    };
    Iterator begin() { return Iterator(*this); }
    static End end() { return {}; }

   private:
    friend class Owners;
    struct Rest {
      ByOrder::const_iterator next, end;
    };
    static bool later(const Rest& a, const Rest& b) { return a.next->first > b.next->first; }
    void add(const ByOrder& jobs, std::uint64_t from) {
      const Rest rest{jobs.lower_bound(from), jobs.end()};
      if (rest.next == rest.end) return;
      rests_.push_back(rest);
      std::ranges::push_heap(rests_, later);
    }
    void advance() {
      std::ranges::pop_heap(rests_, later);
      if (++rests_.back().next == rests_.back().end)
        rests_.pop_back();
      else
        std::ranges::push_heap(rests_, later);
    }

    std::vector<Rest> rests_;  // one for each owner, a heap: whose next job is the oldest comes first
  };

  // Those from this order on.
  InOrder all(std::uint64_t from = 0) const {
    InOrder list;
    for (const auto& [owner, jobs] : jobs_) list.add(jobs, from);
    return list;
  }
  // Of the user as a whole: those of the applications are the user's as well.
  InOrder of_account(std::uint32_t uid, std::uint64_t from = 0) const {
    InOrder list;
    for_account(uid, [&](const ByOrder& jobs) { list.add(jobs, from); });
    return list;
  }
  InOrder of(const core::Owner& owner, std::uint64_t from = 0) const {
    InOrder list;
    if (const auto found = jobs_.find(owner); found != jobs_.end()) list.add(found->second, from);
    return list;
  }
  // How many jobs each account has, by number and name: the number may go on to somebody else.
  const core::ByAccount<std::size_t>& counts() const { return counts_; }
  // What the rows of each account take (core/weight.h), likewise.
  const core::ByAccount<std::uint64_t>& octets() const { return octets_; }
  bool contains(std::uint64_t order) const {
    return std::ranges::any_of(jobs_, [&](const auto& one) { return one.second.contains(order); });
  }

  void add(const core::Owner& owner, std::uint64_t order, const base::JobId& id) {
    jobs_[owner].emplace(order, id);
    ++counts_[core::account_of(owner)];
  }
  void remove(const core::Owner& owner, std::uint64_t order) {
    const auto found = jobs_.find(owner);
    found->second.erase(order);
    if (found->second.empty()) jobs_.erase(found);
    const auto counted = counts_.find(core::account_of(owner));
    if (--counted->second == 0) counts_.erase(counted);
  }
  void grow(const core::Owner& owner, std::uint64_t octets) { octets_[core::account_of(owner)] += octets; }
  void shrink(const core::Owner& owner, std::uint64_t octets) {
    const auto summed = octets_.find(core::account_of(owner));
    summed->second -= octets;
    if (summed->second == 0) octets_.erase(summed);
  }
  bool operator==(const Owners&) const = default;

 private:
  void for_account(std::uint32_t uid, const auto& each) const {
    for (auto it = jobs_.lower_bound(core::Owner{uid, {}}); it != jobs_.end() && it->first.uid == uid;
         ++it)
      each(it->second);
  }

  std::map<core::Owner, ByOrder> jobs_;  // none of them empty
  core::ByAccount<std::size_t> counts_;    // none of them 0
  core::ByAccount<std::uint64_t> octets_;  // likewise
};

}  // namespace backhaul::engine
