// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/set_aside.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <ctime>
#include <string_view>
#include <system_error>

#include "adapters/sqlite/descriptor.h"
#include "state/state_file.h"

namespace backhaul::sqlite {
namespace {

constexpr std::string_view journals[] = {"-wal", "-journal", "-shm"};

base::Error failed(std::string_view what, const std::string& path, int error = errno) {
  std::string text = "Cannot ";
  text.append(what).append(" ").append(path).append(": ");
  text += std::generic_category().message(error);
  return {base::code_from_errno(error), base::ErrorContext::general_queue_manager, std::move(text)};
}

bool exists(const std::string& path) {
  struct stat info;
  return lstat(path.c_str(), &info) == 0;
}

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

base::Result<void> sync_directory(const std::string& directory) {
  const Descriptor fd(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0 || fsync(fd.get()) != 0) return failed("sync", directory);
  return {};
}

base::Result<void> make_directory(const std::string& directory) {
  struct stat info;
  if (stat(directory.c_str(), &info) == 0) return {};
  if (errno != ENOENT) return failed("look at", directory);
  const std::string parent = directory_of(directory);
  BH_CHECK(make_directory(parent));
  if (mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) return failed("make", directory);
  return sync_directory(parent);
}

// A name that is not taken: one second may see two of them.
std::string dated_name(const std::string& path) {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char date[32];
  std::strftime(date, sizeof date, "%Y%m%dT%H%M%SZ", &utc);
  const std::string name = path + ".damaged-" + date;
  std::string free = name;
  for (int i = 2; exists(free) || exists(free + "-wal") || exists(free + "-journal"); ++i)
    free = name + "-" + std::to_string(i);
  return free;
}

base::Result<void> move_journals(const std::string& path, const std::string& aside) {
  for (const std::string_view suffix : journals) {
    const std::string from = path + std::string(suffix);
    const std::string to = aside + std::string(suffix);
    if (rename(from.c_str(), to.c_str()) != 0 && errno != ENOENT) return failed("rename", from);
  }
  return sync_directory(directory_of(path));
}

}  // namespace

base::Result<void> prepare_folder(const std::string& path) { return make_directory(directory_of(path)); }

base::Result<void> prepare_file(const std::string& path) {
  const std::string directory = directory_of(path);
  BH_CHECK(make_directory(directory));
  BH_TRY(const int opened, state::open_file(path, O_RDWR | O_CREAT));
  const Descriptor fd(opened);
  struct stat info;
  if (fstat(fd.get(), &info) != 0) return failed("look at", path);
  if ((info.st_mode & 0777) != 0600 && fchmod(fd.get(), 0600) != 0)
    return failed("make private", path);
  if (info.st_size > 0) return {};
  if (fsync(fd.get()) != 0) return failed("sync", path);
  return sync_directory(directory);
}

base::Result<std::vector<std::string>> make_way_for_journals(const std::string& path) {
  std::vector<std::string> moved;
  for (const std::string_view suffix : journals) {
    BH_TRY(const auto aside, state::make_way(path + std::string(suffix)));
    if (aside) moved.push_back(*aside);
  }
  return moved;
}

base::Result<std::string> set_aside(const std::string& path) {
  const std::string aside = dated_name(path);
  // The database first: a journal without it is recognised at the next start, while a database
  // without its journal would look sound and lack its last commits.
  if (rename(path.c_str(), aside.c_str()) != 0 && errno != ENOENT) return failed("rename", path);
  BH_CHECK(move_journals(path, aside));
  return aside;
}

base::Result<std::string> keep_copy(Database& database, const std::string& path) {
  std::string copy = dated_name(path);
  BH_CHECK(prepare_file(copy));
  BH_TRY(Statement statement, database.prepare("VACUUM INTO ?"));
  statement.bind(1, std::string_view(copy));
  BH_CHECK(statement.run());
  return copy;
}

base::Result<bool> set_orphaned_journals_aside(const std::string& path) {
  if (exists(path)) return false;
  for (const std::string_view suffix : journals) {
    if (!exists(path + std::string(suffix))) continue;
    BH_CHECK(move_journals(path, dated_name(path)));
    return true;
  }
  return false;
}

base::Result<std::string> replace(const std::string& path, const std::string& by) {
  {
    BH_TRY(const int opened, state::open_file(by, O_RDONLY));
    const Descriptor fd(opened);
    if (fsync(fd.get()) != 0) return failed("sync", by);
  }
  BH_TRY(std::string aside, set_aside(path));
  BH_CHECK(put_in_place(path, by));
  return aside;
}

base::Result<void> put_in_place(const std::string& path, const std::string& by) {
  if (rename(by.c_str(), path.c_str()) != 0) return failed("rename", by);
  remove_database(by);  // its journal, of no use to a database that was closed
  return sync_directory(directory_of(path));
}

void remove_database(const std::string& path) {
  unlink(path.c_str());
  for (const std::string_view suffix : journals) unlink((path + std::string(suffix)).c_str());
}

FileState state_of(const std::string& path) {
  struct stat info;
  if (lstat(path.c_str(), &info) != 0) return FileState::missing;
  return S_ISREG(info.st_mode) && info.st_size == 0 ? FileState::empty : FileState::there;
}

}  // namespace backhaul::sqlite
