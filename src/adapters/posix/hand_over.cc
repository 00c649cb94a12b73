// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/hand_over.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "adapters/posix/copy_bytes.h"
#include "adapters/posix/destination.h"
#include "adapters/posix/failure.h"
#include "adapters/posix/tail.h"
#include "core/part.h"
#include "core/part_name.h"
#include "core/size_text.h"

namespace backhaul::posix {
namespace {

using base::Code;

// One part and its copy, which goes with it where anything fails.
class PartCopy {
 public:
  PartCopy(const ports::HandedPart& part, const base::JobId& job)
      : part_(part),
        from_path_(core::part_path(part.part.local, job, part.part.index, part.part.epoch)),
        to_path_(core::part_path(part.part.local, job, part.part.index, part.epoch)),
        name_(core::name_in_directory(to_path_)) {}

  base::Result<void> make(Directories& directories, const std::shared_ptr<Access>& from,
                          const std::shared_ptr<Access>& to, uid_t owner, const std::atomic<bool>& stopped) {
    const std::string path = core::parent_directory(part_.part.local);
    // As when it was asked for: the directory may be another one by now.
    BH_CHECK(check_guarded(to, {part_.part.local, part_.part.root}, owner));
    BH_TRY(const auto theirs, directories.get(from, path, part_.part.root));
    BH_TRY(directory_, directories.get(to, path, part_.part.root));
    BH_CHECK(open_part(*theirs));
    BH_CHECK(create());
    BH_CHECK(fill(stopped));
    return take_record();
  }
  void drop() {
    if (copy_) static_cast<void>(directory_->unlink(name_));
  }
  const ports::CopiedPart& record() const { return record_; }
  const std::shared_ptr<Directory>& directory() const { return directory_; }
  const std::string& name() const { return name_; }

 private:
  base::Result<struct stat> look(const Descriptor& file, const std::string& path) const {
    struct stat info {};
    if (fstat(file.get(), &info) != 0) return failure("look at", path);
    return info;
  }

  base::Result<void> open_part(const Directory& theirs) {
    auto opened = theirs.open_file(core::name_in_directory(from_path_), Purpose::read);
    if (!opened) return failure("read", from_path_, opened.error());
    held_ = *std::move(opened);
    BH_TRY(const struct stat info, look(held_, from_path_));
    modified_ = modified_of(info);
    core::PartFacts found{.volume = theirs.volume(),
                          .mount = theirs.mount(),
                          .inode = info.st_ino,
                          .size = static_cast<std::uint64_t>(info.st_size),
                          .modified = modified_};
    if (part_.recorded.tail != 0 && found.size >= part_.recorded.stored.end()) {
      BH_TRY(found.tail, tail_of(held_.get(), part_.recorded.stored, from_path_));
    }
    const core::PartVerdict verdict = core::compare_part(part_.recorded, found);
    if (S_ISREG(info.st_mode) && (verdict == core::PartVerdict::whole || verdict == core::PartVerdict::longer))
      return {};
    return changed();
  }

  base::Error changed() const {
    return local_error(Code::BG_E_LOCAL_FILE_CHANGED, from_path_ + " is not what was received.");
  }

  base::Result<void> create() {
    auto made = directory_->open_file(name_, Purpose::create);
    if (!made && made.error() == EEXIST) {  // of an attempt before a crash
      static_cast<void>(directory_->unlink(name_));
      made = directory_->open_file(name_, Purpose::create);
    }
    if (!made) return directory_failure("make", to_path_, made.error());
    copy_ = *std::move(made);
    return {};
  }

  base::Result<void> fill(const std::atomic<bool>& stopped) {
    const core::Extents& stored = part_.recorded.stored;
    if (!share_blocks(held_.get(), copy_.get())) {
      BH_CHECK(check_room(stored.total()));
      for (const core::Extent& extent : stored.list())
        BH_CHECK(copy_bytes(held_.get(), copy_.get(), extent, from_path_, stopped));
    }
    // What lies behind the record is nobody's.
    if (ftruncate(copy_.get(), static_cast<off_t>(stored.end())) != 0) return failure("trim", to_path_);
    if (fsync(copy_.get()) != 0) return failure("sync", to_path_);
    return {};
  }

  base::Result<void> check_room(std::uint64_t size) const {
    const Tried<Room> room = directory_->access().room(directory_->fd());
    if (!room) return directory_failure("ask for the free space of", directory_->path(), room.error());
    if (room->total == 0 || size <= room->free) return {};
    return local_error(Code::DISK_FULL, "There is not enough room for a copy of " + core::size_text(size) + " in " +
                                            directory_->path() + ": " + core::size_text(room->free) + " are free.");
  }

  // The former owner may have written to it meanwhile.
  base::Result<void> take_record() {
    BH_TRY(const struct stat theirs, look(held_, from_path_));
    BH_TRY(const struct stat mine, look(copy_, to_path_));
    BH_TRY(const std::uint64_t tail, tail_of(copy_.get(), part_.recorded.stored, to_path_));
    const bool same_end = part_.recorded.tail == 0 || part_.recorded.tail == tail;
    if (modified_of(theirs) != modified_ || !same_end) return changed();
    record_ = {.index = part_.part.index,
               .epoch = part_.epoch,
               .device = directory_->volume(),
               .inode = mine.st_ino,
               .mount = directory_->mount(),
               .tail = tail,
               .last_write = directory_->keeps_times() ? core::mark_of_write(modified_of(mine)) : 0};
    return {};
  }

  const ports::HandedPart& part_;
  const std::string from_path_;
  const std::string to_path_;
  const std::string name_;  // of the copy, in its directory
  std::shared_ptr<Directory> directory_;  // as the new owner has it
  Descriptor held_;
  Descriptor copy_;
  base::WallTime modified_{};  // of the part, when it was opened
  ports::CopiedPart record_;
};

ports::CopiedPart not_copied(const ports::HandedPart& part, base::Error error) {
  return {.index = part.part.index, .epoch = part.epoch, .error = std::move(error)};
}

// A copy that is complete, and whose name is not durable yet.
struct Unsynced {
  std::size_t part = 0;
  std::string name;
};
using UnsyncedNames = std::map<std::shared_ptr<Directory>, std::vector<Unsynced>>;

// All of a directory in one sync.
void sync_names(const UnsyncedNames& made, const ports::HandOverRequest& request, ports::HandedOver& answer) {
  for (const auto& [directory, copies] : made) {
    const auto synced = directory->sync();
    if (synced) continue;
    for (const Unsynced& copy : copies) {
      static_cast<void>(directory->unlink(copy.name));
      answer.parts[copy.part] = not_copied(request.parts[copy.part], synced.error());
    }
  }
}

}  // namespace

// Descriptors are not held longer than one part needs them: there may be more parts than a process may have open.
ports::HandedOver hand_over_parts(const ports::HandOverRequest& request, Directories& directories,
                                  const std::shared_ptr<Access>& from, const std::shared_ptr<Access>& to,
                                  const std::atomic<bool>& stopped) {
  ports::HandedOver answer{.job = request.job, .parts = {}};
  UnsyncedNames unsynced;
  for (const ports::HandedPart& part : request.parts) {
    PartCopy copy(part, request.job);
    auto made = copy.make(directories, from, to, request.to.uid, stopped);
    if (made)
      unsynced[copy.directory()].push_back({answer.parts.size(), copy.name()});
    else
      copy.drop();
    answer.parts.push_back(made ? copy.record() : not_copied(part, std::move(made).error()));
  }
  sync_names(unsynced, request, answer);
  return answer;
}

ports::HandedOver not_handed_over(const ports::HandOverRequest& request, const base::Error& why) {
  ports::HandedOver answer{.job = request.job, .parts = {}};
  for (const ports::HandedPart& part : request.parts) answer.parts.push_back(not_copied(part, why));
  return answer;
}

}  // namespace backhaul::posix
