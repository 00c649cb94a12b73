// SPDX-License-Identifier: Apache-2.0
// What a part keeps for each job, as one turn sees it: its own changes over what was committed. They
// are merged after the commit and forgotten without it.
#pragma once

#include <map>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/ids.h"

namespace backhaul::engine {

template <class Value>
class Overlay {
 public:
  using Committed = std::unordered_map<base::JobId, Value>;

  explicit Overlay(const Committed& committed) : committed_(&committed) {}

  const Value* find(const base::JobId& job) const {
    if (const auto it = changed_.find(job); it != changed_.end())
      return it->second ? &*it->second : nullptr;
    const auto it = committed_->find(job);
    return it == committed_->end() ? nullptr : &it->second;
  }
  // Null: the job has none. The address is good until the end of the turn.
  Value* edit(const base::JobId& job) {
    if (const auto it = changed_.find(job); it != changed_.end())
      return it->second ? &*it->second : nullptr;
    const auto it = committed_->find(job);
    if (it == committed_->end()) return nullptr;
    return &*changed_.emplace(job, it->second).first->second;
  }
  // The one that is there, or a new one.
  Value& make(const base::JobId& job) {
    if (Value* present = edit(job)) return *present;
    return changed_.insert_or_assign(job, Value{}).first->second.value();
  }
  void erase(const base::JobId& job) { changed_.insert_or_assign(job, std::nullopt); }

  std::vector<base::JobId> touched() const {
    std::vector<base::JobId> jobs;
    for (const auto& [job, value] : changed_) jobs.push_back(job);
    return jobs;
  }
  // After the commit: `replace(job, value)`, unset where the job has none any more.
  template <class Replace>
  void merge(Replace replace) {
    for (auto& [job, value] : changed_) replace(job, std::move(value));
    changed_.clear();
  }
  static void put(Committed& committed, const base::JobId& job, std::optional<Value> value) {
    if (value)
      committed.insert_or_assign(job, *std::move(value));
    else
      committed.erase(job);
  }

 private:
  const Committed* committed_;
  std::map<base::JobId, std::optional<Value>> changed_;
};

}  // namespace backhaul::engine
