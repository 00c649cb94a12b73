// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/part_sink.h"

#include <algorithm>
#include <utility>

#include "adapters/posix/failure.h"
#include "base/result.h"

namespace backhaul::posix {
namespace {

constexpr std::size_t smallest_buffer = 4 * 1024;
// Less than this to come: the write itself tells soon enough, and costs nothing more.
constexpr std::uint64_t worth_asking = 1024 * 1024;
constexpr std::size_t first_buffer = 16 * 1024;    // while nobody knows whether the file is tiny
constexpr std::size_t most_aside = 3;

}  // namespace

PartSink::PartSink(SinkHost& host, ports::OpenPart request, WriteRules rules, std::shared_ptr<Access> access)
    : host_(host), request_(std::move(request)), file_(rules, std::move(access)), epoch_(request_.epoch) {}

PartSink::~PartSink() = default;

void PartSink::opened(PartFile::Opened opened) {
  open_ = true;
  held_ = std::move(opened.held);
  place_ = opened.stored.prefix();
  taken_ = begin_ = stored_ = opened.stored.total();
}

// --- Taking bytes ------------------------------------------------------------------------------
bool PartSink::has_room() const {
  return !failed_ && !closing_ && (waiting_ == 0 || host_.buffers().half_empty());
}

bool PartSink::write_at(std::uint64_t place, std::span<const std::byte> data) {
  if (failed_ || closing_ || ended_) return false;
  // A sink with nothing on its way may always take something, whatever the others have: otherwise
  // nothing would ever give it room.
  if (waiting_ > 0 && !host_.buffers().has_room(data.size())) {
    pressed_ = true;
    give_work();
    return false;
  }
  if (data.empty()) return true;
  if (!held_.tail.empty()) held_ = {};  // as much memory as two buffers
  if (place != place_) go_to(place);
  const bool first_unsynced = unsynced_since_ == base::never;
  while (!data.empty()) {
    if (current_.capacity() == 0) {
      auto buffer = host_.buffers().take(next_capacity());
      if (!buffer) {
        fail(local_error(base::Code::E_OUTOFMEMORY, "There is no memory for what is received of " + request_.local));
        return false;
      }
      current_ = *std::move(buffer);
    }
    if (current_.empty()) current_.begin_at(place_);
    const std::size_t taken = current_.append(data);
    data = data.subspan(taken);
    place_ += taken;
    taken_ += taken;
    if (current_.full()) seal(current_);
  }
  if (first_unsynced) host_.unsynced(*this);
  if (first_unsynced && request_.in_place) press();  // it gets its name
  give_work();
  return true;
}

std::size_t PartSink::next_capacity() const {
  const std::size_t full = host_.buffers().full_size();
  // So that the next one begins at a block.
  const std::size_t ahead = place_ % block_size;
  if (request_.size != base::size_unknown && epoch_ == request_.epoch && request_.size > place_)
    // One more than needed: a small file then goes to the disk in one order, at its end.
    return std::clamp<std::uint64_t>(request_.size - place_ + 1, smallest_buffer, full - ahead);
  return taken_ == begin_ ? std::min(first_buffer, full) : full - ahead;
}

void PartSink::seal(Buffer& buffer) {
  if (buffer.empty()) return;
  const std::size_t size = buffer.data().size();
  waiting_ += size;
  host_.buffers().add_waiting(size);
  full_.push_back(std::exchange(buffer, Buffer()));
}

// All that was begun: whoever syncs or closes wants everything that was taken.
void PartSink::seal() {
  for (Buffer& buffer : aside_) seal(buffer);
  aside_.clear();
  seal(current_);
}

// Several transfers that take turns each fill a buffer of their own; else every turn would cost one.
void PartSink::go_to(std::uint64_t place) {
  if (!current_.empty()) aside_.push_back(std::exchange(current_, Buffer()));
  place_ = place;
  const auto begun = std::ranges::find(aside_, place, &Buffer::end);
  if (begun != aside_.end()) {
    host_.buffers().give_back(std::exchange(current_, std::move(*begun)));
    aside_.erase(begun);
  } else if (aside_.size() > most_aside) {
    seal(aside_.front());
    aside_.erase(aside_.begin());
  }
}

void PartSink::on_room(std::move_only_function<void()> callback) {
  room_.push_back(std::move(callback));
  host_.wants_room(*this);
}

void PartSink::restart(std::uint32_t epoch, bool beside) {
  if (failed_ || closing_ || ended_) return;
  drop_buffers();
  held_ = {};
  epoch_ = epoch;
  beside_ = beside;
  restart_pending_ = true;
  sync_wanted_ = false;
  place_ = taken_ = begin_ = stored_ = 0;
  unsynced_since_ = base::never;
}

void PartSink::drop_buffers() {
  for (Buffer& buffer : full_) {
    waiting_ -= buffer.data().size();
    host_.buffers().remove_waiting(buffer.data().size());
    host_.buffers().give_back(std::move(buffer));
  }
  full_.clear();
  for (Buffer& buffer : aside_) host_.buffers().give_back(std::move(buffer));
  aside_.clear();
  host_.buffers().give_back(std::exchange(current_, Buffer()));
}

void PartSink::end_of_data() {
  if (failed_ || closing_ || ended_) return;
  ended_ = true;
  seal();
  give_work();
}

void PartSink::expect(std::uint64_t size) {
  if (failed_ || closing_ || ended_ || size < taken_ || size - taken_ < worth_asking) return;
  room_for_ = size;
  give_work();
}

void PartSink::digest(ports::DigestOrder order) {
  if (failed_ || closing_) return;
  BH_ASSERT(final_stored_);
  digest_wanted_ = std::move(order);
  give_work();
}

void PartSink::close() {
  closing_ = true;
  file_.stop_digest();
  if (!failed_ && !ended_) {
    seal();
    sync_wanted_ = true;
  }
  if (!open_) return;  // the owner opens it still, and finds out
  if (under_way_) return;
  if (has_work())
    host_.ready(*this);
  else
    host_.finished(*this);
}

// --- Orders ------------------------------------------------------------------------------------
bool PartSink::has_work() const {
  if (!open_ || under_way_) return false;
  if (failed_) return closing_ && !file_closed_;
  if (ended_ && !final_stored_) return true;
  if (closing_) return !full_.empty() || !file_closed_;
  if (!full_.empty() && (pressed_ || waiting_ >= host_.buffers().worth_an_order())) return true;
  return sync_wanted_ || room_for_ || !digest_wanted_.empty();
}

void PartSink::give_work() {
  if (has_work()) host_.ready(*this);
}

PartOrder PartSink::take_order() {
  BH_ASSERT(has_work());
  under_way_ = true;
  pressed_ = false;
  PartOrder order;
  order.file = &file_;
  order.request = &request_;
  order.epoch = epoch_;
  // Half of what may wait: the transport fills one half while the other is written.
  const std::size_t largest_order = host_.buffers().limit() / 2;
  for (std::size_t bytes = 0; !failed_ && !full_.empty() && bytes < largest_order;) {
    bytes += full_.front().data().size();
    order.buffers.push_back(std::move(full_.front()));
    full_.pop_front();
  }
  const bool drained = full_.empty();
  if (!failed_ && !closing_) order.digest = std::exchange(digest_wanted_, {});
  order.final = !failed_ && drained && ended_ && !final_stored_;
  if (order.final) order.rights = std::exchange(rights_, std::nullopt);
  // A checkpoint takes what is written by then: a stream that outruns the disk never drains. A part
  // without a single new byte has nothing to sync, unless it is a whole file.
  if (!failed_ && (drained || !closing_)) {
    order.sync = order.final || (sync_wanted_ && taken_ > stored_);
    sync_wanted_ = false;
  }
  if (!failed_) order.room_for = std::exchange(room_for_, std::nullopt);
  // A new part is made when there is something to put into it.
  order.restart = restart_pending_ && (order.sync || order.room_for || !order.buffers.empty());
  order.beside = beside_;
  if (order.restart) restart_pending_ = false;
  order.close = drained && (ended_ || closing_);
  // What stands in the row of it does not say yet that nobody writes to it any more.
  order.leave = order.close && !order.sync && !failed_ && !ended_ && !restart_pending_ && stored_ > 0;
  sync_under_way_ = order.sync;
  return order;
}

void PartSink::order_done(PartOrder order) {
  under_way_ = sync_under_way_ = false;
  if (order.close) file_closed_ = true;
  for (Buffer& buffer : order.buffers) {
    waiting_ -= buffer.data().size();
    host_.buffers().remove_waiting(buffer.data().size());
    host_.buffers().give_back(std::move(buffer));
  }
  if (order.error && !(closing_ && order.error->code == base::Code::E_ABORT))
    fail(std::move(*order.error));
  else if ((order.sync || (order.leave && file_.last_write() != 0)) && !failed_ && order.epoch == epoch_)
    stored(order);
  else if (!order.digest.empty() && !failed_ && !closing_)
    host_.post(ports::PartDigested{request_.transfer, epoch_, std::move(order.digests.whole),
                                   std::move(order.digests.pieces), std::move(order.digests.forged)});
  if (knows_unsynced_since()) host_.unsynced(*this);
  if (has_work())
    host_.ready(*this);
  else if (closing_)
    host_.finished(*this);  // destroys this
}

void PartSink::stored(const PartOrder& order) {
  stored_ = file_.written().total();
  final_stored_ = order.final;
  unsynced_since_ = taken_ == stored_ ? base::never : last_checkpoint_;
  host_.post(ports::PartStored{.transfer = request_.transfer,
                               .epoch = epoch_,
                               .stored = file_.written(),
                               .device = file_.device(),
                               .inode = file_.inode(),
                               .mount = file_.mount(),
                               .tail = file_.tail(),
                               .last_write = file_.last_write(),
                               .final = order.final,
                               .received = order.final ? file_.received() : std::string()});
}

void PartSink::fail(base::Error error) {
  if (failed_) return;
  failed_ = true;
  drop_buffers();
  unsynced_since_ = base::never;
  host_.post(ports::PartFailed{request_.transfer, std::move(error)});
}

// --- Checkpoints -------------------------------------------------------------------------------
base::BootTime PartSink::checkpoint_due(base::Microseconds interval) const {
  if (failed_ || ended_ || closing_ || sync_wanted_ || sync_under_way_ ||
      unsynced_since_ == base::never)
    return base::never;
  return std::max(unsynced_since_, last_checkpoint_) + interval;
}

void PartSink::begin_checkpoint(base::BootTime now) {
  last_checkpoint_ = now;
  if (request_.in_place) return press();  // to be seen under its name, and not recorded
  seal();
  sync_wanted_ = true;
  give_work();
}

void PartSink::press() {
  seal();
  pressed_ = true;
  give_work();
}

}  // namespace backhaul::posix
