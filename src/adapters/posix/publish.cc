// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/publish.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <compare>
#include <cstdio>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

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

// The file of this number in the request of that number.
struct Place {
  std::size_t request = 0;
  std::size_t file = 0;
};

// By directory: each is opened and synced once for all requests.
using ByDirectory = std::map<Where, std::vector<Place>>;

void add(ByDirectory& by_directory, const ports::PartRef& part, Place place) {
  by_directory[{core::parent_directory(part.local), part.root}].push_back(place);
}

std::string part_name(const base::JobId& job, const ports::PartRef& part) {
  return core::part_prefix(job, part.index) + std::to_string(part.epoch) + ".tmp";
}

std::string part_name(const base::JobId& job, const ports::PublishFile& file) {
  return file.in_place ? core::name_in_directory(file.part.local) : part_name(job, file.part);
}

// A file system that has no owners or times is no reason to withhold the file.
bool is_serious(int error) {
  return error != EPERM && error != EOPNOTSUPP && error != ENOSYS && error != EINVAL;
}

base::Result<void> set_time_and_mode(const Directory& directory, int fd, const ports::PublishFile& file,
                                     bool keeps_mode) {
  Access& access = directory.access();
  if (file.modified)
    if (const auto set = access.set_time(fd, *file.modified); !set && is_serious(set.error()))
      return failure("set the time of", file.part.local, set.error());
  if (keeps_mode) return {};
  if (const auto set = access.set_usual_mode(directory.fd(), fd); !set && is_serious(set.error()))
    return failure("set the permissions of", file.part.local, set.error());
  return {};
}

// Not before it has its name: until then the mark says that the permissions are to be kept.
void drop_mark(Access& access, int fd, mode_t mode) { static_cast<void>(access.set_mode(fd, mode & 0777)); }

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
                        .size = static_cast<std::uint64_t>(info.st_size),
                        .modified = modified_of(info)};
  if (file.recorded.tail != 0) {
    BH_TRY(facts.tail, tail_of(fd, file.recorded.stored, file.part.local));
  }
  return facts;
}

// The part is not there: either it was published before, or it is lost.
Look look_for_published(const Directory& directory, const ports::PublishFile& file) {
  const auto fd = directory.open_file(core::name_in_directory(file.part.local), Purpose::read);
  struct stat info;
  if (fd && fstat(fd->get(), &info) == 0 && S_ISREG(info.st_mode)) {
    const auto found = facts_of(directory, fd->get(), info, file);
    if (found && core::is_published_part(file.recorded, *found, file.modified)) {
      if ((info.st_mode & mode_kept) != 0) drop_mark(directory.access(), fd->get(), info.st_mode);
      return {ports::Placing::in_place, {}, 0};
    }
  }
  Look look = lost(Code::FILE_NOT_FOUND, file, "is no longer there");
  look.gone = true;
  return look;
}

// Whether the part is what was received, and whether its name may be taken.
Look look_at(const Directory& directory, const base::JobId& job, const ports::PublishFile& file) {
  const auto elsewhere = [&] {
    return Look{ports::Placing::kept,
                local_error(Code::BG_E_VOLUME_CHANGED, directory.path() + " is on another volume than before."), 0};
  };
  const bool same_volume = directory.volume() == file.recorded.volume;
  const std::string part = part_name(job, file);
  const auto fd = directory.open_file(part, Purpose::read);
  if (!fd && fd.error() == ENOENT) {
    Look look = look_for_published(directory, file);
    return look.gone && !same_volume ? elsewhere() : look;
  }
  if (!fd && (fd.error() == ELOOP || fd.error() == ENXIO))
    return lost(Code::BG_E_LOCAL_FILE_CHANGED, file, "was replaced by something that is no file");
  struct stat info;
  if (!fd) return {ports::Placing::kept, failure("open", directory.path() + "/" + part, fd.error()), 0};
  if (fstat(fd->get(), &info) != 0)
    return {ports::Placing::kept, failure("open", directory.path() + "/" + part), 0};
  if (!S_ISREG(info.st_mode))
    return lost(Code::BG_E_LOCAL_FILE_CHANGED, file, "was replaced by something that is no file");
  const auto found = facts_of(directory, fd->get(), info, file);
  if (!found) return {ports::Placing::kept, found.error(), 0};
  switch (core::compare_part(file.recorded, *found, file.modified)) {
    case core::PartVerdict::whole: break;
    case core::PartVerdict::other_volume: return elsewhere();
    case core::PartVerdict::cut_short:
      return lost(Code::BG_E_LOCAL_FILE_CHANGED, file,
                  "was cut short to " + std::to_string(found->size) + " of " +
                      std::to_string(file.recorded.stored.end()) + " bytes");
    case core::PartVerdict::replaced:
      return lost(Code::BG_E_LOCAL_FILE_CHANGED, file, "was replaced by another file");
    case core::PartVerdict::longer:
    case core::PartVerdict::changed:
      return lost(Code::BG_E_LOCAL_FILE_CHANGED, file, "was changed by somebody");
  }
  if (auto name = look_at_destination(directory.access(), directory.fd(),
                                      core::name_in_directory(file.part.local), file.part.local);
      !name)
    return {ports::Placing::kept, std::move(name).error(), 0};
  return {ports::Placing::kept, {}, info.st_ino};
}

base::Result<void> publish_one(const Directory& directory, const base::JobId& job,
                               const ports::PublishFile& file, ino_t looked_at) {
  const std::string part = part_name(job, file);
  const auto fd = directory.open_file(part, Purpose::read);
  struct stat info;
  if (!fd) return failure("open", directory.path() + "/" + part, fd.error());
  if (fstat(fd->get(), &info) != 0) return failure("open", directory.path() + "/" + part);
  if (info.st_ino != looked_at || static_cast<std::uint64_t>(info.st_size) != file.recorded.stored.end())
    return local_error(Code::SHARING_VIOLATION, "Somebody works on the received data of " +
                                                    file.part.local + " at this moment.");
  // One that has its name may have been published before: then its permissions are no longer those of a part.
  const bool keeps_mode = (info.st_mode & mode_kept) != 0 || (file.in_place && (info.st_mode & 0777) != 0600);
  BH_CHECK(set_time_and_mode(directory, fd->get(), file, keeps_mode));
  const std::string name = core::name_in_directory(file.part.local);
  // Between the look at all files and this one others were renamed: time enough for a change.
  BH_CHECK(look_at_destination(directory.access(), directory.fd(), name, file.part.local));
  if (!file.in_place)
    if (const auto renamed = directory.rename(part, name, fd->get()); !renamed)
      return failure("put in place", file.part.local, renamed.error());
  if (keeps_mode) drop_mark(directory.access(), fd->get(), info.st_mode);
  return {};
}

// Both passes over the files: directory by directory, each opened while it is worked in.
class Publishing {
 public:
  Publishing(std::span<const ports::PublishRequest> requests, const std::shared_ptr<Access>& access)
      : requests_(requests), access_(access) {
    looks_.reserve(requests.size());
    for (std::size_t i = 0; i < requests.size(); ++i) {
      looks_.emplace_back(requests[i].files.size());
      for (std::size_t j = 0; j < requests[i].files.size(); ++j) add(by_directory_, requests[i].files[j].part, {i, j});
    }
  }

  void look();
  void rename();
  ports::Published answer(std::size_t request) const;

 private:
  bool may_rename(std::size_t request) const;
  void look_in(const Where& where, const std::vector<Place>& places);
  void rename_in(const Where& where, const std::vector<Place>& places);
  const ports::PublishFile& file_at(Place at) const { return requests_[at.request].files[at.file]; }
  Look& look_of(Place at) { return looks_[at.request][at.file]; }

  const std::span<const ports::PublishRequest> requests_;
  const std::shared_ptr<Access>& access_;
  ByDirectory by_directory_;
  std::vector<std::vector<Look>> looks_;  // by request, as its files
};

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

void Publishing::look_in(const Where& where, const std::vector<Place>& places) {
  const auto directory = Directory::open(access_, where.path, where.root);
  for (const Place at : places) {
    if (directory)
      look_of(at) = look_at(**directory, requests_[at.request].job, file_at(at));
    else
      look_of(at).error = directory.error();
    // What is not in its place may have made way there for a later file of the job.
    if (file_at(at).in_place && look_of(at).placing == ports::Placing::lost) look_of(at).gone = true;
  }
}

void Publishing::look() {
  for (const auto& [where, places] : by_directory_) look_in(where, places);
  for (std::size_t i = 0; i < requests_.size(); ++i) look_past_replaced(requests_[i], looks_[i]);
}

bool Publishing::may_rename(std::size_t request) const {
  return !requests_[request].only_look &&
         std::ranges::none_of(looks_[request], [](const Look& look) { return look.error.has_value(); });
}

void Publishing::rename() {
  std::vector<bool> may;  // before anything was renamed
  for (std::size_t i = 0; i < requests_.size(); ++i) may.push_back(may_rename(i));
  for (auto& [where, places] : by_directory_) {
    std::erase_if(places, [&](Place at) { return !may[at.request]; });
    if (!places.empty()) rename_in(where, places);
  }
}

void Publishing::rename_in(const Where& where, const std::vector<Place>& places) {
  const auto settle = [&](Place at, const base::Result<void>& done) {
    look_of(at).placing = done ? ports::Placing::in_place : ports::Placing::kept;
    if (!done) look_of(at).error = done.error();
  };
  const auto directory = Directory::open(access_, where.path, where.root);
  if (!directory) {
    for (const Place at : places) settle(at, directory.error());
    return;
  }
  for (const Place at : places)
    if (look_of(at).placing != ports::Placing::in_place)
      settle(at, publish_one(**directory, requests_[at.request].job, file_at(at), look_of(at).inode));
  // Also after a repetition that renamed nothing: the sync of the first time may be what is missing.
  if (const auto synced = (*directory)->sync(); !synced)
    for (const Place at : places)
      if (!look_of(at).error) settle(at, synced);
}

ports::Published Publishing::answer(std::size_t request) const {
  const ports::PublishRequest& asked = requests_[request];
  ports::Published answer{.job = asked.job, .files = {}, .leftovers = false, .only_looked = asked.only_look};
  answer.files.reserve(asked.files.size());
  for (std::size_t i = 0; i < asked.files.size(); ++i) {
    const Look& look = looks_[request][i];
    answer.files.push_back({.index = asked.files[i].part.index, .placing = look.placing, .error = look.error});
  }
  return answer;
}

// Parts of one job.
struct Unwanted {
  const base::JobId& job;
  std::span<const ports::PartRef> parts;
};

// What may be left over of a job, and why, for the log: nobody will look for it again.
struct Left {
  std::vector<std::string> told;
  std::size_t untold = 0;

  void add(std::string text) {
    constexpr std::size_t enough = 32;
    if (told.size() < enough)
      told.push_back(std::move(text));
    else
      ++untold;
  }
};

// Nothing of this directory can be deleted.
void keep_in(const base::Error& why, const std::vector<Unwanted>& unwanted, const std::vector<Place>& places,
             std::vector<Left>& left) {
  std::set<std::size_t> noted;
  for (const Place at : places)
    if (noted.insert(at.request).second)
      left[at.request].add(why.text + (why.text.ends_with('.') ? " What" : "; what") + " is left of the job there is named " +
                           core::part_pattern(unwanted[at.request].job) + ".");
}

// In one directory. Of whom something may be left over is noted in `left`.
void drop_in(const std::shared_ptr<Access>& access, const Where& where, const std::vector<Unwanted>& unwanted,
             const std::vector<Place>& places, std::vector<Left>& left) {
  const auto directory = Directory::open(access, where.path, where.root);
  if (!directory && directory.error().code == Code::PATH_NOT_FOUND) return;
  if (!directory) return keep_in(directory.error(), unwanted, places, left);
  std::vector<Place> deleted;
  for (const Place at : places) {
    const std::string name = part_name(unwanted[at.request].job, unwanted[at.request].parts[at.file]);
    if (const auto gone = (*directory)->unlink(name))
      deleted.push_back(at);
    else if (gone.error() != ENOENT)
      left[at.request].add(failure("delete", where.path + "/" + name, gone.error()).text);
  }
  if (deleted.empty()) return;
  // Nobody will look for them again, so they must not come back after a power failure.
  if (const auto synced = (*directory)->sync(); !synced) keep_in(synced.error(), unwanted, deleted, left);
}

// For each, whether something may be left over; why goes to the log.
std::vector<bool> drop_parts(const std::shared_ptr<Access>& access, const std::vector<Unwanted>& unwanted,
                             base::Log& log) {
  ByDirectory by_directory;
  for (std::size_t i = 0; i < unwanted.size(); ++i)
    for (std::size_t j = 0; j < unwanted[i].parts.size(); ++j) add(by_directory, unwanted[i].parts[j], {i, j});
  std::vector<Left> left(unwanted.size());
  for (const auto& [where, places] : by_directory) drop_in(access, where, unwanted, places, left);
  std::vector<bool> leftovers;
  for (std::size_t i = 0; i < unwanted.size(); ++i) {
    for (const std::string& text : left[i].told) log.write(base::LogLevel::warning, text, unwanted[i].job);
    if (left[i].untold != 0)
      log.write(base::LogLevel::warning, "so it is with " + std::to_string(left[i].untold) + " more", unwanted[i].job);
    leftovers.push_back(!left[i].told.empty());
  }
  return leftovers;
}

bool all_in_place(const ports::Published& answer) {
  return std::ranges::all_of(answer.files, [](const ports::PublishedFile& file) {
    return file.placing == ports::Placing::in_place;
  });
}

}  // namespace

std::vector<ports::Published> publish_parts(std::span<const ports::PublishRequest> requests,
                                            const std::shared_ptr<Access>& access, base::Log& log) {
  Publishing publishing(requests, access);
  publishing.look();
  publishing.rename();
  std::vector<ports::Published> answers;
  std::vector<Unwanted> unwanted;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    answers.push_back(publishing.answer(i));
    const bool ended = all_in_place(answers[i]) && !requests[i].only_look;
    unwanted.push_back({requests[i].job, ended ? requests[i].drop : std::span<const ports::PartRef>()});
  }
  const std::vector<bool> leftovers = drop_parts(access, unwanted, log);
  for (std::size_t i = 0; i < requests.size(); ++i) answers[i].leftovers = leftovers[i];
  return answers;
}

ports::Discarded discard_parts(const ports::DiscardRequest& request, const std::shared_ptr<Access>& access,
                               base::Log& log) {
  return {.job = request.job, .leftovers = drop_parts(access, {{request.job, request.parts}}, log).front()};
}

}  // namespace backhaul::posix
