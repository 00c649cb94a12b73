// SPDX-License-Identifier: Apache-2.0
#include "bus/secret_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <utility>

#include "bus/errors.h"
#include "bus/utf8.h"

namespace backhaul::bus {
namespace {

using base::Code;
using base::Error;

constexpr int all_seals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK;

bool write_whole(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

Error no_secret(std::string why) { return {Code::E_INVALIDARG, "the secret " + std::move(why)}; }

// As a string of the bus would have to be.
base::Result<void> check_texts(std::string_view user, std::string_view password) {
  if (!is_valid_utf8(user)) return no_secret("has a user with a NUL in it, or one that is no UTF-8");
  if (!is_valid_utf8(password)) return no_secret("has a password with a NUL in it, or one that is no UTF-8");
  return {};
}

}  // namespace

base::Result<FileDescriptor> make_secret_file(const UserAndPassword& secret) {
  BH_CHECK(check_texts(secret.user.reveal(), secret.password.reveal()));
  FileDescriptor file(memfd_create("secret", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  const bool made = file && write_whole(file.get(), secret.user.reveal()) &&
                    write_whole(file.get(), std::string_view("\0", 1)) &&
                    write_whole(file.get(), secret.password.reveal()) &&
                    fcntl(file.get(), F_ADD_SEALS, all_seals | F_SEAL_SEAL) == 0;
  if (!made) return error_from_errno(-errno, "making a memory file for a secret");
  return file;
}

base::Result<UserAndPassword> read_secret_file(int descriptor) {
  // Asked first: whatever else it is, nothing is done with it that its file system has a say in.
  const int seals = fcntl(descriptor, F_GET_SEALS);
  if (seals < 0 || (seals & all_seals) != all_seals)
    return no_secret("is no memory file that is sealed against writing, growing and shrinking");
  struct stat info {};
  if (fstat(descriptor, &info) != 0) return error_from_errno(-errno, "looking at a secret");
  if (info.st_size > static_cast<off_t>(secret_file_max))
    return no_secret("has " + std::to_string(info.st_size) + " octets; " + std::to_string(secret_file_max) +
                     " are the most");
  std::string text(static_cast<std::size_t>(info.st_size), '\0');
  const ssize_t got = pread(descriptor, text.data(), text.size(), 0);
  const base::Secret content = base::Secret::take(text);
  if (got != info.st_size) return no_secret("cannot be read by its descriptor");
  const std::string_view whole = content.reveal();
  const std::size_t end = whole.find('\0');
  if (end == std::string_view::npos) return no_secret("has no NUL between a user and a password");
  const std::string_view user = whole.substr(0, end);
  const std::string_view password = whole.substr(end + 1);
  BH_CHECK(check_texts(user, password));
  return UserAndPassword{base::Secret(user), base::Secret(password)};
}

}  // namespace backhaul::bus
