// SPDX-License-Identifier: Apache-2.0
// ports::Files on a POSIX file system. The promises stand in the port; here is who keeps which:
// PartSink gathers bytes and gives orders, PartFile carries them out on a worker, Gate keeps the
// order on the parts of a job, publish.h and sweep.h end their lives.
#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "adapters/posix/buffers.h"
#include "adapters/posix/destination_checks.h"
#include "adapters/posix/directory.h"
#include "adapters/posix/gate.h"
#include "adapters/posix/part_sink.h"
#include "adapters/posix/sweep.h"
#include "base/log.h"
#include "loop/loop.h"
#include "ports/events.h"
#include "ports/files.h"

namespace backhaul::posix {

struct PosixFilesSettings {
  uid_t owner = geteuid();  // nobody else's files are touched: with what rights would they be?
  mode_t umask = 022;  // of the owner: a published file has mode 0666 & ~umask
  base::Microseconds checkpoint_interval = std::chrono::seconds(1);
  unsigned threads = 8;
  // Small files that are complete are written and synced in groups; this many groups at a time.
  unsigned sync_groups = 4;
  std::size_t files_per_group = 16;
  std::size_t buffer = 256 * 1024;
  std::size_t waiting_for_disk = 8 * 1024 * 1024;  // bytes of all sinks together
  std::size_t write_back_window = 4 * 1024 * 1024;
  DestinationCheckLimits checks{};
};

class PosixFiles final : public ports::Files, private SinkHost {
 public:
  PosixFiles(loop::Loop& loop, ports::Inbox& inbox, base::Log& log, PosixFilesSettings settings);
  ~PosixFiles() override;

  void open(ports::OpenPart request) override;
  ports::Sink* sink(base::TransferId transfer) override;
  void digest(base::TransferId transfer, ports::DigestOrder order) override;
  void close(base::TransferId transfer) override;
  void publish(ports::PublishRequest request) override;
  void discard(ports::DiscardRequest request) override;
  void sweep(ports::SweepRequest request) override;
  void check(base::CheckId check, ports::Destinations destinations) override;

 private:
  base::Result<void> serves(const core::Owner& owner) const;
  BufferPool& buffers() override { return buffers_; }
  void post(ports::Event event) override { inbox_.post(std::move(event)); }
  void ready(PartSink& sink) override;
  void unsynced(PartSink& sink) override;
  void wants_room(PartSink& sink) override { want_room_.push_back(&sink); }
  void finished(PartSink& sink) override;

  // An order and the sink it belongs to; sinks outlive their orders.
  struct Task {
    PartSink* sink;
    PartOrder order;
  };
  void open_now(PartSink& sink);
  void open_done(PartSink& sink, base::Result<PartFile::Opened> result);
  void start_groups();
  void carry_out_later(std::vector<Task> tasks, bool group);
  void carried_out(std::vector<Task> tasks, bool group);
  void give_room();
  void checkpoint();
  void arm_checkpoint(base::BootTime due);
  void start_sweep();
  void swept(const std::vector<Sweep>& sweeps);

  loop::Loop& loop_;
  ports::Inbox& inbox_;
  base::Log& log_;
  const PosixFilesSettings settings_;
  Directories directories_;
  BufferPool buffers_;
  Gate gate_;
  std::unordered_map<base::TransferId, std::unique_ptr<PartSink>> sinks_;
  std::vector<PartSink*> want_room_;

  std::vector<Task> small_;  // complete small files that wait for a group
  unsigned groups_under_way_ = 0;

  std::vector<Sweep> sweeps_;
  bool sweep_under_way_ = false;

  base::BootTime checkpoint_at_ = base::never;
  loop::Timer checkpoint_timer_;
  DestinationChecks checks_;
  loop::Worker worker_;  // last: its threads end before what they work on
};

}  // namespace backhaul::posix
