// SPDX-License-Identifier: Apache-2.0
// Digests of files, as their owners name them ("sha256:HEX") and as servers tell them (RFC 9530, and
// RFC 3230 before it). Here they are read, written and compared; nothing is computed. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace backhaul::core {

// The last one is too weak to say what a file is: it counts for pieces alone (core/pieces.h).
enum class DigestAlgorithm : std::uint8_t { sha256, sha512, blake2b_512, blake2s_256, sha1 };

struct Digest {
  DigestAlgorithm algorithm = DigestAlgorithm::sha256;
  std::string hex;  // lower case

  bool operator==(const Digest&) const = default;
};

inline constexpr std::size_t digests_max = 8;  // of one file

std::string_view to_word(DigestAlgorithm algorithm);  // "sha256", "sha512", "blake2b-512", "blake2s-256", "sha1"
std::size_t digest_bytes(DigestAlgorithm algorithm);

// "sha256:HEX", in any case; also "sha-256:", "blake2b:" and "blake2s:", and with "=" for ":".
// BG_E_INVALID_HASH_ALGORITHM: the word is none of these. E_INVALIDARG: not as many digits as it has.
base::Result<Digest> parse_digest(std::string_view text);
// Of a piece of a file: "sha1:HEX" as well.
base::Result<Digest> parse_piece_digest(std::string_view text);
std::optional<DigestAlgorithm> piece_algorithm(std::string_view word);
std::string to_text(const Digest& digest);
// Several, with a blank between them. E_INVALIDARG: more than a file may have.
base::Result<std::string> digest_list(const std::vector<std::string>& texts);
// Of what digest_list() gave.
std::vector<Digest> parse_digest_list(std::string_view text);

// The strongest that a field tells, as to_text() writes it: "sha-256=:BASE64:" of Repr-Digest and
// Content-Digest, "SHA-256=BASE64" of Digest. Empty: none that counts (MD5 and SHA-1 do not).
std::string digest_of_field(std::string_view value);

// The first of them that `found` denies: one of its algorithm is there, with another value.
const Digest* denied(const std::vector<Digest>& expected, const std::vector<Digest>& found);

}  // namespace backhaul::core
