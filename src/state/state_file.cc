// SPDX-License-Identifier: Apache-2.0
#include "state/state_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <string_view>
#include <system_error>

namespace backhaul::state {
namespace {

std::string_view kind(mode_t mode) {
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISLNK(mode)) return "a symbolic link";
  if (S_ISFIFO(mode)) return "a named pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

base::Error no_file(const std::string& path, mode_t mode) {
  return {base::Code::E_ACCESSDENIED, path + " is " + std::string(kind(mode)) + " and not a file of backhaul"};
}

base::Error failed(const std::string& path, int error) {
  return {base::code_from_errno(error), path + ": " + std::generic_category().message(error)};
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t put = write(fd, text.data(), text.size());
    if (put <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

bool is_free(const std::string& path) {
  struct stat info {};
  return lstat(path.c_str(), &info) != 0;
}

}  // namespace

base::Result<int> open_file(const std::string& path, int flags) {
  struct stat info {};
  // Looked at before, because to open a device or a pipe may already do something, and after, because
  // it may have been exchanged.
  if (lstat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) return no_file(path, info.st_mode);
  const int fd = open(path.c_str(), flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
  if (fd < 0) return failed(path, errno);
  if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode)) return fd;
  close(fd);
  return no_file(path, info.st_mode);
}

base::Result<void> replace_file(const std::string& path, std::string_view content) {
  const std::string beside = path + ".new";
  BH_TRY(const int fd, open_file(beside, O_WRONLY | O_CREAT | O_TRUNC));
  const bool written = write_all(fd, content);
  const int error = errno;
  close(fd);
  if (!written) return {base::code_from_errno(error), "cannot write " + beside};
  if (rename(beside.c_str(), path.c_str()) == 0) return {};
  const base::Error refused{base::code_from_errno(errno), "cannot write " + path};
  unlink(beside.c_str());
  return refused;
}

base::Result<void> put_file(const std::string& path, std::string_view content, mode_t mode) {
  const std::string fresh = path + ".new";
  unlink(fresh.c_str());  // left by a crash
  BH_TRY(const int fd, open_file(fresh, O_WRONLY | O_CREAT | O_EXCL));
  const bool put = fchmod(fd, mode) == 0 && write_all(fd, content) && fsync(fd) == 0 &&
                   rename(fresh.c_str(), path.c_str()) == 0;
  const int error = errno;
  close(fd);
  if (!put) return failed(path, error);
  const std::string folder = path.substr(0, path.rfind('/') + 1);
  const int around = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (around < 0) return failed(folder, errno);
  const bool synced = fsync(around) == 0;
  const int refused = errno;
  close(around);
  if (synced) return {};
  return failed(folder, refused);
}

base::Result<std::optional<std::string>> make_way(const std::string& path) {
  struct stat info {};
  if (lstat(path.c_str(), &info) != 0 || S_ISREG(info.st_mode)) return std::optional<std::string>();
  std::string aside = path + ".set-aside";
  for (int i = 2; !is_free(aside); ++i) aside = path + ".set-aside-" + std::to_string(i);
  if (rename(path.c_str(), aside.c_str()) != 0) return failed(path, errno);
  return std::optional(aside);
}

}  // namespace backhaul::state
