// SPDX-License-Identifier: Apache-2.0
#include "adapters/seal/sealer.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "adapters/seal/aead.h"
#include "adapters/seal/key_file.h"

namespace backhaul::seal {
namespace {

// In front of what is sealed, so that a later way to seal can tell what this one left.
constexpr std::string_view version = "1:";

}  // namespace

base::Result<void> KeySealer::need_key() {
  if (key_) return {};
  if (!kept_as_) {
    key_.emplace();
    auto read = read_key_file(key_path_, *key_, log_);
    if (!read || *read) key_.reset();
    if (!read) return std::move(read).error();
    kept_as_ = *std::move(read);
  }
  if (kept_as_)
    return base::Error(base::Code::NOT_LOGGED_ON, base::ErrorContext::general_queue_manager,
                       "the key of the job's secrets is in the keyring of the session, which is locked or not there");
  in_file_ = true;
  if (key_in_file_) key_in_file_();
  return {};
}

std::optional<std::string> KeySealer::kept_as() {
  if (!kept_as_ && !key_ && access(key_path_.c_str(), F_OK) == 0) (void)need_key();
  return kept_as_;
}

void KeySealer::give_key(KeyView key) {
  if (!key_) key_.emplace();
  std::ranges::copy(key, key_->bytes().begin());
}

void KeySealer::on_key_in_file(std::function<void()> callback) {
  key_in_file_ = std::move(callback);
  if (key_in_file() != nullptr) key_in_file_();
}

base::Result<void> KeySealer::moved(const std::string& name) {
  BH_CHECK(leave_name_of_key(key_path_, name));
  kept_as_ = name;
  in_file_ = false;
  return {};
}

base::Result<void> KeySealer::came_back() {
  BH_ASSERT(key_);
  BH_CHECK(write_key_file(key_path_, *key_));
  kept_as_.reset();
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
