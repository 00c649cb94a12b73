// SPDX-License-Identifier: Apache-2.0
#include "base/secret.h"

#include <array>

namespace backhaul::base {
namespace {

// Deeper than what libcurl, its TLS and sd-bus reach with a secret in their hands.
constexpr std::size_t wiped_bytes = 64U * 1024U;

[[gnu::noinline]] void overwrite_stack() {
  std::array<char, wiped_bytes> room;
  explicit_bzero(room.data(), room.size());
}

}  // namespace

void wipe_stack() {
  if (!stack_holds_secrets) return;
  stack_holds_secrets = false;
  overwrite_stack();
}

}  // namespace backhaul::base
