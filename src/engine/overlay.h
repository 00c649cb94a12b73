// SPDX-License-Identifier: Apache-2.0
// What a part keeps for each job (or for each client), as one turn sees it: its own changes over what
// was committed. They are merged after the commit and forgotten without it.
#pragma once

#include <map>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/ids.h"

namespace backhaul::engine {

template <class Value, class Key = base::JobId>
class Overlay {
 public:
  using Committed = std::unordered_map<Key, Value>;

  explicit Overlay(const Committed& committed) : committed_(&committed) {}

  const Value* find(const Key& key) const {
    if (const auto it = changed_.find(key); it != changed_.end())
      return it->second ? &*it->second : nullptr;
    const auto it = committed_->find(key);
    return it == committed_->end() ? nullptr : &it->second;
  }
  // Null: there is none. The address is good until the end of the turn.
  Value* edit(const Key& key) {
    if (const auto it = changed_.find(key); it != changed_.end())
      return it->second ? &*it->second : nullptr;
    const auto it = committed_->find(key);
    if (it == committed_->end()) return nullptr;
    return &*changed_.emplace(key, it->second).first->second;
  }
  // The one that is there, or a new one.
  Value& make(const Key& key) {
    if (Value* present = edit(key)) return *present;
    return changed_.insert_or_assign(key, Value{}).first->second.value();
  }
  void erase(const Key& key) { changed_.insert_or_assign(key, std::nullopt); }

  std::vector<Key> touched() const {
    std::vector<Key> keys;
    for (const auto& [key, value] : changed_) keys.push_back(key);
    return keys;
  }
  // After the commit: `replace(key, value)`, unset where there is none any more.
  template <class Replace>
  void merge(Replace replace) {
    for (auto& [key, value] : changed_) replace(key, std::move(value));
    changed_.clear();
  }
  static void put(Committed& committed, const Key& key, std::optional<Value> value) {
    if (value)
      committed.insert_or_assign(key, *std::move(value));
    else
      committed.erase(key);
  }

 private:
  const Committed* committed_;
  std::map<Key, std::optional<Value>> changed_;
};

}  // namespace backhaul::engine
