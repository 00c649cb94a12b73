// SPDX-License-Identifier: Apache-2.0
// How two machines of a group come to know each other (docs/neighbours.md): each proves that it has the secret of the
// group, by a code over what belongs to this one connection alone. What the code is over is laid down here; who makes
// it has the secret. Everything is in lower-case hex digits. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace backhaul::core {

inline constexpr std::string_view introduction_path = "/v1/introduce";
// Of the exporter of TLS (RFC 8446 §7.5), without a context.
inline constexpr std::string_view introduction_label = "EXPORTER-backhaul-introduce";
inline constexpr std::size_t introduction_octets = 32;
inline constexpr std::size_t nonce_octets = 16;

struct Introduction {
  std::string binding;      // what TLS exports of the session
  std::string asker;        // the keys of who asks
  std::string asked;        // and of who is asked
  std::string asker_nonce;
  std::string asked_nonce;  // is drawn when the proof of the other one was seen
};

// What each of them proves with the secret. They differ in more than in the nonce, so that nobody can give back what he
// was given.
std::string words_of_asker(const Introduction& said);
std::string words_of_asked(const Introduction& said);

// That may come from anybody.
bool is_nonce(std::string_view text);
bool is_proof(std::string_view text);

// Of the group: what its machines tell it from others by. It says nothing of the secret, if that is long and random.
inline constexpr std::string_view group_words = "backhaul peer group";
inline constexpr std::size_t group_digits = 16;
bool is_group(std::string_view text);

}  // namespace backhaul::core
