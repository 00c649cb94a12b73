// SPDX-License-Identifier: Apache-2.0
// A private nginx on a free port of 127.0.0.1, in a temporary folder: without
// privileges, ended by its id. The port is bound here and handed over, so there is no moment in
// which somebody else can take it or a test can come too early.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_ca.h"

namespace backhaul::test {

struct NginxOptions {
  std::optional<Certificate> tls;  // https instead of http
  std::string limit_rate;          // "1m": bytes a second for each connection; empty: none
  std::string extra;               // lines inside the server block
};

// A line of its access log.
struct NginxRequest {
  std::string method;
  std::string path;
  unsigned status = 0;
  std::string range;     // as asked for; "-": none
  std::string if_range;
  std::uint64_t bytes_sent = 0;  // head included
  std::uint64_t connection = 0;
};

class Nginx {
 public:
  static bool available();  // the program is there
  explicit Nginx(NginxOptions options = {});
  ~Nginx();

  std::uint16_t port() const { return port_; }
  std::string url(std::string_view path, std::string_view host = "127.0.0.1") const;
  // Puts a file under the root; the path begins with '/'.
  void put(std::string_view path, std::string_view content) const;
  std::string root() const { return dir_ / "root"; }
  // Requests that have ended: nginx writes them then.
  std::vector<NginxRequest> requests() const;
  void stop();

 private:
  TempDir dir_;
  bool tls_;
  std::uint16_t port_ = 0;
  std::unique_ptr<Process> process_;
};

}  // namespace backhaul::test
