// SPDX-License-Identifier: Apache-2.0
// What libcurl says about a request that failed, as a code of BITS (errors.md §5). Programs
// compare these numbers, so each cause has one; whether it is worth another try is
// core::classify's answer.
#pragma once

#include <curl/curl.h>

#include <string>
#include <string_view>

#include "base/result.h"

namespace backhaul::curl {

struct Failure {
  CURLcode result = CURLE_OK;
  long verify_result = 0;  // of the certificate, in OpenSSL's numbers; 0: no complaint
  long os_error = 0;       // errno of the last failed connect
  std::string_view detail;  // libcurl's error buffer
  std::string_view host;    // that was talked to
  int shortage = 0;         // errno of what this process ran out of; 0: it is somebody else's fault
  bool asked = false;       // the request was on its way
  std::string_view proxy{};  // by which it went, without user and password
  long tunnel_status = 0;    // what the proxy answered to CONNECT; 0: nothing, or there was none
  long status = 0;           // of the answer that had begun; 0: there was none
};

base::Error to_error(const Failure& failure);
// "<cause> (<host>)"; without the host where the cause names it.
std::string with_host(std::string_view cause, std::string_view host);

}  // namespace backhaul::curl
