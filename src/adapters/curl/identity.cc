// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/identity.h"

#include "core/custom_headers.h"
#include "core/hidden_users.h"
#include "core/text.h"
#include "os/hash.h"

namespace backhaul::curl {
namespace {

constexpr core::SecretSlot headers_slot = core::SecretSlot::headers;

base::Result<base::Secret> open_at(ports::Sealer& sealer, const core::SecretsOfJob& secrets,
                                   core::SecretSlot slot) {
  const auto sealed = secrets.sealed.find(slot);
  return sealer.open({secrets.job, slot}, sealed == secrets.sealed.end() ? "" : sealed->second.view());
}

}  // namespace

void append(HeaderList& list, const char* line) {
  curl_slist* const longer = curl_slist_append(list.get(), line);
  BH_ASSERT(longer != nullptr);
  static_cast<void>(list.release());
  list.reset(longer);
}

base::Result<void> Identity::check(ports::Sealer& sealer, const Secrets& secrets) {
  if (!secrets) return {};
  for (const core::SecretRecord& record : secrets->set.all())
    if (!record.implicit) BH_CHECK(open_at(sealer, *secrets, record.slot));
  return {};
}

base::Secret Identity::open(core::SecretSlot slot) const {
  auto value = open_at(sealer_, *secrets_, slot);
  BH_ASSERT(value);  // check()
  return *std::move(value);
}

core::Logins Identity::logins() const {
  return secrets_ ? core::logins_of(secrets_->set, able_schemes()) : core::Logins();
}

std::string Identity::revealed(const std::string& address) const {
  if (!core::names_hidden_user(address)) return address;
  constexpr core::SecretSlot slot = core::SecretSlot::addresses;
  if (!secrets_ || secrets_->set.find(slot) == nullptr) return core::HiddenUsers().reveal(address);
  return core::HiddenUsers(open(slot)).reveal(address);
}

base::Secret Identity::pass_phrase() const {
  const core::SecretRecord* record = secrets_ ? secrets_->set.find(core::SecretSlot::certificate) : nullptr;
  return record == nullptr || record->implicit ? base::Secret() : open(core::SecretSlot::certificate);
}

core::NameAndPassword Identity::credentials(core::AuthTarget target, core::AuthScheme scheme) const {
  const auto slot = core::shown_for(target, scheme);
  return slot ? core::parted(open(*slot)) : core::NameAndPassword();
}

bool Identity::add_headers(const core::Ask& ask, HeaderList& list) const {
  if (!secrets_ || secrets_->set.find(headers_slot) == nullptr) return false;
  bool coding = false;
  const bool only_home = secrets_->set.headers_write_only();
  const base::Secret text = open(headers_slot);
  for (const core::CustomHeader& header : core::custom_headers(text.reveal())) {
    if (!ask.at_home && (only_home || core::may_carry_credentials(header))) continue;
    // What the server asked for takes the place of what it was told without.
    if (ask.server_login && core::to_lower(header.name) == "authorization") continue;
    coding = coding || core::to_lower(header.name) == "accept-encoding";
    std::string line(header.name);
    // libcurl's sign for a header that is there and empty; with a colon it would be left out.
    if (header.value.empty())
      line += ';';
    else
      line.append(": ").append(header.value);
    append(list, line.c_str());
    base::wipe(line);
  }
  return coding;
}

void Identity::add_basic(core::AuthTarget target, HeaderList& list) const {
  const core::NameAndPassword shown = credentials(target, core::AuthScheme::basic);
  std::string both;
  both.reserve(shown.user.reveal().size() + shown.password.reveal().size() + 1);
  both.append(shown.user.reveal()).append(1, ':').append(shown.password.reveal());
  std::string coded = os::base64(both);
  const std::string_view begin =
      target == core::AuthTarget::server ? "Authorization: Basic " : "Proxy-Authorization: Basic ";
  std::string line;
  line.reserve(begin.size() + coded.size());  // grown later, it would leave a piece behind
  line.append(begin).append(coded);
  append(list, line.c_str());
  base::wipe(both);
  base::wipe(coded);
  base::wipe(line);
}

core::Schemes able_schemes() {
  const int features = curl_version_info(CURLVERSION_NOW)->features;
  core::Schemes able{core::AuthScheme::basic, core::AuthScheme::digest};
  if ((features & CURL_VERSION_NTLM) != 0) able.add(core::AuthScheme::ntlm);
  if ((features & CURL_VERSION_SPNEGO) != 0) able.add(core::AuthScheme::negotiate);
  return able;
}

unsigned long curl_scheme(core::AuthScheme scheme) {
  switch (scheme) {
    case core::AuthScheme::basic: return CURLAUTH_BASIC;
    case core::AuthScheme::digest: return CURLAUTH_DIGEST;
    case core::AuthScheme::ntlm: return CURLAUTH_NTLM;
    case core::AuthScheme::negotiate: return CURLAUTH_NEGOTIATE;
    case core::AuthScheme::passport: break;
  }
  BH_ASSERT(false);
}

core::Schemes schemes_of(long curl_schemes) {
  core::Schemes schemes;
  for (const core::AuthScheme scheme : {core::AuthScheme::basic, core::AuthScheme::digest,
                                        core::AuthScheme::ntlm, core::AuthScheme::negotiate})
    if ((static_cast<unsigned long>(curl_schemes) & curl_scheme(scheme)) != 0) schemes.add(scheme);
  return schemes;
}

}  // namespace backhaul::curl
