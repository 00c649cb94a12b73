// SPDX-License-Identifier: Apache-2.0
#include "swarm/settings.h"

#include <fcntl.h>
#include <ini.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <limits>
#include <optional>
#include <system_error>
#include <utility>

#include "os/descriptor.h"

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

// For libinih a line that begins with a blank goes on with the value before; in backhauld.conf it is a line as well.
std::string without_indents(std::string_view text) {
  std::string lines;
  while (!text.empty()) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.append(text.substr(0, end)).append("\n");
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// Unset: there is no such file.
base::Result<std::optional<std::string>> text_of(const std::string& path) {
  // O_NONBLOCK: a pipe of that name must not hold it up for ever.
  const os::Descriptor file(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!file && (errno == ENOENT || errno == ENOTDIR)) return std::optional<std::string>();
  const auto failed = [&path](int error) {
    return base::Error(base::code_from_errno(error), path + ": " + std::generic_category().message(error));
  };
  struct stat info {};
  if (!file || fstat(file.get(), &info) != 0) return failed(errno);
  if (!S_ISREG(info.st_mode)) return {base::Code::E_INVALIDARG, path + ": this is no ordinary file"};
  std::string text(largest_file, '\0');
  const ssize_t size = read(file.get(), text.data(), text.size());
  if (size < 0) return failed(errno);
  if (static_cast<std::size_t>(size) == largest_file) return {base::Code::E_INVALIDARG, path + " is too large"};
  text.resize(static_cast<std::size_t>(size));
  return std::optional(std::move(text));
}

}  // namespace

base::Result<Settings> parse_settings(const std::string& text, Settings before) {
  Reading reading{.settings = std::move(before), .wrong = {}};
  if (text.find('\0') != std::string::npos) return {base::Code::E_INVALIDARG, "a byte that is no text"};
  const int line = ini_parse_string(without_indents(text).c_str(), &take_line, &reading);
  if (line != 0 && reading.wrong.empty()) reading.wrong = "neither [Section] nor Key = value";
  if (!reading.wrong.empty())
    return {base::Code::E_INVALIDARG, "line " + std::to_string(std::max(line, 1)) + ": " + reading.wrong};
  return std::move(reading.settings);
}

base::Result<Settings> read_settings(const std::vector<std::string>& paths) {
  Settings settings;
  for (const std::string& path : paths) {
    BH_TRY(const auto text, text_of(path));
    if (!text) continue;
    auto parsed = parse_settings(*text, std::move(settings));
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
