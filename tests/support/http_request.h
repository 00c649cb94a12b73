// SPDX-License-Identifier: Apache-2.0
// Reading one request from a socket, as far as the bad server needs it.
#pragma once

#include <optional>
#include <string>

#include "tests/support/bad_server.h"

namespace backhaul::test {

struct ReceivedRequest {
  SeenRequest head;
  std::string body;
};

// Blocks. `buffer` keeps what was read beyond. Empty at the end of the connection.
std::optional<ReceivedRequest> receive_request(int fd, std::string& buffer);

}  // namespace backhaul::test
