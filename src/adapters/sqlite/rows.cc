// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/rows.h"

#include <chrono>
#include <concepts>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "adapters/sqlite/row_columns.h"
#include "adapters/sqlite/row_sum.h"

namespace backhaul::sqlite {
namespace {

// --- Their names, for SQL ----------------------------------------------------------------------
class Names {
 public:
  void id(std::string_view name, const auto&) { add(name); }
  void number(std::string_view name, const auto&) { add(name); }
  void time(std::string_view name, const auto&) { add(name); }
  void choice(std::string_view name, const auto&, auto) { add(name); }
  void text(std::string_view name, const auto&) { add(name); }
  void accepted(std::string_view name, const core::AcceptedServers&) { add(name); }
  void extents(std::string_view name, std::string_view behind, const core::Extents&) {
    add(name);
    add(behind);
  }
  void coded(std::string_view name, const auto&) { add(name); }
  void asked(std::string_view name, const std::vector<core::Extent>&) { add(name); }
  template <template <class> class Maybe, class T>
  void optional(std::string_view prefix, const Maybe<T>&) {
    const std::size_t outer = prefix_.size();
    const bool within = std::exchange(within_, true);
    if (!within) first_ = true;
    prefix_ += prefix;
    const T any{};
    visit(*this, any);
    prefix_.resize(outer);
    within_ = within;
  }

  std::string list;
  std::string marks;
  // The same in two: the first column of an optional value tells whether it is there.
  std::string usual, rest;

 private:
  void add(std::string_view name) {
    const std::string column = ", " + prefix_ + std::string(name);
    list += column;
    marks += ", ?";
    (within_ && !std::exchange(first_, false) ? rest : usual) += column;
  }
  std::string prefix_;  // of the optional values it is within
  bool within_ = false;
  bool first_ = false;  // of the outermost
};

template <class T>
Names names_of() {
  Names names;
  const T any{};
  visit(names, any);
  return names;
}

// The key comes first, the checksum over all of it last.
template <class T>
std::string select_rows(std::string_view key, std::string_view table, std::string_view order) {
  return "SELECT " + std::string(key) + names_of<T>().list + ", sum FROM " + std::string(table) +
         " ORDER BY " + std::string(order);
}

template <class T>
base::Result<RowSource> source_of(Database& database, const std::string& table,
                                  const std::vector<std::string>& keys) {
  const Names names = names_of<T>();
  std::string order, which;
  for (const std::string& key : keys) {
    order.append(order.empty() ? "" : ", ").append(key);
    which.append(which.empty() ? "" : " AND ").append(key).append(" = ?");
  }
  BH_TRY(Statement usual, database.prepare("SELECT " + keys.front() + names.usual + ", sum FROM " + table +
                                           " ORDER BY " + order));
  BH_TRY(Statement rest, database.prepare("SELECT " + names.rest.substr(2) + " FROM " + table + " WHERE " + which));
  return RowSource(std::move(usual), std::move(rest), static_cast<int>(keys.size()));
}

template <class T>
std::string put_row(std::string_view key, std::string_view table) {
  const Names names = names_of<T>();
  return "INSERT OR REPLACE INTO " + std::string(table) + " (" + std::string(key) + names.list +
         ", sum) VALUES (?" + names.marks + ", ?)";
}

// --- Writing -----------------------------------------------------------------------------------
class Binder {
 public:
  Binder(Statement& statement, std::int64_t key) : statement_(statement) { bind(key); }
  void bind_sum() { statement_.bind(++position_, sum_.value()); }

  void id(std::string_view, const auto& id) { bind(std::span<const std::uint8_t>(id.bytes)); }
  void number(std::string_view, std::integral auto value) {
    bind(static_cast<std::int64_t>(value));
  }
  template <class Rep, class Period>
  void number(std::string_view, std::chrono::duration<Rep, Period> value) {
    bind(static_cast<std::int64_t>(value.count()));
  }
  void time(std::string_view, const auto& time) {
    bind(static_cast<std::int64_t>(time.time_since_epoch().count()));
  }
  void choice(std::string_view, auto value, auto) { bind(static_cast<std::int64_t>(value)); }
  void text(std::string_view, const auto& value) { bind(std::string_view(value)); }
  void accepted(std::string_view, const core::AcceptedServers& value) {
    bind(std::string_view(value.text()));
  }
  void extents(std::string_view, std::string_view, const core::Extents& value) {
    bind(static_cast<std::int64_t>(value.prefix()));
    bind_rare(value.behind_text());
  }
  void coded(std::string_view, const auto& value) { bind_rare(value.text()); }
  void asked(std::string_view, const std::vector<core::Extent>& value) {
    bind_rare(core::text_of(value));
  }
  template <template <class> class Maybe, class T>
  void optional(std::string_view, const Maybe<T>& value) {
    const bool outer = std::exchange(null_, null_ || !value);
    static const T any{};
    visit(*this, value ? *value : any);
    null_ = outer;
  }

 private:
  void bind_rare(const std::string& text) {
    ++position_;
    if (null_ || text.empty()) {
      sum_.null();
      statement_.bind_null(position_);
    } else {
      sum_.bytes(text);
      statement_.bind_copy(position_, text);
    }
  }
  void bind(auto value) {
    ++position_;
    if (null_) {
      sum_.null();
      statement_.bind_null(position_);
    } else {
      add(value);
      statement_.bind(position_, value);
    }
  }
  void add(std::int64_t value) { sum_.number(value); }
  void add(std::string_view value) { sum_.bytes(value); }
  void add(std::span<const std::uint8_t> value) {
    sum_.bytes({reinterpret_cast<const char*>(value.data()), value.size()});
  }
  Statement& statement_;
  RowSum sum_;
  int position_ = 0;
  bool null_ = false;
};

template <class T>
void bind_row(Statement& statement, std::int64_t key, const T& value) {
  Binder binder(statement, key);
  visit(binder, value);
  binder.bind_sum();
}

// --- Reading -----------------------------------------------------------------------------------
class RowReader {
 public:
  explicit RowReader(const Statement& statement) : usual_{&statement} {}
  explicit RowReader(RowSource& rows) : usual_{&rows.usual()}, rows_(&rows) {}

  bool key(std::int64_t& key) { return count(read(key)); }
  void id(std::string_view name, auto& id) {
    const bool good = there() && at_->statement->read(at_->column, id.bytes);
    sum_.bytes({reinterpret_cast<const char*>(id.bytes.data()), good ? id.bytes.size() : 0});
    has_id_ = has_id_ && good;
    check(name, good);
  }
  template <std::integral T>
  void number(std::string_view name, T& value) {
    std::int64_t wide = 0;
    bool fits = read(wide);
    if constexpr (std::same_as<T, bool>)
      fits = fits && (wide == 0 || wide == 1);
    else if constexpr (sizeof(T) < sizeof wide)
      fits = fits && std::in_range<T>(wide);
    value = static_cast<T>(wide);
    check(name, fits);
  }
  template <class Rep, class Period>
  void number(std::string_view name, std::chrono::duration<Rep, Period>& value) {
    Rep count = 0;
    number(name, count);
    value = std::chrono::duration<Rep, Period>(count);
  }
  template <class Time>
  void time(std::string_view name, Time& time) {
    std::int64_t count = 0;
    // The engine counts on from a service time: one that nobody can live to see is not ours.
    constexpr bool bounded = std::same_as<Time, base::ServiceTime>;
    const bool sound = read(count) &&
                       (!bounded || (count >= 0 && count < service_time_max));
    check(name, sound);
    time = Time(base::Microseconds(sound ? count : 0));
  }
  template <class Enum>
  void choice(std::string_view name, Enum& value, auto last) {
    std::int64_t wide = 0;
    const bool known = read(wide) && wide >= 0 &&
                       wide <= static_cast<std::int64_t>(last);
    if (known) value = static_cast<Enum>(wide);
    check(name, known);
  }
  void text(std::string_view name, auto& value) { check(name, read(value)); }
  void accepted(std::string_view name, core::AcceptedServers& value) {
    std::string text;
    const bool there = read(text);
    auto parsed = core::AcceptedServers::parse(std::move(text));
    if (parsed) value = *std::move(parsed);
    check(name, there && parsed);
  }
  void extents(std::string_view name, std::string_view behind, core::Extents& value) {
    std::uint64_t prefix = 0;
    number(name, prefix);
    rare(behind, value, [&](std::string_view text) { return core::Extents::parse(prefix, text); });
  }
  template <class T>
  void coded(std::string_view name, T& value) {
    rare(name, value, &T::parse);
  }
  void asked(std::string_view name, std::vector<core::Extent>& value) {
    rare(name, value, &core::parse_asked);
  }
  template <template <class> class Maybe, class T>
  void optional(std::string_view, Maybe<T>& value) {
    static const int width = width_of<T>();
    const bool outermost = rows_ != nullptr && at_ == &usual_;
    if (is_null()) {
      at_->column += outermost ? 1 : width;
      if (outermost) rest_.column += width - 1;
      for (int i = 0; i < width; ++i) sum_.null();
      value = {};
      return;
    }
    rest_follows_ = outermost && width > 1;
    T read{};
    visit(*this, read);
    value = std::move(read);
    if (outermost) at_ = &usual_;
  }

  // A row whose sum is wrong is what is left of one of ours, if it is known whose it is.
  base::Result<Trust> result(std::string_view table) const {
    std::int64_t sum = 0;
    if (!usual_.statement->read(usual_.column, sum) || sum != sum_.value()) {
      if (has_id_) return Trust::doubtful;
    } else if (bad_.empty()) {
      return Trust::sound;
    }
    std::string text = "The queue database: column " + std::string(bad_) + " of a row of table " +
                       std::string(table) + " cannot be read.";
    return base::Error(base::Code::BG_E_DATABASE_CORRUPT,
                       base::ErrorContext::general_queue_manager, std::move(text));
  }

 private:
  template <class T>
  static int width_of() {
    const Names names = names_of<T>();
    return static_cast<int>(names.marks.size() / 3);
  }
  // A text that few rows have; what is written of it is never empty.
  template <class T>
  void rare(std::string_view name, T& value, auto parse) {
    std::string text;
    const bool none = is_null();
    if (none) sum_.null();
    const bool good = none || (read(text) && !text.empty());
    auto parsed = parse(text);
    if (parsed) value = *std::move(parsed);
    check(name, good && parsed);
  }
  bool there() const { return at_->statement != nullptr; }
  bool is_null() const { return !there() || at_->statement->is_null(at_->column); }
  bool read(std::int64_t& value) {
    const bool good = there() && at_->statement->read(at_->column, value);
    good ? sum_.number(value) : sum_.null();
    return good;
  }
  bool read(auto& text) {
    const bool good = there() && at_->statement->read(at_->column, text);
    good ? sum_.bytes(text) : sum_.null();
    return good;
  }
  bool count(bool good) {
    ++at_->column;
    if (std::exchange(rest_follows_, false)) {
      rest_.statement = rows_->rest();
      at_ = &rest_;
    }
    return good;
  }
  void check(std::string_view name, bool good) {
    if (!count(good) && bad_.empty()) bad_ = name;
  }
  struct Place {
    const Statement* statement = nullptr;
    int column = 0;
  };
  Place usual_, rest_;
  Place* at_ = &usual_;
  RowSource* rows_ = nullptr;  // null: all columns are the usual ones
  bool rest_follows_ = false;  // behind the next column
  RowSum sum_;
  bool has_id_ = true;  // also where none is needed
  std::string_view bad_;
};

// `rows`: a Statement with all columns, or a RowSource.
template <class T>
base::Result<Trust> read_row(auto& rows, std::string_view table, std::int64_t& key, T& value) {
  RowReader reader(rows);
  const bool numbered = reader.key(key);
  visit(reader, value);
  BH_TRY(const Trust trust, reader.result(table));
  if (numbered) return trust;
  return base::Error(base::Code::BG_E_DATABASE_CORRUPT, base::ErrorContext::general_queue_manager,
                     "The queue database: a row without a number.");
}

}  // namespace

std::string select_jobs() { return select_rows<core::Job>("row", "job", "row"); }
std::string select_files() { return select_rows<core::File>("job", "file", "job, file_index"); }
std::string select_secrets() { return select_rows<StoredSecret>("job", "secret", "job, slot"); }
std::string select_events() { return select_rows<core::EventRecord>("sequence", "event", "sequence"); }
std::string select_usage() { return select_rows<core::Usage>("day", "usage", "day"); }
std::string select_cache() { return select_rows<core::CacheRecord>("number", "cache", "number"); }
std::string select_preferences() { return select_rows<core::PeerPreferences>("only", "preference", "only"); }
std::string select_bans() { return select_rows<StoredBan>("number", "ban", "number"); }
std::string select_numbers() { return select_rows<QueueNumbers>("only", "queue", "only"); }

std::string put_job() { return put_row<core::Job>("row", "job"); }
std::string put_file() { return put_row<core::File>("job", "file"); }
std::string put_secret() { return put_row<StoredSecret>("job", "secret"); }
std::string put_event() { return put_row<core::EventRecord>("sequence", "event"); }
std::string put_usage() { return put_row<core::Usage>("day", "usage"); }
std::string remove_usage() {
  return "DELETE FROM usage WHERE day = ? AND network = ? AND owner_uid = ? AND application = ?";
}
std::string put_cache() { return put_row<core::CacheRecord>("number", "cache"); }
std::string put_preferences() { return put_row<core::PeerPreferences>("only", "preference"); }
std::string put_ban() { return put_row<StoredBan>("number", "ban"); }
std::string put_numbers() { return put_row<QueueNumbers>("only", "queue"); }

void bind_job(Statement& statement, std::int64_t row, const core::Job& job) {
  bind_row(statement, row, job);
}

void bind_file(Statement& statement, std::int64_t job_row, const core::File& file) {
  bind_row(statement, job_row, file);
}

void bind_secret(Statement& statement, std::int64_t job_row, const StoredSecret& secret) {
  bind_row(statement, job_row, secret);
}

void bind_usage(Statement& statement, const core::Usage& usage) { bind_row(statement, usage.day, usage); }
void bind_removal(Statement& statement, const core::Usage& usage) {
  statement.bind(1, static_cast<std::int64_t>(usage.day));
  statement.bind(2, std::string_view(usage.network));
  statement.bind(3, static_cast<std::int64_t>(usage.owner.uid));
  statement.bind(4, std::string_view(usage.owner.application));
}
void bind_event(Statement& statement, const core::EventRecord& event) {
  bind_row(statement, static_cast<std::int64_t>(event.sequence), event);
}

void bind_cache(Statement& statement, const core::CacheRecord& record) {
  bind_row(statement, static_cast<std::int64_t>(record.number), record);
}

void bind_preferences(Statement& statement, const core::PeerPreferences& preferences) {
  bind_row(statement, 0, preferences);
}

void bind_ban(Statement& statement, std::int64_t number, const StoredBan& ban) { bind_row(statement, number, ban); }

void bind_numbers(Statement& statement, const QueueNumbers& numbers) {
  bind_row(statement, 0, numbers);
}

base::Result<Trust> read_usage(const Statement& statement, core::Usage& usage) {
  std::int64_t day = 0;
  auto trust = read_row(statement, "usage", day, usage);
  if (trust && !std::in_range<std::int32_t>(day)) return Trust::doubtful;
  usage.day = static_cast<std::int32_t>(day);
  return trust;
}
base::Result<Trust> read_event(const Statement& statement, core::EventRecord& event) {
  std::int64_t sequence = 0;
  auto trust = read_row(statement, "event", sequence, event);
  event.sequence = static_cast<std::uint64_t>(sequence);
  if (trust && *trust == Trust::sound && sequence < 1)
    return base::Error(base::Code::BG_E_DATABASE_CORRUPT, base::ErrorContext::general_queue_manager,
                       "The queue database: an event has no number.");
  return trust;
}

base::Result<Trust> read_cache(const Statement& statement, core::CacheRecord& record) {
  std::int64_t number = 0;
  auto trust = read_row(statement, "cache", number, record);
  record.number = static_cast<std::uint64_t>(number);
  // What is added up comes of nothing that a disk can have.
  const bool sound = number > 0 && record.size <= core::bytes_max;
  return trust && !sound ? Trust::doubtful : trust;
}

base::Result<Trust> read_preferences(const Statement& statement, core::PeerPreferences& preferences) {
  std::int64_t only = 0;
  auto trust = read_row(statement, "preference", only, preferences);
  return trust && !core::check(preferences) ? Trust::doubtful : trust;
}

base::Result<Trust> read_ban(const Statement& statement, StoredBan& ban) {
  std::int64_t number = 0;
  return read_row(statement, "ban", number, ban);
}

base::Result<bool> RowSource::step() {
  if (std::exchange(found_, std::nullopt)) rest_.reset();
  return usual_.step();
}

const Statement* RowSource::rest() {
  if (!found_) {
    for (int key = 0; key < keys_; ++key) rest_.bind_column(key + 1, usual_, key);
    const auto row = rest_.step();
    found_ = row && *row;
  }
  return *found_ ? &rest_ : nullptr;
}

base::Result<RowSource> job_rows(Database& database) {
  return source_of<core::Job>(database, "job", {"row"});
}

base::Result<RowSource> file_rows(Database& database) {
  return source_of<core::File>(database, "file", {"job", "file_index"});
}

base::Result<Trust> read_job(RowSource& rows, std::int64_t& row, core::Job& job) {
  return read_row(rows, "job", row, job);
}

base::Result<Trust> read_file(RowSource& rows, std::int64_t& job_row, core::File& file) {
  return read_row(rows, "file", job_row, file);
}

base::Result<Trust> read_secret(const Statement& statement, std::int64_t& job_row, StoredSecret& secret) {
  return read_row(statement, "secret", job_row, secret);
}

base::Result<std::optional<QueueNumbers>> read_numbers(Database& database) {
  BH_TRY(Statement statement, database.prepare(select_numbers()));
  BH_TRY(const bool row, statement.step());
  if (!row) return std::optional<QueueNumbers>();
  std::int64_t only = 0;
  QueueNumbers numbers;
  const auto trust = read_row(statement, "queue", only, numbers);
  if (!trust || *trust == Trust::doubtful) return std::optional<QueueNumbers>();
  return std::optional(numbers);
}

}  // namespace backhaul::sqlite
