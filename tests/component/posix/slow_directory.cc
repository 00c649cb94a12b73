// SPDX-License-Identifier: Apache-2.0
#include "tests/component/posix/slow_directory.h"

#include <dlfcn.h>
#include <sys/stat.h>

#include <condition_variable>
#include <mutex>
#include <set>

namespace backhaul::test {
namespace {

struct Server {
  std::mutex mutex;
  std::condition_variable changed;
  std::set<std::string> silent;
  int inside = 0;
};

Server& server() {
  static Server the_server;
  return the_server;
}

void wait_for_answer(const char* path) {
  std::unique_lock lock(server().mutex);
  if (!server().silent.contains(path)) return;
  ++server().inside;
  server().changed.wait(lock, [path] { return !server().silent.contains(path); });
  --server().inside;
  server().changed.notify_all();
}

}  // namespace

SlowDirectory::SlowDirectory(const std::string& path) : path_(path) {
  const std::scoped_lock lock(server().mutex);
  server().silent.insert(path_);
}

SlowDirectory::~SlowDirectory() {
  std::unique_lock lock(server().mutex);
  server().silent.erase(path_);
  server().changed.notify_all();
  server().changed.wait(lock, [] { return !server().silent.empty() || server().inside == 0; });
}

int SlowDirectory::inside() {
  const std::scoped_lock lock(server().mutex);
  return server().inside;
}

}  // namespace backhaul::test

extern "C" __attribute__((visibility("default"))) int stat(const char* path,
                                                           struct stat* info) noexcept {
  backhaul::test::wait_for_answer(path);
  using Function = int (*)(const char*, struct stat*);
  static const auto real = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "stat"));
  return real(path, info);
}
