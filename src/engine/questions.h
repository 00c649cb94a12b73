// SPDX-License-Identifier: Apache-2.0
// Questions about certificates that are not answered yet: at most one for each job, a few at once
// for each program, the rest in line. They take no slot of the notifications: an answer may need a
// human being, and only the job that asks waits for it. Nothing here is stored: after a crash the
// job connects again and asks again.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "core/job.h"

namespace backhaul::engine {

struct Question {
  base::JobId job;
  std::uint32_t file = 0;
  core::ServerCertificate certificate;
  core::ObjectRegistration object;  // as it was registered when the question arose
  std::vector<std::string> chain;

  bool operator==(const Question&) const = default;
};

class Questions {
 public:
  void add(Question question) {
    end(question.job);
    const std::uint64_t number = ++last_;
    programs_[question.object.unique_name].waiting.insert(number);
    by_job_.emplace(question.job, number);
    open_.emplace(number, std::move(question));
  }
  const Question* find(std::uint64_t number) const {
    auto it = open_.find(number);
    return it == open_.end() ? nullptr : &it->second;
  }
  const Question* of(const base::JobId& job) const {
    auto it = by_job_.find(job);
    return it == by_job_.end() ? nullptr : find(it->second);
  }
  // The oldest one whose program is asked less than `limit` others; it counts as asked from now on.
  // 0: none.
  std::uint64_t next(std::uint32_t limit) {
    for (auto& [name, program] : programs_) {
      if (program.waiting.empty() || program.asked.size() >= limit) continue;
      const std::uint64_t number = program.waiting.extract(program.waiting.begin()).value();
      program.asked.insert(number);
      return number;
    }
    return 0;
  }
  // Answered, or nobody wants to know any more.
  void end(const base::JobId& job) {
    auto it = by_job_.find(job);
    if (it == by_job_.end()) return;
    const std::uint64_t number = it->second;
    auto program = programs_.find(open_.at(number).object.unique_name);
    program->second.waiting.erase(number);
    program->second.asked.erase(number);
    if (program->second.waiting.empty() && program->second.asked.empty()) programs_.erase(program);
    open_.erase(number);
    by_job_.erase(it);
  }
  bool empty() const { return open_.empty(); }
  bool operator==(const Questions&) const = default;

 private:
  struct Program {
    std::set<std::uint64_t> waiting;
    std::set<std::uint64_t> asked;
    bool operator==(const Program&) const = default;
  };
  std::uint64_t last_ = 0;
  std::map<std::uint64_t, Question> open_;
  std::unordered_map<base::JobId, std::uint64_t> by_job_;
  std::map<std::string, Program> programs_;  // by unique name
};

}  // namespace backhaul::engine
