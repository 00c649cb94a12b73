// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/bus.h"

#include "base/result.h"

namespace backhaul::sim {

Program& Bus::connect(const std::string& label, std::uint32_t uid) {
  Program program;
  program.label = label;
  program.unique_name = ":1." + std::to_string(++last_);
  program.peer = base::PeerId{last_};
  program.uid = uid;
  const std::string name = program.unique_name;
  return programs_.emplace(name, std::move(program)).first->second;
}

Program* Bus::find(const std::string& unique_name) {
  auto it = programs_.find(unique_name);
  return it == programs_.end() ? nullptr : &it->second;
}

Program* Bus::find(base::PeerId peer) {
  for (auto& [name, program] : programs_)
    if (program.peer == peer) return &program;
  return nullptr;
}

ClassServer& Bus::install(const std::string& name) {
  ClassServer& server = servers_[name];
  server.name = name;
  server.installed = true;
  return server;
}

ClassServer* Bus::server(const std::string& name) {
  auto it = servers_.find(name);
  return it == servers_.end() ? nullptr : &it->second;
}

void Bus::kill(Program& program) {
  if (!std::exchange(program.alive, false)) return;
  stage_.note(program.label + " dies");
  for (auto& [name, server] : servers_)
    if (server.running == &program) {
      server.running = nullptr;
      server.instances.clear();
    }
  if (on_death) on_death(program);
  stage_.timeline.in_service(stage_.draw(stage_.options.call),
                             [this, peer = program.peer, name = program.unique_name] {
                               stage_.post(ports::PeerGone{peer, name});
                             });
}

void Bus::died() {
  for (auto& [name, program] : programs_) program.alive = false;
  for (auto& [name, server] : servers_) {
    server.running = nullptr;
    server.instances.clear();
  }
  id_ = "bus-" + std::to_string(++buses_);
}

std::string_view to_word(core::NotifyKind kind) {
  switch (kind) {
    case core::NotifyKind::none: return "nothing";
    case core::NotifyKind::job_transferred: return "JobTransferred";
    case core::NotifyKind::job_error: return "JobError";
    case core::NotifyKind::job_modification: return "JobModification";
    case core::NotifyKind::file_transferred: return "FileTransferred";
    case core::NotifyKind::file_ranges_transferred: return "FileRangesTransferred";
  }
  return "?";
}

}  // namespace backhaul::sim
