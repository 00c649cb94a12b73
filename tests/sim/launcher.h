// SPDX-License-Identifier: Apache-2.0
// Launcher: programs that run for a while and end as they are told. They outlive the service, but
// then nobody hears how they ended.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "ports/launcher.h"
#include "tests/sim/stage.h"

namespace backhaul::sim {

enum class Ending : std::uint8_t { exit_0, exit_1, killed, not_started, complete_and_exit_1, runs_on };

class SimLauncher final : public ports::Launcher {
 public:
  explicit SimLauncher(Stage& stage) : stage_(stage) {}

  void run(ports::Launch launch) override;
  void service_died() { runs_.clear(); }
  std::size_t under_way() const { return runs_.size(); }
  std::size_t under_way(std::uint32_t uid) const;
  // Whatever runs on ends with 0.
  void end_all();

  std::deque<Ending> endings;  // of the next runs; then exit code 0
  // Asked in front of every run: is it right? The answer is the number of the event it is for.
  std::function<std::uint64_t(const ports::Launch&)> on_run;
  std::function<void(const ports::Launch&)> on_complete;
  std::function<void(const base::JobId&, std::uint64_t)> on_acknowledged;
  std::function<std::string(const base::JobId&)> name_of;

 private:
  struct Run {
    ports::Launch launch;
    std::uint64_t sequence = 0;
  };
  void end(base::Ticket ticket, Ending ending);

  Stage& stage_;
  std::map<base::Ticket, Run> runs_;
};

}  // namespace backhaul::sim
