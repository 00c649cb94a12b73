// SPDX-License-Identifier: Apache-2.0
#include "swarm/output.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "adapters/posix/destination.h"
#include "adapters/posix/direct_access.h"
#include "adapters/posix/failure.h"
#include "os/descriptor.h"
#include "os/hmac.h"

namespace backhaul::swarmd {
namespace {

// In the same directory, so that it can be renamed. A long name must not make this one too long.
base::Result<std::string> name_beside(const std::string& path) {
  const std::string word = os::random_hex(8);
  if (word.empty()) return posix::failure("make a name beside", path);
  return path.substr(0, path.rfind('/') + 1) + ".torrent-" + word + ".new";
}

base::Result<void> write_durably(int fd, std::string_view octets, const std::string& path) {
  while (!octets.empty()) {
    const ssize_t put = write(fd, octets.data(), octets.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return posix::failure("write to", path);
    octets.remove_prefix(static_cast<std::size_t>(put));
  }
  if (fsync(fd) != 0) return posix::failure("write to", path);
  return {};
}

}  // namespace

std::string output_path(const std::string& asked, const std::string& usual_name) {
  struct stat info {};
  if (asked.ends_with('/')) return asked + usual_name;
  const bool into = stat(asked.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
  return into ? asked + "/" + usual_name : asked;
}

base::Result<void> check_output(const std::string& path, const std::string& file) {
  struct stat source {}, there {};
  if (stat(file.c_str(), &source) == 0 && stat(path.c_str(), &there) == 0 && source.st_dev == there.st_dev &&
      source.st_ino == there.st_ino)
    return posix::local_error(base::Code::E_INVALIDARG,
                              path + " is the file itself: its torrent needs another name");
  posix::DirectAccess access(0);
  return posix::look_at_destination(access, AT_FDCWD, path, path);
}

base::Result<void> put_in_place(const std::string& path, std::string_view octets) {
  BH_TRY(const std::string beside, name_beside(path));
  const os::Descriptor file(open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
  if (!file) return posix::failure("write to", path);
  auto written = write_durably(file.get(), octets, path);
  if (written && rename(beside.c_str(), path.c_str()) != 0) written = posix::failure("put in place", path);
  if (!written) unlink(beside.c_str());
  return written;
}

}  // namespace backhaul::swarmd
