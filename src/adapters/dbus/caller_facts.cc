// SPDX-License-Identifier: Apache-2.0
#include "adapters/dbus/caller_facts.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <climits>
#include <optional>
#include <string_view>
#include <utility>

#include "core/judge.h"

namespace backhaul::dbus {
namespace {

// Looks, and remembers when it was this process that had nothing left to look with: what is not seen
// then says nothing of the caller.
class Eyes {
 public:
  bus::FileDescriptor open(int folder, const char* name, int flags) {
    bus::FileDescriptor file(openat(folder, name, flags | O_CLOEXEC));
    if (!file && core::is_shortage(base::code_from_errno(errno))) shortage_ = errno;
    return file;
  }
  int shortage() const { return shortage_; }

 private:
  int shortage_ = 0;
};

constexpr int folder_only = O_PATH | O_DIRECTORY;

constexpr std::size_t largest_file = 1024 * 1024;

// Unset: it cannot be read, or is larger than anything of its kind. Piece by piece: such files are small, there
// are some for every caller, and room for the largest would have to be found for each.
std::optional<std::string> read_whole(int file) {
  std::string text;
  std::array<char, 4096> piece;
  for (;;) {
    const ssize_t length = read(file, piece.data(), piece.size());
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) return {};
    if (length == 0) return text;
    text.append(piece.data(), static_cast<std::size_t>(length));
    if (text.size() >= largest_file) return {};
  }
}

std::optional<std::string> read_at(Eyes& eyes, int folder, const char* name) {
  const auto file = eyes.open(folder, name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!file) return {};
  return read_whole(file.get());
}

std::string link_at(int folder, const char* name) {
  char target[PATH_MAX];
  const ssize_t length = readlinkat(folder, name, target, sizeof target);
  return length > 0 ? std::string(target, static_cast<std::size_t>(length)) : std::string();
}

std::string_view next_word(std::string_view& line) {
  const std::size_t end = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

struct Mount {
  std::string_view device;  // "8:1"
  std::string_view folder;  // of that file system, which is mounted
  std::string_view point;
  std::string_view type;
};

Mount next_mount(std::string_view& mounts) {
  const std::size_t end = std::min(mounts.find('\n'), mounts.size());
  std::string_view line = mounts.substr(0, end);
  mounts.remove_prefix(std::min(end + 1, mounts.size()));
  Mount mount;
  next_word(line);  // its number, and that of its parent
  next_word(line);
  mount.device = next_word(line);
  mount.folder = next_word(line);
  mount.point = next_word(line);
  while (!line.empty() && next_word(line) != "-") {
  }
  mount.type = next_word(line);
  return mount;
}

// What is mounted there; of empty words: nothing.
Mount mount_at(std::string_view mounts, std::string_view point) {
  Mount found;  // the last one lies on top
  while (!mounts.empty())
    if (const Mount mount = next_mount(mounts); mount.point == point) found = mount;
  return found;
}

std::string_view type_of_mount(std::string_view mounts, std::string_view point) {
  return mount_at(mounts, point).type;
}

// What a service without capabilities may know of a process of somebody else: its mounts, and not what lies in
// them. A root of the same file system as ours is no sandbox's, as long as no flatpak-info is laid into it: a
// flatpak has a root of its own.
bool has_the_root_of_the_machine(std::string_view mounts, std::string_view our_mounts) {
  const Mount root = mount_at(mounts, "/");
  const Mount ours = mount_at(our_mounts, "/");
  return !root.device.empty() && root.device == ours.device && root.folder == ours.folder &&
         type_of_mount(mounts, "/.flatpak-info").empty();
}

// Of a root that is a folder within a mount, which its process sees no line of: if we have the same
// file system, our line tells. The device is asked for without a word to the file system itself.
std::string_view type_of_device(std::string_view mounts, int root) {
  struct statx info {};
  if (statx(root, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, 0, &info) != 0) return {};
  const std::string device =
      std::to_string(info.stx_dev_major) + ":" + std::to_string(info.stx_dev_minor);
  while (!mounts.empty())
    if (const Mount mount = next_mount(mounts); mount.device == device) return mount.type;
  return {};
}

bool answers_by_a_program(std::string_view type) { return type.starts_with("fuse"); }

// It is the very root that we have: then there is no sandbox between us.
bool shares_our_root(int process, const bus::FileDescriptor& ourselves) {
  const std::string mounts = link_at(process, "ns/mnt");
  const std::string root = link_at(process, "root");
  return !mounts.empty() && mounts == link_at(ourselves.get(), "ns/mnt") && root == "/" &&
         link_at(ourselves.get(), "root") == "/";
}

void look_at_root(Eyes& eyes, int process, int ourselves, core::CallerFacts& facts) {
  const auto mounts = read_at(eyes, process, "mountinfo");
  const auto our_mounts = read_at(eyes, ourselves, "mountinfo");
  const auto root = eyes.open(process, "root", folder_only);
  if (!mounts) return;
  if (!root) {
    facts.root_seen = errno == EACCES && our_mounts && has_the_root_of_the_machine(*mounts, *our_mounts);
    return;
  }
  std::string_view type = type_of_mount(*mounts, "/");
  if (type.empty() && our_mounts) type = type_of_device(*our_mounts, root.get());
  if (type.empty() || answers_by_a_program(type) ||
      answers_by_a_program(type_of_mount(*mounts, "/.flatpak-info")))
    return;
  const auto info =
      eyes.open(root.get(), ".flatpak-info", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  if (!info) {
    facts.root_seen = errno == ENOENT;
    return;
  }
  struct stat kind {};
  if (fstat(info.get(), &kind) != 0 || !S_ISREG(kind.st_mode)) return;
  facts.flatpak_info = read_whole(info.get());
  facts.root_seen = facts.flatpak_info.has_value();
}

// Unset: there is a label, and it cannot be read. Without a security module there is none.
std::optional<std::string> label_of(Eyes& eyes, int process) {
  for (const char* name : {"attr/apparmor/current", "attr/current"}) {
    const auto file = eyes.open(process, name, O_RDONLY);
    if (!file && errno == ENOENT) continue;
    if (!file) return {};
    auto label = read_whole(file.get());
    if (label) return label;
    if (errno != EINVAL) return {};
  }
  return std::string();
}

// "Pid:" of a pidfd; 0: the process has ended, or is none that we could see.
std::uint32_t pid_of(Eyes& eyes, const bus::FileDescriptor& process, const std::string& proc) {
  const auto folder = eyes.open(AT_FDCWD, (proc + "/self/fdinfo").c_str(), folder_only);
  const auto text = folder ? read_at(eyes, folder.get(), std::to_string(process.get()).c_str())
                           : std::optional<std::string>();
  constexpr std::string_view key = "\nPid:\t";
  const std::size_t at = text ? text->find(key) : std::string::npos;
  std::uint32_t pid = 0;
  if (at != std::string::npos)
    std::from_chars(text->data() + at + key.size(), text->data() + text->size(), pid);
  return pid;
}

bool has_ended(const bus::FileDescriptor& process) {
  pollfd ended{process.get(), POLLIN, 0};
  return poll(&ended, 1, 0) != 0;
}

// "snap.name.app" of "snap.name.app (enforce)".
std::string profile_name(std::string_view label) {
  std::string name(label.substr(0, label.find(' ')));
  while (!name.empty() && (name.back() == '\n' || name.back() == '\0')) name.pop_back();
  return name.find('/') == std::string::npos ? name : std::string();
}

void look_at(Eyes& eyes, const CallerProcess& caller, const std::string& proc,
             core::CallerFacts& facts) {
  // The folder stands for this process and no later one of the same number.
  const auto process =
      eyes.open(AT_FDCWD, (proc + "/" + std::to_string(caller.pid)).c_str(), folder_only);
  const auto ourselves = eyes.open(AT_FDCWD, (proc + "/self").c_str(), folder_only);
  struct stat owner {};
  if (!process || !ourselves || fstat(process.get(), &owner) != 0 || owner.st_uid != caller.uid)
    return;
  if (facts.label.empty()) {
    auto label = label_of(eyes, process.get());
    if (!label) return;
    facts.label = *std::move(label);
  }
  if (shares_our_root(process.get(), ourselves))
    facts.root_seen = true;
  else
    look_at_root(eyes, process.get(), ourselves.get(), facts);
}

}  // namespace

base::Result<core::CallerFacts> facts_of(CallerProcess caller, const FactFolders& folders) {
  Eyes eyes;
  core::CallerFacts facts;
  facts.uid = caller.uid;
  facts.label = std::move(caller.label);
  if (caller.process) caller.pid = *caller.process ? pid_of(eyes, *caller.process, folders.proc) : 0;
  if (caller.pid != 0) {
    core::CallerFacts seen = facts;
    look_at(eyes, caller, folders.proc, seen);
    // Had it ended, the number could have been another's when we opened its folder.
    if (!caller.process || !has_ended(*caller.process)) facts = std::move(seen);
  }
  if (!core::snap_of_label(facts.label).empty()) {
    const auto profiles = eyes.open(AT_FDCWD, folders.snap_profiles.c_str(), folder_only);
    const std::string name = profile_name(facts.label);
    if (profiles && !name.empty())
      facts.snap_profile = read_at(eyes, profiles.get(), name.c_str()).value_or("");
  }
  if (eyes.shortage() != 0)
    return base::Error(base::code_from_errno(eyes.shortage()),
                       "the service has no descriptor left to see who calls; try again later");
  return facts;
}

}  // namespace backhaul::dbus
