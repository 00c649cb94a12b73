// SPDX-License-Identifier: Apache-2.0
// The certificate by which a job says who it is (jobs.md §17): a file, or a token that a PKCS#11 URI
// names. What Windows calls a store is a folder of such files. The row knows where it is and what it is
// called; its pass phrase, or the PIN of its token, is a secret (core/secrets.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace backhaul::core {

// BITS's numbers. Only these two are places of this system.
enum class StoreLocation : std::uint32_t { current_user = 0, local_machine = 1 };
inline constexpr std::uint32_t store_locations = 8;  // that BITS knows
inline constexpr std::size_t certificate_hash_digits = 40;  // SHA-1, as hex
inline constexpr std::size_t store_name_max = 255;          // UTF-16 units; also of a subject

// One in a store: the hash, or a part of the subject, says which.
struct StoredCertificate {
  std::uint32_t location = 0;
  std::string store;
  std::string hash;     // lower-case hex; empty: by the subject
  std::string subject;  // values in reverse order, "name, unit, organisation"

  bool operator==(const StoredCertificate&) const = default;
};

// What an owner asks for: a file (PEM, PKCS#12) or a URI, or one of a store.
struct CertificateWanted {
  std::string certificate;  // absolute path, or "pkcs11:…"; empty: that of `stored`
  std::string key;          // likewise; empty: where the certificate is
  base::Secret pass_phrase;
  std::optional<StoredCertificate> stored;

  bool operator==(const CertificateWanted&) const = default;
};

// As the row keeps it.
struct ClientCertificate {
  std::string certificate;
  std::string key;
  std::uint32_t location = 0;
  std::string store;    // empty: it was named by itself
  std::string hash;     // of what it was when it was set; empty: nobody looked, it is in a token
  std::string subject;

  bool operator==(const ClientCertificate&) const = default;
};

bool is_token(std::string_view certificate);
// A URI that may be used: the PIN is no part of it, nor is the library that is to be loaded.
// E_INVALIDARG for what is none, for a path that is not absolute, for both a name and a store or neither;
// E_NOTIMPL: no location of BITS; BG_E_STRING_TOO_LONG; FILE_NOT_FOUND: a store that no Linux has.
base::Result<void> check_certificate(const CertificateWanted& wanted);
// The name of the folder that is the store: names of stores have no case.
std::string store_folder(const StoredCertificate& stored);

// The URI of what lies in a token: a certificate, and its private key, go by one name there.
std::string token_object(std::string_view uri);

// As it is stored: a line for each member. No member holds a line feed.
std::string to_text(const ClientCertificate& certificate);
// A line of that: taken, or none of these.
bool take_line(ClientCertificate& certificate, std::string_view line);

}  // namespace backhaul::core
