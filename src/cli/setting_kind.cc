// SPDX-License-Identifier: Apache-2.0
#include "cli/setting_kind.h"

#include <algorithm>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/text.h"
#include "cli/view.h"

namespace backhaul::cli {
namespace {

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  return whole_number<Number>(text.substr(hex ? 2 : 0), hex ? 16 : 10);
}

// The masks of backhaul::cost that have a name, as the settings file calls them.
struct CostWord {
  std::uint32_t mask;
  const char* word;
};
constexpr CostWord cost_words[] = {{cost::transfer_always, "always"},
                                   {cost::transfer_not_roaming, "not-roaming"},
                                   {cost::transfer_no_surcharge, "no-surcharge"},
                                   {cost::transfer_standard, "standard"},
                                   {cost::transfer_unrestricted, "unrestricted"},
                                   {0, "default"}};
struct BitName {
  std::uint32_t bits;
  std::string_view word;
};
constexpr BitName acl_names[] = {
    {acl::owner, "owner"}, {acl::group, "group"}, {acl::dacl, "dacl"}, {acl::sacl, "sacl"}};
constexpr BitName peer_names[] = {{peers::client, "client"},
                                  {peers::server, "server"},
                                  {peers::no_branch_cache, "no-branch-cache"}};
constexpr BitName security_names[] = {{security::check_revocation, "check-revocation"},
                                           {security::ignore_name, "ignore-name"},
                                           {security::ignore_date, "ignore-date"},
                                           {security::ignore_authority, "ignore-ca"},
                                           {security::ignore_usage, "ignore-usage"},
                                           {security::redirect_report, "redirect-report"},
                                           {security::redirect_disallow, "redirect-deny"},
                                           {security::redirect_downgrade, "redirect-downgrade"}};

template <std::size_t count>
std::vector<std::string> words_of_bits(const BitName (&names)[count], std::uint32_t flags) {
  std::vector<std::string> words;
  for (const auto& [bits, word] : names)
    if ((flags & bits) != 0) words.emplace_back(word);
  return words;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ",") + word;
  return text;
}

Json words_json(const std::vector<std::string>& words) {
  Json json;
  json.array();
  for (const std::string& word : words) json.value(word);
  return json.end_array();
}

// A number, or words with commas between them, "none" among them; `bits_of` a word are 0 where there is none.
template <class BitsOf>
std::optional<std::uint32_t> parse_bits(const std::string& text, const BitsOf& bits_of) {
  if (const auto number = parse_number<std::uint32_t>(text)) return number;
  std::uint32_t bits = 0;
  for (const std::string& word : split_list(text)) {
    if (word == "none") continue;
    const std::uint32_t known = bits_of(word);
    if (known == 0) return std::nullopt;
    bits |= known;
  }
  return text.empty() ? std::nullopt : std::optional(bits);
}

template <std::size_t count>
std::optional<std::uint32_t> parse_named_bits(const BitName (&names)[count], const std::string& text) {
  return parse_bits(text, [&](const std::string& word) {
    const auto* known = std::ranges::find(names, word, &BitName::word);
    return known == std::end(names) ? 0 : known->bits;
  });
}

}  // namespace

std::optional<std::string> parse(setting_kind::text, const std::string& text) { return text; }

std::optional<Priority> parse(setting_kind::priority, const std::string& text) {
  Priority priority{};
  return from_word(text, priority) ? std::optional(priority) : std::nullopt;
}

std::optional<std::uint32_t> parse(setting_kind::security, const std::string& text) {
  return parse_named_bits(security_names, text);
}

std::optional<std::uint32_t> parse(setting_kind::acl, const std::string& text) {
  return parse_named_bits(acl_names, text);
}

std::optional<std::uint32_t> parse(setting_kind::peers, const std::string& text) {
  return parse_named_bits(peer_names, text);
}

std::optional<std::string> parse(setting_kind::method, const std::string& text) { return text; }

std::optional<std::uint32_t> parse(setting_kind::flags, const std::string& text) {
  return parse_bits(text, [](const std::string& word) {
    std::uint32_t bit = 1;
    while (bit <= notify::file_ranges_transferred && flag_words(bit) != std::vector{word}) bit <<= 1;
    return bit > notify::file_ranges_transferred ? 0 : bit;
  });
}

std::optional<std::chrono::seconds> parse(setting_kind::seconds, const std::string& text) {
  return parse_duration(text);
}

std::optional<std::chrono::milliseconds> parse(setting_kind::milliseconds, const std::string& text) {
  const auto number = parse_number<std::uint32_t>(text);
  return number ? std::optional(std::chrono::milliseconds(*number)) : std::nullopt;
}

std::optional<std::uint64_t> parse(setting_kind::octets, const std::string& text) {
  if (text == "none") return size_unknown;
  return parse_size(text);
}

std::optional<Time> parse(setting_kind::moment, const std::string& text) {
  if (text == "none") return Time();
  const auto moment =
      parse_moment(text, std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()));
  return moment && *moment > Time() ? moment : std::nullopt;  // the epoch itself would be none
}

std::optional<std::uint32_t> parse(setting_kind::cost, const std::string& text) {
  for (const CostWord& known : cost_words)
    if (text == known.word) return known.mask;
  return parse_number<std::uint32_t>(text);
}

std::optional<bool> parse(setting_kind::yes_no, const std::string& text) {
  if (text != "yes" && text != "no") return std::nullopt;
  return text == "yes";
}

std::string to_text(setting_kind::text, const std::string& value) { return value; }
std::string to_text(setting_kind::priority, Priority value) { return to_word(value); }
std::string to_text(setting_kind::flags, std::uint32_t value) { return joined(flag_words(value)); }
std::string to_text(setting_kind::security, std::uint32_t value) { return joined(words_of_bits(security_names, value)); }
std::string to_text(setting_kind::method, const std::string& value) { return value; }
std::string to_text(setting_kind::seconds, std::chrono::seconds value) {
  return std::to_string(value.count());
}
std::string to_text(setting_kind::milliseconds, std::chrono::milliseconds value) {
  return std::to_string(value.count());
}
std::string to_text(setting_kind::octets, std::uint64_t value) {
  return value == size_unknown ? "" : std::to_string(value);
}
std::string to_text(setting_kind::moment, Time value) {
  return is_known(value) ? format_utc(value) : std::string();
}
std::string to_text(setting_kind::cost, std::uint32_t value) {
  for (const CostWord& known : cost_words)
    if (value == known.mask) return known.word;
  char digits[8];
  const auto end = std::to_chars(digits, digits + sizeof digits, value, 16).ptr;
  return "0x" + std::string(digits, end);
}
std::string to_text(setting_kind::acl, std::uint32_t value) {
  return joined(words_of_bits(acl_names, value));
}
std::string to_text(setting_kind::peers, std::uint32_t value) {
  return joined(words_of_bits(peer_names, value));
}
std::string to_text(setting_kind::yes_no, bool value) { return value ? "yes" : "no"; }

Json to_json(setting_kind::text, const std::string& value) { return Json().value(value); }
Json to_json(setting_kind::priority, Priority value) { return Json().value(to_word(value)); }
Json to_json(setting_kind::flags, std::uint32_t value) { return words_json(flag_words(value)); }
Json to_json(setting_kind::security, std::uint32_t value) { return words_json(words_of_bits(security_names, value)); }
Json to_json(setting_kind::method, const std::string& value) { return Json().value(value); }
Json to_json(setting_kind::seconds, std::chrono::seconds value) { return Json().value(value.count()); }
Json to_json(setting_kind::milliseconds, std::chrono::milliseconds value) {
  return Json().value(value.count());
}
Json to_json(setting_kind::octets, std::uint64_t value) {
  return value == size_unknown ? Json().null() : Json().value(value);
}
Json to_json(setting_kind::moment, Time value) {
  return is_known(value) ? Json().value(format_utc(value)) : Json().null();
}
Json to_json(setting_kind::cost kind, std::uint32_t value) {
  return Json().value(to_text(kind, value));
}
Json to_json(setting_kind::acl, std::uint32_t value) {
  return words_json(words_of_bits(acl_names, value));
}
Json to_json(setting_kind::peers, std::uint32_t value) {
  return words_json(words_of_bits(peer_names, value));
}
Json to_json(setting_kind::yes_no, bool value) { return Json().value(value); }

}  // namespace backhaul::cli
