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
  switch (by) {
    case KeptElsewhere::By::keyring:
      return "the key of the job's secrets is in the keyring of the session, which is locked or not there";
    case KeptElsewhere::By::systemd:
      return "the key of the job's secrets was sealed by systemd-creds, which does not open it now";
    case KeptElsewhere::By::credential: break;
  }
  return "the key of the job's secrets was sealed by the credential backhaul.key, which this service did not get, or "
         "which is another one now";
}

base::Error not_at_hand(const char* why) {
  return {base::Code::NOT_LOGGED_ON, base::ErrorContext::general_queue_manager, why};
}

base::Error no_key_as_credential() {
  return not_at_hand("no secret is sealed: the credential backhaul.key of this service is no key of 32 random bytes, and "
                     "its administrator has to make it again");
}

}  // namespace

base::Result<void> KeySealer::need_key() {
  if (key_) return {};
  if (!kept_) BH_CHECK(read_file());
  if (!key_) return not_at_hand(where_it_is(kept_->by));
  if (key_in_file() != nullptr && key_in_file_) key_in_file_();
  return {};
}

base::Result<void> KeySealer::read_file() {
  key_.emplace();
  auto read = read_key_file(key_path_, *key_, [this] { return put_new_key(); }, log_);
  if (!read || *read) key_.reset();
  if (!read) return std::move(read).error();
  if (*read) {
    kept_ = *std::move(read);
    open_key();
    return {};
  }
  if (kept_) return {};  // it was made, and sealed before it lay anywhere
  in_file_ = true;
  if (!credential_.seals()) return {};
  if (auto sealed = seal_key(); sealed)
    log_.write(base::LogLevel::notice, "The key of the queue's secrets is sealed by the credential backhaul.key now.");
  else
    log_.write(base::LogLevel::warning, "The credential backhaul.key did not get the key of the queue's secrets, which lies "
                                        "in its file as it is: " + sealed.error().text);
  return {};
}

base::Result<void> KeySealer::put_new_key() {
  if (credential_.is_unusable()) return no_key_as_credential();
  return credential_.seals() ? seal_key() : write_key_file(key_path_, *key_);
}

base::Result<void> KeySealer::seal_key() {
  auto sealed = credential_.seal(key_->view());
  if (!sealed) return base::Error(base::Code::E_FAIL, "the key of the queue's secrets cannot be sealed");
  return moved({KeptElsewhere::By::credential, *std::move(sealed)});
}

void KeySealer::open_key() {
  if (kept_->by != KeptElsewhere::By::credential) return;
  key_.emplace();
  if (!credential_.open(kept_->text, *key_)) {
    key_.reset();
    log_.write(base::LogLevel::warning,
               "Jobs with secrets wait for the credential backhaul.key that sealed the key of the queue's secrets: this "
               "service did not get it, or it is another one now.");
    return;
  }
  if (credential_.may_have_key()) return;
  if (auto back = came_back(); !back) log_.write(base::LogLevel::warning, back.error().text);
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
  if (credential_.is_unusable()) return no_key_as_credential();
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
