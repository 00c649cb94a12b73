// SPDX-License-Identifier: Apache-2.0
// Certificates of a test, made with openssl(1) by an authority that lives as long as the test.
#pragma once

#include <string>

#include "tests/support/temp_dir.h"

namespace backhaul::test {

struct Certificate {
  std::string chain_file;
  std::string key_file;
};

struct CertificateRequest {
  std::string names = "DNS:localhost,IP:127.0.0.1";  // subjectAltName
  std::string usage = "serverAuth";                  // extendedKeyUsage
  bool expired = false;
  std::string lists;  // URL of the list of revoked certificates; empty: it names none
};

class TestCa {
 public:
  TestCa();
  const std::string& ca_file() const { return ca_file_; }
  Certificate issue(const CertificateRequest& request = {});
  void revoke(const Certificate& certificate);
  // The list of what was revoked until now, in DER; or one that ran out long ago.
  std::string list(bool expired = false);

 private:
  TempDir dir_;
  std::string ca_file_;
  std::string ca_key_;
  int issued_ = 0;
};

}  // namespace backhaul::test
