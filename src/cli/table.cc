// SPDX-License-Identifier: Apache-2.0
#include "cli/table.h"

#include <algorithm>
#include <utility>

#include "cli/text.h"

namespace backhaul::cli {
namespace {

// How wide each column would like to be, and what a row of them takes with the gaps between them.
std::vector<std::size_t> wanted_widths(const Table& table) {
  std::vector<std::size_t> width;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    width.push_back(table.columns[c].title.size());
    for (const Cells& row : table.rows) width[c] = std::max(width[c], display_width(row[c]));
  }
  return width;
}

std::size_t row_width(const std::vector<std::size_t>& width) {
  std::size_t sum = 2 * (width.size() - 1);
  for (std::size_t w : width) sum += w;
  return sum;
}

// The column to narrow next; as many as there are: none.
std::size_t next_to_narrow(const std::vector<Column>& columns, const std::vector<std::size_t>& width) {
  std::size_t next = columns.size();
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (!columns[c].shrinks() || width[c] <= columns[c].least) continue;
    if (next == columns.size() ||
        std::pair(columns[next].matters, width[c]) > std::pair(columns[c].matters, width[next]))
      next = c;
  }
  return next;
}

std::vector<std::size_t> fitted_widths(const Table& table, std::size_t room) {
  std::vector<std::size_t> width = wanted_widths(table);
  for (std::size_t sum = row_width(width); sum > room; --sum) {
    const std::size_t next = next_to_narrow(table.columns, width);
    if (next == width.size()) break;
    --width[next];
  }
  return width;
}

}  // namespace

bool Table::fits_in_comfort(std::size_t room) const {
  auto width = wanted_widths(*this);
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (columns[i].shrinks()) width[i] = std::min(width[i], columns[i].comfortable);
  return row_width(width) <= room;
}

void Table::drop_spare(std::size_t room) {
  while (!fits_in_comfort(room)) {
    auto next = columns.end();
    for (auto c = columns.begin(); c != columns.end(); ++c)
      if (c->spare > 0 && (next == columns.end() || c->spare < next->spare)) next = c;
    if (next == columns.end()) return;
    const auto place = next - columns.begin();
    columns.erase(next);
    for (Cells& row : rows) row.erase(row.begin() + place);
  }
}

std::string Table::render(const TableStyle& style) const {
  Table table = *this;
  table.drop_spare(style.columns);
  const auto width = fitted_widths(table, style.columns);
  const auto line = [&](auto cell) {
    std::string out;
    for (std::size_t c = 0; c < width.size(); ++c) {
      const std::string text = fit(cell(c), width[c], style.utf8);
      out += (c == 0 ? "" : "  ") + (table.columns[c].align == Align::left ? pad(text, width[c])
                                                                          : pad_left(text, width[c]));
    }
    out.erase(out.find_last_not_of(' ') + 1);
    return fit(out, style.columns, style.utf8) + "\n";
  };
  std::string out = line([&](std::size_t c) { return table.columns[c].title; });
  if (style.colour) out = "\x1b[1m" + out.substr(0, out.size() - 1) + "\x1b[0m\n";
  for (const Cells& row : table.rows) out += line([&](std::size_t c) { return std::string_view(row[c]); });
  return out;
}

Table with_owners(Table table, const Cells& owners, const TableStyle& style) {
  if (!style.owners) return table;
  table.columns.insert(table.columns.begin() + 1, {.title = "OWNER", .least = 4, .comfortable = 8});
  for (std::size_t i = 0; i < owners.size(); ++i)
    table.rows[i].insert(table.rows[i].begin() + 1, printable(owners[i], style.utf8));
  return table;
}

}  // namespace backhaul::cli
