// SPDX-License-Identifier: Apache-2.0
// What all simulated ports share: time, the one source of chance, how bad the world is, the history
// of what could be seen, and the list of broken promises.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/random.h"
#include "base/time.h"
#include "ports/events.h"
#include "tests/sim/timeline.h"

namespace backhaul::sim {

using base::Microseconds;

struct Latency {
  Microseconds least{};
  Microseconds most{};
};

// How long things take, and how often (per mille) they go wrong. The defaults are the world of the
// stories: nothing takes time but the network, nothing fails unless the story says so.
struct Options {
  Latency turn, commit, commit_answer, disk, sync, check, call, class_start;

  unsigned commit_fails = 0;
  unsigned open_fails = 0;
  unsigned write_fails = 0;
  unsigned publish_fails = 0;
  unsigned delete_fails = 0;
  unsigned request_fails = 0;  // refused, cut, stalled, 4xx, 5xx, odd answers
  unsigned callee_fails = 0;   // refuses, answers with a bus error, completes inside the call
  unsigned callee_hangs = 0;
  unsigned callee_dies = 0;
  unsigned callee_lies = 0;    // answers again: at once, later, for another call
  unsigned class_fails = 0;    // does not start, gives no object, never registers
  unsigned dies_at_port_call = 0;  // per 100,000
  unsigned dies_in_step = 0;       // per 100,000

  std::uint64_t sink_capacity = 1U << 20;
  std::uint64_t chunk = 1U << 16;  // largest piece the network delivers at once
};

// Thrown out of a port: the process ends at this very instant.
struct Died {};

class Stage {
 public:
  Stage(Options options_now, std::uint64_t seed) : options(options_now), prng(seed) {}

  Timeline timeline;
  Options options;
  base::Prng prng;
  ports::Inbox* inbox = nullptr;  // of the running service
  bool healed = false;            // from now on chance brings nothing bad

  bool chance(unsigned per_mille) { return !healed && per_mille != 0 && prng.chance(per_mille); }
  Microseconds draw(const Latency& latency) {
    const auto span = static_cast<std::uint64_t>((latency.most - latency.least).count());
    if (span == 0) return latency.least;
    return latency.least + Microseconds(static_cast<std::int64_t>(prng.below(span + 1)));
  }
  void post(ports::Event event) {
    if (inbox != nullptr) inbox->post(std::move(event));
  }
  // Every port calls this first when the engine calls it: the service may die between any two of
  // its deeds.
  void port_call();
  void die_at_port_call(std::uint64_t countdown) { countdown_ = countdown; }

  // One line of what happened, with the time.
  void note(const std::string& text);
  // Likewise of what nobody sees: calls of ports and their answers. For one who looks for a fault.
  void trace(const std::string& text) {
    if (traces) note("    " + text);
  }
  bool traces = false;
  const std::deque<std::string>& history() const { return history_; }
  void forget_history() { history_.clear(); }
  void keep_at_most(std::size_t lines) { history_limit_ = lines; }

  // Something worth meeting was met; the swarm is held to it.
  void met(const std::string& what) { ++meetings_[what]; }
  const std::map<std::string, std::uint64_t>& meetings() const { return meetings_; }

  // A promise was broken. The world goes on, so that the history shows what follows.
  void fail(const std::string& what);
  const std::vector<std::string>& failures() const { return failures_; }

 private:
  std::deque<std::string> history_;
  std::size_t history_limit_ = 100'000;
  std::vector<std::string> failures_;
  std::map<std::string, std::uint64_t> meetings_;
  std::uint64_t countdown_ = 0;
};

// Seconds since the world began, as short as possible: "0", "1.5", "600".
std::string to_text(Microseconds time);

}  // namespace backhaul::sim
