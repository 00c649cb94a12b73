// SPDX-License-Identifier: Apache-2.0
#include "adapters/dbus/managed_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "bus/place.h"
#include "bus/process.h"

namespace backhaul::dbus {
namespace {

using base::Code;

constexpr std::size_t largest_managed_file = 256 * 1024;

base::Error system_error(int error, const std::string& what) {
  return {base::code_from_errno(error), what};
}

base::Result<std::string> read_file(const std::string& path) {
  const bus::FileDescriptor file(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file) return system_error(errno, "cannot read " + path);
  std::string text(largest_managed_file, '\0');
  std::size_t length = 0;
  ssize_t r = 0;
  while (length < text.size() &&
         (r = read(file.get(), text.data() + length, text.size() - length)) > 0)
    length += static_cast<std::size_t>(r);
  if (r < 0) return system_error(errno, "cannot read " + path);
  text.resize(length);
  return text;
}

base::Result<void> write_durably(const std::string& path, const std::string& text) {
  const bus::FileDescriptor file(
      open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!file) return system_error(errno, "cannot write " + path);
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t r = write(file.get(), text.data() + written, text.size() - written);
    if (r < 0 && errno == EINTR) continue;
    if (r < 0) return system_error(errno, "cannot write " + path);
    written += static_cast<std::size_t>(r);
  }
  if (fsync(file.get()) != 0) return system_error(errno, "cannot write " + path);
  return {};
}

void sync_directory(const std::string& path) {
  const bus::FileDescriptor folder(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder) fsync(folder.get());
}

bool exists(const std::string& path) {
  struct stat info {};
  return lstat(path.c_str(), &info) == 0;
}

bool is_ours(const std::string& path) {
  const auto text = read_file(path);
  return text && is_managed(*text);
}

}  // namespace

base::Result<void> write_managed(const std::string& folder, const std::string& name,
                                 const std::string& text) {
  BH_CHECK(bus::make_directories(folder));
  const std::string path = folder + '/' + name;
  if (exists(path) && !is_ours(path))
    return {Code::ALREADY_EXISTS, path + " is there already and was not made by backhaul"};
  const std::string temporary = folder + "/." + name + ".new";
  BH_CHECK(write_durably(temporary, text));
  if (rename(temporary.c_str(), path.c_str()) != 0)
    return system_error(errno, "cannot write " + path);
  sync_directory(folder);
  return {};
}

base::Result<void> remove_managed(const std::string& folder, const std::string& name) {
  const std::string path = folder + '/' + name;
  if (!is_ours(path)) return {Code::BG_E_NOT_FOUND, path + " was not made by backhaul"};
  if (unlink(path.c_str()) != 0) return system_error(errno, "cannot remove " + path);
  sync_directory(folder);
  return {};
}

std::vector<ManagedFile> read_managed(const std::string& folder, std::string_view suffix) {
  std::vector<ManagedFile> files;
  DIR* directory = opendir(folder.c_str());
  if (directory == nullptr) return files;
  while (const dirent* entry = readdir(directory)) {
    std::string name = entry->d_name;
    if (!name.ends_with(suffix)) continue;
    auto text = read_file(folder + '/' + name);
    if (text && is_managed(*text)) files.push_back({std::move(name), *std::move(text)});
  }
  closedir(directory);
  std::ranges::sort(files, {}, &ManagedFile::name);
  return files;
}

}  // namespace backhaul::dbus
