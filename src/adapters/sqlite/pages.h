// SPDX-License-Identifier: Apache-2.0
// The pages of a database as bytes, below everything that SQLite checks (its published file format).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/sqlite/descriptor.h"
#include "base/result.h"

namespace backhaul::sqlite {

using Page = std::vector<std::uint8_t>;

// What kind of tree a page belongs to: its first byte, but of the first page.
inline constexpr std::uint8_t table_leaf = 13;
inline constexpr std::uint8_t table_interior = 5;

// Numbers of two and of four bytes.
std::uint32_t short_at(const Page& page, std::size_t at);
void put_short(Page& page, std::size_t at, std::size_t value);
std::uint32_t number_at(const Page& page, std::size_t at);
void put_number(Page& page, std::size_t at, std::uint32_t value);

// "Cannot …: what errno says."
base::Error cannot(std::string_view what, int error);

// Pages of a file, as far as they are there.
class Pages {
 public:
  Pages(const std::string& path, int flags);
  bool opened() const { return fd_.get() >= 0; }
  std::uint64_t size() const;
  // What lies behind the end is zero; false: nothing of it is there.
  bool read(Page& page, std::uint64_t offset) const;
  base::Result<void> write(const Page& page, std::uint64_t offset);

 private:
  Descriptor fd_;
};

}  // namespace backhaul::sqlite
