// SPDX-License-Identifier: Apache-2.0
// Detached signatures of files: minisign, and OpenPGP in ASCII armour (RFC 9580 §6.2). Here they are told
// apart and judged as texts; whether one holds a program of the machine finds out. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "core/job.h"

namespace backhaul::core {

inline constexpr std::size_t signature_max = 64U * 1024U;  // of the text, and of that of its key

enum class SignatureKind : std::uint8_t { minisign, openpgp };
std::string_view to_word(SignatureKind kind);

struct Signature {
  SignatureKind kind = SignatureKind::minisign;
  std::string signature;
  std::string key;  // of minisign the one line that counts

  bool operator==(const Signature&) const = default;
};

// Unset: both are empty. E_INVALIDARG: one of them alone, of no known kind or of two, too long, or made by
// another key as far as its text tells.
base::Result<std::optional<SignatureKind>> judge_signature(std::string_view signature, std::string_view key);
// What is to be verified; unset: nothing.
std::optional<Signature> signature_of(const File& file);
// "minisign" and the number of its key, "openpgp"; empty: none.
std::string key_name(const Expected& expected);

// What an armour holds. Unset: it is none.
std::optional<std::string> without_armour(std::string_view text);

}  // namespace backhaul::core
