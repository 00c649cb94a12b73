// SPDX-License-Identifier: Apache-2.0
// The answer of the bad server to one request, worked out from a Behaviour.
#pragma once

#include <cstdint>
#include <string>

#include "tests/support/bad_server.h"
#include "tests/support/behaviour.h"

namespace backhaul::test {

struct Reply {
  unsigned status = 200;
  std::uint64_t begin = 0;  // of the piece of the file that is sent
  std::uint64_t length = 0;
  std::string text;         // instead of a piece of the file
  std::string content_range;
};

Reply make_reply(const SeenRequest& request, const Behaviour& behaviour);
std::string reply_head(const Reply& reply, const Behaviour& behaviour);

}  // namespace backhaul::test
