// SPDX-License-Identifier: Apache-2.0
#include "os/hash.h"

#include <utility>

namespace backhaul::os {

Hash::Hash(std::string_view algorithm) : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
  const std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> found(EVP_MD_fetch(nullptr, std::string(algorithm).c_str(), nullptr),
                                                              &EVP_MD_free);
  good_ = context_ && found && EVP_DigestInit_ex(context_.get(), found.get(), nullptr) == 1;
}

void Hash::add(std::span<const std::byte> octets) {
  good_ = good_ && EVP_DigestUpdate(context_.get(), octets.data(), octets.size()) == 1;
}

std::string Hash::end() {
  std::string octets(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  if (!std::exchange(good_, false) ||
      EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(octets.data()), &size) != 1)
    return {};
  octets.resize(size);
  return octets;
}

std::string base64(std::string_view octets) {
  std::string text(4 * ((octets.size() + 2) / 3) + 1, '\0');  // a NUL is written behind it
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(octets.data()), static_cast<int>(octets.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

}  // namespace backhaul::os
