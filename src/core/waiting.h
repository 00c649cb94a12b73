// SPDX-License-Identifier: Apache-2.0
// Why a job is not moving, as a value; one function renders it in words. Every job can say in one
// sentence what it is waiting for.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace backhaul::core {

enum class WaitingKind : std::uint8_t {
  nothing,         // it moves
  start,           // SUSPENDED: Start was not called, or Suspend was; argument: what the service
                   // suspended it for
  files,           // no file was added yet
  turn,            // another job of its priority is being served; argument: how many are before it
  network,         // no network
  retry,           // after a transient error; arguments: what happened
  server,          // its server asked for time (Retry-After); arguments: the host, and where another job was told so
                   // "another", or "own" where that is for jobs of the same owner alone
  storage,         // the queue cannot be written; argument: why
  owner_complete,  // TRANSFERRED: somebody has to call Complete; arguments: why the last one failed, or nothing; the
                   // class that is told of it when its owner has a session, if it waits for that
  owner_error,     // ERROR: somebody has to repair, resume or cancel; argument: what happened
  closing,         // what was asked for is being carried out; arguments: "complete", "cancel" or "take", and, when
                   // that takes long, the directory whose file system is waited for
  address,         // the address of a file has expired: it needs another one; argument: what happened
  certificate,     // the program was asked about a server's certificate; argument: the server
  shortage,        // the service itself is short of something; argument: what it ran into
  sleep,           // the machine goes to sleep
  login,           // the network wants somebody to log in first
  logon,           // its owner has no session, and the settings have jobs wait for one
  ticket,          // it logs in by a ticket of its owner's session, and the service is in none
  cost,            // the network costs more than it may; arguments: what it is, what the job takes
  battery,         // mains power
  power_saver,     // the end of power saving
  bandwidth,       // the administrator's schedule leaves its priority nothing
  budget,          // what may come over this network in the period is used up; arguments: of which network
  demand,          // on demand, and of none of its files anything is asked for that is not here
  directory,       // the file system of a directory does not answer; argument: the directory
  account,         // its owner's account is somebody else's now, or nobody's; argument: what became of it
  answer,          // the server was asked and says nothing; arguments: the host, and "more" where it
                   // had begun to answer
  policy,          // the settings let no job fetch from its server; argument: the host
  neighbour,       // a neighbour fetches the file, or is about to, and is asked for it then; argument: its name
};

struct Waiting {
  WaitingKind kind = WaitingKind::nothing;
  base::WallTime since{};  // epoch: not known
  base::WallTime until{};  // epoch: nobody knows
  std::vector<std::string> arguments;

  bool operator==(const Waiting&) const = default;
};

// "nothing", "start", "files", "turn", "network", "retry", "server", "storage", "owner-complete",
// "owner-error", "closing", "address", "certificate", "shortage", "sleep", "login", "logon", "ticket", "cost", "battery",
// "power-saver", "bandwidth", "budget", "demand", "directory", "account", "answer", "policy", "neighbour".
std::string_view to_word(WaitingKind kind);
// One sentence without a final stop: "retry in 4 min 10 s after HTTP 503 from example.org". Times
// are told as durations: a moment of the day would need a time zone.
std::string render(const Waiting& waiting, base::WallTime now);
// In the two largest units that matter, for nobody wants the seconds of a day: "2 h 10 min".
std::string duration_text(std::chrono::seconds time);

}  // namespace backhaul::core
