// SPDX-License-Identifier: Apache-2.0
// Numbers, times and names as people read them, and how wide they are on a terminal. Pure.
#pragma once

#include <backhaul/types.h>

#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace backhaul::cli {

// Digits and nothing else. Nothing for a number that is too large.
template <class Number>
std::optional<Number> whole_number(std::string_view digits, int base = 10) {
  Number number = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, number, base);
  return error == std::errc() && stop == end ? std::optional(number) : std::nullopt;
}

// Sizes and rates in one style; K, M, G… are 1024, 1024², …
std::string format_size(std::uint64_t bytes);              // "0B", "812B", "38.5K", "100.0M", "?"
std::string format_rate(double bytes_per_second);          // "812B/s", "793.3K/s"
std::string format_delay(std::chrono::microseconds delay);   // "4.2 ms"
std::string format_duration(std::chrono::seconds time);    // "1:19", "2:03:10", "4d 03:10"
// As it is shown of something that is over: what is reckoned with it beside it agrees with what people read.
std::chrono::duration<double> shown_elapsed(std::chrono::duration<double> time);
// Of something that is over: "0.8 s" below ten seconds, then as above.
std::string format_elapsed(std::chrono::duration<double> time);
std::string format_utc(Time time);                         // RFC 3339, "2026-11-22T13:14:05Z"
std::string format_local(Time time);                       // "2026-11-22 14:14:05 +0100", local time
std::string format_clock(Time time);                       // "13:14:05", local time
std::string format_clock(Time time, Time now);             // the same today; of another day as format_local
std::string format_time(Time time, Time now);              // "14:14:05 +0100" today; of another day as format_local
std::string format_code(std::uint32_t code);               // "0x80072ee7"
// "10", "10s", "5m", "2h", "1d", "1h30m"; nothing for anything else or for more than 2^32 - 1 s.
std::optional<std::chrono::seconds> parse_duration(std::string_view text);
// "18:30" or "18:30:15", the next one; with a day "2026-12-24 18:30", "2026-12-24T18:30:00", local time, or UTC
// with a Z behind it, or as format_local has it; "+2h": from now on. Nothing for a day that its month does not have.
std::optional<Time> parse_moment(std::string_view text, Time now);
// "500000", "64K", "64M", "2G", "1T": whole numbers, in the units above.
std::optional<std::uint64_t> parse_size(std::string_view text);

// Columns a UTF-8 text takes; a byte that is no UTF-8 takes one.
std::size_t display_width(std::string_view text);
// At most `columns` wide; what is cut off shows as an ellipsis ("…", or "~" without UTF-8).
std::string fit(std::string_view text, std::size_t columns, bool utf8);
// The same in the middle, for paths and addresses whose ends tell most.
std::string fit_middle(std::string_view text, std::size_t columns, bool utf8);
std::string pad(std::string_view text, std::size_t columns);
std::string pad_left(std::string_view text, std::size_t columns);
// What a terminal obeys instead of showing it: C0, DEL, C1 (also as UTF-8), changes of direction.
bool is_control(std::uint32_t character);
// What may be shown on a terminal: control characters, and without UTF-8 everything beyond ASCII,
// become "?". Names of jobs and files come from others.
std::string printable(std::string_view text, bool utf8);
// The same, but newlines stay.
std::string printable_lines(std::string_view text, bool utf8);

}  // namespace backhaul::cli
