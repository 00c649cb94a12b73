// SPDX-License-Identifier: Apache-2.0
#include "tests/support/behaviour.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <functional>
#include <map>
#include <sstream>

namespace backhaul::test {
namespace {

std::uint64_t word(std::uint64_t seed, std::uint64_t index) {
  std::uint64_t z = seed * 0xD6E8FEB86659FD93U + index * 0x9E3779B97F4A7C15U + 1;
  z = (z ^ (z >> 32)) * 0xD6E8FEB86659FD93U;
  return z ^ (z >> 32);
}

std::string decode(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(&text[i + 1], &text[i + 1] + 2, value, 16).ec == std::errc()) {
      result += static_cast<char>(value);
      i += 2;
    } else {
      result += text[i];
    }
  }
  return result;
}

template <class T>
bool read_number(const std::string& text, T& value) {
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && stop == text.data() + text.size();
}

using Setter = std::function<bool(Behaviour&, const std::string&)>;

template <class T>
Setter number(T Behaviour::*member) {
  return [member](Behaviour& b, const std::string& text) { return read_number(text, b.*member); };
}

Setter number(std::optional<std::uint64_t> Behaviour::*member) {
  return [member](Behaviour& b, const std::string& text) {
    return read_number(text, (b.*member).emplace());
  };
}

Setter flag(bool Behaviour::*member) {
  return [member](Behaviour& b, const std::string& text) {
    b.*member = text == "1";
    return text == "1" || text == "0";
  };
}

Setter words(std::string Behaviour::*member) {
  return [member](Behaviour& b, const std::string& text) {
    b.*member = text;
    return true;
  };
}

const std::map<std::string, Setter, std::less<>>& setters() {
  static const std::map<std::string, Setter, std::less<>> all = {
      {"size", number(&Behaviour::size)},
      {"seed", number(&Behaviour::seed)},
      {"last-modified", words(&Behaviour::last_modified)},
      {"etag", words(&Behaviour::etag)},
      {"status", number(&Behaviour::status)},
      {"location", words(&Behaviour::location)},
      {"retry-after", words(&Behaviour::retry_after)},
      {"set-cookie", words(&Behaviour::set_cookie)},
      {"ranges", flag(&Behaviour::ranges)},
      {"if-range", flag(&Behaviour::if_range)},
      {"accept-ranges", flag(&Behaviour::accept_ranges)},
      {"refuse-range", flag(&Behaviour::refuse_range)},
      {"range-status", number(&Behaviour::range_status)},
      {"rest-is-whole", flag(&Behaviour::rest_is_whole)},
      {"range-shift", number(&Behaviour::range_shift)},
      {"range-max", number(&Behaviour::range_max)},
      {"claimed-total", number(&Behaviour::claimed_total)},
      {"length", flag(&Behaviour::length)},
      {"chunked", flag(&Behaviour::chunked)},
      {"close", flag(&Behaviour::close)},
      {"content-encoding", words(&Behaviour::content_encoding)},
      {"surplus", number(&Behaviour::surplus)},
      {"raw", words(&Behaviour::raw)},
      {"drip", words(&Behaviour::drip)},
      {"drop", flag(&Behaviour::drop)},
      {"cut", number(&Behaviour::cut)},
      {"reset", flag(&Behaviour::reset)},
      {"gate", number(&Behaviour::gate)},
      {"hold-head", flag(&Behaviour::hold_head)},
  };
  return all;
}

}  // namespace

void fill_content(std::uint64_t seed, std::uint64_t offset, char* data, std::size_t size) {
  while (size > 0) {
    const std::uint64_t value = word(seed, offset / sizeof(std::uint64_t));
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    const std::size_t skip = offset % sizeof value;
    const std::size_t count = std::min(size, sizeof value - skip);
    std::memcpy(data, bytes + skip, count);
    data += count;
    offset += count;
    size -= count;
  }
}

std::string content(std::uint64_t seed, std::uint64_t size, std::uint64_t offset) {
  std::string result(size, '\0');
  fill_content(seed, offset, result.data(), result.size());
  return result;
}

base::Result<std::vector<Behaviour>> parse_behaviours(std::string_view text) {
  std::vector<Behaviour> result(1);
  std::istringstream pieces{std::string(text)};
  for (std::string piece; pieces >> piece;) {
    if (piece == "|") {
      result.emplace_back();
      continue;
    }
    const auto equals = piece.find('=');
    const auto setter = setters().find(std::string_view(piece).substr(0, equals));
    if (equals == std::string::npos || setter == setters().end() ||
        !setter->second(result.back(), decode(std::string_view(piece).substr(equals + 1)))) {
      return base::Error(base::Code::E_INVALIDARG, "not understood: " + piece);
    }
  }
  return result;
}

}  // namespace backhaul::test
