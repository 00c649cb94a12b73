// SPDX-License-Identifier: Apache-2.0
#include "bus/place.h"

#include <dlfcn.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>

#include "bus/errors.h"

extern char** environ;

namespace backhaul::bus {
namespace {

constexpr char usual_path[] = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin";
constexpr char usual_data_dirs[] = "/usr/local/share:/usr/share";

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

std::string absolute_variable(const char* name) {
  std::string value = variable(name);
  return value.starts_with('/') ? value : std::string();
}

std::string home_of(uid_t uid) {
  std::vector<char> buffer(16384);
  passwd entry{};
  passwd* found = nullptr;
  if (getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr)
    return "/";
  return found->pw_dir == nullptr || found->pw_dir[0] != '/' ? "/" : found->pw_dir;
}

std::string real_path(const std::string& path) {
  char* resolved = realpath(path.c_str(), nullptr);
  if (resolved == nullptr) return {};
  std::string result = resolved;
  std::free(resolved);
  return result;
}

bool is_program(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && access(path.c_str(), X_OK) == 0;
}

// The file this code was loaded from. For the main program the loader only knows how it was
// called, which may be relative to a folder that is not the current one any more.
std::string own_module() {
  Dl_info info{};
  if (dladdr(reinterpret_cast<const void*>(&own_module), &info) != 0 &&
      info.dli_fname != nullptr && info.dli_fname[0] == '/')
    return real_path(info.dli_fname);
  return real_path("/proc/self/exe");
}

std::string parent(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string() : std::string(path.substr(0, slash));
}

}  // namespace

std::string find_program(const std::string& name, const std::string& search_path) {
  std::size_t begin = 0;
  while (begin <= search_path.size()) {
    std::size_t end = search_path.find(':', begin);
    if (end == std::string::npos) end = search_path.size();
    const std::string folder = search_path.substr(begin, end - begin);
    if (folder.starts_with('/') && is_program(folder + '/' + name)) return folder + '/' + name;
    begin = end + 1;
  }
  return {};
}

bool is_own_directory(const std::string& path, uid_t uid) {
  struct stat info {};
  return lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == uid;
}

base::Result<void> make_directories(const std::string& path) {
  for (std::size_t end = 1; end != std::string::npos;) {
    end = path.find('/', end);
    const std::string part = path.substr(0, end);
    if (mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) {
      const int error = errno;
      struct stat info {};  // a parent on a read-only file system is fine if it is there
      if (stat(part.c_str(), &info) != 0 || !S_ISDIR(info.st_mode))
        return {base::code_from_errno(error), "cannot make the folder " + part};
    }
    if (end != std::string::npos) ++end;
  }
  return {};
}

base::Result<void> make_private_directory(const std::string& path, uid_t uid) {
  BH_CHECK(make_directories(path));
  if (!is_own_directory(path, uid))
    return {base::Code::E_ACCESSDENIED, path + " is not a folder of this user"};
  struct stat info {};
  if (lstat(path.c_str(), &info) == 0 && (info.st_mode & 077) != 0 &&
      chmod(path.c_str(), 0700) != 0)
    return {base::Code::E_ACCESSDENIED, path + " is open to others"};
  return {};
}

std::string find_daemon(std::string_view module_file) {
  std::string folder = parent(module_file);
  for (int level = 0; level < 4 && !folder.empty(); ++level) {
    const std::string candidate = folder + "/libexec/backhaul/backhauld";
    if (is_program(candidate)) return candidate;
    folder = parent(folder);
  }
  const std::string at_root = "/libexec/backhaul/backhauld";
  return folder.empty() && is_program(at_root) ? at_root : std::string();
}

Place Place::current() {
  Place place;
  place.uid = geteuid();
  place.home = absolute_variable("HOME");
  if (place.home.empty()) place.home = home_of(place.uid);
  const std::string base = place.home == "/" ? std::string() : place.home;
  place.state_home = absolute_variable("XDG_STATE_HOME");
  if (place.state_home.empty()) place.state_home = base + "/.local/state";
  place.data_home = absolute_variable("XDG_DATA_HOME");
  if (place.data_home.empty()) place.data_home = base + "/.local/share";
  place.data_dirs = variable("XDG_DATA_DIRS");
  if (place.data_dirs.empty()) place.data_dirs = usual_data_dirs;
  place.runtime_dir = absolute_variable("XDG_RUNTIME_DIR");
  if (!is_own_directory(place.runtime_dir, place.uid)) place.runtime_dir.clear();
  place.user_runtime_dir = "/run/user/" + std::to_string(place.uid);
  if (!is_own_directory(place.user_runtime_dir, place.uid)) place.user_runtime_dir.clear();
  place.bus_address = variable("DBUS_SESSION_BUS_ADDRESS");
  // A program that runs with more rights than whoever started it must not be led to a bus of theirs.
  const char* system_bus = secure_getenv("DBUS_SYSTEM_BUS_ADDRESS");
  if (system_bus != nullptr) place.system_bus = system_bus;
  if (place.system_bus.empty()) place.system_bus = "unix:path=/run/dbus/system_bus_socket";
  place.path = variable("PATH");
  if (place.path.empty()) place.path = usual_path;
  place.daemon = find_daemon(own_module());
  // A library from elsewhere (a build tree, a bundle) under an installed program.
  if (place.daemon.empty()) place.daemon = find_daemon(real_path("/proc/self/exe"));
  if (!place.daemon.empty()) {
    const std::string share = parent(parent(parent(place.daemon))) + "/share";
    if (access((share + "/dbus-1/services").c_str(), R_OK) == 0) place.data_prefix = share;
  }
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry)
    place.environment.emplace_back(*entry);
  return place;
}

}  // namespace backhaul::bus
