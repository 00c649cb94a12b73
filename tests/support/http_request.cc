// SPDX-License-Identifier: Apache-2.0
#include "tests/support/http_request.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>

namespace backhaul::test {
namespace {

bool receive_more(int fd, std::string& buffer) {
  std::array<char, 4096> data;
  const ssize_t size = recv(fd, data.data(), data.size(), 0);
  if (size > 0) buffer.append(data.data(), static_cast<std::size_t>(size));
  return size > 0;
}

std::optional<std::uint64_t> number(const std::string& text) {
  std::uint64_t value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || stop != text.data() + text.size()) return {};
  return value;
}

void read_range(SeenRequest& request) {
  const std::string range = request.field("range");
  constexpr std::string_view unit = "bytes=";
  const auto hyphen = range.find('-');
  if (!range.starts_with(unit) || hyphen == std::string::npos) return;
  request.range_begin = number(range.substr(unit.size(), hyphen - unit.size()));
  request.range_last = number(range.substr(hyphen + 1));
}

SeenRequest parse(const std::string& head) {
  SeenRequest request;
  std::istringstream lines(head);
  lines >> request.method >> request.path;
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    if (line.ends_with('\r')) line.pop_back();
    const auto colon = line.find(':');
    if (colon == std::string::npos) continue;
    std::string name = line.substr(0, colon);
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
    const auto value = line.find_first_not_of(' ', colon + 1);
    request.fields[name] = value == std::string::npos ? std::string() : line.substr(value);
  }
  read_range(request);
  return request;
}

}  // namespace

std::optional<ReceivedRequest> receive_request(int fd, std::string& buffer) {
  constexpr std::string_view blank = "\r\n\r\n";
  std::size_t end = 0;
  while ((end = buffer.find(blank)) == std::string::npos) {
    if (!receive_more(fd, buffer)) return std::nullopt;
    if (buffer.front() == '\x16') return std::nullopt;  // TLS, which is not spoken here
  }
  ReceivedRequest request{parse(buffer.substr(0, end + 2)), {}};
  buffer.erase(0, end + blank.size());
  const auto length = number(request.head.field("content-length")).value_or(0);
  while (buffer.size() < length) {
    if (!receive_more(fd, buffer)) return std::nullopt;
  }
  request.body = buffer.substr(0, length);
  buffer.erase(0, length);
  return request;
}

}  // namespace backhaul::test
