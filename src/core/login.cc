// SPDX-License-Identifier: Apache-2.0
#include "core/login.h"

#include <array>

#include "core/text.h"

namespace backhaul::core {
namespace {

constexpr std::array by_strength = {AuthScheme::negotiate, AuthScheme::ntlm, AuthScheme::digest,
                                    AuthScheme::basic};

constexpr bool is_blank_or_comma(char c) { return c == ' ' || c == '\t' || c == ','; }

bool is_token(char c) {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return is_alnum(c) || others.find(c) != std::string_view::npos;
}

std::string_view take_token(std::string_view& text) {
  std::size_t end = 0;
  while (end < text.size() && is_token(text[end])) ++end;
  const std::string_view token = text.substr(0, end);
  text.remove_prefix(end);
  return token;
}

// The value behind "name=": a word, or a text in quotes that may hold anything.
std::string_view take_parameter_value(std::string_view& text) {
  const bool quoted = text.starts_with('"');
  if (quoted) text.remove_prefix(1);
  std::string_view value = text;
  while (!text.empty() && (quoted ? text.front() != '"' : !is_blank_or_comma(text.front())))
    text.remove_prefix(quoted && text.front() == '\\' && text.size() > 1 ? 2 : 1);
  value.remove_suffix(text.size());
  if (quoted && !text.empty()) text.remove_prefix(1);
  return value;
}

// By libcurl. It takes SHA-512-256 as well, and older ones compute something else then.
bool is_spoken(std::string_view algorithm) {
  const std::string lower = to_lower(algorithm);
  return lower == "md5" || lower == "md5-sess" || lower == "sha-256" || lower == "sha-256-sess";
}

void add_named(Schemes& schemes, std::string_view name) {
  const std::string lower = to_lower(name);
  for (const AuthScheme scheme : by_strength)
    if (lower == to_lower(to_word(scheme))) schemes.add(scheme);
}

bool is_implicit(const SecretsSet& set, AuthTarget target, AuthScheme scheme) {
  const SecretRecord* record = set.find(slot_of(target, scheme));
  return record != nullptr && record->implicit;
}

Schemes schemes_for(const SecretsSet& set, AuthTarget target, bool& any) {
  Schemes schemes;
  any = false;
  for (const AuthScheme scheme : by_strength) {
    const SecretRecord* record = set.find(slot_of(target, scheme));
    if (record == nullptr) continue;
    any = true;
    if (record->implicit)
      schemes.add(AuthScheme::negotiate);
    else if (scheme != AuthScheme::negotiate)
      schemes.add(scheme);
  }
  return schemes;
}

}  // namespace

std::optional<AuthScheme> Schemes::strongest() const {
  for (const AuthScheme scheme : by_strength)
    if (has(scheme)) return scheme;
  return std::nullopt;
}

std::string Schemes::text() const {
  std::string text;
  for (const AuthScheme scheme : by_strength)
    if (has(scheme)) text.append(text.empty() ? "" : ", ").append(to_word(scheme));
  return text;
}

void Offers::add_digest(bool spoken) {
  if (spoken && !strange_digest) schemes.add(AuthScheme::digest);
  strange_digest = strange_digest || (!spoken && !schemes.has(AuthScheme::digest));
}

// A scheme is a word that no "=" follows; the words behind it belong to it.
void Offers::add(std::string_view field) {
  bool of_digest = false;  // such a challenge is being read
  bool spoken = true;      // its algorithm is
  while (!field.empty()) {
    if (is_blank_or_comma(field.front())) {
      field.remove_prefix(1);
      continue;
    }
    const std::string_view word = take_token(field);
    std::string_view behind = field;
    while (!behind.empty() && (behind.front() == ' ' || behind.front() == '\t')) behind.remove_prefix(1);
    const bool parameter = behind.starts_with('=');
    if (word.empty()) {
      take_parameter_value(field);  // a token68, or what nobody can read
      if (!field.empty() && !is_blank_or_comma(field.front())) field.remove_prefix(1);
    } else if (parameter) {
      field = behind.substr(1);
      while (!field.empty() && (field.front() == ' ' || field.front() == '\t')) field.remove_prefix(1);
      const std::string_view value = take_parameter_value(field);
      if (of_digest && to_lower(word) == "algorithm") spoken = is_spoken(value);
    } else {
      if (of_digest) add_digest(spoken);
      of_digest = to_lower(word) == "digest";
      spoken = true;
      if (!of_digest) add_named(schemes, word);
    }
  }
  if (of_digest) add_digest(spoken);
}

Logins logins_of(const SecretsSet& set, Schemes able) {
  bool for_server = false;
  bool for_proxy = false;
  Logins logins;
  logins.server = schemes_for(set, AuthTarget::server, for_server);
  logins.proxy = schemes_for(set, AuthTarget::proxy, for_proxy);
  const bool ticket = is_implicit(set, AuthTarget::proxy, AuthScheme::negotiate) ||
                      is_implicit(set, AuthTarget::proxy, AuthScheme::ntlm);
  if (!for_server && ticket) logins.server.add(AuthScheme::negotiate);
  return {logins.server & able, logins.proxy & able};
}

std::optional<SecretSlot> shown_for(AuthTarget target, AuthScheme scheme) {
  if (scheme == AuthScheme::negotiate) return std::nullopt;
  return slot_of(target, scheme);
}

}  // namespace backhaul::core
