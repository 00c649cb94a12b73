// SPDX-License-Identifier: Apache-2.0
// The parts of the engine without the engine: a draft, something said to one of them, and what came of
// it – effects, rows, notes. Committed or dropped as the test likes; no port is asked to do anything.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "engine/job_steps.h"
#include "engine/parts.h"
#include "tests/sim/small_ports.h"

namespace backhaul::parts {

using namespace std::chrono_literals;
using base::JobId;
using base::JobState;
using engine::Draft;
namespace effect = engine::effect;
namespace news = engine::news;

class Rig : public testing::Test {
 protected:
  Rig();

  Draft draft() { return Draft(context, view); }
  // A turn of one thing: said, settled, committed.
  template <class Say>
  std::vector<engine::Effect> turn(const Say& say) {
    Draft draft = this->draft();
    say(draft);
    return commit(draft);
  }
  std::vector<engine::Effect> commit(Draft& draft);
  bool again = false;  // the last one had another follow it
  void settle(Draft& draft) const;

  // A job whose file /d/x is served as http://host/x; in this state, and known to all parts.
  JobId add(JobState state, const std::string& name = "x", const std::string& host = "host", std::uint32_t owner = 1000);
  // Files /d/1 and so on, from http://host/1: so many are there in the end, with the first.
  void add_files(const JobId& job, std::uint32_t count);
  // A job as of add() that has the turn: its part is being opened.
  JobId add_running(const std::string& name = "x");
  base::TransferId transfer_of(const JobId& job) const {
    return parts.fetching.runs().find(job)->lanes.front().transfer;
  }
  const core::Job& row(const JobId& job) const { return context.table.find(job)->job; }

  // As if it had been laid down when the service began.
  template <class LayDown>
  void lay_down(const LayDown& say) {
    auto policy = std::make_shared<core::Policy>(*context.policy);
    say(*policy);
    parts.conditions.policy = context.policy = policy;
  }

  template <class Kind>
  static std::vector<Kind> all(const std::vector<engine::Effect>& effects) {
    std::vector<Kind> found;
    for (const engine::Effect& effect : effects)
      if (const auto* one = std::get_if<Kind>(&effect)) found.push_back(*one);
    return found;
  }
  template <class Kind>
  static bool has(const std::vector<engine::Effect>& effects) {
    return !all<Kind>(effects).empty();
  }

  sim::Stage stage{{}, 1};
  sim::SimClock clock{stage};
  sim::SimRandom random{1};
  sim::SimSealer sealer;
  sim::SimCrashPage crash_page{stage};
  engine::Context context{.settings = {},
                          .policy = std::make_shared<core::Policy>(),
                          .clocks = engine::Clocks(clock),
                          .table = {},
                          .random = random,
                          .sealer = sealer,
                          .crash_page = crash_page};
  engine::Parts parts;
  const engine::View view = parts.view();
};

}  // namespace backhaul::parts
