// SPDX-License-Identifier: Apache-2.0
#include "swarm/settings.h"

#include <ini.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <limits>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

namespace backhaul::swarmd {
namespace {

constexpr std::size_t largest_file = 64 * 1024;

std::optional<std::uint64_t> number_of(std::string_view text, std::uint64_t most) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || number > most) return std::nullopt;
  return number;
}

bool is_tracker(std::string_view text) {
  const bool known = text.starts_with("http://") || text.starts_with("https://") || text.starts_with("udp://");
  return text.empty() || (known && text.size() <= 2048 && text.find(' ') == std::string_view::npos);
}

// Commas stand between them in libtorrent's own list.
bool is_interface(std::string_view text) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:-_@";
  return !text.empty() && text.size() <= 64 && text.find_first_not_of(letters) == std::string_view::npos;
}

struct Reading {
  Settings settings;
  std::string wrong;  // the first thing that is

  bool take(std::string_view section, std::string_view name, std::string_view value) {
    if (section != "Swarm") return fail("[" + std::string(section) + "] is no section of this file: it is [Swarm]");
    if (name == "Port") return take_number(name, value, UINT16_MAX, settings.port);
    if (name == "SendBitsPerSec") return take_number(name, value, UINT32_MAX, settings.send_bits_per_second);
    if (name == "ReceiveBitsPerSec") return take_number(name, value, UINT32_MAX, settings.receive_bits_per_second);
    if (name == "MaxCacheMB") return take_number(name, value, std::uint64_t{1} << 30, settings.room_mib);
    if (name == "SeedSec") {
      std::uint64_t seconds = 0;
      if (!take_number(name, value, 30 * 86400, seconds)) return false;
      settings.seeding = std::chrono::seconds(seconds);
      return true;
    }
    if (name == "Tracker") {
      if (!is_tracker(value)) return fail("Tracker is no address of one");
      settings.tracker = value;
      return true;
    }
    if (name == "Interfaces") return take_interfaces(value);
    return fail(std::string(name) + " is no setting");
  }

  template <class Number>
  bool take_number(std::string_view name, std::string_view value, std::uint64_t most, Number& to) {
    const auto number = number_of(value, most);
    if (!number) return fail(std::string(name) + " is a number up to " + std::to_string(most));
    to = static_cast<Number>(*number);
    return true;
  }

  bool take_interfaces(std::string_view value) {
    settings.interfaces.clear();
    while (!value.empty()) {
      const std::size_t end = std::min(value.find_first_of(" ,"), value.size());
      const std::string_view one = value.substr(0, end);
      value.remove_prefix(std::min(end + 1, value.size()));
      if (one.empty()) continue;
      if (!is_interface(one)) return fail("Interfaces: " + std::string(one) + " is neither a name nor an address");
      settings.interfaces.emplace_back(one);
    }
    return true;
  }

  bool fail(std::string why) {
    if (wrong.empty()) wrong = std::move(why);
    return false;
  }
};

int take_line(void* reading, const char* section, const char* name, const char* value) {
  return static_cast<Reading*>(reading)->take(section, name, value) ? 1 : 0;
}

struct ClosesFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace

base::Result<Settings> parse_settings(const std::string& text, Settings before) {
  Reading reading{.settings = std::move(before), .wrong = {}};
  if (text.find('\0') != std::string::npos) return {base::Code::E_INVALIDARG, "a byte that is no text"};
  const int line = ini_parse_string(text.c_str(), &take_line, &reading);
  if (line != 0 && reading.wrong.empty()) reading.wrong = "neither [Section] nor Key = value";
  if (!reading.wrong.empty())
    return {base::Code::E_INVALIDARG, "line " + std::to_string(std::max(line, 1)) + ": " + reading.wrong};
  return std::move(reading.settings);
}

base::Result<Settings> read_settings(const std::vector<std::string>& paths) {
  Settings settings;
  for (const std::string& path : paths) {
    const std::unique_ptr<std::FILE, ClosesFile> file(std::fopen(path.c_str(), "re"));
    if (file == nullptr) {
      if (errno == ENOENT || errno == ENOTDIR) continue;
      return {base::code_from_errno(errno), path + ": " + std::generic_category().message(errno)};
    }
    std::string text(largest_file, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), file.get()));
    if (text.size() == largest_file) return {base::Code::E_INVALIDARG, path + " is too large"};
    auto parsed = parse_settings(text, std::move(settings));
    if (!parsed) return {parsed.error().code, path + ", " + parsed.error().text};
    settings = *std::move(parsed);
  }
  return settings;
}

std::string listen_interfaces(const Settings& settings) {
  const std::string port = ":" + std::to_string(settings.port);
  if (settings.interfaces.empty()) return "0.0.0.0" + port + ",[::]" + port;
  std::string all;
  for (const std::string& one : settings.interfaces) {
    const bool six = one.find(':') != std::string::npos;
    all += (all.empty() ? "" : ",") + (six ? "[" + one + "]" : one) + port;
  }
  return all;
}

}  // namespace backhaul::swarmd
