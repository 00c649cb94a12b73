// SPDX-License-Identifier: Apache-2.0
// The three forms of a date that RFC 9110 §5.6.7 obliges a recipient to take. All are UTC. The name
// of the weekday is passed over: it says nothing that the date does not.
#include <array>
#include <chrono>

#include "core/http.h"
#include "core/text.h"

namespace backhaul::core {
namespace {

constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}
  bool take(std::string_view literal) {
    if (!rest_.starts_with(literal)) return false;
    rest_.remove_prefix(literal.size());
    return true;
  }
  bool word() {
    std::size_t n = 0;
    while (n < rest_.size() && is_alpha(rest_[n])) ++n;
    rest_.remove_prefix(n);
    return n >= 3;
  }
  bool number(std::size_t digits, unsigned& value) {
    if (rest_.size() < digits) return false;
    value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (!is_digit(rest_[i])) return false;
      value = value * 10 + static_cast<unsigned>(rest_[i] - '0');
    }
    rest_.remove_prefix(digits);
    return true;
  }
  bool month(unsigned& value) {
    for (value = 1; value <= months.size(); ++value)
      if (take(months[value - 1])) return true;
    return false;
  }
  bool done() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

struct Fields {
  unsigned year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
};

bool read_time(Cursor& c, Fields& f) {
  return c.number(2, f.hour) && c.take(":") && c.number(2, f.minute) && c.take(":") &&
         c.number(2, f.second);
}

bool read_fixdate(Cursor c, Fields& f) {  // Sun, 06 Nov 1994 08:49:37 GMT
  return c.word() && c.take(", ") && c.number(2, f.day) && c.take(" ") && c.month(f.month) &&
         c.take(" ") && c.number(4, f.year) && c.take(" ") && read_time(c, f) && c.take(" GMT") &&
         c.done();
}

bool read_rfc850(Cursor c, Fields& f) {  // Sunday, 06-Nov-94 08:49:37 GMT
  if (!(c.word() && c.take(", ") && c.number(2, f.day) && c.take("-") && c.month(f.month) &&
        c.take("-") && c.number(2, f.year) && c.take(" ") && read_time(c, f) && c.take(" GMT") &&
        c.done()))
    return false;
  f.year += f.year < 70 ? 2000 : 1900;  // a fixed window: this layer has no clock
  return true;
}

bool read_asctime(Cursor c, Fields& f) {  // Sun Nov  6 08:49:37 1994
  return c.word() && c.take(" ") && c.month(f.month) && c.take(" ") &&
         (c.take(" ") ? c.number(1, f.day) : c.number(2, f.day)) && c.take(" ") &&
         read_time(c, f) && c.take(" ") && c.number(4, f.year) && c.done();
}

}  // namespace

std::optional<base::WallTime> parse_http_date(std::string_view text) {
  Fields f;
  const Cursor start(text);
  if (!read_fixdate(start, f) && !read_rfc850(start, f) && !read_asctime(start, f))
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(f.year)),
                                         std::chrono::month(f.month), std::chrono::day(f.day)};
  const bool sane = date.ok() && f.hour < 24 && f.minute < 60 && f.second <= 60;  // leap second
  if (!sane) return std::nullopt;
  return base::WallTime(std::chrono::sys_days(date)) + std::chrono::hours(f.hour) +
         std::chrono::minutes(f.minute) + std::chrono::seconds(f.second);
}

}  // namespace backhaul::core
