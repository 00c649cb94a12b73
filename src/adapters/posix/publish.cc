// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/publish.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <compare>
#include <cstdio>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "adapters/posix/descriptor.h"
#include "adapters/posix/destination.h"
#include "adapters/posix/directory.h"
#include "adapters/posix/failure.h"
#include "adapters/posix/rights.h"
#include "adapters/posix/tail.h"
#include "core/part.h"
#include "core/part_name.h"

namespace backhaul::posix {
namespace {

using base::Code;

struct Where {  // a directory, and what it must lie beneath (ports::PartRef)
  std::string path;
  std::string root;
  auto operator<=>(const Where&) const = default;
};

// Positions in a list of files, by directory: each directory is opened and synced once.
template <class Files, class PartOf>
std::map<Where, std::vector<std::size_t>> by_directory(const Files& files, PartOf part_of) {
  std::map<Where, std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const ports::PartRef& part = part_of(files[i]);
    groups[{core::parent_directory(part.local), part.root}].push_back(i);
  }
  return groups;
}

std::string part_name(const base::JobId& job, const ports::PartRef& part) {
  return core::part_prefix(job, part.index) + std::to_string(part.epoch) + ".tmp";
}

std::string base_name(const std::string& local) { return local.substr(local.rfind('/') + 1); }

std::string part_name(const base::JobId& job, const ports::PublishFile& file) {
  return file.in_place ? base_name(file.part.local) : part_name(job, file.part);
}

// A file system that has no owners or times is no reason to withhold the file.
bool is_serious(int error) {
  return error != EPERM && error != EOPNOTSUPP && error != ENOSYS && error != EINVAL;
}

// `mode`: unset where the part has its own.
base::Result<void> set_time_and_mode(int fd, const ports::PublishFile& file, std::optional<mode_t> mode) {
  if (file.modified) {
    const std::int64_t us = file.modified->time_since_epoch().count();
    timespec times[2] = {{0, UTIME_OMIT}, {us / 1'000'000, us % 1'000'000 * 1'000}};
    if (times[1].tv_nsec < 0) {
      --times[1].tv_sec;
      times[1].tv_nsec += 1'000'000'000;
    }
    if (futimens(fd, times) != 0 && is_serious(errno))
      return failure("set the time of", file.part.local);
  }
  if (mode && fchmod(fd, *mode) != 0 && is_serious(errno))
    return failure("set the permissions of", file.part.local);
  return {};
}

// Not before it has its name: until then the mark says that the permissions are to be kept.
void drop_mark(int fd, mode_t mode) { static_cast<void>(fchmod(fd, mode & 0777)); }

// What the look at one file found.
struct Look {
  ports::Placing placing = ports::Placing::kept;  // in_place: it was published before
  std::optional<base::Error> error;
  ino_t inode = 0;  // of the part that is to be renamed
  bool gone = false;  // there is no part
};

Look lost(Code code, const ports::PublishFile& file, const std::string& how) {
  return {ports::Placing::lost,
          local_error(code, "The received data of " + file.part.local + " " + how +
                                "; start the job to fetch it again."),
          0};
}

base::Result<core::PartFacts> facts_of(const Directory& directory, int fd, const struct stat& info,
                                       const ports::PublishFile& file) {
  core::PartFacts facts{.volume = directory.volume(),
                        .mount = directory.mount(),
                        .inode = info.st_ino,
                        .size = static_cast<std::uint64_t>(info.st_size)};
  if (file.recorded.tail != 0) {
    BH_TRY(facts.tail, tail_of(fd, file.recorded.stored, file.part.local));
  }
  return facts;
}

// The part is not there: either it was published before, or it is lost.
Look look_for_published(const Directory& directory, const ports::PublishFile& file) {
  const Descriptor fd(openat(directory.fd(), base_name(file.part.local).c_str(),
                             O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat info;
  if (fd && fstat(fd.get(), &info) == 0 && S_ISREG(info.st_mode)) {
    const auto found = facts_of(directory, fd.get(), info, file);
    const base::WallTime modified = base::from_epoch_us(
        static_cast<std::int64_t>(info.st_mtim.tv_sec) * 1'000'000 + info.st_mtim.tv_nsec / 1'000);
    if (found && core::is_published_part(file.recorded, *found, file.modified, modified)) {
      if ((info.st_mode & mode_kept) != 0) drop_mark(fd.get(), info.st_mode);
      return {ports::Placing::in_place, {}, 0};
    }
  }
  Look look = lost(Code::FILE_NOT_FOUND, file, "is no longer there");
  look.gone = true;
  return look;
}

// Whether the part is what was received, and whether its name may be taken.
Look look_at(const Directory& directory, const base::JobId& job, const ports::PublishFile& file) {
  if (directory.volume() != file.recorded.volume)
    return {ports::Placing::kept, local_error(Code::BG_E_VOLUME_CHANGED,
                                              directory.path() + " is on another volume than before."),
            0};
  const std::string part = part_name(job, file);
  const Descriptor fd(
      openat(directory.fd(), part.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!fd && errno == ENOENT) return look_for_published(directory, file);
  if (!fd && (errno == ELOOP || errno == ENXIO))
    return lost(Code::BG_E_LOCAL_FILE_CHANGED, file, "was replaced by something that is no file");
  struct stat info;
  if (!fd || fstat(fd.get(), &info) != 0)
    return {ports::Placing::kept, failure("open", directory.path() + "/" + part), 0};
  if (!S_ISREG(info.st_mode))
    return lost(Code::BG_E_LOCAL_FILE_CHANGED, file, "was replaced by something that is no file");
  const auto found = facts_of(directory, fd.get(), info, file);
  if (!found) return {ports::Placing::kept, found.error(), 0};
  switch (core::compare_part(file.recorded, *found)) {
    case core::PartVerdict::whole: break;
    case core::PartVerdict::cut_short:
      return lost(Code::BG_E_LOCAL_FILE_CHANGED, file,
                  "was cut short to " + std::to_string(found->size) + " of " +
                      std::to_string(file.recorded.stored.end()) + " bytes");
    case core::PartVerdict::replaced:
      return lost(Code::BG_E_LOCAL_FILE_CHANGED, file, "was replaced by another file");
    case core::PartVerdict::longer:
    case core::PartVerdict::changed:
    case core::PartVerdict::other_volume:
      return lost(Code::BG_E_LOCAL_FILE_CHANGED, file, "was changed by somebody");
  }
  if (auto name = look_at_destination(directory.fd(), base_name(file.part.local), file.part.local);
      !name)
    return {ports::Placing::kept, std::move(name).error(), 0};
  return {ports::Placing::kept, {}, info.st_ino};
}

base::Result<void> publish_one(const Directory& directory, const base::JobId& job,
                               const ports::PublishFile& file, ino_t looked_at, mode_t mode) {
  const std::string part = part_name(job, file);
  const Descriptor fd(
      openat(directory.fd(), part.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat info;
  if (!fd || fstat(fd.get(), &info) != 0) return failure("open", directory.path() + "/" + part);
  if (info.st_ino != looked_at || static_cast<std::uint64_t>(info.st_size) != file.recorded.stored.end())
    return local_error(Code::SHARING_VIOLATION, "Somebody works on the received data of " +
                                                    file.part.local + " at this moment.");
  // One that has its name may have been published before: then its permissions are no longer those of a part.
  const bool keeps_mode = (info.st_mode & mode_kept) != 0 || (file.in_place && (info.st_mode & 0777) != 0600);
  BH_CHECK(set_time_and_mode(fd.get(), file, keeps_mode ? std::nullopt : std::optional(mode)));
  const std::string name = base_name(file.part.local);
  // Between the look at all files and this one others were renamed: time enough for a change.
  BH_CHECK(look_at_destination(directory.fd(), name, file.part.local));
  if (!file.in_place && renameat(directory.fd(), part.c_str(), directory.fd(), name.c_str()) != 0)
    return failure("put in place", file.part.local);
  if (keeps_mode) drop_mark(fd.get(), info.st_mode);
  return {};
}

// Both passes over the files: directory by directory, each opened while it is worked in.
using Groups = std::map<Where, std::vector<std::size_t>>;

std::vector<Look> look_at_all(const ports::PublishRequest& request, const Groups& groups) {
  std::vector<Look> looks(request.files.size());
  for (const auto& [where, files] : groups) {
    const auto directory = Directory::open(where.path, where.root);
    for (const std::size_t i : files) {
      if (directory)
        looks[i] = look_at(**directory, request.job, request.files[i]);
      else
        looks[i].error = directory.error();
      // What is not in its place may have made way there for a later file of the job.
      if (request.files[i].in_place && looks[i].placing == ports::Placing::lost) looks[i].gone = true;
    }
  }
  return looks;
}

void publish_directory(const ports::PublishRequest& request, const Where& where,
                       const std::vector<std::size_t>& files, mode_t mode,
                       std::vector<Look>& looks) {
  const auto settle = [&](std::size_t i, const base::Result<void>& done) {
    looks[i].placing = done ? ports::Placing::in_place : ports::Placing::kept;
    if (!done) looks[i].error = done.error();
  };
  const auto directory = Directory::open(where.path, where.root);
  if (!directory) {
    for (const std::size_t i : files) settle(i, directory.error());
    return;
  }
  for (const std::size_t i : files)
    if (looks[i].placing != ports::Placing::in_place)
      settle(i, publish_one(**directory, request.job, request.files[i], looks[i].inode, mode));
  // Also after a repetition that renamed nothing: the sync of the first time may be what is missing.
  if (const auto synced = (*directory)->sync(); !synced)
    for (const std::size_t i : files)
      if (!looks[i].error) settle(i, synced);
}

base::Result<void> drop_in_directory(const base::JobId& job, const Where& where,
                                     const std::vector<ports::PartRef>& parts,
                                     const std::vector<std::size_t>& positions) {
  const auto directory = Directory::open(where.path, where.root);
  if (!directory && directory.error().code == Code::PATH_NOT_FOUND) return {};
  if (!directory) return directory.error();
  base::Result<void> result;
  bool deleted = false;
  for (const std::size_t i : positions) {
    const std::string name = part_name(job, parts[i]);
    if (unlinkat((*directory)->fd(), name.c_str(), 0) == 0)
      deleted = true;
    else if (errno != ENOENT)
      result = failure("delete", where.path + "/" + name);
  }
  // Nobody will look for them again, so they must not come back after a power failure.
  if (deleted) BH_CHECK((*directory)->sync());
  return result;
}

// False if something may be left over.
bool drop_parts(const base::JobId& job, const std::vector<ports::PartRef>& parts, base::Log& log) {
  bool clean = true;
  for (const auto& [where, positions] :
       by_directory(parts, [](const ports::PartRef& part) -> const ports::PartRef& {
         return part;
       })) {
    const auto dropped = drop_in_directory(job, where, parts, positions);
    if (dropped) continue;
    log.write(base::LogLevel::warning, dropped.error().text, job);
    clean = false;
  }
  return clean;
}

// Two files of a job may have one name: the later one takes the place of the other. Tried again after a
// crash, nothing of the earlier one is left to be found.
void look_past_replaced(const ports::PublishRequest& request, std::vector<Look>& looks) {
  std::set<std::string_view> in_place;
  for (std::size_t i = looks.size(); i-- > 0;) {
    const std::string& name = request.files[i].part.local;
    if (looks[i].gone && in_place.contains(name)) looks[i] = {ports::Placing::in_place, {}, 0};
    if (looks[i].placing == ports::Placing::in_place || (request.files[i].in_place && !looks[i].error))
      in_place.insert(name);
  }
}

}  // namespace

ports::Published publish_parts(const ports::PublishRequest& request, mode_t mode, base::Log& log) {
  const Groups groups =
      by_directory(request.files, [](const ports::PublishFile& file) -> const ports::PartRef& {
        return file.part;
      });
  std::vector<Look> looks = look_at_all(request, groups);
  look_past_replaced(request, looks);
  const bool good = std::ranges::none_of(looks, [](const Look& look) { return look.error.has_value(); });
  if (good && !request.only_look)
    for (const auto& [where, positions] : groups)
      publish_directory(request, where, positions, mode, looks);
  ports::Published result{
      .job = request.job, .files = {}, .leftovers = false, .only_looked = request.only_look};
  result.files.reserve(looks.size());
  for (std::size_t i = 0; i < looks.size(); ++i)
    result.files.push_back({.index = request.files[i].part.index,
                            .placing = looks[i].placing,
                            .error = std::move(looks[i].error)});
  const bool all = std::ranges::all_of(result.files, [](const ports::PublishedFile& file) {
    return file.placing == ports::Placing::in_place;
  });
  if (all && !request.only_look) result.leftovers = !drop_parts(request.job, request.drop, log);
  return result;
}

ports::Discarded discard_parts(const ports::DiscardRequest& request, base::Log& log) {
  return {.job = request.job, .leftovers = !drop_parts(request.job, request.parts, log)};
}

}  // namespace backhaul::posix
