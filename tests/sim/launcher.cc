// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/launcher.h"

#include <vector>

namespace backhaul::sim {

using ports::NotifyOutcome;

void SimLauncher::run(ports::Launch launch) {
  stage_.port_call();
  const base::Ticket ticket = launch.ticket;
  const base::JobId job = launch.job;
  const std::uint64_t sequence = on_run(launch);
  for (const auto& [other, run] : runs_)
    if (run.launch.job == job) stage_.fail(name_of(job) + ": two programs at once");
  Ending ending = Ending::exit_0;
  if (!endings.empty()) {
    ending = endings.front();
    endings.pop_front();
  } else if (stage_.chance(stage_.options.callee_fails)) {
    ending = static_cast<Ending>(1 + stage_.prng.below(4));
  } else if (stage_.chance(stage_.options.callee_hangs)) {
    ending = Ending::runs_on;
  }
  static constexpr std::string_view words[] = {"exit code 0", "exit code 1", "killed",
                                               "cannot be started", "Complete and exit code 1",
                                               "runs on"};
  stage_.note("program " + launch.command.program + " for " + name_of(job) + ": " +
              std::string(words[static_cast<std::size_t>(ending)]));
  runs_[ticket] = {std::move(launch), sequence};
  if (ending == Ending::runs_on) return;
  // In the swarm, where calls are short, every third takes minutes, so that it is still at work when its job
  // owes the next event.
  Microseconds lasts = stage_.draw(stage_.options.call);
  if (lasts < std::chrono::milliseconds(100) && static_cast<std::uint64_t>(ticket) % 3 == 0) lasts *= 6000;
  stage_.timeline.in_service(lasts, [this, ticket, ending] {
    if (runs_.contains(ticket)) end(ticket, ending);
  });
}

std::size_t SimLauncher::under_way(std::uint32_t uid) const {
  std::size_t count = 0;
  for (const auto& [ticket, run] : runs_) count += run.launch.owner.uid == uid ? 1 : 0;
  return count;
}

void SimLauncher::end(base::Ticket ticket, Ending ending) {
  const Run run = runs_.at(ticket);
  stage_.met(std::string("a program: ") + (ending == Ending::exit_0        ? "heard"
                                          : ending == Ending::not_started ? "does not start"
                                                                          : "refused"));
  if (ending == Ending::complete_and_exit_1) on_complete(run.launch);
  runs_.erase(ticket);
  if (ending == Ending::exit_0) {
    if (on_acknowledged) on_acknowledged(run.launch.job, run.sequence);
    stage_.post(ports::DeliveryEnded{ticket, NotifyOutcome::answered, base::Code::S_OK, {}});
  } else if (ending == Ending::not_started) {
    stage_.post(ports::DeliveryEnded{ticket, NotifyOutcome::unavailable, base::Code::FILE_NOT_FOUND, {}});
  } else {
    stage_.post(ports::DeliveryEnded{ticket, NotifyOutcome::failed, base::Code::E_FAIL, {}});
  }
}

void SimLauncher::end_all() {
  std::vector<base::Ticket> tickets;
  for (const auto& [ticket, run] : runs_) tickets.push_back(ticket);
  for (const base::Ticket ticket : tickets) end(ticket, Ending::exit_0);
}

}  // namespace backhaul::sim
