// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/lost_root.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
#include <vector>

namespace backhaul::sqlite {
namespace {

// Places in a page of a tree, and in the first page.
constexpr std::size_t cells_at = 3;
constexpr std::size_t content_at = 5;
constexpr std::size_t last_child_at = 8;
constexpr std::size_t leaf_header = 8;
constexpr std::size_t interior_header = 12;
constexpr std::size_t first_trunk_at = 32;
// In the head of a row: what kind of value a column has.
constexpr std::uint64_t null_value = 0;
constexpr std::uint64_t id_value = 12 + 2 * 16;  // 16 bytes
// Of an interior page: the number of the child, the highest row below it, and where both are.
constexpr std::size_t longest_cell = 4 + 9 + 2;

// Seven bits a byte, the highest ones first; the ninth byte has eight.
std::optional<std::uint64_t> take_varint(const Page& page, std::size_t& at) {
  std::uint64_t value = 0;
  for (int i = 0; i < 9; ++i) {
    if (at >= page.size()) return std::nullopt;
    const std::uint8_t byte = page[at++];
    if (i == 8) return value << 8 | byte;
    value = value << 7 | (byte & 0x7F);
    if (byte < 0x80) return value;
  }
  return std::nullopt;
}

// The number of the row in a cell, if it has the shape that is looked for.
std::optional<std::uint64_t> row_in(const Page& page, std::size_t cell, std::uint64_t columns) {
  std::size_t at = cell;
  const auto length = take_varint(page, at);
  const auto row = take_varint(page, at);
  const std::size_t head = at;
  const auto head_length = take_varint(page, at);
  if (!length || !row || !head_length || *head_length > *length || *head_length > page.size() - head ||
      *row > INT64_MAX)
    return std::nullopt;
  std::uint64_t found = 0;
  for (; at < head + *head_length; ++found) {
    const auto kind = take_varint(page, at);
    if (!kind || (found == 0 && *kind != null_value) || (found == 1 && *kind != id_value))
      return std::nullopt;
  }
  return found == columns ? row : std::nullopt;
}

// A page of the tree and the rows below it.
struct Branch {
  std::uint32_t page = 0;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

std::optional<Branch> leaf(const Page& page, std::uint32_t number, std::uint64_t columns) {
  const std::size_t cells = short_at(page, cells_at);
  if (page[0] != table_leaf || cells == 0 || leaf_header + 2 * cells > page.size()) return std::nullopt;
  const auto first = row_in(page, short_at(page, leaf_header), columns);
  const auto last = row_in(page, short_at(page, leaf_header + 2 * (cells - 1)), columns);
  if (!first || !last || *first > *last) return std::nullopt;
  return Branch{number, *first, *last};
}

// Pages that nothing is in any more still hold what was in them.
std::set<std::uint32_t> free_pages(const Pages& image, std::uint32_t page_size) {
  std::set<std::uint32_t> pages;
  Page page(page_size);
  image.read(page, 0);
  for (std::uint32_t trunk = number_at(page, first_trunk_at); trunk != 0;) {
    if (!pages.insert(trunk).second || !image.read(page, std::uint64_t{trunk - 1} * page_size)) break;
    const std::size_t most = page_size / 4 - 2;
    for (std::size_t i = 0; i < std::min<std::size_t>(number_at(page, 4), most); ++i)
      pages.insert(number_at(page, 8 + 4 * i));
    trunk = number_at(page, 0);
  }
  return pages;
}

std::vector<Branch> find_leaves(const Pages& image, std::uint32_t page_size, std::uint64_t columns) {
  const std::set<std::uint32_t> unused = free_pages(image, page_size);
  std::vector<Branch> leaves;
  Page page(page_size);
  for (std::uint32_t number = 2; image.read(page, std::uint64_t{number - 1} * page_size); ++number)
    if (auto found = leaf(page, number, columns); found && !unused.contains(number))
      leaves.push_back(*found);
  std::ranges::sort(leaves, {}, &Branch::last);
  // One that repeats rows of another would lead a search astray.
  std::vector<Branch> sound;
  for (const Branch& branch : leaves)
    if (sound.empty() || branch.first > sound.back().last) sound.push_back(branch);
  return sound;
}

void put_varint(std::vector<std::uint8_t>& bytes, std::uint64_t value) {
  std::vector<std::uint8_t> groups;  // of a number with at most 63 bits: at most nine
  do groups.insert(groups.begin(), static_cast<std::uint8_t>(value & 0x7F));
  while ((value >>= 7) != 0);
  for (std::size_t i = 0; i + 1 < groups.size(); ++i) groups[i] |= 0x80;
  bytes.insert(bytes.end(), groups.begin(), groups.end());
}

Page interior(const std::vector<Branch>& children, std::uint32_t page_size) {
  Page page(page_size);
  page[0] = table_interior;
  std::size_t end = page_size;
  for (std::size_t i = 0; i + 1 < children.size(); ++i) {
    std::vector<std::uint8_t> cell(4);
    put_number(cell, 0, children[i].page);
    put_varint(cell, children[i].last);
    end -= cell.size();
    std::ranges::copy(cell, page.begin() + static_cast<std::ptrdiff_t>(end));
    put_short(page, interior_header + 2 * i, end);
  }
  put_short(page, cells_at, children.size() - 1);
  put_short(page, content_at, end);
  put_number(page, last_child_at, children.back().page);
  return page;
}

// As many branches as one page can lead to, in even groups, each below a page behind the end.
base::Result<std::vector<Branch>> join(Pages& image, std::uint32_t page_size,
                                       const std::vector<Branch>& branches, std::size_t most) {
  const std::size_t groups = (branches.size() + most - 1) / most;
  std::vector<Branch> joined;
  for (std::size_t i = 0; i < groups; ++i) {
    const auto at = [&](std::size_t group) {
      return branches.begin() + static_cast<std::ptrdiff_t>(branches.size() * group / groups);
    };
    const std::vector<Branch> children(at(i), at(i + 1));
    const std::uint64_t offset = (image.size() + page_size - 1) / page_size * page_size;
    BH_CHECK(image.write(interior(children, page_size), offset));
    joined.push_back({static_cast<std::uint32_t>(offset / page_size + 1), children.front().first,
                      children.back().last});
  }
  return joined;
}

}  // namespace

base::Result<void> mend_root(Pages& image, std::uint32_t page_size, std::uint64_t root,
                             std::uint64_t columns) {
  const std::uint64_t offset = (root - 1) * page_size;
  Page page(page_size);
  image.read(page, offset);
  if (page[0] == table_leaf || page[0] == table_interior) return {};
  std::vector<Branch> branches = find_leaves(image, page_size, columns);
  if (branches.empty()) return {};
  if (branches.size() == 1) {  // an interior page leads to two at least
    image.read(page, std::uint64_t{branches.front().page - 1} * page_size);
    return image.write(page, offset);
  }
  const std::size_t most = (page_size - interior_header) / longest_cell;
  while (branches.size() > most) {
    BH_TRY(branches, join(image, page_size, branches, most));
  }
  return image.write(interior(branches, page_size), offset);
}

}  // namespace backhaul::sqlite
