// SPDX-License-Identifier: Apache-2.0
// ports::Files on a POSIX file system. The promises stand in the port; here is who keeps which:
// PartSink gathers bytes and gives orders, PartFile carries them out on a worker, Gate keeps the
// order on the parts of a job, publish.h and sweep.h end their lives.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "adapters/posix/access.h"
#include "adapters/posix/buffers.h"
#include "adapters/posix/destination_checks.h"
#include "adapters/posix/directory.h"
#include "adapters/posix/gate.h"
#include "adapters/posix/groups.h"
#include "adapters/posix/part_sink.h"
#include "adapters/posix/mount_threads.h"
#include "adapters/posix/sweep.h"
#include "base/log.h"
#include "loop/loop.h"
#include "ports/events.h"
#include "ports/files.h"

namespace backhaul::posix {

struct PosixFilesSettings {
  base::Microseconds checkpoint_interval = std::chrono::seconds(1);
  MountThreadLimits threads{};
  // What is done in groups (groups.h): parts opened, small files that are complete written and synced, jobs put in
  // place, counted by their files.
  GroupLimits opening{.at_once = 2, .most = 16};
  GroupLimits syncing{.at_once = 4, .most = 16};
  GroupLimits publishing{.at_once = 2, .most = 256};
  std::size_t buffer = 256 * 1024;
  std::size_t waiting_for_disk = 8 * 1024 * 1024;  // bytes of all sinks together
  WriteRules write{};
  DestinationCheckLimits checks{};
  const char* mount_table = "/proc/self/mountinfo";  // which directories may not answer
  CertificateFolders certificates{};
};

class PosixFiles final : public ports::Files, private SinkHost {
 public:
  PosixFiles(loop::Loop& loop, ports::Inbox& inbox, base::Log& log, Owners& owners, PosixFilesSettings settings);
  ~PosixFiles() override;

  void open(ports::OpenPart request) override;
  ports::Sink* sink(base::TransferId transfer) override;
  std::optional<Coming> coming(base::TransferId transfer) const override;
  void forget(base::TransferId transfer) override { closed_.erase(transfer); }
  void digest(base::TransferId transfer, ports::DigestOrder order) override;
  void close(base::TransferId transfer) override;
  void publish(ports::PublishRequest request) override;
  void discard(ports::DiscardRequest request) override;
  void hand_over(ports::HandOverRequest request) override;
  void sweep(ports::SweepRequest request) override;
  void check(base::CheckId check, ports::Destinations destinations) override;

 private:
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
  using Place = MountThreads::Place;
  void open_parts(const Place& place, std::vector<PartSink*> sinks);
  void open_done(PartSink& sink, base::Result<PartFile::Opened> result);
  Place place_of(const PartSink& sink);
  template <class Item>
  void begin_later(Groups<Item>& groups, const Place& place, Item item) {
    groups.add(place, std::move(item));
    begin_groups_.schedule();
  }
  void carry_out_later(const Place& place, std::vector<Task> tasks, bool group);
  void carried_out(std::vector<Task> tasks);
  void give_room();
  void checkpoint();
  void arm_checkpoint(base::BootTime due);
  void put_in_place(const Place& place, std::vector<ports::PublishRequest> requests);
  void sweep_away(const Place& place, std::vector<Sweep> batch);
  std::shared_ptr<Access> access_at(const Place& place);

  loop::Loop& loop_;
  ports::Inbox& inbox_;
  base::Log& log_;
  Owners& owners_;
  const PosixFilesSettings settings_;
  Directories directories_;
  BufferPool buffers_;
  Gate gate_;
  std::unordered_map<base::TransferId, std::unique_ptr<PartSink>> sinks_;
  std::unordered_map<base::TransferId, Coming> closed_;  // until they are forgotten
  std::vector<PartSink*> want_room_;

  Groups<PartSink*> opening_;
  Groups<Task> syncing_;
  Groups<ports::PublishRequest> publishing_;
  Groups<Sweep> sweeping_;
  loop::Deferred begin_groups_;

  base::BootTime checkpoint_at_ = base::never;
  loop::Timer checkpoint_timer_;
  DestinationChecks checks_;
  std::atomic<bool> ending_ = false;
  // Last: their threads end before what they work on. Copies have their own, since they take as long as they take.
  MountThreads threads_;
  MountThreads copying_;
};

}  // namespace backhaul::posix
