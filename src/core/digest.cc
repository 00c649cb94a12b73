// SPDX-License-Identifier: Apache-2.0
#include "core/digest.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/hex.h"
#include "core/base64.h"
#include "core/shown_url.h"
#include "core/text.h"

namespace backhaul::core {
namespace {

using base::Code;

struct AlgorithmRow {
  DigestAlgorithm algorithm;
  std::string_view word;
  std::array<std::string_view, 2> others;  // how else it is called
  std::size_t bytes;
};

constexpr std::array<AlgorithmRow, 5> algorithms{{
    {DigestAlgorithm::sha256, "sha256", {"sha-256", ""}, 32},
    {DigestAlgorithm::sha512, "sha512", {"sha-512", ""}, 64},
    {DigestAlgorithm::blake2b_512, "blake2b-512", {"blake2b", "blake2b512"}, 64},
    {DigestAlgorithm::blake2s_256, "blake2s-256", {"blake2s", "blake2s256"}, 32},
    {DigestAlgorithm::sha1, "sha1", {"sha-1", ""}, 20},
}};

const AlgorithmRow& row_of(DigestAlgorithm algorithm) {
  return algorithms[static_cast<std::size_t>(algorithm)];
}

// Of a whole file, for which the last one does not count.
const AlgorithmRow* find(std::string_view word) {
  for (const AlgorithmRow& row : algorithms)
    if (word == row.word || (!word.empty() && std::ranges::find(row.others, word) != row.others.end()))
      return row.algorithm == DigestAlgorithm::sha1 ? nullptr : &row;
  return nullptr;
}

const AlgorithmRow* find_for_piece(std::string_view word) {
  if (word == "sha1" || word == "sha-1") return &row_of(DigestAlgorithm::sha1);
  return find(word);
}

// Of a member of the dictionary, or of the older list. Unset: it is none.
std::optional<Digest> digest_of_value(const AlgorithmRow& row, std::string_view value) {
  if (value.starts_with(':')) {
    const auto end = value.find(':', 1);
    if (end == std::string_view::npos) return std::nullopt;
    value = value.substr(1, end - 1);
  }
  const auto bytes = from_base64(value);
  if (!bytes || bytes->size() != row.bytes) return std::nullopt;
  return Digest{row.algorithm, base::to_hex(*bytes)};
}

}  // namespace

std::string_view to_word(DigestAlgorithm algorithm) { return row_of(algorithm).word; }
std::size_t digest_bytes(DigestAlgorithm algorithm) { return row_of(algorithm).bytes; }

namespace {

base::Result<Digest> parse_digest_with(std::string_view text, const AlgorithmRow* (*find_row)(std::string_view)) {
  const auto end = text.find_first_of(":=");
  const AlgorithmRow* row = find_row(to_lower(text.substr(0, end)));
  if (end == std::string_view::npos || row == nullptr)
    return base::Error(Code::BG_E_INVALID_HASH_ALGORITHM,
                       "the digest " + in_quotes(text) +
                           " is not ALGORITHM:HEX with sha256, sha512, blake2b-512 or blake2s-256");
  const std::string_view hex = text.substr(end + 1);
  if (hex.size() != 2 * row->bytes || !std::ranges::all_of(hex, [](char c) { return is_hex(c); }))
    return base::Error(Code::E_INVALIDARG, "a digest of " + std::string(row->word) + " has " +
                                               std::to_string(2 * row->bytes) + " hex digits, not " +
                                               in_quotes(hex));
  return Digest{row->algorithm, to_lower(hex)};
}

}  // namespace

base::Result<Digest> parse_digest(std::string_view text) { return parse_digest_with(text, &find); }

base::Result<Digest> parse_piece_digest(std::string_view text) {
  return parse_digest_with(text, &find_for_piece);
}

std::optional<DigestAlgorithm> piece_algorithm(std::string_view word) {
  const AlgorithmRow* row = find_for_piece(word);
  return row == nullptr ? std::nullopt : std::optional(row->algorithm);
}

std::string to_text(const Digest& digest) {
  return std::string(to_word(digest.algorithm)) + ":" + digest.hex;
}

base::Result<std::string> digest_list(const std::vector<std::string>& texts) {
  if (texts.size() > digests_max)
    return base::Error(Code::E_INVALIDARG,
                       "a file has at most " + std::to_string(digests_max) + " digests");
  std::string list;
  for (const std::string& text : texts) {
    BH_TRY(const Digest digest, parse_digest(text));
    list.append(list.empty() ? "" : " ").append(to_text(digest));
  }
  return list;
}

std::vector<Digest> parse_digest_list(std::string_view text) {
  std::vector<Digest> digests;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (auto digest = parse_digest(text.substr(0, end))) digests.push_back(*std::move(digest));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return digests;
}

std::string digest_of_field(std::string_view value) {
  std::array<std::optional<Digest>, algorithms.size()> told;
  while (!value.empty()) {
    const std::size_t end = std::min(value.find(','), value.size());
    const std::string_view member = value.substr(0, end);
    value.remove_prefix(std::min(end + 1, value.size()));
    const std::size_t equals = member.find('=');
    if (equals == std::string_view::npos) continue;
    // Of several members of one key the last one counts (RFC 8941 §3.2).
    if (const AlgorithmRow* row = find(to_lower(trimmed(member.substr(0, equals)))))
      told[static_cast<std::size_t>(row->algorithm)] = digest_of_value(*row, trimmed(member.substr(equals + 1)));
  }
  const auto strength = [](const std::optional<Digest>& digest) { return digest ? digest_bytes(digest->algorithm) : 0; };
  const auto best = std::ranges::max_element(told, {}, strength);
  return *best ? to_text(**best) : std::string();
}

const Digest* denied(const std::vector<Digest>& expected, const std::vector<Digest>& found) {
  for (const Digest& digest : expected)
    for (const Digest& other : found)
      if (digest.algorithm == other.algorithm && digest.hex != other.hex) return &digest;
  return nullptr;
}

}  // namespace backhaul::core
