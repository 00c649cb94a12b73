// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/stage.h"

namespace backhaul::sim {

void Stage::port_call() {
  if (countdown_ != 0 && --countdown_ == 0) throw Died{};
  if (!healed && options.dies_at_port_call != 0 && prng.below(100'000) < options.dies_at_port_call)
    throw Died{};
}

void Stage::note(const std::string& text) {
  history_.push_back(to_text(timeline.now()) + " " + text);
  if (history_.size() > history_limit_) history_.pop_front();
}

void Stage::fail(const std::string& what) {
  note("!!! " + what);
  if (failures_.size() < 20) failures_.push_back(to_text(timeline.now()) + " " + what);
}

std::string to_text(Microseconds time) {
  const auto us = time.count();
  std::string text = std::to_string(us / 1'000'000);
  std::string fraction = std::to_string(us % 1'000'000);
  fraction.insert(0, 6 - fraction.size(), '0');
  fraction.resize(3);
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  if (!fraction.empty()) text += "." + fraction;
  return text;
}

}  // namespace backhaul::sim
