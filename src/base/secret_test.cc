// SPDX-License-Identifier: Apache-2.0
#include "base/secret.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <array>
#include <cstdint>
#include <vector>

namespace backhaul::base {
namespace {

constexpr std::string_view canary = "canary-on-the-stack-91c4";

// What a library does: works with a copy of its own and returns.
[[gnu::noinline]] void handle(std::string_view text) {
  std::array<volatile char, 4'096> copy{};
  for (std::size_t i = 0; i < copy.size(); ++i) copy[i] = text[i % text.size()];
}

void* handle_and_say_so(void*) {
  handle(canary);
  stack_holds_secrets = true;
  wipe_stack();
  return nullptr;
}

void* handle_in_silence(void*) {
  handle(canary);
  wipe_stack();
  return nullptr;
}

// Runs a thread on memory that can be looked at when it has ended.
bool found_on_stack_of(void* (*run)(void*)) {
  constexpr std::size_t page = 4'096;
  constexpr std::size_t size = 64 * page;
  std::vector<char> room(size + page, '\0');
  char* const begin = room.data() + (page - reinterpret_cast<std::uintptr_t>(room.data()) % page);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  EXPECT_EQ(pthread_attr_setstack(&attributes, begin, size), 0);
  pthread_t thread{};
  EXPECT_EQ(pthread_create(&thread, &attributes, run, nullptr), 0);
  EXPECT_EQ(pthread_join(thread, nullptr), 0);
  pthread_attr_destroy(&attributes);
  return std::string_view(room.data(), room.size()).find(canary) != std::string_view::npos;
}

// AddressSanitizer keeps locals in a place of its own.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool locals_lie_on_the_stack = false;
#elif defined(__has_feature)
constexpr bool locals_lie_on_the_stack = !__has_feature(address_sanitizer);
#else
constexpr bool locals_lie_on_the_stack = true;
#endif

TEST(Secret, IsWipedFromTheStackOfWhoHandledIt) {
  if (!locals_lie_on_the_stack) GTEST_SKIP();
  EXPECT_FALSE(found_on_stack_of(&handle_and_say_so));
}

TEST(Secret, TheStackIsLeftAloneWhereNobodySpokeOfSecrets) {
  if (!locals_lie_on_the_stack) GTEST_SKIP();
  EXPECT_TRUE(found_on_stack_of(&handle_in_silence));
}

TEST(Secret, ThatGoesSaysThatTheStackMayHoldIt) {
  stack_holds_secrets = false;
  { const Secret none; }
  EXPECT_FALSE(stack_holds_secrets);
  { const Secret some{canary}; }
  EXPECT_TRUE(stack_holds_secrets);
  wipe_stack();
  EXPECT_FALSE(stack_holds_secrets);
}

}  // namespace
}  // namespace backhaul::base
