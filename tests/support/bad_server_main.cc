// SPDX-License-Identifier: Apache-2.0
// bad-server: prints its port, then takes one command a line (bad_server.h) until stdin ends. The
// same commands are taken as the body of a POST to /_control; GET /_control/log shows the requests.
#include <iostream>
#include <string>

#include "tests/support/bad_server.h"

int main() {
  backhaul::test::BadServer server;
  std::cout << server.port() << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << server.run_command(line) << std::flush;
  }
  return 0;
}
