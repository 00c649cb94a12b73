// SPDX-License-Identifier: Apache-2.0
#include "core/path_book.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>

#include "base/fnv.h"

namespace backhaul::core {
namespace {

constexpr base::Microseconds forgotten_after = std::chrono::days(7);
constexpr base::Microseconds from_the_future = std::chrono::days(1);  // as old as that it counts
constexpr double half_life_days = 2;
constexpr std::int64_t longest_delay = 60'000'000;       // µs
constexpr std::uint64_t largest_capacity = 1ULL << 40;   // octets a second

std::string hex_of(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += digits[byte >> 4];
    text += digits[byte & 0xF];
  }
  return text;
}

template <class Number>
std::optional<Number> parsed(std::string_view text, int base = 10) {
  Number number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<std::string> bytes_of(std::string_view hex) {
  std::string bytes;
  if (hex.size() % 2 != 0) return std::nullopt;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const auto byte = parsed<unsigned>(hex.substr(i, 2), 16);
    if (!byte) return std::nullopt;
    bytes += static_cast<char>(*byte);
  }
  return bytes;
}

std::uint64_t digest_of(std::string_view line) {
  base::Fnv1a digest;
  digest.add(line);
  return digest.value();
}

std::string_view next_word(std::string_view& line) {
  const std::size_t end = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

}  // namespace

PathMemory aged(const PathMemory& memory, base::Microseconds age) {
  if (age < base::Microseconds(0)) age = from_the_future;
  if (age > forgotten_after) return {};
  const double in_days = std::chrono::duration<double, std::chrono::days::period>(age).count();
  return {.base_delay = memory.base_delay, .capacity = memory.capacity * std::exp2(-in_days / half_life_days)};
}

void PathBook::keep(const std::string& path, const PathMemory& memory, base::WallTime now) {
  if (memory == PathMemory{}) return;
  if (entries_.size() >= most && !entries_.contains(path)) {
    const auto oldest = std::ranges::min_element(entries_, {}, [](const auto& one) { return one.second.used; });
    entries_.erase(oldest);
  }
  entries_[path] = {memory, now};
}

PathMemory PathBook::recall(const std::string& path, base::WallTime now) const {
  const auto known = entries_.find(path);
  return known == entries_.end() ? PathMemory{} : aged(known->second.memory, now - known->second.used);
}

std::string PathBook::text() const {
  std::string text;
  for (const auto& [path, entry] : entries_) {
    const std::string line = hex_of(path) + " " + std::to_string(entry.memory.base_delay.count()) + " " +
                             std::to_string(static_cast<std::uint64_t>(entry.memory.capacity)) + " " +
                             std::to_string(entry.used.time_since_epoch().count());
    text += line + " " + std::to_string(digest_of(line)) + "\n";
  }
  return text;
}

PathBook PathBook::parse(std::string_view text) {
  PathBook book;
  while (!text.empty() && book.entries_.size() < most) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t last = line.rfind(' ');
    if (last == std::string_view::npos || parsed<std::uint64_t>(line.substr(last + 1)) != digest_of(line.substr(0, last)))
      continue;
    const auto path = bytes_of(next_word(line));
    const auto delay = parsed<std::int64_t>(next_word(line));
    const auto capacity = parsed<std::uint64_t>(next_word(line));
    const auto used = parsed<std::int64_t>(next_word(line));
    if (!path || !delay || *delay < 0 || *delay > longest_delay || !capacity || *capacity > largest_capacity || !used)
      continue;
    book.entries_[*path] = {.memory = {.base_delay = base::Microseconds(*delay), .capacity = static_cast<double>(*capacity)},
                            .used = base::WallTime(base::Microseconds(*used))};
  }
  return book;
}

}  // namespace backhaul::core
