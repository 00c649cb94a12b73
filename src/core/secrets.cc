// SPDX-License-Identifier: Apache-2.0
#include "core/secrets.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "core/names.h"
#include "core/text.h"

namespace backhaul::core {
namespace {

using base::Code;
using base::Error;

constexpr unsigned schemes = 5;
constexpr std::string_view write_only_line = "write-only";

// With NULL and NULL the logon credentials are meant (http-and-network.md §6).
bool has_implicit(AuthScheme scheme) {
  return scheme == AuthScheme::ntlm || scheme == AuthScheme::negotiate;
}

// The error must not repeat it.
base::Result<void> check_length(const base::Secret& secret, std::size_t most, Code too_large,
                                const char* what) {
  const auto units = utf16_units(secret.reveal());
  if (!units) return Error(Code::E_INVALIDARG, std::string(what) + " is no valid text");
  if (*units > most)
    return Error(too_large, std::string(what) + " has more than " + std::to_string(most) + " characters");
  return {};
}

// RFC 7617 §2: a name for Basic ends at its first colon. Control characters have no place in a header, whatever the scheme.
base::Result<void> check_characters(const Credentials& credentials) {
  if (credentials.scheme == AuthScheme::basic && credentials.user->reveal().find(':') != std::string_view::npos)
    return Error(Code::E_INVALIDARG, "Basic cannot send a user name with a colon, because a server takes what is behind it "
                                     "for the password; Digest can");
  for (const auto& [secret, what] :
       {std::pair(&*credentials.user, "the user name"), std::pair(&*credentials.password, "the password")})
    if (std::ranges::any_of(secret->reveal(), is_control))
      return Error(Code::E_INVALIDARG, std::string(what) + " holds a control character, which cannot be sent");
  return {};
}

template <class Number>
bool take_number(std::string_view& text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end == text.data() + text.size() || *end != ' ') return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  return true;
}

std::optional<SecretRecord> parse_record(std::string_view line) {
  unsigned slot = 0;
  unsigned implicit = 0;
  std::int64_t time = 0;
  SecretRecord record;
  if (!take_number(line, slot) || !take_number(line, implicit) || !take_number(line, record.set_by.uid) ||
      !take_number(line, time) || slot > static_cast<unsigned>(SecretSlot::last) || implicit > 1)
    return std::nullopt;
  record.slot = static_cast<SecretSlot>(slot);
  record.implicit = implicit == 1;
  record.set_by.time = base::WallTime(base::Microseconds(time));
  record.set_by.program = line;
  return record;
}

}  // namespace

base::Result<AuthTarget> auth_target(std::uint32_t number) {
  if (number != 1 && number != 2)
    return Error(Code::BG_E_INVALID_AUTH_TARGET, "credentials are for 1, the server, or 2, the proxy");
  return static_cast<AuthTarget>(number);
}

base::Result<AuthScheme> auth_scheme(std::uint32_t number) {
  if (number < 1 || number > schemes)
    return Error(Code::BG_E_INVALID_AUTH_SCHEME,
                 "there is no authentication scheme " + std::to_string(number));
  return static_cast<AuthScheme>(number);
}

base::Result<void> check(const Credentials& credentials) {
  const std::string scheme(to_word(credentials.scheme));
  if (credentials.implicit()) {
    if (has_implicit(credentials.scheme)) return {};
    return Error(Code::E_INVALIDARG, "the scheme " + scheme + " needs a user name and a password");
  }
  if (!credentials.user || !credentials.password)
    return Error(Code::E_INVALIDARG, "credentials are a user name and a password, or neither of them");
  BH_CHECK(check_length(*credentials.user, user_max, Code::BG_E_USERNAME_TOO_LARGE, "the user name"));
  BH_CHECK(check_length(*credentials.password, password_max, Code::BG_E_PASSWORD_TOO_LARGE, "the password"));
  return check_characters(credentials);
}

std::string_view to_word(AuthTarget target) { return target == AuthTarget::server ? "server" : "proxy"; }

std::string_view to_word(AuthScheme scheme) {
  switch (scheme) {
    case AuthScheme::basic: return "Basic";
    case AuthScheme::digest: return "Digest";
    case AuthScheme::ntlm: return "NTLM";
    case AuthScheme::negotiate: return "Negotiate";
    case AuthScheme::passport: return "Passport";
  }
  return "";
}

bool is_credentials(SecretSlot slot) {
  return slot >= SecretSlot::first_credentials && slot <= SecretSlot::last_credentials;
}

SecretSlot slot_of(AuthTarget target, AuthScheme scheme) {
  return static_cast<SecretSlot>(1 + (static_cast<unsigned>(target) - 1) * schemes +
                                 static_cast<unsigned>(scheme) - 1);
}

AuthTarget target_of(SecretSlot slot) {
  BH_ASSERT(is_credentials(slot));
  return static_cast<AuthTarget>((static_cast<unsigned>(slot) - 1) / schemes + 1);
}

AuthScheme scheme_of(SecretSlot slot) {
  BH_ASSERT(is_credentials(slot));
  return static_cast<AuthScheme>((static_cast<unsigned>(slot) - 1) % schemes + 1);
}

const SecretRecord* SecretsSet::find(SecretSlot slot) const {
  const auto found = std::ranges::find(records_, slot, &SecretRecord::slot);
  return found == records_.end() ? nullptr : &*found;
}

void SecretsSet::put(SecretRecord record) {
  remove(record.slot);
  // A line of what is stored is one of ours.
  std::string program(record.set_by.program);
  std::ranges::replace_if(program, [](char c) { return c == '\n'; }, ' ');
  record.set_by.program = program;
  const auto behind = std::ranges::find_if(
      records_, [&](const SecretRecord& other) { return other.slot > record.slot; });
  records_.insert(behind, std::move(record));
}

bool SecretsSet::remove(SecretSlot slot) {
  return std::erase_if(records_, [&](const SecretRecord& one) { return one.slot == slot; }) != 0;
}

void SecretsSet::put_certificate(ClientCertificate certificate, SecretRecord record) {
  BH_ASSERT(record.slot == SecretSlot::certificate);
  put(std::move(record));
  certificate_ = std::move(certificate);
}

bool SecretsSet::remove_certificate() {
  certificate_.reset();
  return remove(SecretSlot::certificate);
}

std::string SecretsSet::text() const {
  std::string text;
  if (headers_write_only_) text.append(write_only_line).append("\n");
  if (certificate_) text += to_text(*certificate_);
  for (const SecretRecord& record : records_) {
    text += std::to_string(static_cast<unsigned>(record.slot));
    text += record.implicit ? " 1 " : " 0 ";
    text += std::to_string(record.set_by.uid) + ' ' +
            std::to_string(record.set_by.time.time_since_epoch().count()) + ' ';
    text.append(record.set_by.program.view()).append("\n");
  }
  return text;
}

std::optional<SecretsSet> SecretsSet::parse(std::string_view text) {
  SecretsSet set;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (line == write_only_line) {
      set.headers_write_only_ = true;
      continue;
    }
    ClientCertificate certificate = set.certificate_ ? *set.certificate_ : ClientCertificate();
    if (take_line(certificate, line)) {
      set.certificate_ = std::move(certificate);
      continue;
    }
    auto record = parse_record(line);
    if (!record) return std::nullopt;
    set.put(*std::move(record));
  }
  const bool named = set.certificate_ && !set.certificate_->certificate.empty();
  if (named != (set.find(SecretSlot::certificate) != nullptr)) return std::nullopt;
  return set;
}

std::string SecretPlace::text() const {
  return base::to_string(job) + '/' + std::to_string(static_cast<unsigned>(slot));
}

// Neither can hold a NUL: check().
base::Secret joined(const Credentials& credentials) {
  std::string text;
  text.reserve(credentials.user->reveal().size() + credentials.password->reveal().size() + 1);
  text.append(credentials.user->reveal()).append(1, '\0').append(credentials.password->reveal());
  return base::Secret::take(text);
}

NameAndPassword parted(const base::Secret& joined) {
  const std::string_view text = joined.reveal();
  const std::size_t end = std::min(text.find('\0'), text.size());
  return {base::Secret(text.substr(0, end)), base::Secret(text.substr(std::min(end + 1, text.size())))};
}

}  // namespace backhaul::core
