// SPDX-License-Identifier: Apache-2.0
#include "adapters/seal/sealer.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "adapters/seal/aead.h"

namespace backhaul::seal {
namespace {

// In front of what is sealed, so that a later way to seal can tell what this one left.
constexpr std::string_view version = "1:";

const char* where_it_is(KeptElsewhere::By by) {
  return by == KeptElsewhere::By::keyring
             ? "the key of the job's secrets is in the keyring of the session, which is locked or not there"
             : "the key of the job's secrets was sealed by systemd-creds, which does not open it now";
}

}  // namespace

base::Result<void> KeySealer::need_key() {
  if (key_) return {};
  if (!kept_) {
    key_.emplace();
    auto read = read_key_file(key_path_, *key_, log_);
    if (!read || *read) key_.reset();
    if (!read) return std::move(read).error();
    kept_ = *std::move(read);
  }
  if (kept_)
    return base::Error(base::Code::NOT_LOGGED_ON, base::ErrorContext::general_queue_manager, where_it_is(kept_->by));
  in_file_ = true;
  if (key_in_file_) key_in_file_();
  return {};
}

std::optional<KeptElsewhere> KeySealer::kept_elsewhere() {
  if (!kept_ && !key_ && access(key_path_.c_str(), F_OK) == 0) (void)need_key();
  return kept_;
}

void KeySealer::give_key(KeyView key) {
  if (!key_) key_.emplace();
  std::ranges::copy(key, key_->bytes().begin());
}

void KeySealer::on_key_in_file(std::function<void()> callback) {
  key_in_file_ = std::move(callback);
  if (key_in_file() != nullptr) key_in_file_();
}

base::Result<void> KeySealer::moved(const KeptElsewhere& kept) {
  BH_CHECK(leave_in_place_of_key(key_path_, kept));
  kept_ = kept;
  in_file_ = false;
  return {};
}

base::Result<void> KeySealer::came_back() {
  BH_ASSERT(key_);
  BH_CHECK(write_key_file(key_path_, *key_));
  kept_.reset();
  in_file_ = true;
  return {};
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
