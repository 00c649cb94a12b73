// SPDX-License-Identifier: Apache-2.0
#include "daemon/logging.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#define SD_JOURNAL_SUPPRESS_LOCATION  // it would be that of the one call below, wherever the line comes from
#include <systemd/sd-journal.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <ctime>
#include <mutex>

#include "adapters/posix/journal_stream.h"
#include "base/one_line.h"
#include "state/state_file.h"

namespace backhaul::daemon {
namespace {

std::string_view word(base::LogLevel level) {
  switch (level) {
    case base::LogLevel::error: return "error: ";
    case base::LogLevel::warning: return "warning: ";
    case base::LogLevel::notice:
    case base::LogLevel::info: return "";
    case base::LogLevel::debug: return "debug: ";
  }
  return "";
}

// The job as well where a field has it: whoever reads the journal line by line sees no fields.
std::string said_of(const std::optional<base::JobId>& job, std::string_view text) {
  return (job ? "job " + base::to_string(*job) + ": " : "") + base::one_line(text);
}

class JournalLog final : public base::Log {
 public:
  explicit JournalLog(base::LogLevel level) : level_(level) {}
  bool enabled(base::LogLevel level) const override { return level <= level_; }
  void write(base::LogLevel level, std::string_view text, std::optional<base::JobId> job) override {
    if (!enabled(level)) return;
    std::array<std::string, 4> fields{"MESSAGE=" + said_of(job, text),
                                      fmt::format("PRIORITY={}", static_cast<int>(level)),
                                      "SYSLOG_IDENTIFIER=backhauld",
                                      job ? "BACKHAUL_JOB=" + base::to_string(*job) : ""};
    std::array<iovec, 4> parts{};
    int count = job ? 4 : 3;
    for (std::size_t i = 0; i < fields.size(); ++i) parts[i] = {fields[i].data(), fields[i].size()};
    sd_journal_sendv(parts.data(), count);
  }

 private:
  base::LogLevel level_;
};

std::string line_of(base::LogLevel level, std::string_view text,
                    const std::optional<base::JobId>& job) {
  return fmt::format("backhauld[{}]: {}{}\n", getpid(), word(level), said_of(job, text));
}

class StreamLog final : public base::Log {
 public:
  explicit StreamLog(base::LogLevel level) : level_(level) {}
  bool enabled(base::LogLevel level) const override { return level <= level_; }
  void write(base::LogLevel level, std::string_view text, std::optional<base::JobId> job) override {
    if (!enabled(level)) return;
    std::string line = line_of(level, text, job);
    std::fwrite(line.data(), 1, line.size(), stderr);  // one unbuffered write
  }

 private:
  base::LogLevel level_;
};

// Standard error itself becomes the file, so that a failed assertion is in it as well.
class FileLog final : public base::Log {
 public:
  FileLog(std::string path, base::LogLevel level) : path_(std::move(path)), level_(level) { open(); }
  bool enabled(base::LogLevel level) const override { return level <= level_; }
  void write(base::LogLevel level, std::string_view text, std::optional<base::JobId> job) override {
    if (!enabled(level)) return;
    std::time_t now = std::time(nullptr);
    std::tm local{};
    localtime_r(&now, &local);
    std::array<char, 32> stamp{};
    std::strftime(stamp.data(), stamp.size(), "%F %T ", &local);
    std::string line = stamp.data() + line_of(level, text, job);
    std::lock_guard guard(mutex_);
    struct stat status {};
    if (fstat(STDERR_FILENO, &status) == 0 && status.st_size > log_file_limit) {
      rename(path_.c_str(), (path_ + ".1").c_str());
      open();
    }
    std::fwrite(line.data(), 1, line.size(), stderr);
  }

 private:
  void open() {
    const int fd = state::open_file(path_, O_WRONLY | O_CREAT | O_APPEND).value_or(-1);
    if (fd < 0 || fd == STDERR_FILENO) return;
    dup2(fd, STDERR_FILENO);
    ::close(fd);
  }

  std::string path_;
  base::LogLevel level_;
  std::mutex mutex_;
};

bool stderr_leads_nowhere() {
  struct stat status {};
  if (fstat(STDERR_FILENO, &status) != 0) return true;
  return S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3);
}

}  // namespace

std::unique_ptr<base::Log> open_log(const std::string& state_folder, base::LogLevel level) {
  if (posix::is_journal(STDERR_FILENO)) return std::make_unique<JournalLog>(level);
  if (stderr_leads_nowhere()) {
    return std::make_unique<FileLog>(state_folder + "/backhauld.log", level);
  }
  return std::make_unique<StreamLog>(level);
}

}  // namespace backhaul::daemon
