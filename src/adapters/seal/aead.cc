// SPDX-License-Identifier: Apache-2.0
#include "adapters/seal/aead.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <memory>

#include "os/hash.h"

namespace backhaul::seal {
namespace {

constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

Cipher make_cipher() { return {EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free}; }

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::optional<std::string> from_base64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return std::nullopt;
  std::string bytes(text.size() / 4 * 3, '\0');
  if (EVP_DecodeBlock(bytes_of(bytes), bytes_of(text), static_cast<int>(text.size())) < 0)
    return std::nullopt;
  // The padding was decoded to zeros.
  std::size_t padding = 0;
  while (padding < 2 && text[text.size() - 1 - padding] == '=') ++padding;
  bytes.resize(bytes.size() - padding);
  return bytes;
}

}  // namespace

std::optional<std::string> seal(KeyView key, std::string_view place, std::string_view value) {
  std::string sealed(nonce_size + value.size() + tag_size, '\0');
  unsigned char* const nonce = bytes_of(sealed);
  unsigned char* const body = nonce + nonce_size;
  const Cipher cipher = make_cipher();
  int size = 0;
  const bool done =
      cipher && RAND_bytes(nonce, nonce_size) == 1 &&
      EVP_EncryptInit_ex2(cipher.get(), EVP_aes_256_gcm(), key.data(), nonce, nullptr) == 1 &&
      EVP_EncryptUpdate(cipher.get(), nullptr, &size, bytes_of(place), static_cast<int>(place.size())) == 1 &&
      EVP_EncryptUpdate(cipher.get(), body, &size, bytes_of(value), static_cast<int>(value.size())) == 1 &&
      EVP_EncryptFinal_ex(cipher.get(), body + value.size(), &size) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, tag_size, body + value.size()) == 1;
  if (!done) return std::nullopt;
  return os::base64(sealed);
}

std::optional<base::Secret> open(KeyView key, std::string_view place, std::string_view sealed) {
  auto bytes = from_base64(sealed);
  if (!bytes || bytes->size() < nonce_size + tag_size) return std::nullopt;
  unsigned char* const nonce = bytes_of(*bytes);
  unsigned char* const body = nonce + nonce_size;
  const std::size_t length = bytes->size() - nonce_size - tag_size;
  std::string value(length, '\0');
  const Cipher cipher = make_cipher();
  int size = 0;
  const bool done =
      cipher && EVP_DecryptInit_ex2(cipher.get(), EVP_aes_256_gcm(), key.data(), nonce, nullptr) == 1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &size, bytes_of(place), static_cast<int>(place.size())) == 1 &&
      EVP_DecryptUpdate(cipher.get(), bytes_of(value), &size, body, static_cast<int>(length)) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_SET_TAG, tag_size, body + length) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), bytes_of(value) + length, &size) == 1;
  base::Secret secret = base::Secret::take(value);
  if (!done) return std::nullopt;
  return secret;
}

}  // namespace backhaul::seal
