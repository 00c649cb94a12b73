// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/part_file.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <span>
#include <utility>

#include "adapters/posix/destination.h"
#include "adapters/posix/failure.h"
#include "adapters/posix/read_at.h"
#include "adapters/posix/rights.h"
#include "adapters/posix/tail.h"
#include "core/part.h"
#include "core/conversation.h"
#include "core/part_name.h"
#include "core/size_text.h"

namespace backhaul::posix {
namespace {

using base::Code;

std::string path_of(const Directory& directory, const std::string& name) {
  return directory.path() + (directory.path().ends_with('/') ? "" : "/") + name;
}

base::Result<void> check_size_limit(std::uint64_t size, const std::string& path) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY ||
      size <= limit.rlim_cur)
    return {};
  return local_error(Code::FILE_TOO_LARGE, path + " would have " + core::size_text(size) +
                                               "; the service may write files of at most " +
                                               core::size_text(limit.rlim_cur) + ".");
}

}  // namespace

base::Result<PartFile::Opened> PartFile::open(Directories& directories,
                                              const ports::OpenPart& request) {
  BH_TRY(directory_, directories.get(access_, core::parent_directory(request.local), request.root));
  name_ = core::part_prefix(request.job, request.index) + std::to_string(request.epoch) + ".tmp";
  const std::string local = core::name_in_directory(request.local);
  // What lies under the name of somebody's file is ours only if its bytes say so.
  const bool recorded =
      (request.device != 0 || request.inode != 0) && !(request.in_place && request.stored.empty());
  if (recorded) {
    const std::string part = name_;
    if (request.in_place) name_ = local;
    BH_TRY(const bool found, open_recorded(request));
    if (found) {
      BH_CHECK(check_room(request.size));
      BH_TRY(auto held, sample(request.stored));
      return Opened{request.stored, false, std::move(held)};
    }
    if (request.device != 0 && request.device != directory_->volume() && !request.stored.empty())
      return local_error(Code::BG_E_VOLUME_CHANGED,
                         directory_->path() + " is on another volume than before.");
    name_ = part;
  }
  BH_CHECK(check_room(request.size));
  BH_CHECK(create(request));
  if (request.in_place) place_ = local;
  return Opened{{}, recorded};
}

base::Result<std::string> PartFile::read(std::uint64_t from, std::uint64_t length) {
  std::string bytes(length, '\0');
  const std::string path = path_of(*directory_, name_);
  BH_TRY(const std::size_t there,
         read_at(fd_.get(), std::as_writable_bytes(std::span(bytes)), from, path));
  if (there < bytes.size()) return failure("read", path, EIO);
  return bytes;
}

base::Result<ports::HeldSample> PartFile::sample(const core::Extents& stored) {
  const core::Extent tail = core::sample_of(stored);
  ports::HeldSample held;
  BH_TRY(held.head, read(0, std::min(stored.prefix(), core::sample_bytes)));
  BH_TRY(held.tail, read(tail.begin, tail.length()));
  return held;
}

// What is in the part already takes no more room; where the volume tells nothing (it counts no
// blocks), the writes tell.
base::Result<void> PartFile::check_room(std::uint64_t size) const {
  if (size == base::size_unknown) return {};
  BH_CHECK(check_size_limit(size, path_of(*directory_, name_)));
  const Tried<Room> room = access_->room(directory_->fd());
  if (!room) return directory_failure("ask for the free space of", directory_->path(), room.error());
  struct stat part {};
  if (fd_ && fstat(fd_.get(), &part) != 0) return failure("look at", path_of(*directory_, name_));
  constexpr std::uint64_t block = 512;  // of st_blocks
  const std::uint64_t held =
      std::max(static_cast<std::uint64_t>(part.st_blocks) * block, fd_ ? written_.total() : 0);
  if (room->total == 0 || size <= held || size - held <= room->free) return {};
  return local_error(Code::DISK_FULL, "There is not enough room for " +
                                          core::size_text(size - held) + " more in " +
                                          directory_->path() + ": " +
                                          core::size_text(room->free) + " are free.");
}

// False: it is missing, or not what the record says.
base::Result<bool> PartFile::open_recorded(const ports::OpenPart& request) {
  auto opened = directory_->open_file(name_, Purpose::write);
  if (!opened) {
    fd_.reset();
    // Gone, or something else was put in its place: a link, a pipe, a directory.
    const int error = opened.error();
    if (error == ENOENT || error == ELOOP || error == ENXIO || error == EISDIR) return false;
    return failure("open", path_of(*directory_, name_), error);
  }
  fd_ = *std::move(opened);
  struct stat info;
  if (fstat(fd_.get(), &info) != 0) return failure("look at", path_of(*directory_, name_));
  const auto size = static_cast<std::uint64_t>(info.st_size);
  if (!S_ISREG(info.st_mode)) return false;
  core::PartFacts found{.volume = directory_->volume(),
                        .mount = mount(),
                        .inode = info.st_ino,
                        .size = size,
                        .modified = modified_of(info)};
  const std::uint64_t end = request.stored.end();
  if (request.tail != 0 && size >= end) {
    BH_TRY(found.tail, tail_of(fd_.get(), request.stored, path_of(*directory_, name_)));
  }
  const core::PartRecord recorded{.volume = request.device == 0 ? found.volume : request.device,
                                  .mount = request.mount,
                                  .inode = request.inode,
                                  .stored = request.stored,
                                  .tail = request.tail,
                                  .last_write = request.last_write};
  const core::PartVerdict verdict = core::compare_part(recorded, found);
  if (verdict != core::PartVerdict::whole && verdict != core::PartVerdict::longer) return false;
  if (size > end && ftruncate(fd_.get(), static_cast<off_t>(end)) != 0)
    return failure("trim", path_of(*directory_, name_));
  inode_ = info.st_ino;
  tail_ = request.tail;
  begin(request, request.stored);
  // Bytes on record were stored after the directory had been synced.
  needs_directory_sync_ = request.stored.empty();
  return true;
}

base::Result<void> PartFile::create(const ports::OpenPart& request) {
  auto made = directory_->open_file(name_, Purpose::create);
  if (!made && made.error() == EEXIST) {
    // A part that no record knows, made just before a crash, or what somebody put in the place of one:
    // the name is ours, and nothing but the name goes. A directory may hold things.
    const auto found = access_->look(directory_->fd(), name_, false);
    if (!found || S_ISDIR(found->mode)) return failure("replace", path_of(*directory_, name_), EPERM);
    static_cast<void>(directory_->unlink(name_));
    made = directory_->open_file(name_, Purpose::create);
  }
  struct stat info;
  if (!made && made.error() == ENOENT && fstat(directory_->fd(), &info) == 0 && info.st_nlink > 0)
    return local_error(Code::E_ACCESSDENIED, "No file can be made in " + directory_->path());  // /proc
  if (!made) return directory_failure("make", path_of(*directory_, name_), made.error());
  fd_ = *std::move(made);
  if (fstat(fd_.get(), &info) != 0) return failure("look at", path_of(*directory_, name_));
  inode_ = info.st_ino;
  tail_ = 0;
  begin(request, {});
  needs_directory_sync_ = true;
  return {};
}

void PartFile::begin(const ports::OpenPart& request, core::Extents held) {
  written_ = std::move(held);
  receiving_.reset();
  received_.clear();
  if (request.takes_digest && written_.empty()) receiving_.emplace(core::DigestAlgorithm::sha256);
  writer_.begin(fd_.get(), path_of(*directory_, name_), written_.prefix());
  note_ours();
}

void PartFile::note_ours() {
  struct stat info;
  const bool known = directory_->keeps_times() && fstat(fd_.get(), &info) == 0;
  our_write_ = known ? std::optional(modified_of(info)) : std::nullopt;
}

// Whoever cuts it or writes to it while it comes makes a file of it that nobody sent: with a hole where it was cut, and
// with a size that is right again after the next bytes. What is there is of no use any more, so its name goes
// as well, and the file begins anew when its owner says so.
base::Result<void> PartFile::check_ours() {
  struct stat info;
  if (fstat(fd_.get(), &info) != 0) return failure("look at", path_of(*directory_, name_));
  const std::uint64_t end = written_.empty() ? 0 : written_.end();
  const bool cut = static_cast<std::uint64_t>(info.st_size) < end;
  if (!cut && (!our_write_ || modified_of(info) == *our_write_)) return {};
  if (core::is_part_name(name_)) static_cast<void>(directory_->unlink(name_));
  return local_error(Code::BG_E_LOCAL_FILE_CHANGED,
                     "The received data in " + path_of(*directory_, name_) +
                         (cut ? " was cut short to " + std::to_string(info.st_size) + " of " + std::to_string(end) + " bytes"
                              : std::string(" was changed by somebody")) +
                         " while it came");
}

base::Result<void> PartFile::restart(const ports::OpenPart& request, std::uint32_t epoch, bool beside) {
  name_ = core::part_prefix(request.job, request.index) + std::to_string(epoch) + ".tmp";
  BH_CHECK(create(request));
  if (request.in_place) place_ = core::name_in_directory(request.local);
  takes_place_whole_ = beside;
  return {};
}

// As it is put in place at the end of others.
base::Result<void> PartFile::take_place() {
  if (place_.empty()) return {};
  const std::string path = path_of(*directory_, place_);
  BH_CHECK(look_at_destination(*access_, directory_->fd(), place_, path));
  if (const auto renamed = directory_->rename(name_, place_, fd_.get()); !renamed)
    return failure("put in place", path, renamed.error());
  name_ = std::exchange(place_, {});
  needs_directory_sync_ = true;
  return {};
}

base::Result<void> PartFile::write(std::span<const Buffer> buffers) {
  if (!buffers.empty()) BH_CHECK(check_ours());
  if (!buffers.empty() && !takes_place_whole_) BH_CHECK(take_place());
  while (!buffers.empty()) {
    std::size_t count = 1;  // those that lie behind each other
    while (count < buffers.size() && buffers[count].place() == buffers[count - 1].end()) ++count;
    BH_CHECK(writer_.write(buffers.first(count)));
    take_digest(buffers.first(count));
    written_.add({buffers.front().place(), writer_.place()});
    buffers = buffers.subspan(count);
    note_ours();
  }
  return {};
}

// Of what lies behind all that came before.
void PartFile::take_digest(std::span<const Buffer> run) {
  if (!receiving_) return;
  const std::uint64_t end = written_.empty() ? 0 : written_.end();
  if (!written_.is_prefix() || run.front().place() != end) return receiving_.reset();
  for (const Buffer& buffer : run) receiving_->add(buffer.data());
}

base::Result<void> PartFile::take_over(const ports::CopiedRights& rights) {
  BH_CHECK(posix::take_over(*access_, fd_.get(), rights, path_of(*directory_, name_)));
  rights_changed_ = true;
  return {};
}

// Rights are nothing that the data needs to be found, so a sync of the data may leave them out.
base::Result<void> PartFile::sync(bool last, bool final) {
  if (std::exchange(rights_changed_, false) && fsync(fd_.get()) != 0)
    return failure("sync", path_of(*directory_, name_));
  BH_CHECK(check_ours());
  BH_CHECK(writer_.sync());
  if (final) BH_CHECK(take_place());  // what it replaces may be held: not before its own bytes are safe
  BH_TRY(tail_, tail_of(fd_.get(), written_, path_of(*directory_, name_)));
  if (last) BH_CHECK(check_ours());  // a sync takes a while, and changes no time itself
  if (last && !our_write_) note_ours();
  last_write_ = last ? mark_of_ours() : 0;
  if (final && receiving_) {
    auto digest = receiving_->end();
    receiving_.reset();
    if (digest) received_ = std::move(digest->hex);
  }
  return {};
}

base::Result<void> PartFile::leave() {
  BH_CHECK(check_ours());
  last_write_ = mark_of_ours();
  return {};
}

std::uint32_t PartFile::mark_of_ours() const { return our_write_ ? core::mark_of_write(*our_write_) : 0; }

void carry_out(std::span<PartOrder> orders) {
  const auto each = [orders](auto step) {
    for (PartOrder& order : orders) {
      if (order.error) continue;
      if (base::Result<void> result = step(order); !result) order.error = std::move(result).error();
    }
  };
  each([&](PartOrder& order) -> base::Result<void> {
    if (order.restart) BH_CHECK(order.file->restart(*order.request, order.epoch, order.beside));
    if (order.room_for) BH_CHECK(order.file->check_room(*order.room_for));
    BH_CHECK(order.file->write(order.buffers));
    if (order.rights) BH_CHECK(order.file->take_over(*order.rights));
    if (order.sync && orders.size() > 1) return order.file->begin_write_back();
    return {};
  });
  each([](PartOrder& order) {
    if (order.sync) return order.file->sync(order.final || order.close, order.final);
    return order.leave ? order.file->leave() : base::Result<void>{};
  });
  // All of a directory in one sync: it was changed before, and is looked at only from here on.
  Directory* synced = nullptr;
  each([&](PartOrder& order) -> base::Result<void> {
    if (!order.sync || !order.file->needs_directory_sync()) return {};
    if (order.file->directory().get() != synced) BH_CHECK(order.file->directory()->sync());
    synced = order.file->directory().get();
    order.file->directory_synced();
    return {};
  });
  each([](PartOrder& order) -> base::Result<void> {
    if (order.digest.empty()) return {};
    BH_TRY(order.digests, order.file->digest(order.digest));
    return {};
  });
  for (PartOrder& order : orders)
    if (order.close) order.file->close();
}

}  // namespace backhaul::posix
