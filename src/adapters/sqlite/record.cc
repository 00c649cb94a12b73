// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/record.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <string_view>
#include <system_error>

#include "state/state_file.h"

namespace backhaul::sqlite {
namespace {

// One line of a fixed length, so that a later one always replaces an earlier one whole.
constexpr std::size_t line_length = 224;
constexpr std::string_view title = "backhaul-queue-record 1";

std::uint64_t checksum(std::string_view text) {  // FNV-1a
  std::uint64_t sum = 14'695'981'039'346'656'037U;
  for (const char c : text) sum = (sum ^ static_cast<unsigned char>(c)) * 1'099'511'628'211U;
  return sum;
}

base::Error failed(std::string_view what, int error) {
  return {base::code_from_errno(error), base::ErrorContext::general_queue_manager,
          "The record of the queue: " + std::string(what) + ": " +
              std::generic_category().message(error)};
}

bool take(std::string_view& text, std::string_view name, std::uint64_t& value, int base = 10) {
  const std::string key = " " + std::string(name) + "=";
  if (!text.starts_with(key)) return false;
  text.remove_prefix(key.size());
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

std::optional<Record> parse(std::string_view line) {
  const std::size_t sum_at = line.find(" sum=");
  if (!line.starts_with(title) || sum_at == std::string_view::npos) return std::nullopt;
  const std::string_view summed = line.substr(0, sum_at);
  std::string_view rest = line.substr(title.size());
  Record record;
  std::uint64_t ran = 0;
  std::uint64_t damaged = 0;
  std::uint64_t sum = 0;
  if (!take(rest, "commits", record.commits) || !take(rest, "sequence", record.next_sequence) ||
      !take(rest, "jobs", record.jobs) || !take(rest, "files", record.files) ||
      !take(rest, "ran", ran) || ran > service_time_max || !take(rest, "damaged", damaged) || !take(rest, "sum", sum, 16) || sum != checksum(summed))
    return std::nullopt;
  record.service_time = base::ServiceTime(base::Microseconds(static_cast<std::int64_t>(ran)));
  record.damaged = damaged != 0;
  return record;
}

}  // namespace

base::Result<RecordFile> RecordFile::open(const std::string& path) {
  auto fd = state::open_file(path, O_RDWR | O_CREAT);
  if (fd) return RecordFile(*fd);
  fd.error().text = "The record of the queue: " + fd.error().text;
  return std::move(fd).error();
}

RecordFile::~RecordFile() {
  if (fd_ >= 0) close(fd_);
}

base::Result<std::optional<Record>> RecordFile::read() const {
  std::array<char, line_length> buffer{};
  const ssize_t length = pread(fd_, buffer.data(), buffer.size(), 0);
  if (length < 0) return failed("cannot be read", errno);
  if (length == 0) return std::optional<Record>();
  auto record = parse({buffer.data(), static_cast<std::size_t>(length)});
  if (!record) return base::Error(base::Code::BG_E_DATABASE_CORRUPT, base::ErrorContext::general_queue_manager,
                                  "The record of the queue (queue.record) is damaged");
  return record;
}

base::Result<void> RecordFile::write(const Record& record) {
  std::array<char, line_length + 1> line{};
  int length = std::snprintf(line.data(), line.size(), "%s commits=%llu sequence=%llu jobs=%llu files=%llu ran=%llu damaged=%d",
                             title.data(), static_cast<unsigned long long>(record.commits),
                             static_cast<unsigned long long>(record.next_sequence),
                             static_cast<unsigned long long>(record.jobs),
                             static_cast<unsigned long long>(record.files),
                             static_cast<unsigned long long>(record.service_time.time_since_epoch().count()),
                             record.damaged ? 1 : 0);
  const auto used = static_cast<std::size_t>(length);
  const std::uint64_t sum = checksum({line.data(), used});
  length += std::snprintf(line.data() + used, line.size() - used, " sum=%016llx",
                          static_cast<unsigned long long>(sum));
  for (auto i = static_cast<std::size_t>(length); i < line_length; ++i) line[i] = ' ';
  line[line_length - 1] = '\n';
  const ssize_t written = pwrite(fd_, line.data(), line_length, 0);
  if (written == static_cast<ssize_t>(line_length)) return {};
  return failed("cannot be written", written < 0 ? errno : ENOSPC);
}

base::Result<void> RecordFile::sync() {
  if (fdatasync(fd_) != 0) return failed("cannot be synced", errno);
  return {};
}

std::optional<QueueNumbers> agreed(const std::optional<QueueNumbers>& row,
                                   const std::optional<Record>& record) {
  if (!record) return row;
  const QueueNumbers recorded{record->next_sequence, record->commits, record->service_time};
  if (!row) return recorded;
  QueueNumbers numbers = *row;
  numbers.next_sequence = std::max(row->next_sequence, recorded.next_sequence);
  // The service may have ended between its commit and the record of it.
  if (row->commits != recorded.commits + 1)
    numbers.service_time = std::min(row->service_time, recorded.service_time);
  return numbers;
}

std::string record_path(const std::string& database) {
  const auto dot = database.rfind(".db");
  return (dot == std::string::npos ? database : database.substr(0, dot)) + ".record";
}

}  // namespace backhaul::sqlite
