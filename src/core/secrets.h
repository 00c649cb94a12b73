// SPDX-License-Identifier: Apache-2.0
// Who asks, for the servers and proxies of a job: credentials (jobs.md §16), custom headers and a client
// certificate (§17). The values never stand in the job's row: that knows what there is, since when and by
// whom (SecretsSet); the values lie sealed on a shelf beside it, and are opened where they are sent.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/text.h"
#include "core/author.h"
#include "core/client_certificate.h"
#include "core/rare.h"

namespace backhaul::core {

// BITS's numbers.
enum class AuthTarget : std::uint8_t { server = 1, proxy = 2 };
enum class AuthScheme : std::uint8_t { basic = 1, digest = 2, ntlm = 3, negotiate = 4, passport = 5 };

// Both unset: the implicit ones, those that the owner's session has anyway (a Kerberos ticket).
struct Credentials {
  AuthTarget target = AuthTarget::server;
  AuthScheme scheme = AuthScheme::basic;
  std::optional<base::Secret> user;
  std::optional<base::Secret> password;

  bool implicit() const { return !user && !password; }
};

inline constexpr std::size_t user_max = 300;         // UTF-16 units, as BITS counts
inline constexpr std::size_t password_max = 65'536;

// BG_E_INVALID_AUTH_TARGET, BG_E_INVALID_AUTH_SCHEME
base::Result<AuthTarget> auth_target(std::uint32_t number);
base::Result<AuthScheme> auth_scheme(std::uint32_t number);
// BG_E_USERNAME_TOO_LARGE, BG_E_PASSWORD_TOO_LARGE, E_INVALIDARG: only one of both is there, there is none
// where the scheme has no implicit ones, one cannot be a text or holds a control character, or the user has a colon,
// which Basic cannot send.
base::Result<void> check(const Credentials& credentials);
std::string_view to_word(AuthTarget target);
std::string_view to_word(AuthScheme scheme);

// What a secret is for: at most one of each in a job. The numbers are stored.
enum class SecretSlot : std::uint8_t {
  headers = 0,
  first_credentials = 1,
  last_credentials = 10,
  certificate = 11,  // the pass phrase of the client certificate, or the PIN of its token
  addresses = 12,    // users and passwords that stood in addresses and proxies (core/hidden_users.h)
  last = addresses,
};
bool is_credentials(SecretSlot slot);
SecretSlot slot_of(AuthTarget target, AuthScheme scheme);
AuthTarget target_of(SecretSlot slot);
AuthScheme scheme_of(SecretSlot slot);

// A secret of a job, as its row knows it.
struct SecretRecord {
  SecretSlot slot = SecretSlot::headers;
  bool implicit = false;  // there is no value, nothing lies on the shelf: a ticket, a key without a pass phrase
  Author set_by;

  bool operator==(const SecretRecord&) const = default;
};

class SecretsSet {
 public:
  const SecretRecord* find(SecretSlot slot) const;
  void put(SecretRecord record);  // in the place of what is there
  bool remove(SecretSlot slot);   // false: nothing was there
  const std::vector<SecretRecord>& all() const { return records_; }  // by slot
  // Nobody reads the custom headers any more, neither these nor later ones. For ever.
  bool headers_write_only() const { return headers_write_only_; }
  void make_headers_write_only() { headers_write_only_ = true; }
  // By which the job says who it is; its record says whether it has a pass phrase. Null: none.
  const ClientCertificate* certificate() const { return certificate_ ? &*certificate_ : nullptr; }
  void put_certificate(ClientCertificate certificate, SecretRecord record);
  bool remove_certificate();  // false: there was none
  bool empty() const { return records_.empty() && !headers_write_only_; }

  // As it is stored: a line for each.
  std::string text() const;
  static std::optional<SecretsSet> parse(std::string_view text);
  bool operator==(const SecretsSet&) const = default;

 private:
  std::vector<SecretRecord> records_;
  bool headers_write_only_ = false;
  Rare<ClientCertificate> certificate_;  // with a record
};

// Where a value lies: it is sealed for this place, and cannot be opened at another one.
struct SecretPlace {
  base::JobId job;
  SecretSlot slot = SecretSlot::headers;

  std::string text() const;
};

// The sealed values of a job.
using Shelf = std::map<SecretSlot, base::Text>;

// All that is known of who asks, for a transfer.
struct SecretsOfJob {
  base::JobId job;
  SecretsSet set;
  Shelf sealed;
};

// The two halves of credentials as the one value that is sealed.
base::Secret joined(const Credentials& credentials);
struct NameAndPassword {
  base::Secret user;
  base::Secret password;
};
NameAndPassword parted(const base::Secret& joined);

}  // namespace backhaul::core
