// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/path_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <string_view>

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
  const std::string beside = file + ".new";
  const std::string text = book.text();
  {
    const auto opened = state::open_file(beside, O_WRONLY | O_CREAT | O_TRUNC);
    if (!opened) return;
    const os::Descriptor fd(*opened);
    std::string_view rest = text;
    while (!rest.empty()) {
      const ssize_t put = write(fd.get(), rest.data(), rest.size());
      if (put <= 0) return;
      rest.remove_prefix(static_cast<std::size_t>(put));
    }
  }
  if (rename(beside.c_str(), file.c_str()) != 0) unlink(beside.c_str());
}

}  // namespace backhaul::curl
