// SPDX-License-Identifier: Apache-2.0
// How a request may say who asks (http-and-network.md §6): only in answer to a challenge, by the
// strongest scheme that was offered and for which there is something to show.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "core/secrets.h"

namespace backhaul::core {

class Schemes {
 public:
  constexpr Schemes() = default;
  constexpr Schemes(std::initializer_list<AuthScheme> schemes) {
    for (const AuthScheme scheme : schemes) add(scheme);
  }
  constexpr void add(AuthScheme scheme) { bits_ |= bit(scheme); }
  constexpr bool has(AuthScheme scheme) const { return (bits_ & bit(scheme)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr Schemes operator|(Schemes other) const { return Schemes(bits_ | other.bits_); }
  constexpr Schemes operator&(Schemes other) const { return Schemes(bits_ & other.bits_); }
  constexpr Schemes without(Schemes other) const { return Schemes(bits_ & ~other.bits_); }
  // NEGOTIATE, NTLM, DIGEST, BASIC.
  std::optional<AuthScheme> strongest() const;
  std::string text() const;  // "Negotiate, Basic"
  bool operator==(const Schemes&) const = default;

 private:
  constexpr explicit Schemes(unsigned bits) : bits_(bits) {}
  static constexpr unsigned bit(AuthScheme scheme) { return 1U << static_cast<unsigned>(scheme); }
  unsigned bits_ = 0;
};

// What the WWW-Authenticate or Proxy-Authenticate fields of an answer ask for (RFC 9110 §11.6.1).
struct Offers {
  Schemes schemes;
  // Digest is none of them although it was named: with an algorithm that is not spoken, and by the first of several such
  // challenges, the only one that libcurl looks at.
  bool strange_digest = false;

  void add(std::string_view field);

 private:
  void add_digest(bool spoken);
};

// By which a job can answer.
struct Logins {
  Schemes server;
  Schemes proxy;
};
// `able`: what the transport can speak. NTLM and NEGOTIATE without a name are both the owner's ticket, and
// NEGOTIATE with one cannot be shown: there is no ticket for a name and a password. Implicit credentials
// for the proxy serve for the server as well, where none are set for that (jobs.md §16).
Logins logins_of(const SecretsSet& set, Schemes able);
// What is sent for a scheme that logins_of() names. Unset: the owner's ticket.
std::optional<SecretSlot> shown_for(AuthTarget target, AuthScheme scheme);
// The connection is the owner's from then on, and nobody else's.
constexpr bool authenticates_connection(AuthScheme scheme) {
  return scheme == AuthScheme::ntlm || scheme == AuthScheme::negotiate;
}

}  // namespace backhaul::core
