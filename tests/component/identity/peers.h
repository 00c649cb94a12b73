// SPDX-License-Identifier: Apache-2.0
// Real programs that want to know who asks, each on a port of 127.0.0.1 of its own and in a folder of its
// own: Apache, a KDC of the realm TEST, squid. The user is "user", the password "hunter2".
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace backhaul::test {

inline constexpr const char* user = "user";
inline constexpr const char* password = "hunter2";

// The KDC of a realm of its own. While it lives, this process uses it: KRB5_CONFIG, KRB5CCNAME.
class Kdc {
 public:
  static bool available();
  Kdc();
  ~Kdc();
  void log_in();   // the user has a ticket
  void log_out();  // … and none any more
  std::string keytab() const { return dir_ / "http.keytab"; }

 private:
  TempDir dir_;
  std::unique_ptr<Process> process_;
};

// Serves /basic/f, /digest/f and, with a keytab, /negotiate/f: "content".
class Apache {
 public:
  static bool available();
  explicit Apache(const std::string& keytab = {});
  std::string url(const std::string& path) const;
  // "path user" for each answered request, "-" where nobody was known; without the probes.
  std::string log() const;
  std::string errors() const;  // for whoever looks why

 private:
  TempDir dir_;
  std::uint16_t port_;
  std::unique_ptr<Process> process_;
};

// Wants Basic of everybody; with a keytab, Negotiate.
class Squid {
 public:
  static bool available();
  static bool negotiates();  // its helper for that is there as well
  explicit Squid(const std::string& keytab = {});
  std::string url() const;  // by the name that the ticket is for
  std::string log() const;  // "user" for each answered request, "-" where nobody was known

 private:
  TempDir dir_;
  std::uint16_t port_;
  std::unique_ptr<Process> process_;
};

}  // namespace backhaul::test
