// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/user_umask.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <sstream>

namespace backhaul::posix {
namespace {

constexpr mode_t usual = 022;

std::optional<mode_t> in_octal(std::string_view text) {
  mode_t mode = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
  if (problem != std::errc() || end != text.data() + text.size() || mode > 0777) return std::nullopt;
  return mode;
}

}  // namespace

mode_t umask_of(std::string_view comment, const std::string& login_settings) {
  constexpr std::string_view key = "umask=";
  for (std::size_t at = 0; at <= comment.size();) {
    const std::size_t end = std::min(comment.find(',', at), comment.size());
    const std::string_view field = comment.substr(at, end - at);
    if (field.starts_with(key))
      if (const auto mode = in_octal(field.substr(key.size()))) return *mode;
    at = end + 1;
  }
  std::ifstream settings(login_settings);
  for (std::string line; std::getline(settings, line);) {
    std::istringstream words(line);
    std::string name;
    std::string value;
    if (words >> name >> value && name == "UMASK")
      if (const auto mode = in_octal(value)) return *mode;
  }
  return usual;
}

}  // namespace backhaul::posix
