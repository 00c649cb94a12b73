// SPDX-License-Identifier: Apache-2.0
// What the interfaces of this machine have received, for everybody. Read from /proc, which costs no more than
// a few microseconds, needs no rights and waits for nobody: rtnetlink would stand in line for its lock.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "os/descriptor.h"

namespace backhaul::curl {

class Interfaces {
 public:
  Interfaces();
  // Octets by name; nothing where it cannot be read.
  std::map<std::string, std::uint64_t, std::less<>> received();
  static std::map<std::string, std::uint64_t, std::less<>> parse(std::string_view text);
  // The one that has this address; empty: none has.
  static std::string with_address(const sockaddr_storage& address);

 private:
  os::Descriptor file_;
};

}  // namespace backhaul::curl
