// SPDX-License-Identifier: Apache-2.0
// The receiving end of one transfer, on the loop thread: gathers what the transport brings into
// buffers and turns them into orders for the workers, one order at a time. While one is under way
// buffers add up, so a slow disk gets large writes by itself.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "adapters/posix/buffers.h"
#include "adapters/posix/part_file.h"
#include "ports/events.h"
#include "ports/files.h"

namespace backhaul::posix {

class PartSink;

// What the sinks need of their owner.
class SinkHost {
 public:
  virtual ~SinkHost() = default;
  virtual BufferPool& buffers() = 0;
  virtual void post(ports::Event event) = 0;
  virtual void ready(PartSink& sink) = 0;         // take_order() has something to do
  virtual void unsynced(PartSink& sink) = 0;      // a checkpoint will be due
  virtual void wants_room(PartSink& sink) = 0;
  virtual void finished(PartSink& sink) = 0;      // closed: may be destroyed
};

class PartSink final : public ports::Sink {
 public:
  PartSink(SinkHost& host, ports::OpenPart request, WriteRules rules, std::shared_ptr<Access> access);
  ~PartSink() override;

  // ports::Sink
  bool write_at(std::uint64_t place, std::span<const std::byte> data) override;
  void on_room(std::move_only_function<void()> callback) override;
  void restart(std::uint32_t epoch, bool beside) override;
  const ports::HeldSample& held() const override { return held_; }
  void take_over(ports::CopiedRights rights) override { rights_ = std::move(rights); }
  void end_of_data() override;
  void expect(std::uint64_t size) override;
  std::uint64_t taken() const override { return taken_; }

  // For the owner.
  const ports::OpenPart& request() const { return request_; }
  PartFile& file() { return file_; }
  void opened(PartFile::Opened opened);
  bool is_open() const { return open_ && !closing_; }
  bool is_closing() const { return closing_; }
  std::optional<ports::Files::Coming> coming() const {
    if (!open_ || !closing_ || failed_) return std::nullopt;
    return ports::Files::Coming{epoch_, taken_};
  }
  void digest(ports::DigestOrder order);
  void close();

  PartOrder take_order();
  void order_done(PartOrder order);

  // When the bytes that are not synced yet should be; never while a sync is under way.
  base::BootTime checkpoint_due(base::Microseconds interval) const;
  void begin_checkpoint(base::BootTime now);
  bool knows_unsynced_since() const { return unsynced_since_ != base::never; }
  void set_unsynced_since(base::BootTime now) { unsynced_since_ = now; }

  bool has_room() const;
  std::vector<std::move_only_function<void()>> take_room_callbacks() { return std::exchange(room_, {}); }

 private:
  bool has_work() const;
  void seal();
  void seal(Buffer& buffer);
  void go_to(std::uint64_t place);
  void press();
  void drop_buffers();
  void give_work();
  std::size_t next_capacity() const;
  void stored(const PartOrder& order);
  void fail(base::Error error);

  SinkHost& host_;
  ports::OpenPart request_;
  PartFile file_;

  std::uint32_t epoch_;
  std::uint64_t place_ = 0;   // of the byte behind the last one that was taken
  std::uint64_t taken_ = 0;   // how many bytes are here
  std::uint64_t begin_ = 0;   // of those, how many were there at open
  std::uint64_t stored_ = 0;  // of those, how many are known to be durable
  ports::HeldSample held_;
  Buffer current_;
  std::vector<Buffer> aside_;  // begun at other places, where several transfers fill the part
  std::deque<Buffer> full_;
  std::size_t waiting_ = 0;  // bytes in full_ and in the order under way
  std::vector<std::move_only_function<void()>> room_;

  bool open_ = false;
  bool restart_pending_ = false;
  bool beside_ = false;  // what is being received stands beside what is held
  bool sync_wanted_ = false;
  bool pressed_ = false;  // what is here goes, however little it is: there was no room, or it is to be seen
  std::optional<std::uint64_t> room_for_;  // to be looked for with the next order
  std::optional<ports::CopiedRights> rights_;  // for the final order
  bool ended_ = false;          // no more bytes: the next sync is the final one
  bool final_stored_ = false;
  ports::DigestOrder digest_wanted_;
  bool closing_ = false;
  bool file_closed_ = false;
  bool failed_ = false;
  bool under_way_ = false;
  bool sync_under_way_ = false;
  base::BootTime unsynced_since_ = base::never;
  base::BootTime last_checkpoint_{};
};

}  // namespace backhaul::posix
