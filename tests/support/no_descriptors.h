// SPDX-License-Identifier: Apache-2.0
// While it lives this process can open nothing more; what is open stays so.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

namespace backhaul::test {

// A sanitizer opens one of its own to look at memory, and takes what it cannot look at for a fault.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool descriptors_may_run_out = false;
#elif defined(__has_feature)
inline constexpr bool descriptors_may_run_out = !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer);
#else
inline constexpr bool descriptors_may_run_out = true;
#endif

class NoDescriptors {
 public:
  NoDescriptors() {
    const int first_free = open("/dev/null", O_RDONLY | O_CLOEXEC);
    EXPECT_GE(first_free, 0);
    close(first_free);
    EXPECT_EQ(getrlimit(RLIMIT_NOFILE, &before_), 0);
    rlimit none = before_;
    none.rlim_cur = static_cast<rlim_t>(first_free);
    EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  }
  ~NoDescriptors() { EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &before_), 0); }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  rlimit before_{};
};

}  // namespace backhaul::test
