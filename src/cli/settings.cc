// SPDX-License-Identifier: Apache-2.0
#include "cli/settings.h"

#include <backhaul/client.h>

#include <algorithm>
#include <charconv>

#include "cli/arguments.h"
#include "cli/text.h"
#include "cli/verbs.h"
#include "cli/view.h"

namespace backhaul::cli {
namespace {

std::optional<std::uint32_t> parse_number(const std::string& text) {
  std::uint32_t number = 0;
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  const char* begin = text.data() + (hex ? 2 : 0);
  const char* end = text.data() + text.size();
  auto [stop, error] = std::from_chars(begin, end, number, hex ? 16 : 10);
  if (error != std::errc() || stop != end || begin == end) return std::nullopt;
  return number;
}

std::string not_a(const char* what, std::string_view key, const std::string& value) {
  return "\"" + value + "\" is not " + what + " (" + std::string(key) + ")";
}

std::optional<std::string> apply_time(JobSettings& settings, std::string_view key,
                                      const std::string& value) {
  const auto time = parse_duration(value);
  if (!time) return not_a("a time like 90, 5m or 1h30m", key, value);
  if (key == "retry-delay") settings.minimum_retry_delay(*time);
  else if (key == "no-progress-timeout") settings.no_progress_timeout(*time);
  else settings.maximum_download_time(*time);
  return std::nullopt;
}

std::string unknown_key(std::string_view key) {
  std::vector<std::string_view> known;
  for (const KeyRow& row : key_rows()) known.push_back(row.name);
  std::string text = "there is no key \"" + std::string(key) + "\"";
  if (const auto word = closest(key, known); !word.empty())
    text += "; did you mean \"" + std::string(word) + "\"?";
  return text;
}

}  // namespace

std::string first_word(std::string_view command) {
  if (command.starts_with('"')) {
    command.remove_prefix(1);
    return std::string(command.substr(0, command.find('"')));
  }
  return std::string(command.substr(0, command.find(' ')));
}

std::optional<std::uint32_t> parse_flags(const std::string& text) {
  if (const auto number = parse_number(text)) return number;
  std::uint32_t flags = 0;
  for (const std::string& word : split_list(text)) {
    if (word == "none") continue;
    std::uint32_t bit = 1;
    while (bit <= notify::file_ranges_transferred && flag_words(bit) != std::vector{word}) bit <<= 1;
    if (bit > notify::file_ranges_transferred) return std::nullopt;
    flags |= bit;
  }
  return text.empty() ? std::nullopt : std::optional(flags);
}

std::optional<std::string> apply_key(JobSettings& settings, std::string_view key,
                                     const std::string& value) {
  if (key == "name") {
    settings.name(value);
  } else if (key == "description") {
    settings.description(value);
  } else if (key == "priority") {
    Priority priority{};
    if (!from_word(value, priority)) return not_a("a priority: foreground, high, normal, low", key, value);
    settings.priority(priority);
  } else if (key == "notify-flags") {
    const auto flags = parse_flags(value);
    if (!flags) return not_a("a list of events or a number", key, value);
    settings.notify_flags(*flags);
  } else if (key == "retry-delay" || key == "no-progress-timeout" || key == "max-download-time") {
    return apply_time(settings, key, value);
  } else if (key == "notification-interval") {
    const auto number = parse_number(value);
    if (!number) return not_a("a number of milliseconds", key, value);
    settings.notification_interval(std::chrono::milliseconds(*number));
  } else if (key == "auto-complete") {
    if (value != "yes" && value != "no") return not_a("yes or no", key, value);
    settings.auto_complete(value == "yes");
  } else if (key == "notify-class") {
    if (class_bus_name(value).empty()) return not_a("a CLSID", key, value);
    settings.notify_class(value);
  } else if (key == "notify-service") {
    const std::size_t colon = value.find(':');
    const std::string path = colon == std::string::npos ? "/" : value.substr(colon + 1);
    if (!path.starts_with('/')) return not_a("NAME:/PATH", key, value);
    settings.notify_service({value.substr(0, colon), path});
  } else if (key == "notify-command") {
    if (!value.starts_with('/') && !value.starts_with("\"/"))
      return not_a("a command that begins with an absolute path", key, value);
    settings.notify_command({first_word(value), value});
  } else {
    return unknown_key(key);
  }
  return std::nullopt;
}

std::string other_than_asked(std::string_view assignment, const JobView& job) {
  const std::size_t equals = std::min(assignment.find('='), assignment.size());
  const std::string key(assignment.substr(0, equals));
  const auto asked = parse_duration(assignment.substr(std::min(equals + 1, assignment.size())));
  std::chrono::seconds kept{};
  if (key == "retry-delay") kept = job.retry_delay;
  else if (key == "no-progress-timeout") kept = job.no_progress_timeout;
  else if (key == "max-download-time") kept = job.max_download_time;
  else return {};
  if (!asked || *asked == kept) return {};
  return key + " is " + std::to_string(kept.count()) + " s now, which is the " +
         (*asked < kept ? "least" : "most") + " that it can be; " + std::to_string(asked->count()) +
         " s was asked for";
}

std::optional<std::string> apply_default(JobSettings& settings, std::string_view key) {
  if (key == "name") return "a job needs a name: use set";
  if (key == "description") settings.description("");
  else if (key == "priority") settings.priority(Priority::normal);
  else if (key == "notify-flags") settings.notify_flags(notify::job_transferred | notify::job_error);
  else if (key == "retry-delay") settings.minimum_retry_delay(std::chrono::minutes(10));
  else if (key == "no-progress-timeout") settings.no_progress_timeout(std::chrono::hours(14 * 24));
  else if (key == "max-download-time") settings.maximum_download_time(std::chrono::hours(90 * 24));
  else if (key == "notification-interval") settings.notification_interval(std::chrono::milliseconds(500));
  else if (key == "auto-complete") settings.auto_complete(false);
  else if (key == "notify-class" || key == "notify-service") settings.notify_service({});
  else if (key == "notify-command") settings.notify_command({});
  else return unknown_key(key);
  return std::nullopt;
}

}  // namespace backhaul::cli
