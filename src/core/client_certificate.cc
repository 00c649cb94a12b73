// SPDX-License-Identifier: Apache-2.0
#include "core/client_certificate.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/names.h"
#include "core/secrets.h"
#include "core/shown_url.h"
#include "core/text.h"

namespace backhaul::core {
namespace {

using base::Code;
using base::Error;

constexpr std::string_view token_scheme = "pkcs11:";

base::Result<void> check_units(std::string_view text, std::size_t most, Code too_long, const char* what) {
  BH_TRY(const std::size_t units, utf16_units(text));
  if (units > most)
    return Error(too_long, std::string(what) + " has more than " + std::to_string(most) + " characters");
  return {};
}

bool has_control_characters(std::string_view text) {
  return std::ranges::any_of(text, is_control);
}

std::string_view attribute_name(std::string_view attribute) { return attribute.substr(0, attribute.find('=')); }

// Calls `each` with every attribute of a URI, and the character behind it.
template <class Each>
void for_each_attribute(std::string_view uri, Each&& each) {
  uri.remove_prefix(token_scheme.size());
  while (!uri.empty()) {
    const std::size_t end = std::min(uri.find_first_of(";?&"), uri.size());
    each(uri.substr(0, end), end < uri.size() ? uri[end] : '\0');
    uri.remove_prefix(std::min(end + 1, uri.size()));
  }
}

// The library would be loaded into the service, and a source of the PIN would be read by it.
base::Result<void> check_token(std::string_view uri) {
  std::string_view bad;
  bool named = false;
  bool odd = false;
  for_each_attribute(uri, [&](std::string_view attribute, char) {
    const std::string_view name = attribute_name(attribute);
    for (const std::string_view not_here : {"pin-value", "pin-source", "module-path", "module-name"})
      if (name == not_here) bad = not_here;
    named = true;
    odd = odd || attribute.find('=') == std::string_view::npos;
  });
  if (bad.starts_with("pin"))
    return Error(Code::E_INVALIDARG, std::string(bad) + " is no part of the URI: give the PIN as the pass phrase");
  if (!bad.empty())
    return Error(Code::E_INVALIDARG, std::string(bad) + " is not for a job to choose: p11-kit's settings name the modules");
  if (!named || odd || has_control_characters(uri))
    return Error(Code::E_INVALIDARG, "the certificate is no URI of PKCS #11 (RFC 7512)");
  return {};
}

base::Result<void> check_place(std::string_view name, const char* what) {
  if (name.size() > password_max) return Error(Code::E_INVALIDARG, std::string(what) + " is too long");
  BH_CHECK(utf16_units(name));
  if (is_token(name)) return check_token(name);
  if (!name.starts_with('/') || has_control_characters(name))
    return Error(Code::E_INVALIDARG, std::string(what) + " " + in_quotes(name) +
                                         " is neither the absolute path of a file nor a pkcs11: URI");
  return {};
}

base::Result<void> check_stored(const StoredCertificate& stored) {
  if (stored.location >= store_locations)
    return Error(Code::E_NOTIMPL, "there is no location " + std::to_string(stored.location) + " of certificate stores");
  BH_CHECK(check_units(stored.store, store_name_max, Code::BG_E_STRING_TOO_LONG, "the name of the store"));
  BH_CHECK(check_units(stored.subject, store_name_max, Code::BG_E_STRING_TOO_LONG, "the subject"));
  if (stored.hash.empty() == stored.subject.empty())
    return Error(Code::E_INVALIDARG, "a certificate of a store goes by its hash or by its subject");
  const bool hex = std::ranges::all_of(stored.hash, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
  if (!stored.hash.empty() && (stored.hash.size() != certificate_hash_digits || !hex))
    return Error(Code::E_INVALIDARG, "a hash of a certificate has 40 hexadecimal digits");
  const bool here = stored.location <= static_cast<std::uint32_t>(StoreLocation::local_machine);
  const bool named = !stored.store.empty() && !stored.store.starts_with('.') &&
                     stored.store.find('/') == std::string::npos && !has_control_characters(stored.store);
  if (here && named) return {};
  return Error(Code::FILE_NOT_FOUND, "there is no store " + in_quotes(stored.store) + " in location " +
                                         std::to_string(stored.location));
}

bool take_member(std::string_view line, std::string_view name, std::string& member) {
  if (!line.starts_with(name) || line.size() <= name.size() || line[name.size()] != ' ') return false;
  member = line.substr(name.size() + 1);
  return true;
}

void put_member(std::string& text, std::string_view name, std::string_view member) {
  if (!member.empty()) text.append(name).append(" ").append(member).append("\n");
}

}  // namespace

bool is_token(std::string_view certificate) {
  return to_lower(certificate.substr(0, token_scheme.size())) == token_scheme;
}

base::Result<void> check_certificate(const CertificateWanted& wanted) {
  if (wanted.stored.has_value() == !wanted.certificate.empty())
    return Error(Code::E_INVALIDARG, "a client certificate is a file or a token, or one of a store");
  BH_CHECK(check_units(wanted.pass_phrase.reveal(), password_max, Code::BG_E_PASSWORD_TOO_LARGE, "the pass phrase"));
  if (wanted.stored) {
    if (!wanted.key.empty()) return Error(Code::E_INVALIDARG, "a certificate of a store has its key there");
    return check_stored(*wanted.stored);
  }
  BH_CHECK(check_place(wanted.certificate, "the client certificate"));
  return wanted.key.empty() ? base::Result<void>() : check_place(wanted.key, "the private key");
}

std::string store_folder(const StoredCertificate& stored) { return to_lower(stored.store); }

std::string token_object(std::string_view uri) {
  std::string object(token_scheme);
  for_each_attribute(uri, [&](std::string_view attribute, char behind) {
    if (attribute_name(attribute) != "type") object.append(attribute).append(behind == '\0' ? 0 : 1, behind);
  });
  while (object.ends_with(';')) object.pop_back();
  return object;
}

std::string to_text(const ClientCertificate& certificate) {
  std::string text;
  put_member(text, "certificate", certificate.certificate);
  put_member(text, "key", certificate.key);
  if (!certificate.store.empty()) put_member(text, "location", std::to_string(certificate.location));
  put_member(text, "store", certificate.store);
  put_member(text, "hash", certificate.hash);
  put_member(text, "subject", certificate.subject);
  return text;
}

bool take_line(ClientCertificate& certificate, std::string_view line) {
  std::string number;
  if (take_member(line, "location", number)) {
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), certificate.location);
    return error == std::errc() && end == number.data() + number.size() && certificate.location < store_locations;
  }
  return take_member(line, "certificate", certificate.certificate) || take_member(line, "key", certificate.key) ||
         take_member(line, "store", certificate.store) || take_member(line, "hash", certificate.hash) ||
         take_member(line, "subject", certificate.subject);
}

}  // namespace backhaul::core
