// SPDX-License-Identifier: Apache-2.0
// A table of texts that fits its terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cli/view.h"

namespace backhaul::cli {

enum class Align : bool { left, right };

struct Column {
  std::string_view title;
  Align align = Align::left;
  std::size_t least = 0;        // not narrowed below this; 0: not at all
  std::size_t comfortable = 0;  // what it may shrink to before a spare column is left out
  unsigned spare = 0;           // left out where there is no room for it, 1 before 2; 0: never
  bool matters = false;         // narrowed only when the others are at their least

  bool shrinks() const { return least > 0; }
};

using Cells = std::vector<std::string>;

struct Table {
  std::vector<Column> columns;
  std::vector<Cells> rows;  // each with a cell for every column

  // Leaves out spare columns, in their order, until the rest can be made to fit in comfort.
  void drop_spare(std::size_t room);
  bool fits_in_comfort(std::size_t room) const;
  // Spare columns go; of those that may shrink the widest gives way until the table fits, and what matters
  // last; then the last one is cut off.
  std::string render(const TableStyle& style) const;
};

// A table of jobs, with the owner of each behind its id, the first column, where those of many may be among them.
Table with_owners(Table table, const Cells& owners, const TableStyle& style);

}  // namespace backhaul::cli
