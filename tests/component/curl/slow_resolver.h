// SPDX-License-Identifier: Apache-2.0
// Names that take as long to resolve as the test wants: getaddrinfo() of this program stands before
// that of the C library, and waits for "slow.invalid".
#pragma once

namespace backhaul::test {

inline constexpr auto slow_name = "slow.invalid";

class SlowResolver {
 public:
  SlowResolver();
  ~SlowResolver();  // lets all go, and waits until they went
  bool asked() const;
};

}  // namespace backhaul::test
