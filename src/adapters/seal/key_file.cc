// SPDX-License-Identifier: Apache-2.0
#include "adapters/seal/key_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "state/state_file.h"

namespace backhaul::seal {
namespace {

class OpenKeyFile {
 public:
  explicit OpenKeyFile(int fd) : fd_(fd) {}
  OpenKeyFile(OpenKeyFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  OpenKeyFile& operator=(OpenKeyFile&&) = delete;
  ~OpenKeyFile() {
    if (fd_ >= 0) close(fd_);
  }
  int fd() const { return fd_; }

 private:
  int fd_;
};

base::Error failed_key(const std::string& path, int error) {
  return {base::code_from_errno(error), path + ": " + std::generic_category().message(error)};
}

base::Result<void> sync_folder_of(const std::string& path) {
  const std::string folder = path.substr(0, path.rfind('/') + 1);
  const OpenKeyFile opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.fd() < 0 || fsync(opened.fd()) != 0) return failed_key(folder, errno);
  return {};
}

// It has its name when it is whole and durable: half a key would make what is sealed with it worthless.
base::Result<void> make_key(const std::string& path, Key& key) {
  const auto bytes = key.bytes();
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    return failed_key(path, errno);
  const std::string fresh = path + ".new";
  unlink(fresh.c_str());  // left by a crash
  BH_TRY(const int fd, state::open_file(fresh, O_WRONLY | O_CREAT | O_EXCL));
  const OpenKeyFile opened(fd);
  if (write(fd, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()) || fsync(fd) != 0 ||
      rename(fresh.c_str(), path.c_str()) != 0)
    return failed_key(path, errno);
  return sync_folder_of(path);
}

base::Result<bool> read_key(const std::string& path, Key& key, base::Log& log) {
  BH_TRY(const int fd, state::open_file(path, O_RDONLY));
  const OpenKeyFile opened(fd);
  struct stat info {};
  if (fstat(fd, &info) != 0) return failed_key(path, errno);
  if ((info.st_mode & 077) != 0) {
    if (fchmod(fd, 0600) != 0) return failed_key(path, errno);
    log.write(base::LogLevel::warning, "others could read the key of the queue's secrets, " + path +
                                           "; now they cannot");
  }
  const auto bytes = key.bytes();
  return info.st_size == static_cast<off_t>(bytes.size()) &&
         read(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
}

}  // namespace

base::Result<void> read_key_file(const std::string& path, Key& key, base::Log& log) {
  BH_TRY(const std::optional<std::string> moved, state::make_way(path));
  if (moved) log.write(base::LogLevel::warning, "What stood in the place of " + path + " is now " + *moved + ".");
  if (access(path.c_str(), F_OK) != 0) return make_key(path, key);
  BH_TRY(const bool good, read_key(path, key, log));
  if (good) return {};
  const std::string aside = path + ".set-aside";
  if (rename(path.c_str(), aside.c_str()) != 0) return failed_key(path, errno);
  log.write(base::LogLevel::error, "The key of the queue's secrets is damaged and was set aside as " + aside +
                                       ": credentials and headers have to be set again.");
  return make_key(path, key);
}

}  // namespace backhaul::seal
