// SPDX-License-Identifier: Apache-2.0
// Who is on the other side: unique names of the bus as opaque ids with a uid, and, where a sandbox
// confines the process behind the name, its application. All that is asked of the bus once per name,
// without blocking, and on a service of many owners the name of the account of the C library; calls of a peer that is not known yet wait, in order. Whom the service does not
// serve (core/admission.h) is known by the error that answers everything it asks. Where the service has
// no descriptor left to look with, that one call is refused and the next one looks again. Every known
// peer is watched, so that its end is noticed at once.
//
// The watch is installed before the question for the uid: the bus works in order, so a peer that
// left in between is answered with an error instead of being missed.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/dbus/caller_facts.h"
#include "adapters/dbus/pidfds.h"
#include "adapters/dbus/settings.h"
#include "base/log.h"
#include "bus/bus.h"
#include "ports/events.h"
#include "ports/queue.h"

namespace backhaul::dbus {

class Peers {
 public:
  using Ready = std::move_only_function<void(const base::Result<ports::Caller>&)>;

  Peers(bus::Bus& bus, Pidfds& pidfds, ports::Inbox& inbox, base::Log& log,
        const Settings& settings);
  Peers(const Peers&) = delete;
  Peers& operator=(const Peers&) = delete;

  // Runs `ready` now, or when the uid is known. A peer that leaves before is not answered.
  void identify(const std::string& unique_name, Ready ready);
  // It was answered that the service could not see who it is: the next call looks again.
  void forget_shortage(const std::string& unique_name);
  // PeerGone will be posted when it leaves, also if it has left already.
  void watch(const std::string& unique_name) { peer(unique_name); }
  // Null: not yet.
  const base::Result<ports::Caller>* known(const std::string& unique_name) const;
  bool is_known(const std::string& unique_name) const { return peers_.contains(unique_name); }
  // Runs before PeerGone is posted.
  void on_gone(std::function<void(const std::string& unique_name)> callback) {
    on_gone_ = std::move(callback);
  }

 private:
  struct Peer {
    base::PeerId id{};
    std::optional<base::Result<ports::Caller>> caller;  // unset: not known yet
    bool asked = false;   // the bus has a question
    bool unseen = false;  // the error is one of ours, not a verdict (caller_facts.h)
    bus::Slot watch;
    bus::Slot question;
    std::vector<Ready> waiting;
  };
  base::Result<ports::Caller> judge(const Peer& peer, std::uint32_t uid,
                                    base::Result<Pidfds::Process> process) const;

  Peer& peer(const std::string& unique_name);
  void ask(const std::string& unique_name, Peer& peer);
  void learned(const std::string& unique_name, const bus::Outcome<std::uint32_t>& answer);
  void name_account(const std::string& unique_name, base::Result<ports::Caller> caller);
  void judged(const std::string& unique_name, base::Result<ports::Caller> caller);
  void gone(const std::string& unique_name);

  bus::Bus& bus_;
  Pidfds& pidfds_;
  ports::Inbox& inbox_;
  base::Log& log_;
  const Settings& settings_;
  std::function<void(const std::string&)> on_gone_;
  std::uint64_t last_id_ = 0;
  std::map<std::string, std::unique_ptr<Peer>> peers_;
};

}  // namespace backhaul::dbus
