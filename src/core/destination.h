// SPDX-License-Identifier: Apache-2.0
// What may stand under the name of a destination: nothing, or an ordinary file that is replaced. A
// device, a pipe, a socket or a directory is never renamed over. A symbolic link is replaced and
// never followed; one that leads to something of that kind was surely not meant to be.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace backhaul::core {

enum class FileKind : std::uint8_t {
  nothing,
  regular,
  directory,
  character_device,
  block_device,
  fifo,
  socket,
  unknown,
};

// "a directory", "a socket"; "no ordinary file" where nobody knows.
std::string_view name_of(FileKind kind);

struct DestinationFacts {
  FileKind kind = FileKind::nothing;  // of a symbolic link: what it leads to
  bool is_link = false;
};

// BAD_FILE_TYPE, with a text that names the destination and what stands there.
base::Result<void> check_destination(std::string_view local, const DestinationFacts& facts);

}  // namespace backhaul::core
