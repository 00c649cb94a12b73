// SPDX-License-Identifier: Apache-2.0
#include "cli/user_of.h"

#include <backhaul/client.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string_view>

namespace backhaul::cli {
namespace {

constexpr std::array<std::string_view, 8> kept{"TERM",  "COLORTERM", "NO_COLOR", "COLUMNS",
                                               "LINES", "LANG",      "LANGUAGE", "TZ"};

bool is_kept(std::string_view entry) {
  const std::string_view name = entry.substr(0, entry.find('='));
  for (const std::string_view known : kept)
    if (name == known) return true;
  return name.starts_with("LC_");
}

Exit failed(Exit exit, const std::string& name, const std::string& why) {
  std::fprintf(stderr, "backhaul: --user-of %s: %s\n", name.c_str(), why.c_str());
  return exit;
}

std::string runtime_dir_of(uid_t uid) {
  const std::string folder = "/run/user/" + std::to_string(uid);
  struct stat info {};
  const bool own = lstat(folder.c_str(), &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == uid;
  return own ? folder : std::string();
}

bool drop_to(const passwd& user) {
  return initgroups(user.pw_name, user.pw_gid) == 0 &&
         setresgid(user.pw_gid, user.pw_gid, user.pw_gid) == 0 &&
         setresuid(user.pw_uid, user.pw_uid, user.pw_uid) == 0;
}

}  // namespace

std::vector<std::string> environment_of(const std::string& name, const std::string& home,
                                        const std::string& shell, const std::string& runtime_dir,
                                        const char* const* environment) {
  std::vector<std::string> result;
  for (const char* const* entry = environment; *entry != nullptr; ++entry)
    if (is_kept(*entry)) result.emplace_back(*entry);
  result.push_back("HOME=" + home);
  result.push_back("USER=" + name);
  result.push_back("LOGNAME=" + name);
  result.push_back("SHELL=" + shell);
  result.emplace_back("PATH=/usr/local/bin:/usr/bin:/bin");
  if (!runtime_dir.empty()) result.push_back("XDG_RUNTIME_DIR=" + runtime_dir);
  return result;
}

std::string without_home(const std::string& home, const std::string& runtime_dir) {
  struct stat info {};
  const bool gone = stat(home.c_str(), &info) != 0 ? errno == ENOENT || errno == ENOTDIR : !S_ISDIR(info.st_mode);
  if (!gone || !runtime_dir.empty()) return {};
  return "there is no home " + shown_url(home) + ", in which the service of a user keeps its queue\n"
         "hint: give that user a home, or use the service of the machine with --system";
}

std::string without_own_home() {
  const char* const home = getenv("HOME");
  const char* const state = getenv("XDG_STATE_HOME");
  const bool elsewhere = state != nullptr && *state == '/';
  return home == nullptr || *home != '/' || elsewhere ? std::string() : without_home(home, runtime_dir_of(geteuid()));
}

std::optional<Exit> become(const std::string& name, char* const* argv, bool looks_for_service) {
  errno = 0;
  const passwd* user = getpwnam(name.c_str());
  // A script takes `not_found` for the end of its job.
  if (user == nullptr)
    return failed(Exit::usage, shown_url(name), errno == 0 ? "there is no such user" : std::strerror(errno));
  if (user->pw_uid == geteuid()) return {};
  if (geteuid() != 0) return failed(Exit::not_permitted, name, "only root may work as another user");
  if (const std::string why = without_home(user->pw_dir, runtime_dir_of(user->pw_uid)); looks_for_service && !why.empty())
    return failed(Exit::no_service, name, why);
  std::vector<std::string> environment = environment_of(
      user->pw_name, user->pw_dir, user->pw_shell, runtime_dir_of(user->pw_uid), environ);
  std::vector<char*> entries;
  for (std::string& entry : environment) entries.push_back(entry.data());
  entries.push_back(nullptr);
  if (!drop_to(*user)) return failed(Exit::failed, name, std::strerror(errno));
  // Begun anew, nothing of what root had in memory stays, and the service may look at us as it looks
  // at every program of its user.
  execve("/proc/self/exe", argv, entries.data());
  return failed(Exit::failed, name,
                std::string("that user cannot run this program: ") + std::strerror(errno));
}

}  // namespace backhaul::cli
