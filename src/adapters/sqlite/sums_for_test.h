// SPDX-License-Identifier: Apache-2.0
// A row that a test changed by SQL is a damaged one. Where it is to be odd, but as sound as if the
// service had written it, it gets the sum that belongs to it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "adapters/sqlite/row_sum.h"
#include "adapters/sqlite/rows.h"

namespace backhaul::sqlite::testing {

inline std::int64_t sum_of(const Statement& row) {
  RowSum sum;
  for (int column = 0; column + 1 < row.columns(); ++column) {
    std::int64_t number = 0;
    std::string text;
    std::array<std::uint8_t, 16> id{};
    if (row.read(column, number))
      sum.number(number);
    else if (row.read(column, text))
      sum.bytes(text);
    else if (row.read(column, id))
      sum.bytes({reinterpret_cast<const char*>(id.data()), id.size()});
    else
      sum.null();
  }
  return sum.value();
}

inline base::Result<void> sum_anew(Database& database) {
  struct Table {
    std::string select, name, key;
  };
  for (const Table& table : {Table{select_jobs(), "job", "row"}, Table{select_files(), "file", "job"},
                             Table{select_events(), "event", "sequence"},
                             Table{select_numbers(), "queue", "only"}}) {
    std::vector<std::string> changes;
    {
      auto prepared = database.prepare(table.select);
      if (!prepared) continue;  // the test took the table away
      Statement& row = *prepared;
      for (;;) {
        BH_TRY(const bool more, row.step());
        if (!more) break;
        std::int64_t key = 0;
        std::int64_t index = 0;
        row.read(0, key);
        std::string change = "UPDATE " + table.name + " SET sum = " + std::to_string(sum_of(row)) + " WHERE " +
                             table.key + " = " + std::to_string(key);
        if (table.name == "file" && row.read(1, index)) change += " AND file_index = " + std::to_string(index);
        changes.push_back(std::move(change));
      }
    }
    for (const std::string& change : changes) BH_CHECK(database.run(change));
  }
  return {};
}

}  // namespace backhaul::sqlite::testing
