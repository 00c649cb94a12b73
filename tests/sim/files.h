// SPDX-License-Identifier: Apache-2.0
// Files over the simulated disk. Every promise of ports/files.h is kept, and no more than that: work
// on different parts ends in any order, and what is synced is what had been written by then.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ports/files.h"
#include "tests/sim/disk.h"
#include "tests/sim/stage.h"

namespace backhaul::sim {

struct PartKey {
  base::JobId job;
  std::uint32_t index = 0;
  auto operator<=>(const PartKey&) const = default;
};

class SimSink final : public ports::Sink, public std::enable_shared_from_this<SimSink> {
 public:
  SimSink(Stage& stage, Disk& disk, ports::OpenPart request);

  // What the next write carries.
  void describe(std::uint32_t version, std::uint64_t from) { version_ = version, from_ = from; }
  bool write_at(std::uint64_t place, std::span<const std::byte> data) override;
  void on_room(std::move_only_function<void()> callback) override;
  void restart(std::uint32_t epoch, bool beside) override;
  const ports::HeldSample& held() const override { return held_; }
  void take_over(ports::CopiedRights) override {}  // files have no rights here
  void end_of_data() override;
  void expect(std::uint64_t size) override;
  std::uint64_t taken() const override { return taken_.written().total(); }
  core::Extents have() const { return taken_.written(); }
  std::string pieces(const core::PieceSize& size) const { return taken_.pieces(size); }  // their digests, as they came
  // Content is described, not stored: whether the bytes that are held are those of this version.
  bool holds_only(std::uint32_t version) const { return taken_.version() == version; }
  bool holds(core::Extent places, std::uint32_t version, std::uint64_t from) const {
    return taken_.holds(places, version, from);
  }

  base::TransferId transfer() const { return request_.transfer; }
  PartKey key() const { return {request_.job, request_.index}; }
  std::uint32_t epoch() const { return epoch_; }
  bool begun() const { return begun_; }
  bool usable() const { return opened_ && !closing_; }
  bool will_keep_all() const { return opened_ && closing_ && !failed_; }

  std::function<void(const PartKey&)> on_replaced;  // see SimFiles
  void digest(const ports::DigestOrder& order);
  void open();               // answers PartOpened or PartFailed
  void close(std::function<void()> closed);

 private:
  std::string part() const;  // its own name
  void begin(std::string path);  // a new file of that name
  void take_place(bool whole);
  void opened();
  void write_back();
  void written(const InodeRef& inode, Content content);
  void maybe_sync();
  void synced(const InodeRef& inode, std::uint32_t epoch, const core::Extents& written,
              bool final);
  void fail(base::Error error);
  void tell_stored(const Inode& inode, std::uint32_t epoch, const core::Extents& written, bool left, bool final);
  void leave();
  void finish_close();
  // Work that a dead sink does not continue.
  void later(const Latency& latency, std::function<void()> work);

  Stage& stage_;
  Disk& disk_;
  ports::OpenPart request_;
  std::uint32_t epoch_ = 0;
  bool beside_ = false;  // of what is held, which stands in its place until this one is whole
  std::string path_;     // where it lies
  InodeRef inode_;
  Content taken_;              // in memory and below
  ports::HeldSample held_;     // nothing in it
  std::uint32_t version_ = 0;
  std::uint64_t from_ = 0;
  core::Extents synced_;
  Microseconds last_sync_{};
  std::vector<std::move_only_function<void()>> room_;
  std::function<void()> closed_;
  bool begun_ = false;
  bool opened_ = false;
  bool writing_ = false;
  bool syncing_ = false;
  bool sync_timer_ = false;
  bool failed_ = false;
  bool ended_ = false;
  bool one_run_ = false;  // all that is here came one behind the other, into this sink
  bool final_told_ = false;
  bool left_ = false;  // the mark of its last write was told
  bool closing_ = false;
};

class SimFiles final : public ports::Files {
 public:
  SimFiles(Stage& stage, Disk& disk) : stage_(stage), disk_(disk) {}

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

  void service_died();
  std::size_t open_parts() const { return sinks_.size(); }
  bool busy() const { return !sinks_.empty() || publishing_ > 0; }

  std::function<void(const ports::OpenPart&)> on_open;
  // Called when a file got its local name.
  std::function<void(const base::JobId&, std::uint32_t, const std::string&, const Inode&)>
      on_published;
  // Called when a part takes the local name from one that stood there and is held: until its row is written, that
  // speaks of what is not there any more.
  std::function<void(const PartKey&)> on_replaced;
  std::uint64_t checks = 0;  // that were asked for
  std::function<bool(base::TransferId)> in_use;  // does the transport still fill this sink?

 private:
  struct Publishing;
  struct HandingOver;
  void hand_over_next(std::shared_ptr<HandingOver> work);
  ports::CopiedPart copy_part(const HandingOver& work, const ports::HandedPart& part);
  void publish_next(std::shared_ptr<Publishing> work);
  void publish_end(std::shared_ptr<Publishing> work);
  void look_at(Publishing& work);
  bool is_recorded(const ports::PublishFile& file, const std::string& path) const;
  ports::PublishedFile look_at_one(const base::JobId& job, const ports::PublishFile& file) const;
  base::Result<void> publish_one(const base::JobId& job, const ports::PublishFile& file);
  bool remove(const base::JobId& job, const ports::PartRef& part);
  void closed(base::TransferId transfer);
  void open_first(const PartKey& key);
  void look_at_destinations(base::CheckId check, std::shared_ptr<ports::Destinations> destinations);
  base::Result<void> check_target(const core::Placed& file) const;
  void sweep_now(const ports::SweepRequest& request, bool known_only);

  Stage& stage_;
  Disk& disk_;
  std::map<base::TransferId, std::shared_ptr<SimSink>> sinks_;
  std::map<base::TransferId, Coming> closed_;  // until they are forgotten
  // Opens of one part stand behind each other; the first is the one that is open.
  std::map<PartKey, std::vector<base::TransferId>> queues_;
  std::map<PartKey, int> sweeping_;
  int publishing_ = 0;
};

}  // namespace backhaul::sim
