// SPDX-License-Identifier: Apache-2.0
#include "adapters/neighbours/own_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "os/descriptor.h"
#include "state/state_file.h"

namespace backhaul::neighbours {
namespace {

using base::Code;
using base::Error;
using base::Result;

constexpr std::size_t longest_file = 256U * 1024U;

Error failed_file(const std::string& path, int error) {
  return {base::code_from_errno(error), path + ": " + std::generic_category().message(error)};
}

// What nobody else may have of its mode.
mode_t bits_of_others(Whose whose) {
  switch (whose) {
    case Whose::ours_alone: return 077;
    case Whose::given: return 037;
    case Whose::open_to_read: return 022;
  }
  return 077;
}

std::string_view complaint_about(Whose whose) {
  switch (whose) {
    case Whose::ours_alone: return " is not of this account alone";
    case Whose::given: return " is of somebody else, can be read by everybody or written to by others";
    case Whose::open_to_read: return " can be written to by somebody else";
  }
  return "";
}

}  // namespace

Result<std::optional<std::string>> read_own_file(const std::string& path, Whose whose) {
  if (access(path.c_str(), F_OK) != 0 && errno == ENOENT) return std::optional<std::string>();
  BH_TRY(const int fd, state::open_file(path, O_RDONLY));
  const os::Descriptor opened(fd);
  struct stat info {};
  if (fstat(fd, &info) != 0) return failed_file(path, errno);
  const bool ours = info.st_uid == geteuid() || (whose != Whose::ours_alone && info.st_uid == 0);
  if (!ours || (info.st_mode & bits_of_others(whose)) != 0)
    return Error(Code::E_ACCESSDENIED, path + std::string(complaint_about(whose)));
  if (static_cast<std::size_t>(info.st_size) > longest_file) return Error(Code::E_INVALIDARG, path + " is too long");
  std::string text(static_cast<std::size_t>(info.st_size), '\0');
  if (read(fd, text.data(), text.size()) != static_cast<ssize_t>(text.size())) return failed_file(path, errno);
  return std::optional(std::move(text));
}

}  // namespace backhaul::neighbours
