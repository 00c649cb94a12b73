// SPDX-License-Identifier: Apache-2.0
#include "core/signature.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/hex.h"
#include "core/base64.h"
#include "core/text.h"

namespace backhaul::core {
namespace {

using base::Code;

constexpr std::string_view armour_of_signature = "-----BEGIN PGP SIGNATURE-----";
constexpr std::string_view armour_of_key = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
constexpr std::size_t minisign_signature_bytes = 2 + 8 + 64;  // algorithm, number of the key, signature
constexpr std::size_t minisign_key_bytes = 2 + 8 + 32;

// Without blank ones.
std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::string_view line = without_line_end(next_line(text));
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

// The number of the key, as minisign shows it. Unset: neither one nor the other.
std::optional<std::string> key_number(std::string_view line, std::size_t bytes) {
  const auto binary = from_base64(line);
  if (!binary || binary->size() != bytes || binary->at(0) != 'E') return std::nullopt;
  std::string number = binary->substr(2, 8);
  std::ranges::reverse(number);
  std::string hex = base::to_hex(number);
  std::ranges::transform(hex, hex.begin(), [](char c) { return c >= 'a' ? static_cast<char>(c - 32) : c; });
  return hex;
}

std::optional<std::string> number_of_minisign_key(std::string_view text) {
  const auto lines = lines_of(text);
  if (lines.empty() || lines.size() > 2) return std::nullopt;
  return key_number(lines.back(), minisign_key_bytes);
}

std::optional<std::string> number_of_minisign_signature(std::string_view text) {
  const auto lines = lines_of(text);
  if (lines.size() != 4 || !lines[0].starts_with("untrusted comment:") ||
      !lines[2].starts_with("trusted comment:") || from_base64(lines[3]).value_or("").size() != 64)
    return std::nullopt;
  return key_number(lines[1], minisign_signature_bytes);
}

base::Error wrong_signature(std::string why) { return {Code::E_INVALIDARG, std::move(why)}; }

}  // namespace

std::string_view to_word(SignatureKind kind) {
  return kind == SignatureKind::minisign ? "minisign" : "openpgp";
}

base::Result<std::optional<SignatureKind>> judge_signature(std::string_view signature, std::string_view key) {
  if (signature.empty() && key.empty()) return std::optional<SignatureKind>();
  if (signature.empty() || key.empty())
    return wrong_signature("a signature needs the key that has to have made it, and the other way round");
  if (std::max(signature.size(), key.size()) > signature_max)
    return wrong_signature("a signature and its key have at most 65,536 bytes");
  if (signature.starts_with(armour_of_signature)) {
    if (!key.starts_with(armour_of_key) || !without_armour(key) || !without_armour(signature))
      return wrong_signature("the key, or the signature, is no OpenPGP in ASCII armour");
    return std::optional(SignatureKind::openpgp);
  }
  const auto made_by = number_of_minisign_signature(signature);
  if (!made_by)
    return wrong_signature("the signature is neither one of minisign nor OpenPGP in ASCII armour");
  const auto number = number_of_minisign_key(key);
  if (!number) return wrong_signature("the key is none of minisign");
  if (*number != *made_by)
    return wrong_signature("the signature was made by the key " + *made_by + ", not by " + *number);
  return std::optional(SignatureKind::minisign);
}

std::optional<Signature> signature_of(const File& file) {
  if (!file.rare->expected || file.rare->expected->signature.empty()) return std::nullopt;
  const std::string_view text = file.rare->expected->signature;
  if (text.starts_with(armour_of_signature))
    return Signature{SignatureKind::openpgp, std::string(text), std::string(file.rare->expected->key)};
  const auto lines = lines_of(file.rare->expected->key);
  return Signature{SignatureKind::minisign, std::string(text),
                   lines.empty() ? std::string() : std::string(lines.back())};
}

std::string key_name(const Expected& expected) {
  if (expected.key.empty()) return {};
  const auto number = number_of_minisign_key(expected.key);
  return number ? "minisign " + *number : std::string("openpgp");
}

// The lines between the headers, which end with a blank line, and the checksum, which is optional now.
std::optional<std::string> without_armour(std::string_view text) {
  if (!text.starts_with("-----BEGIN PGP ")) return std::nullopt;
  std::string base64;
  bool in_headers = true;
  text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  while (!text.empty()) {
    const std::string_view line = without_line_end(next_line(text));
    if (line.starts_with("-----END PGP ")) return from_base64(base64);
    if (in_headers) {
      in_headers = !line.empty() && line.find(": ") != std::string_view::npos;
      if (in_headers || line.empty()) continue;
    }
    if (!line.starts_with('=')) base64 += line;
  }
  return std::nullopt;
}

}  // namespace backhaul::core
