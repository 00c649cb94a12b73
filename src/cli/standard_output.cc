// SPDX-License-Identifier: Apache-2.0
#include "cli/standard_output.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

namespace backhaul::cli {
namespace {

std::string reason(int error = errno) { return std::generic_category().message(error); }

// Returns what went wrong; empty: nothing.
std::string write_all(const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t written = write(STDOUT_FILENO, data, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return "standard output: " + reason();
    data += written;
    size -= static_cast<std::size_t>(written);
  }
  return {};
}

std::string copy_file(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return path + ": " + reason();
  std::array<char, 64 * 1024> bytes;
  std::string wrong;
  for (ssize_t got = 1; got != 0 && wrong.empty();) {
    got = read(fd, bytes.data(), bytes.size());
    if (got < 0 && errno == EINTR) continue;
    wrong = got < 0 ? path + ": " + reason() : write_all(bytes.data(), static_cast<std::size_t>(got));
  }
  close(fd);
  return wrong;
}

}  // namespace

void keep_standard_streams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
      static_cast<void>(open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY));  // the lowest number is its own
}

std::expected<StandardOutput, std::string> StandardOutput::make() {
  const int flags = fcntl(STDOUT_FILENO, F_GETFL);
  if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY)
    return std::unexpected("-o - writes to standard output, which is closed or can only be read");
  const char* chosen = std::getenv("TMPDIR");
  std::string base = chosen != nullptr && *chosen == '/' ? chosen : "/var/tmp";
  if (std::error_code ignored; !std::filesystem::is_directory(base, ignored)) base = "/tmp";
  std::string name = base + "/backhaul-XXXXXX";
  if (mkdtemp(name.data()) == nullptr)
    return std::unexpected("a directory for the bytes cannot be made in " + base + ": " + reason());
  return StandardOutput(std::move(name));
}

StandardOutput::StandardOutput(StandardOutput&& other) noexcept
    : directory_(std::exchange(other.directory_, {})) {}

StandardOutput::~StandardOutput() { remove(); }

void StandardOutput::remove() {
  std::error_code ignored;
  if (!directory_.empty()) std::filesystem::remove_all(std::exchange(directory_, {}), ignored);
}

std::expected<void, std::string> StandardOutput::copy(const std::vector<FileSpec>& files) const {
  signal(SIGPIPE, SIG_IGN);  // a reader that has gone is an error to be told
  std::fflush(stdout);
  for (const FileSpec& file : files) {
    if (!file.local.starts_with(directory_ + "/")) continue;
    if (std::string wrong = copy_file(file.local); !wrong.empty())
      return std::unexpected(std::move(wrong));
  }
  return {};
}

}  // namespace backhaul::cli
