// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/cache_copy.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <utility>

#include "adapters/posix/computation.h"
#include "adapters/posix/copy_bytes.h"
#include "adapters/posix/failure.h"
#include "adapters/posix/names.h"
#include "adapters/posix/read_at.h"
#include "core/digest.h"
#include "core/part_name.h"

namespace backhaul::posix {
namespace {

using base::Code;

constexpr std::size_t piece_size = 1024 * 1024;
constexpr std::string_view unfinished = ".new";  // behind the name of a copy that is being made

Tried<Descriptor> open_folder(const std::string& folder) {
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return untried(errno);
  return Descriptor(fd);
}

// Of ours alone: whoever could write to it could make of a copy what he likes.
base::Result<Descriptor> have_folder(const std::string& folder) {
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return failure("make", folder);
  auto opened = open_folder(folder);
  if (!opened) return failure("open", folder, opened.error());
  struct stat info;
  if (fstat(opened->get(), &info) != 0) return failure("look at", folder);
  if (info.st_uid != geteuid() || (info.st_mode & 022) != 0)
    return local_error(Code::E_ACCESSDENIED, folder + " can be written to by somebody else.");
  return *std::move(opened);
}

// Complete may put it in place between the two looks.
base::Result<Descriptor> open_part(Directories& directories, const std::shared_ptr<Access>& access,
                                   const ports::CopyOrder& order) {
  const ports::PartRef& part = order.part;
  const std::string path = core::part_path(part.local, order.job, part.index, part.epoch);
  BH_TRY(const auto directory, directories.get(access, core::parent_directory(part.local), part.root));
  int error = ENOENT;
  for (const std::string& name : {core::name_in_directory(path), core::name_in_directory(part.local)}) {
    auto opened = directory->open_file(name, Purpose::read);
    if (opened) return *std::move(opened);
    error = opened.error();
    if (error != ENOENT) break;
  }
  return failure("read", path, error);
}

base::Result<void> check_size(int file, std::uint64_t size, const std::string& path) {
  struct stat info;
  if (fstat(file, &info) != 0) return failure("look at", path);
  if (S_ISREG(info.st_mode) && static_cast<std::uint64_t>(info.st_size) == size) return {};
  return local_error(Code::BG_E_LOCAL_FILE_CHANGED, path + " is not what was received.");
}

// What is written and read again is of no use in the page cache.
void leave_page_cache(int file, std::uint64_t end) {
  static_cast<void>(posix_fadvise(file, 0, static_cast<off_t>(end), POSIX_FADV_DONTNEED));
}

base::Result<void> check_digest(int copy, const ports::CopyOrder& order, const std::atomic<bool>& stopped) {
  const std::string& path = order.part.local;
  BH_TRY(const core::Digest expected, core::parse_digest(order.digest));
  Computation computation(expected.algorithm);
  std::vector<std::byte> piece(piece_size);
  for (std::uint64_t at = 0; at < order.size;) {
    if (stopped) return copy_stopped();
    const auto part = std::span(piece).first(std::min<std::uint64_t>(piece.size(), order.size - at));
    BH_TRY(const std::size_t there, read_at(copy, part, at, path));
    if (there < part.size()) return failure("read the copy of", path, EIO);
    computation.add(part);
    at += there;
  }
  BH_TRY(const core::Digest found, computation.end());
  if (found == expected) return {};
  return local_error(Code::BG_E_LOCAL_FILE_CHANGED, path + " was changed by somebody since it was received.");
}

base::Result<void> fill(int from, int to, const ports::CopyOrder& order, const std::atomic<bool>& stopped) {
  const std::string& path = order.part.local;
  if (!share_blocks(from, to)) BH_CHECK(copy_bytes(from, to, {0, order.size}, path, stopped));
  BH_CHECK(check_size(to, order.size, path));
  BH_CHECK(check_digest(to, order, stopped));
  if (fsync(to) != 0) return failure("sync the copy of", path);
  leave_page_cache(to, order.size);
  return {};
}

}  // namespace

ports::CacheLooked look_at_cache(const std::string& folder, const std::vector<ports::KnownCopy>& known) {
  ports::CacheLooked looked;
  std::map<std::string, ports::KnownCopy> missing;
  for (const ports::KnownCopy& one : known) missing.emplace(base::to_hex(one.id), one);
  if (auto opened = open_folder(folder)) {
    const int at = opened->get();
    auto names = std::vector<std::string>();
    // Reading moves the position of a descriptor, so it has one of its own.
    if (auto reading = open_folder(folder))
      static_cast<void>(each_name(*std::move(reading), [&](const char* name) {
        if (*name != '.') names.emplace_back(name);
        return true;
      }));
    for (const std::string& name : names) {
      const auto record = missing.find(name);
      struct stat info;
      const bool there = record != missing.end() && fstatat(at, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 &&
                         S_ISREG(info.st_mode) && static_cast<std::uint64_t>(info.st_size) == record->second.size;
      if (there)
        missing.erase(record);
      else
        static_cast<void>(unlinkat(at, name.c_str(), 0));
    }
  } else if (opened.error() != ENOENT) {
    looked.error = failure("open", folder, opened.error());
  }
  for (const auto& [name, record] : missing) looked.lost.push_back(record.id);
  struct statvfs room;
  const std::string above = core::parent_directory(folder);
  if (statvfs(above.c_str(), &room) == 0)
    looked.volume = static_cast<std::uint64_t>(room.f_blocks) * room.f_frsize;
  else if (!looked.error)
    looked.error = failure("ask for the size of", above);
  if (looked.error) looked.volume = 0;
  return looked;
}

base::Result<void> make_copy(const std::string& folder, const ports::CopyOrder& order, Directories& directories,
                             const std::shared_ptr<Access>& access, const std::atomic<bool>& stopped) {
  BH_TRY(const Descriptor part, open_part(directories, access, order));
  BH_CHECK(check_size(part.get(), order.size, order.part.local));
  BH_TRY(const Descriptor at, have_folder(folder));
  const std::string name = base::to_hex(order.id);
  const std::string making = name + std::string(unfinished);
  const Descriptor copy(
      openat(at.get(), making.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!copy) return failure("make a copy in", folder);
  auto made = fill(part.get(), copy.get(), order, stopped);
  if (made && renameat(at.get(), making.c_str(), at.get(), name.c_str()) != 0) made = failure("make a copy in", folder);
  if (!made) {
    static_cast<void>(unlinkat(at.get(), making.c_str(), 0));
    return made;
  }
  if (fsync(at.get()) == 0) return {};
  auto unsure = failure("sync", folder);
  static_cast<void>(unlinkat(at.get(), name.c_str(), 0));
  return unsure;
}

void remove_copy(const std::string& folder, base::RecordId id) {
  if (const auto at = open_folder(folder)) static_cast<void>(unlinkat(at->get(), base::to_hex(id).c_str(), 0));
}

}  // namespace backhaul::posix
