// SPDX-License-Identifier: Apache-2.0
#include "bus/start_failure.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include <charconv>

#include "bus/process.h"
#include "state/state_file.h"

namespace backhaul::bus {
namespace {

std::string path_in(const std::string& state_dir) { return state_dir + "/start.failure"; }

// The exit codes with which the service refuses to start (backhauld(8)).
std::string_view meaning_of(int exit_code) {
  switch (exit_code) {
    case EX_USAGE: return "its command line is wrong";
    case EX_UNAVAILABLE: return "it found no message bus";
    case EX_SOFTWARE: return "it has a bug";
    case EX_CANTCREAT: return "the folder of its queue cannot be used";
    case EX_IOERR: return "the queue cannot be read";
    case EX_TEMPFAIL: return "another instance holds the queue";
    case EX_PROTOCOL:
    case EX_NOPERM: return "it is not allowed to";
    case EX_CONFIG: return "its settings are wrong";
    default: return {};
  }
}

std::optional<int> exit_code_in(const std::string& words) {
  constexpr std::string_view before = "exited with status ";
  const std::size_t at = words.find(before);
  if (at == std::string::npos) return std::nullopt;
  int code = 0;
  const char* const begin = words.data() + at + before.size();
  if (std::from_chars(begin, words.data() + words.size(), code).ec != std::errc{}) return std::nullopt;
  return code;
}

}  // namespace

void write_start_failure(const std::string& state_dir, const StartFailure& failure) {
  // Every one is a new file: that is how a watch knows it from an earlier one.
  const std::string temporary = path_in(state_dir) + "." + std::to_string(getpid());
  const auto opened = state::open_file(temporary, O_WRONLY | O_CREAT | O_TRUNC);
  if (!opened) return;
  const FileDescriptor file(*opened);
  const std::string text = std::to_string(failure.exit_code) + " " + failure.text + "\n";
  static_cast<void>(state::make_way(path_in(state_dir)));  // what cannot be told is in the log
  if (write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
      rename(temporary.c_str(), path_in(state_dir).c_str()) != 0)
    unlink(temporary.c_str());
}

void clear_start_failure(const std::string& state_dir) { unlink(path_in(state_dir).c_str()); }

StartFailureWatch::StartFailureWatch(const std::string& state_dir)
    : path_(path_in(state_dir)), before_(mark()) {}

StartFailureWatch::Mark StartFailureWatch::mark() const {
  struct stat info {};
  if (lstat(path_.c_str(), &info) != 0) return {};
  return {info.st_ino, std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec};
}

std::optional<StartFailure> StartFailureWatch::news() const {
  const Mark now = mark();
  if (now == Mark{} || now == before_) return std::nullopt;
  const auto opened = state::open_file(path_, O_RDONLY);
  if (!opened) return std::nullopt;
  const FileDescriptor file(*opened);
  struct stat info {};
  if (fstat(file.get(), &info) != 0 || info.st_uid != geteuid())
    return std::nullopt;
  char buffer[4096];
  const ssize_t length = read(file.get(), buffer, sizeof buffer);
  std::string_view text(buffer, length > 0 ? static_cast<std::size_t>(length) : 0);
  StartFailure failure;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), failure.exit_code);
  if (problem != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with('\n')) text.remove_suffix(1);
  failure.text = text;
  return failure;
}

std::string sentence_of(const StartFailure& failure) {
  const std::string why = failure.text.empty() ? std::string(meaning_of(failure.exit_code)) : failure.text;
  return "the service did not start: " + why + " (exit code " + std::to_string(failure.exit_code) + ")";
}

std::string why_not_started(const StartFailureWatch& watch, const std::string& words_of_bus) {
  if (const auto told = watch.news()) return sentence_of(*told);
  const auto code = exit_code_in(words_of_bus);
  return code && !meaning_of(*code).empty() ? sentence_of({*code, {}}) : words_of_bus;
}

}  // namespace backhaul::bus
