// SPDX-License-Identifier: Apache-2.0
// One part: taken into memory, written by a worker, synced by a worker.

#include "core/part_name.h"
#include "tests/sim/files.h"

namespace backhaul::sim {
namespace {

using base::Code;
using base::ErrorContext;

constexpr Microseconds checkpoint_interval = std::chrono::seconds(1);

base::Error part_error(Code code, const char* text) {
  return {code, ErrorContext::local_file, text};
}

}  // namespace

SimSink::SimSink(Stage& stage, Disk& disk, ports::OpenPart request)
    : stage_(stage), disk_(disk), request_(std::move(request)), epoch_(request_.epoch) {}

std::string SimSink::part() const {
  return core::part_path(request_.local, request_.job, request_.index, epoch_);
}

void SimSink::begin(std::string path) {
  path_ = std::move(path);
  disk_.unlink(path_);
  inode_ = disk_.create(path_);
}

void SimSink::take_place(bool whole) {
  if (!request_.in_place || path_ == request_.local) return;
  if (!disk_.directory_of(path_)->writable) return fail(part_error(Code::E_ACCESSDENIED, "not writable"));
  if (!request_.stored.empty() && (whole || !beside_) && on_replaced) on_replaced(key());
  disk_.rename(path_, request_.local);
  path_ = request_.local;
}

void SimSink::later(const Latency& latency, std::function<void()> work) {
  stage_.timeline.in_service(stage_.draw(latency),
                             [self = shared_from_this(), work = std::move(work)] { work(); });
}

void SimSink::open() {
  if (std::exchange(begun_, true)) return;
  later(stage_.options.disk, [this] { opened(); });
}

void SimSink::opened() {
  if (closing_ && stage_.prng.chance(500)) return finish_close();  // it was not begun yet
  const Directory* directory = disk_.directory_of(request_.local);
  if (directory == nullptr) fail(part_error(Code::PATH_NOT_FOUND, "no directory"));
  else if (!directory->writable) fail(part_error(Code::E_ACCESSDENIED, "not writable"));
  else if (disk_.shortage) fail(part_error(*disk_.shortage, "drawn"));
  else if (disk_.full) fail(part_error(Code::DISK_FULL, "full"));
  else if (stage_.chance(stage_.options.open_fails)) fail(part_error(Code::WRITE_FAULT, "drawn"));
  if (failed_) return closing_ ? finish_close() : void();
  const bool recorded =
      (request_.device != 0 || request_.inode != 0) && !(request_.in_place && request_.stored.empty());
  path_ = recorded && request_.in_place ? request_.local : part();
  inode_ = disk_.find(path_);
  const core::PartRecord record{request_.device, request_.mount, request_.inode, request_.stored,
                                request_.tail, request_.last_write};
  const auto verdict = inode_ == nullptr
                           ? core::PartVerdict::replaced
                           : core::compare_part(record, facts_of(*inode_, disk_.mount, request_.stored));
  const bool usable = recorded && (verdict == core::PartVerdict::whole ||
                                   verdict == core::PartVerdict::longer);
  if (usable) {
    if (inode_->cache.written() != request_.stored) disk_.touch(*inode_);
    inode_->cache.keep(request_.stored);  // the rest is as good as not there
    inode_->durable = inode_->durable.common(request_.stored);
  } else {
    begin(part());
  }
  taken_ = inode_->cache;
  one_run_ = taken_.written().empty();
  synced_ = taken_.written();
  last_sync_ = stage_.timeline.now();
  opened_ = true;
  stage_.trace("opened #" + std::to_string(static_cast<std::uint64_t>(request_.transfer)) +
               " epoch " + std::to_string(epoch_) + " with " + std::to_string(taken()) +
               " in inode " + std::to_string(inode_->number));
  stage_.post(ports::PartOpened{.transfer = request_.transfer,
                                .epoch = epoch_,
                                .stored = taken_.written(),
                                .device = inode_->device,
                                .inode = inode_->number,
                                .mount = disk_.mount,
                                .tail = usable ? request_.tail : 0,
                                .part_lost = recorded && !usable});
  if (closing_) leave();
}

bool SimSink::write_at(std::uint64_t place, std::span<const std::byte> data) {
  if (closing_ || ended_ || !opened_) stage_.fail("bytes for a part that takes none");
  if (failed_) return false;
  const std::uint64_t on_disk = inode_->cache.written().total();
  if (taken() + data.size() > on_disk + stage_.options.sink_capacity && taken() > on_disk)
    return false;
  core::Extents fresh;
  fresh.add({place, place + data.size()});
  if (!fresh.common(taken_.written()).empty()) stage_.fail("bytes that are here already came again");
  one_run_ = one_run_ && place == taken_.size();
  taken_.write(place, version_, from_, data.size());
  if (!writing_) write_back();
  return true;
}

void SimSink::on_room(std::move_only_function<void()> callback) { room_.push_back(std::move(callback)); }

void SimSink::restart(std::uint32_t epoch, bool beside) {
  if (epoch <= epoch_) stage_.fail("an epoch was used again");
  epoch_ = epoch;
  beside_ = beside;
  begin(part());
  taken_ = {};
  one_run_ = true;
  synced_ = {};
  left_ = false;
  stage_.trace("begun anew #" + std::to_string(static_cast<std::uint64_t>(request_.transfer)) +
               " epoch " + std::to_string(epoch_) + " in inode " + std::to_string(inode_->number));
}

void SimSink::end_of_data() {
  ended_ = true;
  if (!writing_) maybe_sync();
}

void SimSink::expect(std::uint64_t size) {
  if (size < taken_.size()) stage_.fail("a file is expected to be shorter than what is here of it");
}

void SimSink::write_back() {
  writing_ = true;
  later(stage_.options.disk, [this, inode = inode_, content = taken_] {
    writing_ = false;
    written(inode, content);
  });
}

void SimSink::written(const InodeRef& inode, Content content) {
  if (inode == inode_ && !failed_) {
    if (disk_.full)
      fail(part_error(Code::DISK_FULL, "full"));
    else if (stage_.chance(stage_.options.write_fails))
      fail(part_error(Code::WRITE_FAULT, "drawn"));
    else if (!beside_)
      take_place(false);
    if (!failed_) {
      inode_->cache = std::move(content);
      disk_.touch(*inode_);
    }
  }
  if (failed_) return closing_ ? finish_close() : void();
  if (taken_.written() != inode_->cache.written()) write_back();
  for (auto& callback : std::exchange(room_, {})) stage_.timeline.in_service(Microseconds::zero(), std::move(callback));
  maybe_sync();
}

// A checkpoint when the last one is a second ago; at the end, and when closing, at once.
void SimSink::maybe_sync() {
  if (syncing_ || failed_ || !opened_) return;
  const bool all_written = !writing_ && inode_->cache.written() == taken_.written();
  const bool final = ended_ && all_written;
  if (closing_ && !all_written) return;
  if (closing_ && synced_ == taken_.written() && (!ended_ || final_told_)) return leave();
  if (final && final_told_) return;
  if (!final && !closing_) {
    if (inode_->cache.written() == synced_ || request_.in_place) return;
    const Microseconds due = last_sync_ + checkpoint_interval - stage_.timeline.now();
    if (due > Microseconds::zero()) {
      if (!std::exchange(sync_timer_, true))
        later({due, due}, [this] {
          sync_timer_ = false;
          maybe_sync();
        });
      return;
    }
  }
  syncing_ = true;
  later(stage_.options.sync, [this, inode = inode_, epoch = epoch_,
                              written = inode_->cache.written(), final] {
    syncing_ = false;
    synced(inode, epoch, written, final);
  });
}

void SimSink::synced(const InodeRef& inode, std::uint32_t epoch, const core::Extents& written,
                     bool final) {
  if (failed_) return closing_ ? finish_close() : void();
  if (stage_.chance(stage_.options.write_fails)) {
    fail(part_error(Code::WRITE_FAULT, "drawn"));
    return closing_ ? finish_close() : void();
  }
  disk_.sync(*inode, written);
  const bool current = inode == inode_;
  // Told to close in between, the whole file may be told as what was stored so far.
  const bool told_final = final && (!closing_ || stage_.prng.chance(500));
  if (current && told_final) take_place(true);
  if (failed_) return closing_ ? finish_close() : void();
  disk_.sync_directory(core::parent_directory(request_.local));
  last_sync_ = stage_.timeline.now();
  if (current) {
    synced_ = written;
    final_told_ = final_told_ || final;
  }
  // What is told of an epoch that is over already is true, and comes too late.
  stage_.trace("stored " + std::to_string(static_cast<std::uint64_t>(request_.transfer)) + " with " +
               std::to_string(written.total()) + " of epoch " + std::to_string(epoch) + " in inode " +
               std::to_string(inode->number) + (told_final ? " final" : ""));
  const bool left = current && (told_final || (closing_ && !writing_ && written == taken_.written()));
  left_ = left_ || left;
  if (current || stage_.prng.chance(500)) tell_stored(*inode, epoch, written, left, told_final);
  maybe_sync();
}

void SimSink::tell_stored(const Inode& inode, std::uint32_t epoch, const core::Extents& written, bool left, bool final) {
  stage_.post(ports::PartStored{.transfer = request_.transfer,
                                .epoch = epoch,
                                .stored = written,
                                .device = inode.device,
                                .inode = inode.number,
                                .mount = disk_.mount,
                                .tail = inode.cache.tail(written),
                                .last_write = left ? core::mark_of_write(inode.modified) : 0,
                                .final = final,
                                .received = final && one_run_ && request_.takes_digest ? taken_.digest(32) : ""});
}

// What is closed in order is told once more, with its last write.
void SimSink::leave() {
  if (!std::exchange(left_, true) && !synced_.empty()) tell_stored(*inode_, epoch_, synced_, true, false);
  finish_close();
}

void SimSink::digest(const ports::DigestOrder& order) {
  if (failed_ || closing_) return;
  if (!final_told_) return stage_.fail("the digest of a part was asked for that is not whole");
  later(stage_.options.disk, [this, order] {
    if (failed_ || closing_) return;
    ports::PartDigested event{.transfer = request_.transfer, .epoch = epoch_, .digests = {}};
    for (const core::DigestAlgorithm algorithm : order.algorithms)
      event.digests.push_back({algorithm, inode_->cache.digest(core::digest_bytes(algorithm))});
    // A signature of this world names the digest that it was made of.
    if (order.signature && order.signature->signature.find(inode_->cache.digest(32)) == std::string::npos)
      event.forged = "it names another digest";
    if (order.pieces) event.pieces = inode_->cache.pieces(*order.pieces);
    stage_.post(std::move(event));
  });
}

void SimSink::fail(base::Error error) {
  if (std::exchange(failed_, true)) return;
  stage_.trace("failed " + std::to_string(static_cast<std::uint64_t>(request_.transfer)) + " " +
               base::symbol(error.code));
  stage_.post(ports::PartFailed{request_.transfer, std::move(error)});
}

void SimSink::close(std::function<void()> closed) {
  closing_ = true;
  closed_ = std::move(closed);
  room_.clear();
  if (!opened_ && !failed_) return;  // the open is under way and ends it
  if (writing_ || syncing_) return;  // what is taken is written and synced first
  if (failed_) return finish_close();
  maybe_sync();
}

void SimSink::finish_close() {
  if (!closed_) return;
  later(stage_.options.disk, [closed = std::exchange(closed_, nullptr)] { closed(); });
}

}  // namespace backhaul::sim
