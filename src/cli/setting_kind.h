// SPDX-License-Identifier: Apache-2.0
// The kinds of settings (backhaul/job_settings.def) as people type and read them.
#pragma once

#include <backhaul/setting_kind.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "cli/json.h"

namespace backhaul::cli {

namespace setting_kind = backhaul::detail::setting_kind;

// What stands in the table, as a value.
template <class Value, class First>
Value first_value(First first) {
  if constexpr (std::is_same_v<Value, Time>)
    return Time(std::chrono::microseconds(first));
  else
    return static_cast<Value>(first);
}

// `form`: how the value is called in the help. `wanted`: after "is not …" of one that cannot be read, which of a list
// is the word alone.
struct KindWords {
  std::string_view form;
  const char* wanted;
};
constexpr KindWords words_of(setting_kind::text) { return {"TEXT", "a text"}; }
constexpr KindWords words_of(setting_kind::priority) {
  return {"foreground|high|normal|low", "a priority: foreground, high, normal, low"};
}
constexpr KindWords words_of(setting_kind::flags) {
  return {"WORD,…|NUMBER", "one of transferred, error, disable, modification, file-transferred, "
                            "file-ranges-transferred and none, or a number"};
}
constexpr KindWords words_of(setting_kind::security) {
  return {"WORD,…|NUMBER", "one of check-revocation, ignore-name, ignore-date, ignore-ca, ignore-usage, "
                            "redirect-report, redirect-deny, redirect-downgrade and none, or a number"};
}
constexpr KindWords words_of(setting_kind::method) { return {"METHOD", "a method of HTTP"}; }
constexpr KindWords words_of(setting_kind::seconds) {
  return {"TIME", "a time like 90, 5m or 1h30m"};
}
constexpr KindWords words_of(setting_kind::milliseconds) {
  return {"MILLISECONDS", "a number of milliseconds"};
}
constexpr KindWords words_of(setting_kind::octets) {
  return {"SIZE|none", "a size like 500000, 64M or 2G, or none"};
}
constexpr KindWords words_of(setting_kind::moment) {
  return {"WHEN|none", "a time: 18:30, \"2026-12-24 18:30\", +2h or none"};
}
constexpr KindWords words_of(setting_kind::cost) {
  return {"WORD|NUMBER",
          "one of always, not-roaming, no-surcharge, standard, unrestricted, default, or a number"};
}
constexpr KindWords words_of(setting_kind::acl) {
  return {"WORD,…|NUMBER", "one of owner, group, dacl, sacl and none, or a number"};
}
constexpr KindWords words_of(setting_kind::peers) {
  return {"WORD,…|NUMBER", "one of client, server, no-branch-cache and none, or a number"};
}
constexpr KindWords words_of(setting_kind::yes_no) { return {"yes|no", "yes or no"}; }

// As it is typed after "key=".
std::optional<std::string> parse(setting_kind::text, const std::string& text);
std::optional<Priority> parse(setting_kind::priority, const std::string& text);
std::optional<std::uint32_t> parse(setting_kind::flags, const std::string& text);
std::optional<std::uint32_t> parse(setting_kind::security, const std::string& text);
std::optional<std::string> parse(setting_kind::method, const std::string& text);
std::optional<std::chrono::seconds> parse(setting_kind::seconds, const std::string& text);
std::optional<std::chrono::milliseconds> parse(setting_kind::milliseconds, const std::string& text);
std::optional<std::uint64_t> parse(setting_kind::octets, const std::string& text);
std::optional<Time> parse(setting_kind::moment, const std::string& text);
std::optional<std::uint32_t> parse(setting_kind::cost, const std::string& text);
std::optional<std::uint32_t> parse(setting_kind::acl, const std::string& text);
std::optional<std::uint32_t> parse(setting_kind::peers, const std::string& text);
std::optional<bool> parse(setting_kind::yes_no, const std::string& text);

// As `show -p` prints it: times and sizes are plain numbers, no limit is nothing.
std::string to_text(setting_kind::text, const std::string& value);
std::string to_text(setting_kind::priority, Priority value);
std::string to_text(setting_kind::flags, std::uint32_t value);
std::string to_text(setting_kind::security, std::uint32_t value);
std::string to_text(setting_kind::method, const std::string& value);
std::string to_text(setting_kind::seconds, std::chrono::seconds value);
std::string to_text(setting_kind::milliseconds, std::chrono::milliseconds value);
std::string to_text(setting_kind::octets, std::uint64_t value);
std::string to_text(setting_kind::moment, Time value);
std::string to_text(setting_kind::cost, std::uint32_t value);
std::string to_text(setting_kind::acl, std::uint32_t value);
std::string to_text(setting_kind::peers, std::uint32_t value);
std::string to_text(setting_kind::yes_no, bool value);

Json to_json(setting_kind::text, const std::string& value);
Json to_json(setting_kind::priority, Priority value);
Json to_json(setting_kind::flags, std::uint32_t value);
Json to_json(setting_kind::security, std::uint32_t value);
Json to_json(setting_kind::method, const std::string& value);
Json to_json(setting_kind::seconds, std::chrono::seconds value);
Json to_json(setting_kind::milliseconds, std::chrono::milliseconds value);
Json to_json(setting_kind::octets, std::uint64_t value);
Json to_json(setting_kind::moment, Time value);
Json to_json(setting_kind::cost, std::uint32_t value);
Json to_json(setting_kind::acl, std::uint32_t value);
Json to_json(setting_kind::peers, std::uint32_t value);
Json to_json(setting_kind::yes_no, bool value);

}  // namespace backhaul::cli
