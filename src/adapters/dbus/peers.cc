// SPDX-License-Identifier: Apache-2.0
#include "adapters/dbus/peers.h"

#include <utility>

#include "adapters/dbus/calls.h"
#include "adapters/dbus/program_name.h"
#include "bus/names.h"
#include "core/admission.h"
#include "core/judge.h"

namespace backhaul::dbus {

Peers::Peers(bus::Bus& bus, Pidfds& pidfds, ports::Inbox& inbox, base::Log& log,
             const Settings& settings)
    : bus_(bus), pidfds_(pidfds), inbox_(inbox), log_(log), settings_(settings) {}

const base::Result<ports::Caller>* Peers::known(const std::string& unique_name) const {
  const auto found = peers_.find(unique_name);
  return found != peers_.end() && found->second->caller ? &*found->second->caller : nullptr;
}

void Peers::identify(const std::string& unique_name, Ready ready) {
  Peer& known = peer(unique_name);
  if (known.caller) return ready(*known.caller);
  known.waiting.push_back(std::move(ready));
  ask(unique_name, known);
}

void Peers::forget_shortage(const std::string& unique_name) {
  const auto found = peers_.find(unique_name);
  if (found != peers_.end() && found->second->unseen) found->second->caller.reset();
}

Peers::Peer& Peers::peer(const std::string& unique_name) {
  std::unique_ptr<Peer>& known = peers_[unique_name];
  if (known) return *known;
  known = std::make_unique<Peer>();
  known->id = base::PeerId{++last_id_};
  known->watch = bus_.watch_name(
      unique_name, [this, unique_name](const std::string&, const std::string& new_owner) {
        if (new_owner.empty()) gone(unique_name);
      });
  ask(unique_name, *known);
  return *known;
}

// Once, and again after it was forgotten.
void Peers::ask(const std::string& unique_name, Peer& peer) {
  if (std::exchange(peer.asked, true)) return;
  peer.question = bus_.call_async<std::uint32_t>(
      bus_call("GetConnectionUnixUser"),
      [this, unique_name](const bus::Outcome<std::uint32_t>& uid) { learned(unique_name, uid); },
      unique_name);
}

void Peers::learned(const std::string& unique_name, const bus::Outcome<std::uint32_t>& answer) {
  if (!peers_.contains(unique_name)) return;
  if (!answer && answer.error().is(bus::name_has_no_owner)) return gone(unique_name);
  if (!answer) {
    log_.write(base::LogLevel::warning,
               "the bus does not tell the user of " + unique_name + ": " + answer.error().text);
    return judged(unique_name,
                  base::Error(base::Code::E_ACCESSDENIED, "the bus does not tell who you are"));
  }
  pidfds_.ask(unique_name, [this, unique_name, uid = std::get<0>(*answer)](
                               base::Result<Pidfds::Process> process) {
    const auto found = peers_.find(unique_name);
    if (found == peers_.end()) return;
    name_account(unique_name, judge(*found->second, uid, std::move(process)));
  });
}

void Peers::name_account(const std::string& unique_name, base::Result<ports::Caller> caller) {
  if (!caller || !settings_.account_name) return judged(unique_name, std::move(caller));
  const std::uint32_t uid = caller->uid;
  settings_.account_name(uid, [this, unique_name, caller = *std::move(caller)](base::Result<std::string> name) mutable {
    if (!peers_.contains(unique_name)) return;
    if (!name) return judged(unique_name, std::move(name).error());
    caller.account = *std::move(name);
    judged(unique_name, std::move(caller));
  });
}

base::Result<ports::Caller> Peers::judge(const Peer& peer, std::uint32_t uid,
                                         base::Result<Pidfds::Process> process) const {
  if (!process) return std::move(process).error();
  CallerProcess caller{.uid = uid,
                       .pid = process->pid.value_or(0),
                       .process = std::move(process->pidfd),
                       .label = {}};
  if (process->label) caller.label.assign(process->label->begin(), process->label->end());
  BH_TRY(const core::CallerFacts facts, facts_of(std::move(caller), settings_.fact_folders));
  BH_TRY(std::string application, core::admit(facts, settings_.served));
  // Of a confined application the process is often a proxy, which tells people nothing.
  std::string program = application;
  if (application.empty() && process->pid) program = application_of_process(*process->pid);
  return ports::Caller{peer.id, uid, std::move(program), std::move(application)};
}

void Peers::judged(const std::string& unique_name, base::Result<ports::Caller> caller) {
  Peer& known = *peers_.at(unique_name);
  known.asked = false;
  known.unseen = !caller && core::is_shortage(caller.error().code);
  if (!caller)
    log_.write(base::LogLevel::notice,
               "calls of " + unique_name + " are refused: " + caller.error().text);
  known.caller = caller;
  std::vector<Ready> waiting = std::exchange(known.waiting, {});
  // What runs may make this peer leave.
  for (Ready& ready : waiting) ready(caller);
}

void Peers::gone(const std::string& unique_name) {
  auto left = peers_.extract(unique_name);
  if (left.empty()) return;
  if (on_gone_) on_gone_(unique_name);
  inbox_.post(ports::PeerGone{left.mapped()->id, unique_name});
}

}  // namespace backhaul::dbus
