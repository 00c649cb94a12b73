// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/image.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdint>
#include <string_view>
#include <system_error>
#include <vector>

#include "adapters/sqlite/database.h"
#include "adapters/sqlite/descriptor.h"
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
constexpr std::size_t application_id_at = 68;
constexpr std::size_t version_valid_for_at = 92;
constexpr std::size_t first_tree_at = 100;
constexpr std::uint8_t table_leaf = 13;
constexpr std::uint8_t table_interior = 5;
constexpr std::uint32_t usual_page_size = 4096;

using Page = std::vector<std::uint8_t>;

base::Error failed(std::string_view what, int error = errno) {
  return {base::code_from_errno(error), base::ErrorContext::general_queue_manager,
          "Cannot " + std::string(what) + ": " + std::generic_category().message(error)};
}

std::uint32_t number_at(const Page& page, std::size_t at) {
  return static_cast<std::uint32_t>(page[at]) << 24 | static_cast<std::uint32_t>(page[at + 1]) << 16 |
         static_cast<std::uint32_t>(page[at + 2]) << 8 | page[at + 3];
}

void put_number(Page& page, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) page[at + i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
}

// Pages of a file, as far as they are there.
class Pages {
 public:
  Pages(const std::string& path, int flags)
      : fd_(open(path.c_str(), flags | O_NOFOLLOW | O_CLOEXEC, 0600)) {}
  bool opened() const { return fd_.get() >= 0; }
  std::uint64_t size() const {
    struct stat info {};
    return opened() && fstat(fd_.get(), &info) == 0 ? static_cast<std::uint64_t>(info.st_size) : 0;
  }
  // What lies behind the end is zero; false: nothing of it is there.
  bool read(Page& page, std::uint64_t offset) const {
    std::fill(page.begin(), page.end(), std::uint8_t{0});
    std::size_t done = 0;
    while (opened() && done < page.size()) {
      const ssize_t got = pread(fd_.get(), page.data() + done, page.size() - done,
                                static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done > 0;
  }
  base::Result<void> write(const Page& page, std::uint64_t offset) {
    std::size_t done = 0;
    while (done < page.size()) {
      const ssize_t put = pwrite(fd_.get(), page.data() + done, page.size() - done,
                                 static_cast<off_t>(offset + done));
      if (put < 0 && errno == EINTR) continue;
      if (put <= 0) return failed("write what is left of the queue", put == 0 ? ENOSPC : errno);
      done += static_cast<std::size_t>(put);
    }
    return {};
  }

 private:
  Descriptor fd_;
};

std::uint32_t page_size_of(const Pages& database) {
  Page head(first_tree_at);
  if (!database.read(head, 0) || !std::equal(magic.begin(), magic.end(), head.begin())) return 0;
  const std::uint32_t size = static_cast<std::uint32_t>(head[page_size_at]) << 8 | head[page_size_at + 1];
  if (size == 1) return 65'536;
  return std::has_single_bit(size) && size >= 512 ? size : 0;
}

bool is_first_page_of_queue(const Page& page, std::uint32_t page_size) {
  const std::uint8_t kind = page[first_tree_at];
  return std::equal(magic.begin(), magic.end(), page.begin()) &&
         (static_cast<std::uint32_t>(page[page_size_at]) << 8 | page[page_size_at + 1]) == page_size % 65'536 + page_size / 65'536 &&
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

// The roots of the tables of a new queue: all its other pages belong to the list of the tables.
base::Result<std::vector<std::uint64_t>> roots_of(const std::string& fresh) {
  std::vector<std::uint64_t> roots;
  BH_TRY(Database database, Database::open(fresh));
  BH_TRY(Statement statement,
         database.prepare("SELECT rootpage FROM sqlite_schema WHERE rootpage > 0"));
  for (;;) {
    BH_TRY(const bool more, statement.step());
    if (!more) return roots;
    std::int64_t root = 0;
    if (statement.read(0, root)) roots.push_back(static_cast<std::uint64_t>(root));
  }
}

// The first page leads to the names and roots of all tables. Those of a new queue lie where those of
// this one lay when it was new. Roots that are there are left alone.
base::Result<void> lend_list_of_tables(const std::string& fresh, Pages& to, std::uint32_t page_size) {
  BH_TRY(const std::vector<std::uint64_t> roots, roots_of(fresh));
  const Pages from(fresh, O_RDONLY);
  if (page_size_of(from) != page_size) return {};
  Page page(page_size);
  Page present(page_size);
  for (std::uint64_t number = 1; from.read(page, (number - 1) * page_size); ++number) {
    const bool there = to.read(present, (number - 1) * page_size) && !is_zero(present);
    if (there && std::ranges::find(roots, number) != roots.end()) continue;
    BH_CHECK(to.write(page, (number - 1) * page_size));
  }
  return {};
}

// Without a log, and with as many pages as there are.
base::Result<void> set_header(Pages& to, std::uint32_t page_size) {
  Page page(page_size);
  to.read(page, 0);
  page[write_version_at] = page[read_version_at] = 1;
  put_number(page, page_count_at, static_cast<std::uint32_t>((to.size() + page_size - 1) / page_size));
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
  if (!to.opened()) return failed("make " + image);
  BH_CHECK(copy_database(database, to, page_size));
  if (wal->page_size == page_size) BH_CHECK(lay_log_over(source + "-wal", *wal, to));
  Page first(page_size);
  to.read(first, 0);
  if (first_page == FirstPage::of_fresh || !is_first_page_of_queue(first, page_size))
    BH_CHECK(lend_list_of_tables(fresh, to, page_size));
  return set_header(to, page_size);
}

}  // namespace backhaul::sqlite
