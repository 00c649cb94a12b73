// SPDX-License-Identifier: Apache-2.0
#include "core/certificate.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace backhaul::core {
namespace {

constexpr std::size_t sha256_digits = 64;

std::string line_of(const ServerCertificate& certificate) {
  return certificate.sha256 + ' ' + certificate.server + '\n';
}

// "<digest> <server>", without the line break.
bool is_line(std::string_view line) {
  const std::string_view digest = line.substr(0, sha256_digits);
  return line.size() > sha256_digits + 1 && line[sha256_digits] == ' ' &&
         digest.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

std::optional<AcceptedServers> AcceptedServers::parse(std::string text) {
  for (std::string_view rest = text; !rest.empty();) {
    const auto end = rest.find('\n');
    if (end == std::string_view::npos || !is_line(rest.substr(0, end))) return std::nullopt;
    rest.remove_prefix(end + 1);
  }
  AcceptedServers accepted;
  accepted.text_ = std::move(text);
  return accepted;
}

// No line is found inside another: what follows a digest has no line break in it.
bool AcceptedServers::contains(const ServerCertificate& certificate) const {
  return text_.find(line_of(certificate)) != std::string::npos;
}

void AcceptedServers::add(const ServerCertificate& certificate) {
  if (contains(certificate)) return;
  if (std::ranges::count(text_, '\n') == max) text_.erase(0, text_.find('\n') + 1);
  text_ += line_of(certificate);
}

}  // namespace backhaul::core
