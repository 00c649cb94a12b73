// SPDX-License-Identifier: Apache-2.0
#include "adapters/seal/sealer.h"

#include "adapters/seal/aead.h"
#include "adapters/seal/key_file.h"

namespace backhaul::seal {
namespace {

// In front of what is sealed, so that a later way to seal can tell what this one left.
constexpr std::string_view version = "1:";

}  // namespace

base::Result<void> KeySealer::need_key() {
  if (key_) return {};
  key_.emplace();
  auto read = read_key_file(key_path_, *key_, log_);
  if (!read) key_.reset();
  return read;
}

base::Result<base::Text> KeySealer::seal(const core::SecretPlace& place, const base::Secret& value) {
  BH_CHECK(need_key());
  const auto sealed = seal::seal(key_->view(), place.text(), value.reveal());
  if (!sealed) return base::Error(base::Code::E_FAIL, "the secret cannot be sealed");
  return base::Text(std::string(version) + *sealed);
}

base::Result<base::Secret> KeySealer::open(const core::SecretPlace& place, std::string_view sealed) {
  BH_CHECK(need_key());
  if (sealed.starts_with(version))
    if (auto value = seal::open(key_->view(), place.text(), sealed.substr(version.size())))
      return *std::move(value);
  return base::Error(base::Code::BG_E_DATABASE_CORRUPT, base::ErrorContext::general_queue_manager,
                     "a secret of the job cannot be opened any more; it has to be set again");
}

}  // namespace backhaul::seal
