// SPDX-License-Identifier: Apache-2.0
#include "cli/armour.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace backhaul::cli {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t line_length = 64;

std::string base64(std::string_view bytes) {
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i)
      bits = bits << 8 | (i < count ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i)
      text += i <= count ? alphabet[bits >> (18 - 6 * i) & 63U] : '=';
  }
  return text;
}

// RFC 9580 §6.1.1.
std::string crc24(std::string_view bytes) {
  std::uint32_t crc = 0xB704CEU;
  for (const char c : bytes) {
    crc ^= static_cast<std::uint32_t>(static_cast<unsigned char>(c)) << 16;
    for (int bit = 0; bit < 8; ++bit) {
      crc <<= 1;
      if ((crc & 0x1000000U) != 0) crc ^= 0x1864CFBU;
    }
  }
  std::string sum;
  for (const int shift : {16, 8, 0}) sum += static_cast<char>(crc >> shift & 0xFFU);
  return base64(sum);
}

}  // namespace

// Every packet of OpenPGP begins with the highest bit set, which no text does that we take.
std::string in_armour(std::string bytes, std::string_view kind) {
  if (bytes.empty() || static_cast<unsigned char>(bytes.front()) < 0x80) return bytes;
  const std::string name = "PGP " + std::string(kind) + "-----\n";
  std::string text = "-----BEGIN " + name + "\n";
  const std::string body = base64(bytes);
  for (std::size_t at = 0; at < body.size(); at += line_length) text += body.substr(at, line_length) + "\n";
  return text + "=" + crc24(bytes) + "\n-----END " + name;
}

}  // namespace backhaul::cli
