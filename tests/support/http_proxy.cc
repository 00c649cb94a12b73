// SPDX-License-Identifier: Apache-2.0
#include "tests/support/http_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sstream>

#include "base/result.h"

namespace backhaul::test {

HttpProxy::HttpProxy(const std::string& password) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  BH_ASSERT(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  BH_ASSERT(listen(fd, 64) == 0);
  BH_ASSERT(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  port_ = ntohs(address.sin_port);
  std::vector<std::string> arguments = {"python3", HTTP_PROXY_PROGRAM, std::to_string(fd), dir_ / "log"};
  if (!password.empty()) arguments.push_back(password);
  const std::vector<std::pair<std::string, std::string>> environment;
  process_ = std::make_unique<Process>(arguments, environment, fd);
  close(fd);
}

HttpProxy::~HttpProxy() { process_->stop(SIGKILL); }

std::vector<std::string> HttpProxy::requests() const {
  std::istringstream log(read_file(dir_ / "log"));
  std::vector<std::string> lines;
  for (std::string line; std::getline(log, line);) lines.push_back(line);
  return lines;
}

}  // namespace backhaul::test
