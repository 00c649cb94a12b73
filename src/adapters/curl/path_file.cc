// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/path_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <string>

#include "os/descriptor.h"
#include "state/state_file.h"

namespace backhaul::curl {
namespace {

constexpr std::size_t longest = 128 * 1024;

}  // namespace

core::PathBook read_paths(const std::string& file) {
  const auto opened = state::open_file(file, O_RDONLY);
  if (!opened) return {};
  const os::Descriptor fd(*opened);
  std::string text;
  std::array<char, 16 * 1024> piece;
  while (text.size() < longest) {
    const ssize_t got = read(fd.get(), piece.data(), piece.size());
    if (got <= 0) break;
    text.append(piece.data(), static_cast<std::size_t>(got));
  }
  return core::PathBook::parse(text);
}

void write_paths(const std::string& file, const core::PathBook& book) {
  static_cast<void>(state::replace_file(file, book.text()));  // without it the service learns anew
}

}  // namespace backhaul::curl
