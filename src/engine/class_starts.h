// SPDX-License-Identifier: Apache-2.0
// Classes that do not start: one pause for all jobs of a class, so that a broken program is tried
// once per pause however many jobs have something to tell it. Every job that owes its class an event
// is known here, because all of them go on, or wait, together.
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "base/time.h"

namespace backhaul::engine {

// A class as the jobs of one owner have it: on the bus of somebody else the same name is another program, or none.
struct ClassKey {
  std::string name{};  // empty: none
  std::uint32_t owner = 0;

  auto operator<=>(const ClassKey&) const = default;
};

class ClassStarts {
 public:
  // The class that is to hear what this job has to tell; no name: none is.
  void set_owed(const base::JobId& job, const ClassKey& key) {
    if (const auto old = class_of_.find(job); old != class_of_.end()) {
      if (old->second == key) return;
      const auto jobs = owed_.find(old->second);
      jobs->second.erase(job);
      if (jobs->second.empty()) owed_.erase(jobs);
      class_of_.erase(old);
    }
    if (key.name.empty()) return;
    class_of_.emplace(job, key);
    owed_[key].insert(job);
  }
  std::vector<base::JobId> owed(const ClassKey& key) const {
    const auto jobs = owed_.find(key);
    if (jobs == owed_.end()) return {};
    return {jobs->second.begin(), jobs->second.end()};
  }
  // Those that somebody is to hear of, or that did not start, and that `is_meant` says so of.
  template <class IsMeant>
  std::set<ClassKey> known(const IsMeant& is_meant) const {
    std::set<ClassKey> found;
    for (const auto& [key, jobs] : owed_)
      if (is_meant(key)) found.insert(key);
    for (const auto& [key, failing] : failing_)
      if (is_meant(key)) found.insert(key);
    return found;
  }

  // In a row; 0: the last start was good, or there was none.
  std::uint32_t failures(const ClassKey& key) const {
    const auto found = failing_.find(key);
    return found == failing_.end() ? 0 : found->second.failures;
  }
  // Not started before this. In the past: it may be started.
  base::BootTime paused_until(const ClassKey& key) const {
    const auto found = failing_.find(key);
    return found == failing_.end() ? base::BootTime{} : found->second.until;
  }
  // The last start failed because its owner has no session whose bus could start it.
  bool lacks_session(const ClassKey& key) const {
    const auto found = failing_.find(key);
    return found != failing_.end() && found->second.no_session;
  }
  void failed(const ClassKey& key, std::uint32_t failures, base::BootTime until, bool no_session = false) {
    // Whoever owes a class anything tries it when its pause is over: nobody does any more.
    std::erase_if(failing_, [&](const auto& entry) {
      return entry.second.until < until && !owed_.contains(entry.first) && entry.first != key;
    });
    Failing& failing = failing_[key];
    failing.failures = std::max(failing.failures, failures);
    failing.until = std::max(failing.until, until);
    failing.no_session = no_session;
  }
  // It started. True: it was failing.
  bool forget(const ClassKey& key) { return failing_.erase(key) != 0; }
  bool operator==(const ClassStarts&) const = default;

 private:
  struct Failing {
    std::uint32_t failures = 0;
    base::BootTime until{};
    bool no_session = false;
    bool operator==(const Failing&) const = default;
  };
  std::map<ClassKey, Failing> failing_;
  std::unordered_map<base::JobId, ClassKey> class_of_;
  std::map<ClassKey, std::set<base::JobId>> owed_;
};

}  // namespace backhaul::engine
