// SPDX-License-Identifier: Apache-2.0
#include "adapters/neighbours/machine_key.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <array>
#include <ctime>
#include <optional>
#include <string_view>

#include "adapters/neighbours/certificate.h"
#include "adapters/neighbours/own_file.h"
#include "state/state_file.h"

namespace backhaul::neighbours {
namespace {

using base::Code;
using base::Error;
using base::Result;

constexpr long day = 24L * 60 * 60;
constexpr long lasts = 3650 * day;
constexpr long renewed_before = 30 * day;
constexpr long clock_error = day;  // of the machines that look at it

Error failed_crypto(std::string_view what) { return {Code::E_FAIL, "OpenSSL cannot " + std::string(what)}; }

Openssl<EVP_PKEY> key_in(const base::Secret& pem) {
  const std::string_view text = pem.reveal();
  const Openssl<BIO> in(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  // Nobody is there to be asked for a password.
  return Openssl<EVP_PKEY>(
      PEM_read_bio_PrivateKey(in.get(), nullptr, [](char*, int, int, void*) { return -1; }, nullptr));
}

Result<base::Secret> make_key(const std::string& path) {
  const Openssl<EVP_PKEY> key(EVP_EC_gen("P-256"));
  const Openssl<BIO> out(BIO_new(BIO_s_secmem()));
  if (!key || PEM_write_bio_PKCS8PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return failed_crypto("make a key");
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  base::Secret pem(std::string_view(text, static_cast<std::size_t>(size)));
  BH_CHECK(state::put_file(path, pem.reveal()));
  return pem;
}

std::string name_of_host() {
  std::array<char, 65> name{};
  if (gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "backhaul";
  return name.data();
}

bool extend(X509* certificate, int kind, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value);
  const bool added = extension != nullptr && X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

bool set_serial(X509* certificate) {
  std::array<unsigned char, 16> number{};
  if (RAND_bytes(number.data(), number.size()) != 1) return false;
  number[0] = static_cast<unsigned char>((number[0] & 0x7f) | 0x40);  // positive, and as long as it looks
  BIGNUM* big = BN_bin2bn(number.data(), number.size(), nullptr);
  const bool set = big != nullptr && BN_to_ASN1_INTEGER(big, X509_get_serialNumber(certificate)) != nullptr;
  BN_free(big);
  return set;
}

Result<std::string> make_certificate(EVP_PKEY* key) {
  const Openssl<X509> made(X509_new());
  const std::string host = name_of_host();
  X509_NAME* name = X509_get_subject_name(made.get());
  const bool whole =
      X509_set_version(made.get(), X509_VERSION_3) == 1 && set_serial(made.get()) &&
      X509_gmtime_adj(X509_getm_notBefore(made.get()), -clock_error) != nullptr &&
      X509_gmtime_adj(X509_getm_notAfter(made.get()), lasts) != nullptr && X509_set_pubkey(made.get(), key) == 1 &&
      X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(host.data()),
                                 static_cast<int>(host.size()), -1, 0) == 1 &&
      X509_set_issuer_name(made.get(), name) == 1 &&
      extend(made.get(), NID_basic_constraints, "critical,CA:FALSE") &&
      extend(made.get(), NID_key_usage, "critical,digitalSignature") &&
      extend(made.get(), NID_ext_key_usage, "serverAuth,clientAuth") && X509_sign(made.get(), key, EVP_sha256()) > 0;
  const Openssl<BIO> out(BIO_new(BIO_s_mem()));
  if (!whole || PEM_write_bio_X509(out.get(), made.get()) != 1) return failed_crypto("make a certificate");
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return std::string(text, static_cast<std::size_t>(size));
}

bool ends_soon(const X509& certificate) {
  time_t soon = time(nullptr) + renewed_before;
  return X509_cmp_time(X509_get0_notAfter(&certificate), &soon) <= 0;
}

// What an authority gave is the authority's to renew.
bool is_renewed_here(X509& certificate, EVP_PKEY* key) {
  return X509_verify(&certificate, key) == 1 && ends_soon(certificate);
}

}  // namespace

Result<MachineKey> have_machine_key(const std::string& folder, base::Log& log) {
  const std::string key_path = folder + "/peer.key";
  const std::string certificate_path = folder + "/peer.crt";
  BH_TRY(std::optional<std::string> stored, read_own_file(key_path, Whose::ours_alone));
  base::Secret secret = stored ? base::Secret::take(*stored) : base::Secret();
  BH_TRY(std::optional<std::string> pem, read_own_file(certificate_path, Whose::open_to_read));
  if (!stored) {
    if (pem) return Error(Code::E_INVALIDARG, certificate_path + " is there, and the key of it, " + key_path + ", is not");
    BH_TRY(secret, make_key(key_path));
  }
  const Openssl<EVP_PKEY> key = key_in(secret);
  if (!key) return Error(Code::E_INVALIDARG, key_path + " holds no private key that can be read without a password");
  Openssl<X509> certificate = pem ? certificate_of_pem(*pem) : nullptr;
  if (pem && !certificate) return Error(Code::E_INVALIDARG, certificate_path + " holds no certificate");
  if (certificate && X509_check_private_key(certificate.get(), key.get()) != 1)
    return Error(Code::E_INVALIDARG, certificate_path + " is not of the key " + key_path);
  if (!certificate || is_renewed_here(*certificate, key.get())) {
    BH_TRY(pem, make_certificate(key.get()));
    BH_CHECK(state::put_file(certificate_path, *pem, 0644));
    const bool first = !certificate;
    certificate = certificate_of_pem(*pem);
    log.write(base::LogLevel::notice, certificate_path + (first ? " was made" : " was renewed") +
                                          ": neighbours know this machine by the key " + key_of(*certificate));
  } else if (ends_soon(*certificate)) {
    log.write(base::LogLevel::warning, certificate_path + " ends soon: its authority has to renew it");
  }
  return MachineKey{key_of(*certificate), *std::move(pem), std::move(secret)};
}

}  // namespace backhaul::neighbours
