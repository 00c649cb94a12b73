// SPDX-License-Identifier: Apache-2.0
// What is in a simulated file. The byte at offset o of version v is a pure function of (v, o), so
// instead of bytes we keep where they came from: extents of (version, offset there).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace backhaul::sim {

inline constexpr std::uint32_t garbage = UINT32_MAX;  // a "version" that no origin ever had

class Content {
 public:
  void append(std::uint32_t version, std::uint64_t from, std::uint64_t length);
  void truncate(std::uint64_t size);
  Content prefix(std::uint64_t size) const;
  std::uint64_t size() const { return size_; }
  // The version that every byte comes from, each at its own place. Unset for a mix and for nothing.
  std::optional<std::uint32_t> version() const;
  // The end of the first `size` bytes, as core/part.h has it: never 0.
  std::uint64_t tail(std::uint64_t size) const;

 private:
  struct Extent {
    std::uint64_t at = 0;
    std::uint64_t length = 0;
    std::uint32_t version = 0;
    std::uint64_t from = 0;
  };
  std::uint64_t size_ = 0;
  std::vector<Extent> extents_;
};

}  // namespace backhaul::sim
