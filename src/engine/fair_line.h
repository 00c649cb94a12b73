// SPDX-License-Identifier: Apache-2.0
// The line of one user in front of the slots: programs take turns, and so do the jobs of a program.
// A program that comes anew and one that was just served both go to the end, so that neither many
// jobs nor many events of one job keep the others waiting.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/ids.h"

namespace backhaul::engine {

class FairLine {
 public:
  struct Place {
    std::string program;
    std::uint64_t number = 0;
    bool operator==(const Place&) const = default;
  };

  // At the end of its program's jobs.
  Place join(const std::string& program, const base::JobId& job) {
    auto [it, fresh] = programs_.try_emplace(program);
    if (fresh) send_to_the_end(it->second, program);
    it->second.jobs.emplace(++last_, job);
    return {program, last_};
  }
  void leave(const Place& place) {
    const auto it = programs_.find(place.program);
    it->second.jobs.erase(place.number);
    if (!it->second.jobs.empty()) return;
    ring_.erase(it->second.turn);
    programs_.erase(it);
  }
  // Leaves because it got a slot: the other programs come first now.
  void serve(const Place& place) {
    Program& program = programs_.find(place.program)->second;
    ring_.erase(program.turn);
    send_to_the_end(program, place.program);
    leave(place);
  }
  std::optional<base::JobId> first() const {
    if (ring_.empty()) return std::nullopt;
    return programs_.find(ring_.begin()->second)->second.jobs.begin()->second;
  }
  bool empty() const { return ring_.empty(); }
  bool operator==(const FairLine&) const = default;

 private:
  struct Program {
    std::uint64_t turn = 0;
    std::map<std::uint64_t, base::JobId> jobs;
    bool operator==(const Program&) const = default;
  };
  void send_to_the_end(Program& program, const std::string& name) {
    program.turn = ++last_;
    ring_.emplace(program.turn, name);
  }

  std::uint64_t last_ = 0;
  std::unordered_map<std::string, Program> programs_;
  std::map<std::uint64_t, std::string> ring_;
};

}  // namespace backhaul::engine
