// SPDX-License-Identifier: Apache-2.0
#include "tests/component/curl/slow_resolver.h"

#include <dlfcn.h>
#include <netdb.h>

#include <condition_variable>
#include <mutex>
#include <string_view>

namespace backhaul::test {
namespace {

struct Gate {
  std::mutex mutex;
  std::condition_variable changed;
  bool closed = false;
  bool asked = false;
  int inside = 0;
};

Gate& gate() {
  static Gate the_gate;
  return the_gate;
}

}  // namespace

SlowResolver::SlowResolver() {
  const std::scoped_lock lock(gate().mutex);
  gate().closed = true;
  gate().asked = false;
}

SlowResolver::~SlowResolver() {
  std::unique_lock lock(gate().mutex);
  gate().closed = false;
  gate().changed.notify_all();
  gate().changed.wait(lock, [] { return gate().inside == 0; });
}

bool SlowResolver::asked() const {
  const std::scoped_lock lock(gate().mutex);
  return gate().asked;
}

}  // namespace backhaul::test

extern "C" __attribute__((visibility("default"))) int getaddrinfo(
    const char* node, const char* service, const addrinfo* hints, addrinfo** result) {
  using backhaul::test::gate;
  if (node != nullptr && std::string_view(node) == backhaul::test::slow_name) {
    std::unique_lock lock(gate().mutex);
    gate().asked = true;
    ++gate().inside;
    gate().changed.wait(lock, [] { return !gate().closed; });
    --gate().inside;
    gate().changed.notify_all();
    return EAI_NONAME;
  }
  using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const auto real = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "getaddrinfo"));
  return real(node, service, hints, result);
}
