// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/small_file.h"

#include <sys/stat.h>

#include <span>
#include <utility>

#include "adapters/posix/failure.h"
#include "adapters/posix/read_at.h"

namespace backhaul::posix {
namespace {

constexpr off_t small_file_max = 1024 * 1024;

}  // namespace

// A file that is no file, or a pipe that nobody writes to, must not hold anybody up.
base::Result<base::Secret> read_small_file(Access& access, const std::string& path) {
  const auto file = access.open_source(path);
  if (!file) return failure("read", path, file.error());
  struct stat info {};
  if (fstat(file->get(), &info) != 0) return failure("read", path);
  if (!S_ISREG(info.st_mode) || info.st_size > small_file_max)
    return local_error(base::Code::E_INVALIDARG, path + " is no ordinary file, or has more than a MiB.");
  std::string content(static_cast<std::size_t>(info.st_size), '\0');
  auto size = read_at(file->get(), std::as_writable_bytes(std::span(content)), 0, path);
  if (size) content.resize(*size);
  base::Secret secret = base::Secret::take(content);
  if (!size) return std::move(size).error();
  return secret;
}

}  // namespace backhaul::posix
