// SPDX-License-Identifier: Apache-2.0
// A proxy for http and https of a test's own (http_proxy.py), and what it was asked for.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace backhaul::test {

class HttpProxy {
 public:
  // `password`: "user:password" that it demands; empty: none.
  explicit HttpProxy(const std::string& password = {});
  ~HttpProxy();

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  // The first lines of the requests that it got, such as "GET http://host/ HTTP/1.1".
  std::vector<std::string> requests() const;

 private:
  TempDir dir_;
  std::uint16_t port_ = 0;
  std::unique_ptr<Process> process_;
};

}  // namespace backhaul::test
