// SPDX-License-Identifier: Apache-2.0
#include "cli/text.h"

#include <backhaul/client.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <ctime>

#include "cli/utf8.h"

namespace backhaul::cli {
namespace {

// wcwidth() depends on the locale, which tests and scripts leave at "C"; the few wide ranges that
// occur in names are enough.
std::size_t glyph_width(const Glyph& glyph) {
  const std::uint32_t c = glyph.character;
  if (!glyph.valid) return 1;
  if ((c >= 0x300 && c <= 0x36F) || (c >= 0x200B && c <= 0x200F) || c == 0xFEFF) return 0;
  const bool wide = (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) ||
                    (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) ||
                    (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
                    (c >= 0x1F300 && c <= 0x1FAFF) || (c >= 0x20000 && c <= 0x3FFFD);
  return wide ? 2 : 1;
}

// The longest beginning that is at most `columns` wide, and never splits a character.
std::string_view head(std::string_view text, std::size_t columns) {
  std::size_t at = 0;
  while (at < text.size()) {
    const Glyph glyph = decode_utf8(text.substr(at));
    const std::size_t width = glyph_width(glyph);
    if (width > columns) break;
    columns -= width;
    at += glyph.length;
  }
  return text.substr(0, at);
}

std::string_view tail(std::string_view text, std::size_t columns) {
  std::size_t skip = display_width(text);
  while (!text.empty() && skip > columns) {
    const Glyph glyph = decode_utf8(text);
    skip -= glyph_width(glyph);
    text.remove_prefix(glyph.length);
  }
  return text;
}

std::string local(Time time, const char* format) {
  const std::time_t seconds = std::chrono::duration_cast<std::chrono::seconds>(
      time.time_since_epoch()).count();
  std::tm parts{};
  localtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  return {text.data(), std::strftime(text.data(), text.size(), format, &parts)};
}

// strptime gives every month 31 days, and the conversion makes the first ones of the next month of those too many.
bool calendar_has(const std::tm& parts) {
  const std::chrono::year_month_day date(std::chrono::year(parts.tm_year + 1900),
                                         std::chrono::month(static_cast<unsigned>(parts.tm_mon + 1)),
                                         std::chrono::day(static_cast<unsigned>(parts.tm_mday)));
  return date.ok();
}

}  // namespace

std::string format_size(std::uint64_t bytes) {
  return bytes == size_unknown ? "?" : size_text(bytes);
}

std::string format_rate(double bytes_per_second) {
  return format_size(static_cast<std::uint64_t>(std::clamp(bytes_per_second, 0.0, 1e18))) + "/s";
}

std::string format_delay(std::chrono::microseconds delay) {
  const auto tenths = (delay.count() + 50) / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " ms";
}

std::string format_duration(std::chrono::seconds time) {
  const long long all = time.count() < 0 ? 0 : time.count();
  const long long days = all / 86'400;
  const long long hours = all / 3'600 % 24;
  const long long minutes = all / 60 % 60;
  std::array<char, 48> text{};
  if (days > 0)
    std::snprintf(text.data(), text.size(), "%lldd %02lld:%02lld", days, hours, minutes);
  else if (hours > 0)
    std::snprintf(text.data(), text.size(), "%lld:%02lld:%02lld", hours, minutes, all % 60);
  else
    std::snprintf(text.data(), text.size(), "%lld:%02lld", minutes, all % 60);
  return text.data();
}

std::chrono::duration<double> shown_elapsed(std::chrono::duration<double> time) {
  // What would round to "10.0 s" is 0:10.
  if (time.count() >= 9.95) return std::chrono::round<std::chrono::seconds>(time);
  return std::chrono::duration<double>(std::max(std::round(time.count() * 10), 1.0) / 10);
}

std::string format_elapsed(std::chrono::duration<double> time) {
  const auto shown = shown_elapsed(time);
  if (shown.count() >= 9.95) return format_duration(std::chrono::round<std::chrono::seconds>(shown));
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%.1f s", shown.count());
  return text.data();
}

std::string format_utc(Time time) {
  const std::time_t seconds = std::chrono::duration_cast<std::chrono::seconds>(
      time.time_since_epoch()).count();
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

std::string format_local(Time time) { return local(time, "%Y-%m-%d %H:%M:%S %z"); }
std::string format_clock(Time time) { return local(time, "%H:%M:%S"); }
std::string format_clock(Time time, Time now) {
  return local(time, "%F") == local(now, "%F") ? format_clock(time) : format_local(time);
}

std::string format_time(Time time, Time now) {
  return local(time, "%F") == local(now, "%F") ? local(time, "%H:%M:%S %z") : format_local(time);
}

std::string format_code(std::uint32_t code) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "0x%08x", code);
  return text.data();
}

std::optional<std::chrono::seconds> parse_duration(std::string_view text) {
  static constexpr std::uint64_t limit = UINT32_MAX;
  if (text.empty()) return std::nullopt;
  std::uint64_t sum = 0;
  while (!text.empty()) {
    std::uint64_t number = 0;
    auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || number > limit) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
    std::uint64_t factor = 1;
    if (!text.empty()) {
      switch (text.front()) {
        case 's': factor = 1; break;
        case 'm': factor = 60; break;
        case 'h': factor = 3'600; break;
        case 'd': factor = 86'400; break;
        default: return std::nullopt;
      }
      text.remove_prefix(1);
    }
    sum += number * factor;
    if (sum > limit) return std::nullopt;
  }
  return std::chrono::seconds(sum);
}

std::optional<Time> parse_moment(std::string_view text, Time now) {
  if (text.starts_with('+')) {
    const auto from_now = parse_duration(text.substr(1));
    return from_now ? std::optional(now + *from_now) : std::nullopt;
  }
  const bool utc = text.ends_with('Z');
  if (utc) text.remove_suffix(1);
  const std::string digits(text);
  const std::time_t today = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  for (const char* format : {"%Y-%m-%d %H:%M:%S %z", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M",
                             "%H:%M:%S", "%H:%M"}) {
    const bool only_time = format[1] == 'H';
    std::tm parts{};
    if (only_time) (utc ? gmtime_r : localtime_r)(&today, &parts);
    parts.tm_sec = 0;
    const char* end = strptime(digits.c_str(), format, &parts);
    if (end == nullptr || *end != '\0') continue;
    if (!calendar_has(parts)) return std::nullopt;
    parts.tm_isdst = -1;
    const bool with_offset = std::string_view(format).ends_with("%z");
    const std::chrono::seconds offset(with_offset ? parts.tm_gmtoff : 0);
    const auto moment = [&] {
      std::tm copy = parts;  // a day behind the last one of its month becomes the first of the next
      return Time(std::chrono::seconds(utc || with_offset ? timegm(&copy) : std::mktime(&copy))) - offset;
    };
    if (only_time && moment() <= now) ++parts.tm_mday;
    return moment();
  }
  return std::nullopt;
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t number = 0;
  auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
  static constexpr std::string_view units = "KMGT";
  if (text.empty()) return number;
  const std::size_t unit = units.find(text.front());
  if (text.size() != 1 || unit == units.npos) return std::nullopt;
  const auto shift = 10 * (unit + 1);
  if (number > (UINT64_MAX >> shift)) return std::nullopt;
  return number << shift;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const Glyph glyph = decode_utf8(text);
    width += glyph_width(glyph);
    text.remove_prefix(glyph.length);
  }
  return width;
}

std::string fit(std::string_view text, std::size_t columns, bool utf8) {
  if (display_width(text) <= columns) return std::string(text);
  if (columns == 0) return {};
  return std::string(head(text, columns - 1)) + (utf8 ? "…" : "~");
}

std::string fit_middle(std::string_view text, std::size_t columns, bool utf8) {
  if (display_width(text) <= columns) return std::string(text);
  if (columns < 8) return fit(text, columns, utf8);
  const std::size_t front = (columns - 1) / 3;
  return std::string(head(text, front)) + (utf8 ? "…" : "~") +
         std::string(tail(text, columns - 1 - front));
}

std::string pad(std::string_view text, std::size_t columns) {
  const std::size_t width = display_width(text);
  return std::string(text) + std::string(width < columns ? columns - width : 0, ' ');
}

std::string pad_left(std::string_view text, std::size_t columns) {
  const std::size_t width = display_width(text);
  return std::string(width < columns ? columns - width : 0, ' ') + std::string(text);
}

// Also what nobody sees: ends of lines and paragraphs, changes of direction, a blank without a width.
// The two joiners are parts of words and pictures.
bool is_control(std::uint32_t c) {
  const bool unseen = c == 0x200B || (c >= 0x200E && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
                      (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF;
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || unseen;
}

std::string printable(std::string_view text, bool utf8) {
  std::string out;
  while (!text.empty()) {
    const Glyph glyph = decode_utf8(text);
    const bool shown = glyph.valid && !is_control(glyph.character) && (utf8 || glyph.character < 0x80);
    if (shown) out += text.substr(0, glyph.length);
    else out += '?';
    text.remove_prefix(glyph.length);
  }
  return out;
}

std::string printable_lines(std::string_view text, bool utf8) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out += printable(text.substr(0, end), utf8);
    if (end < text.size()) out += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

}  // namespace backhaul::cli
