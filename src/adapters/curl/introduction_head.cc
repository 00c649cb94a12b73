// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/introduction_head.h"

#include "core/introduction.h"
#include "core/text.h"

namespace backhaul::curl {
namespace {

constexpr std::size_t introduction_bytes_max = 16U * 1024U;

}  // namespace

bool IntroductionHead::line(std::string_view text) {
  bytes_ += text.size();
  if (bytes_ > introduction_bytes_max) return false;
  parser_.line(text);
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  if (text.starts_with("HTTP/")) {  // an interim answer came before
    said_ = {};
    twice_ = false;
    return true;
  }
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return true;
  const std::string name = core::to_lower(text.substr(0, colon));
  std::string* const part = name == "backhaul-nonce" ? &said_.nonce : name == "backhaul-proof" ? &said_.proof : nullptr;
  if (part == nullptr) return true;
  if (!part->empty()) twice_ = true;
  *part = core::trimmed(text.substr(colon + 1));
  return true;
}

std::optional<IntroductionAnswer> IntroductionHead::answer() const {
  if (parser_.head().status != 200 || twice_ || !core::is_nonce(said_.nonce) || !core::is_proof(said_.proof)) return std::nullopt;
  return said_;
}

}  // namespace backhaul::curl
