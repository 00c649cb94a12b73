// SPDX-License-Identifier: Apache-2.0
#include "core/destination.h"

#include <string>

namespace backhaul::core {

std::string_view name_of(FileKind kind) {
  switch (kind) {
    case FileKind::nothing: return "nothing";
    case FileKind::regular: return "a file";
    case FileKind::directory: return "a directory";
    case FileKind::character_device: return "a character device";
    case FileKind::block_device: return "a block device";
    case FileKind::fifo: return "a named pipe";
    case FileKind::socket: return "a socket";
    case FileKind::unknown: return "no ordinary file";
  }
  return "no ordinary file";
}

base::Result<void> check_destination(std::string_view local, const DestinationFacts& facts) {
  if (facts.kind == FileKind::nothing || facts.kind == FileKind::regular) return {};
  std::string text(local);
  text += facts.is_link ? " is a symbolic link to " : " is ";
  text.append(name_of(facts.kind)).append(": only an ordinary file is replaced");
  return base::Error(base::Code::BAD_FILE_TYPE, base::ErrorContext::local_file, std::move(text));
}

}  // namespace backhaul::core
