// SPDX-License-Identifier: Apache-2.0
// What is left of a secret in the memory of the program that runs the test.
#pragma once

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

namespace backhaul::test {

// A text that stands nowhere in this program, which makes it anew each time; the caller wipes it.
inline constexpr std::size_t canary_size = 200;
template <class Character>
void make_canary(Character (&out)[canary_size + 1]) {
  for (std::size_t i = 0; i < canary_size; ++i)
    out[i] = static_cast<Character>(33 + (i * i * 7 + i * 31 + static_cast<std::size_t>(getpid())) % 90);
  out[canary_size] = 0;
}

// Pieces of its middle: what a text that grew would leave behind, where the first bytes of memory that was freed
// are written over. Held inverted, so that they are not found where they are looked for.
inline std::vector<std::string> needles() {
  std::vector<std::string> all(2);
  char narrow[canary_size + 1];
  wchar_t wide_one[canary_size + 1];
  make_canary(narrow);
  make_canary(wide_one);
  constexpr std::size_t begin = 64, length = 24;
  const auto* const bytes = reinterpret_cast<const char*>(wide_one);
  for (std::size_t i = 0; i < length; ++i) all[0].push_back(static_cast<char>(~narrow[begin + i]));
  for (std::size_t i = 0; i < length * sizeof(wchar_t); ++i)
    all[1].push_back(static_cast<char>(~bytes[begin * sizeof(wchar_t) + i]));
  explicit_bzero(narrow, sizeof narrow);
  explicit_bzero(wide_one, sizeof wide_one);
  return all;
}

inline bool is_at(const char* at, const std::string& inverted) {
  for (std::size_t i = 0; i < inverted.size(); ++i)
    if (at[i] != static_cast<char>(~inverted[i])) return false;
  return true;
}

// Where in what this program may write a piece of it lies, its own buffers of the search left out.
inline std::vector<std::string> found_in_memory() {
  const std::vector<std::string> wanted = needles();
  std::ifstream maps("/proc/self/maps");
  const int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
  constexpr std::size_t most = 256 << 20;
  char* const copy = static_cast<char*>(
      mmap(nullptr, most, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
  std::vector<std::string> found;
  for (std::string line; std::getline(maps, line);) {
    std::uintptr_t begin = 0, end = 0;
    char rights[5] = {};
    if (std::sscanf(line.c_str(), "%lx-%lx %4s", &begin, &end, rights) != 3 || rights[1] != 'w') continue;
    const auto own = reinterpret_cast<std::uintptr_t>(copy);
    if ((begin < own + most && own < end) || end - begin > most) continue;
    const ssize_t size = pread(memory, copy, end - begin, static_cast<off_t>(begin));
    for (ssize_t i = 0; i < size; ++i)
      for (const std::string& one : wanted)
        if (static_cast<std::size_t>(size - i) >= one.size() && is_at(copy + i, one))
          found.push_back(line.substr(0, 80) + " + " + std::to_string(i));
  }
  munmap(copy, most);
  close(memory);
  return found;
}

inline std::string told_places(const std::vector<std::string>& places) {
  std::string text;
  for (const std::string& place : places) text += place + "\n";
  return text;
}

}  // namespace backhaul::test
