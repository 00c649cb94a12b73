// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/image.h"

#include <fcntl.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdint>
#include <string_view>
#include <vector>

#include "adapters/sqlite/database.h"
#include "adapters/sqlite/lost_root.h"
#include "adapters/sqlite/pages.h"
#include "adapters/sqlite/schema.h"
#include "adapters/sqlite/wal.h"

namespace backhaul::sqlite {
namespace {

// Places in the first page, from SQLite's file format.
constexpr std::string_view magic("SQLite format 3\0", 16);
constexpr std::size_t page_size_at = 16;
constexpr std::size_t write_version_at = 18;
constexpr std::size_t read_version_at = 19;
constexpr std::size_t change_counter_at = 24;
constexpr std::size_t page_count_at = 28;
constexpr std::size_t last_root_at = 52;  // 0: there is no map of the pages
constexpr std::size_t incremental_vacuum_at = 64;
constexpr std::size_t application_id_at = 68;
constexpr std::size_t version_valid_for_at = 92;
constexpr std::size_t first_tree_at = 100;
constexpr std::uint32_t usual_page_size = 4096;

std::uint32_t page_size_of(const Pages& database) {
  Page head(first_tree_at);
  if (!database.read(head, 0) || !std::equal(magic.begin(), magic.end(), head.begin())) return 0;
  const std::uint32_t size = short_at(head, page_size_at);
  if (size == 1) return 65'536;
  return std::has_single_bit(size) && size >= 512 ? size : 0;
}

bool is_first_page_of_queue(const Page& page, std::uint32_t page_size) {
  const std::uint8_t kind = page[first_tree_at];
  return std::equal(magic.begin(), magic.end(), page.begin()) &&
         short_at(page, page_size_at) == page_size % 65'536 + page_size / 65'536 &&
         number_at(page, application_id_at) == static_cast<std::uint32_t>(application_id) &&
         (kind == table_leaf || kind == table_interior);
}

bool is_zero(const Page& page) {
  return std::all_of(page.begin(), page.end(), [](std::uint8_t byte) { return byte == 0; });
}

base::Result<void> copy_database(const Pages& from, Pages& to, std::uint32_t page_size) {
  Page page(page_size);
  for (std::uint64_t offset = 0; from.read(page, offset); offset += page_size)
    BH_CHECK(to.write(page, offset));
  return {};
}

base::Result<void> lay_log_over(const std::string& path, const Wal& wal, Pages& to) {
  const Pages from(path, O_RDONLY);
  Page page(wal.page_size);
  for (const Frame& frame : wal.frames) {
    if (!frame.sound || !from.read(page, frame.offset)) continue;
    BH_CHECK(to.write(page, std::uint64_t{frame.page - 1} * wal.page_size));
  }
  return {};
}

struct Root {
  std::uint64_t page = 0;
  std::uint64_t columns = 0;  // of a table whose rows have a number and then an id; 0: another kind of tree
};

// Of the tables of a new queue: all its other pages belong to the list of the tables.
base::Result<std::vector<Root>> roots_of(const std::string& fresh) {
  std::vector<Root> roots;
  BH_TRY(Database database, Database::open(fresh));
  BH_TRY(Statement statement,
         database.prepare("SELECT rootpage, iif(type = 'table' AND name IN ('job', 'event'), (SELECT "
                          "count(*) FROM pragma_table_info(tables.name)), 0) FROM sqlite_schema AS tables "
                          "WHERE rootpage > 0"));
  for (;;) {
    BH_TRY(const bool more, statement.step());
    if (!more) return roots;
    std::int64_t page = 0;
    std::int64_t columns = 0;
    if (statement.read(0, page) && statement.read(1, columns))
      roots.push_back({static_cast<std::uint64_t>(page), static_cast<std::uint64_t>(columns)});
  }
}

// The first page leads to the names and roots of all tables. Those of a new queue lie where those of
// this one lay when it was new. Roots that are there are left alone.
base::Result<void> lend_list_of_tables(const std::string& fresh, const std::vector<Root>& roots,
                                       Pages& to, std::uint32_t page_size) {
  const Pages from(fresh, O_RDONLY);
  if (page_size_of(from) != page_size) return {};
  Page page(page_size);
  Page present(page_size);
  for (std::uint64_t number = 1; from.read(page, (number - 1) * page_size); ++number) {
    const bool there = to.read(present, (number - 1) * page_size) && !is_zero(present);
    if (there && std::ranges::find(roots, number, &Root::page) != roots.end()) continue;
    BH_CHECK(to.write(page, (number - 1) * page_size));
  }
  return {};
}

// Without a log, with as many pages as there are, and without the map that tells of each page what leads to it: it may be
// damaged itself, and whoever only reads needs none.
base::Result<void> set_header(Pages& to, std::uint32_t page_size) {
  Page page(page_size);
  to.read(page, 0);
  page[write_version_at] = page[read_version_at] = 1;
  put_number(page, page_count_at, static_cast<std::uint32_t>((to.size() + page_size - 1) / page_size));
  put_number(page, last_root_at, 0);
  put_number(page, incremental_vacuum_at, 0);
  put_number(page, version_valid_for_at, number_at(page, change_counter_at));
  return to.write(page, 0);
}

}  // namespace

base::Result<void> make_image(const std::string& source, const std::string& fresh,
                              const std::string& image, FirstPage first_page) {
  const Pages database(source, O_RDONLY);
  auto wal = read_wal(source + "-wal");
  if (!wal) wal = Wal{};
  std::uint32_t page_size = page_size_of(database);
  if (page_size == 0) page_size = wal->page_size != 0 ? wal->page_size : usual_page_size;
  Pages to(image, O_RDWR | O_CREAT | O_TRUNC);
  if (!to.opened()) return cannot("make " + image, errno);
  BH_CHECK(copy_database(database, to, page_size));
  if (wal->page_size == page_size) BH_CHECK(lay_log_over(source + "-wal", *wal, to));
  BH_TRY(const std::vector<Root> roots, roots_of(fresh));
  for (const Root& root : roots)
    if (root.columns > 0) BH_CHECK(mend_root(to, page_size, root.page, root.columns));
  Page first(page_size);
  to.read(first, 0);
  if (first_page == FirstPage::of_fresh || !is_first_page_of_queue(first, page_size))
    BH_CHECK(lend_list_of_tables(fresh, roots, to, page_size));
  return set_header(to, page_size);
}

}  // namespace backhaul::sqlite
