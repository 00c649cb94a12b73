// SPDX-License-Identifier: Apache-2.0
// Transport of files of this machine (core/local_address.h): a server for core::Conversation that answers
// from the file system, with the rights of the owner of the job. Size and time are the identity, as in
// BITS, and a tag says them to the nanosecond. Only ordinary files are read; a link to one is followed, as
// its owner would. Reading is done on threads of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>

#include "adapters/posix/access.h"
#include "adapters/posix/mount_threads.h"
#include "core/conversation.h"
#include "loop/loop.h"
#include "ports/events.h"
#include "core/job_meters.h"
#include "ports/transport.h"

namespace backhaul::posix {

class LocalTransport final : public ports::Transport {
 public:
  LocalTransport(loop::Loop& loop, ports::Inbox& inbox, Owners& owners);
  ~LocalTransport() override;

  void start(ports::TransferRequest request, ports::Sink& sink) override;
  void stop(base::TransferId transfer) override;
  void hold_off(base::TransferId, std::set<std::string>) override {}  // a file leads nowhere else
  void limit(const core::RateLimits&) override {}  // no bandwidth is used
  void set_standing(base::TransferId, core::Standing) override {}
  core::Reading reading(const base::JobId& job) const override { return {.rate = meters_.rate(job, loop_.now()), .impact = {}}; }

 private:
  struct Running;
  struct Source;
  struct Piece;
  using Shared = std::shared_ptr<Running>;

  void open(const Shared& running);
  void answer(const Shared& running, base::Result<Source> source);
  void begin_body(Running& running);
  void announce(Running& running);
  void read_on(const Shared& running);
  void take(const Shared& running, base::Result<Piece> piece);
  bool settle(Running& running);
  void offer(const Shared& running);
  void answer_ended(const Shared& running, const std::optional<base::Error>& broken);
  void end(const Shared& running, core::Ending ending);

  loop::Loop& loop_;
  ports::Inbox& inbox_;
  Owners& owners_;
  core::JobMeters meters_;
  core::OriginMemory memory_;
  std::unordered_map<base::TransferId, Shared> running_;
  MountThreads threads_;  // last: its threads end before what they work on
};

}  // namespace backhaul::posix
