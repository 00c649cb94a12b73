// SPDX-License-Identifier: Apache-2.0
#include "adapters/neighbours/handshake.h"

#include <gnutls/gnutls.h>

#include <array>

#include "base/hex.h"
#include "core/introduction.h"

namespace backhaul::neighbours {
namespace {

// A session keeps one pointer for its user, and libmicrohttpd has taken it; but each daemon has a thread of its own.
thread_local const Judge* judge_of_thread = nullptr;

int on_certificate(gnutls_session_t session) {
  unsigned int count = 0;
  const gnutls_datum_t* shown = gnutls_certificate_get_peers(session, &count);
  if (shown == nullptr || gnutls_certificate_type_get2(session, GNUTLS_CTYPE_PEERS) != GNUTLS_CRT_X509)
    return GNUTLS_E_CERTIFICATE_ERROR;
  std::vector<std::string> chain;
  for (unsigned int i = 0; i < count; ++i)
    chain.emplace_back(reinterpret_cast<const char*>(shown[i].data), shown[i].size);
  return (*judge_of_thread)(chain) ? 0 : GNUTLS_E_CERTIFICATE_ERROR;
}

}  // namespace

void demand_certificate(void* session, const Judge& judge) {
  judge_of_thread = &judge;
  const auto own = static_cast<gnutls_session_t>(session);
  gnutls_certificate_server_set_request(own, GNUTLS_CERT_REQUIRE);
  gnutls_session_set_verify_function(own, &on_certificate);
}

std::string certificate_shown(void* session) {
  unsigned int count = 0;
  const gnutls_datum_t* shown = gnutls_certificate_get_peers(static_cast<gnutls_session_t>(session), &count);
  if (shown == nullptr || count == 0) return {};
  return {reinterpret_cast<const char*>(shown[0].data), shown[0].size};
}

std::string exported_of(void* session) {
  std::array<char, core::introduction_octets> octets{};
  const auto own = static_cast<gnutls_session_t>(session);
  if (gnutls_protocol_get_version(own) != GNUTLS_TLS1_3 ||
      gnutls_prf_rfc5705(own, core::introduction_label.size(), core::introduction_label.data(), 0, nullptr,
                         octets.size(), octets.data()) != GNUTLS_E_SUCCESS)
    return {};
  return base::to_hex(octets);
}

}  // namespace backhaul::neighbours
