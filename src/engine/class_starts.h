// SPDX-License-Identifier: Apache-2.0
// Classes that do not start: one pause for all jobs of a class, so that a broken program is tried
// once per pause however many jobs have something to tell it. Every job that owes its class an event
// is known here, because all of them go on, or wait, together.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "base/time.h"

namespace backhaul::engine {

class ClassStarts {
 public:
  // The class that is to hear what this job has to tell; empty: none is.
  void set_owed(const base::JobId& job, const std::string& name) {
    if (const auto old = class_of_.find(job); old != class_of_.end()) {
      if (old->second == name) return;
      const auto jobs = owed_.find(old->second);
      jobs->second.erase(job);
      if (jobs->second.empty()) owed_.erase(jobs);
      class_of_.erase(old);
    }
    if (name.empty()) return;
    class_of_.emplace(job, name);
    owed_[name].insert(job);
  }
  std::vector<base::JobId> owed(const std::string& name) const {
    const auto jobs = owed_.find(name);
    if (jobs == owed_.end()) return {};
    return {jobs->second.begin(), jobs->second.end()};
  }

  // In a row; 0: the last start was good, or there was none.
  std::uint32_t failures(const std::string& name) const {
    const auto found = failing_.find(name);
    return found == failing_.end() ? 0 : found->second.failures;
  }
  // Not started before this. In the past: it may be started.
  base::BootTime paused_until(const std::string& name) const {
    const auto found = failing_.find(name);
    return found == failing_.end() ? base::BootTime{} : found->second.until;
  }
  void failed(const std::string& name, std::uint32_t failures, base::BootTime until) {
    // Whoever owes a class anything tries it when its pause is over: nobody does any more.
    std::erase_if(failing_, [&](const auto& entry) {
      return entry.second.until < until && !owed_.contains(entry.first) && entry.first != name;
    });
    Failing& failing = failing_[name];
    failing.failures = std::max(failing.failures, failures);
    failing.until = std::max(failing.until, until);
  }
  // It started. True: it was failing.
  bool forget(const std::string& name) { return failing_.erase(name) != 0; }
  bool operator==(const ClassStarts&) const = default;

 private:
  struct Failing {
    std::uint32_t failures = 0;
    base::BootTime until{};
    bool operator==(const Failing&) const = default;
  };
  std::map<std::string, Failing> failing_;
  std::unordered_map<base::JobId, std::string> class_of_;
  std::map<std::string, std::set<base::JobId>> owed_;
};

}  // namespace backhaul::engine
