// SPDX-License-Identifier: Apache-2.0
#include "daemon/folders.h"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace backhaul::daemon {
namespace {

std::string home() {
  if (const char* home = std::getenv("HOME"); home != nullptr && home[0] == '/') return home;
  if (const passwd* entry = getpwuid(getuid()); entry != nullptr && entry->pw_dir[0] == '/') {
    return entry->pw_dir;
  }
  return "/";
}

// The XDG rule: a relative path in the variable counts as unset.
std::string base_folder(const char* variable, const char* below_home) {
  if (const char* value = std::getenv(variable); value != nullptr && value[0] == '/') return value;
  return home() + below_home;
}

base::Error refused(const std::string& folder, int error) {
  return {base::code_from_errno(error), folder + ": " + std::strerror(error)};
}

}  // namespace

std::string default_state_folder() {
  return base_folder("XDG_STATE_HOME", "/.local/state") + "/backhaul";
}

std::string user_settings_folder() {
  return base_folder("XDG_CONFIG_HOME", "/.config") + "/backhaul";
}

base::Result<void> make_private_folder(const std::string& folder) {
  for (std::size_t end = folder.find('/', 1); end != std::string::npos;
       end = folder.find('/', end + 1)) {
    mkdir(folder.substr(0, end).c_str(), 0700);  // the last step tells what went wrong
  }
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return refused(folder, errno);
  struct stat status {};
  if (lstat(folder.c_str(), &status) != 0) return refused(folder, errno);
  if (!S_ISDIR(status.st_mode)) return refused(folder, ENOTDIR);
  if (status.st_uid != geteuid()) {
    return base::Error{base::Code::E_ACCESSDENIED, folder + " belongs to another user"};
  }
  return {};
}

}  // namespace backhaul::daemon
