// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/salvage.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sysexits.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string_view>
#include <utility>

#include "adapters/sqlite/database.h"
#include "adapters/sqlite/image.h"
#include "adapters/sqlite/rows.h"
#include "adapters/sqlite/schema.h"
#include "adapters/sqlite/set_aside.h"
#include "core/damage.h"

namespace backhaul::sqlite {
namespace {

// Written rows are safe from a crash of ours from one of these to the next.
constexpr int rows_per_transaction = 50;
// So many keys in a row are tried one by one behind a place that cannot be read: more than the rows of
// most pages. Then the steps grow.
constexpr int patience = 300;

constexpr const char* target_settings = R"sql(
PRAGMA trusted_schema = OFF;
PRAGMA journal_mode = TRUNCATE;
PRAGMA synchronous = OFF;
)sql";
constexpr const char* source_settings = R"sql(
PRAGMA trusted_schema = OFF;
PRAGMA cell_size_check = ON;
PRAGMA query_only = ON;
)sql";

// The columns that both have, in the target's order; the key comes first by our schema.
base::Result<std::vector<std::string>> columns_of(Database& database, const std::string& table) {
  std::vector<std::string> names;
  BH_TRY(Statement statement, database.prepare("SELECT name FROM pragma_table_info('" + table + "')"));
  for (;;) {
    BH_TRY(const bool row, statement.step());
    if (!row) return names;
    std::string name;
    if (statement.read(0, name)) names.push_back(std::move(name));
  }
}

struct Copier {
  Statement from;  // rows whose key is at least parameter 1, in the order of the keys
  Statement to;
  int columns;
  int key;  // its column
};

class Salvage {
 public:
  Salvage(Database source, Database target, const std::function<void()>& after_row)
      : source_(std::move(source)), target_(std::move(target)), after_row_(after_row) {}

  base::Result<void> run() {
    BH_CHECK(begin());
    BH_CHECK(copy_numbers());
    BH_CHECK(copy_table("job", "row"));
    BH_CHECK(copy_files());
    BH_CHECK(copy_secrets());
    BH_CHECK(copy_table("event", "sequence"));
    BH_CHECK(copy_table("usage", "day"));
    BH_CHECK(copy_table("cache", "number"));
    BH_CHECK(copy_table("preference", "only"));
    BH_CHECK(copy_table("ban", "number"));
    return transaction_->commit();
  }

 private:
  base::Result<void> begin() {
    transaction_.reset();
    auto transaction = Transaction::begin(target_);
    if (!transaction) return std::move(transaction).error();
    transaction_.emplace(std::move(*transaction));
    return {};
  }

  base::Result<void> row_written() {
    after_row_();
    if (++rows_ % rows_per_transaction != 0) return {};
    BH_CHECK(transaction_->commit());
    return begin();
  }

  // Those of a new queue would be taken for ours: without sound ones the record and the rows tell.
  base::Result<void> copy_numbers() {
    const auto numbers = read_numbers(source_);
    if (!numbers || !*numbers) return target_.run("DELETE FROM queue");
    BH_TRY(Statement put, target_.prepare(put_numbers()));
    bind_numbers(put, **numbers);
    return put.run();
  }

  // `condition` may use parameter 2. Unset: the source does not know the table.
  base::Result<std::optional<Copier>> copier(const std::string& table, const std::string& key,
                                             const std::string& condition) {
    BH_TRY(const std::vector<std::string> wanted, columns_of(target_, table));
    const auto there = columns_of(source_, table);
    std::string list;
    std::string marks;
    int columns = 0;
    int key_column = 0;
    for (const std::string& name : wanted) {
      if (!there || std::ranges::find(*there, name) == there->end()) continue;
      if (name == key) key_column = columns;
      list += (list.empty() ? "" : ", ") + name;
      marks += marks.empty() ? "?" : ", ?";
      ++columns;
    }
    auto from = source_.prepare("SELECT " + list + " FROM " + table + " WHERE " + condition + key +
                                " >= ?1 ORDER BY " + key);
    if (!from) return std::optional<Copier>();
    BH_TRY(Statement to, target_.prepare("INSERT OR IGNORE INTO " + table + " (" + list +
                                         ") VALUES (" + marks + ")"));
    return std::optional<Copier>(Copier{std::move(*from), std::move(to), columns, key_column});
  }

  base::Result<void> copy_table(const std::string& table, const std::string& key) {
    BH_TRY(std::optional<Copier> found, copier(table, key, ""));
    if (!found) return {};
    return walk(*found, INT64_MAX - 1);
  }

  base::Result<void> copy_files() {
    return copy_of_jobs("file", "file_index", "SELECT row, files_total FROM job ORDER BY row",
                        core::files_max);
  }

  base::Result<void> copy_secrets() {
    constexpr auto last = static_cast<std::int64_t>(core::SecretSlot::last);
    return copy_of_jobs("secret", "slot",
                        "SELECT row, " + std::to_string(last) + " FROM job WHERE secrets IS NOT NULL ORDER BY row",
                        last);
  }

  // Only what belongs to jobs that were saved; without its job it is nothing. `jobs`: their rows, and the
  // last key of each, which is `most` at most.
  base::Result<void> copy_of_jobs(const std::string& table, const std::string& key,
                                  const std::string& jobs, std::int64_t most) {
    BH_TRY(std::optional<Copier> found, copier(table, key, "job = ?2 AND "));
    if (!found) return {};
    std::vector<std::pair<std::int64_t, std::int64_t>> saved_jobs;
    BH_TRY(Statement saved, target_.prepare(jobs));
    for (;;) {
      BH_TRY(const bool more, saved.step());
      if (!more) break;
      std::pair<std::int64_t, std::int64_t> job;
      if (saved.read(0, job.first) && saved.read(1, job.second)) saved_jobs.push_back(job);
    }
    saved.reset();
    for (const auto& [row, last] : saved_jobs) {
      found->from.reset();
      found->from.bind(2, row);
      BH_CHECK(walk(*found, std::min(last, most)));
    }
    return {};
  }

  // Everything that can be read from key 0 to `last`. An error is one of the target.
  base::Result<void> walk(Copier& copier, std::int64_t last) {
    std::int64_t from = 0;
    while (from <= last) {
      const std::int64_t begun = from;
      BH_TRY(const bool whole, copy_from(copier, from));
      if (whole) return {};
      // Behind the last row that could be read, or where not even the first one could.
      const auto next = next_readable(copier, from > begun ? from - 1 : from, last);
      if (!next) return {};
      from = *next;
    }
    return {};
  }

  // The first key behind `failed` from which on the tree can be read: found in steps that grow, then
  // between the last two of them.
  std::optional<std::int64_t> next_readable(Copier& copier, std::int64_t failed, std::int64_t last) {
    std::int64_t stride = 1;
    std::int64_t good = failed;
    for (int tries = 0; good == failed; ++tries) {
      if (tries >= patience && stride < (std::int64_t{1} << 61)) stride *= 2;
      if (failed > last - stride) return std::nullopt;
      if (can_read(copier, failed + stride))
        good = failed + stride;
      else
        good = failed += stride;
    }
    while (good - failed > 1) {
      const std::int64_t middle = failed + (good - failed) / 2;
      (can_read(copier, middle) ? good : failed) = middle;
    }
    return good;
  }

  static bool can_read(Copier& copier, std::int64_t key) {
    copier.from.reset();
    copier.from.bind(1, key);
    const bool read = copier.from.step().has_value();
    copier.from.reset();
    return read;
  }

  // Moves `from` behind the last row that was copied. True: there is nothing more.
  base::Result<bool> copy_from(Copier& copier, std::int64_t& from) {
    copier.from.reset();
    copier.from.bind(1, from);
    for (;;) {
      const auto row = copier.from.step();
      if (!row) return false;
      if (!*row) return true;
      std::int64_t key = 0;
      // Keys that do not grow come from a tree that leads back into itself.
      if (!copier.from.read(copier.key, key) || key < from || key == INT64_MAX) return false;
      for (int i = 0; i < copier.columns; ++i) copier.to.bind_column(i + 1, copier.from, i);
      const auto written = copier.to.run();
      from = key + 1;
      // A value of a kind that the table cannot hold is damage as well: only this row is left out.
      if (written) BH_CHECK(row_written());
      else if (written.error().code != base::Code::E_FAIL) return written.error();
    }
  }

  Database source_;
  Database target_;
  const std::function<void()>& after_row_;
  std::optional<Transaction> transaction_;
  int rows_ = 0;
};

base::Result<void> make_queue(const std::string& path, std::size_t version) {
  BH_CHECK(prepare_file(path));
  BH_TRY(Database database, Database::open(path));
  BH_CHECK(lay_out(database));
  BH_CHECK(database.run(target_settings));
  return migrate(database, migrations().first(version));
}

// A letter that changed in a name of the schema would hide a column, and with it every row. An older
// version lacks columns anyway.
bool knows_our_columns(Database& database) {
  const auto version = database.number("PRAGMA user_version");
  if (version && *version > 0 && *version < static_cast<std::int64_t>(migrations().size())) return true;
  return database.prepare(select_jobs()) && database.prepare(select_files());
}

// SQLite reads the names of the tables before anything else; where it cannot, those of a new queue
// have to do.
base::Result<Database> open_image(const std::string& source, const std::string& fresh,
                                  const std::string& image) {
  for (const FirstPage first_page : {FirstPage::own_if_sound, FirstPage::of_fresh}) {
    BH_CHECK(make_image(source, fresh, image, first_page));
    auto left = Database::open(image);
    if (!left || !left->run(source_settings)) continue;
    const auto known = left->number("SELECT count(*) FROM sqlite_schema WHERE name IN ('job', 'file')");
    const bool own = first_page == FirstPage::own_if_sound;
    if (known && *known == 2 && (!own || knows_our_columns(*left))) return left;
  }
  return base::Error(base::Code::BG_E_DATABASE_CORRUPT, base::ErrorContext::general_queue_manager,
                     "Nothing in the damaged queue can be read.");
}

}  // namespace

base::Result<void> salvage(const std::string& source, const std::string& target,
                           const std::function<void()>& after_row) {
  const std::string image = target + "-image";
  BH_CHECK(make_queue(target, migrations().size()));
  BH_TRY(Database left, open_image(source, target, image));
  const auto version = left.number("PRAGMA user_version");
  if (version && *version >= 1 && *version < static_cast<std::int64_t>(migrations().size())) {
    unlink(target.c_str());
    BH_CHECK(make_queue(target, static_cast<std::size_t>(*version)));
  }
  BH_TRY(Database saved, Database::open(target));
  BH_CHECK(saved.run(target_settings));
  return Salvage(std::move(left), std::move(saved), after_row).run();
}

int run_salvage(const std::string& source, const std::string& target) {
  // A later one must not meet it in the same files.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (const auto done = salvage(source, target); !done) {
    std::fprintf(stderr, "%s\n", done.error().text.c_str());
    return is_damage(done.error()) ? EX_DATAERR : EX_IOERR;
  }
  return EX_OK;
}

}  // namespace backhaul::sqlite
