// SPDX-License-Identifier: Apache-2.0
// The handshake of a connection that libmicrohttpd took: without a certificate that Trust lets in it fails, so that a
// stranger learns nothing, not even whether there is something to ask for (P4). And what it left behind.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace backhaul::neighbours {

// TLS 1.3 alone; libmicrohttpd gives it to GnuTLS.
inline constexpr const char* tls_priorities = "NORMAL:-VERS-ALL:+VERS-TLS1.3";

// Of the certificates that were shown, in DER, its own first: whether it is a neighbour.
using Judge = std::function<bool(const std::vector<std::string>& chain)>;

// `session` is a gnutls_session_t whose handshake has not begun. The judge is called on this thread, which is that of
// the only daemon whose connections it sees, and has to stay as long as that.
void demand_certificate(void* session, const Judge& judge);

// Of a session that stands: the certificate that was shown, in DER.
std::string certificate_shown(void* session);
// What TLS exports of it (core::introduction_label), in lower-case hex: equal on both sides, whatever library they use
// (RFC 8446 §7.5). Empty: there is none.
std::string exported_of(void* session);

}  // namespace backhaul::neighbours
