// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/certificate_file.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/posix/failure.h"
#include "adapters/posix/names.h"
#include "adapters/posix/small_file.h"
#include "base/hex.h"
#include "core/part_name.h"

namespace backhaul::posix {
namespace {

using base::Code;

constexpr std::size_t store_files_max = 1000;

using CertificateRef = std::unique_ptr<X509, decltype(&X509_free)>;
using KeyRef = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Reading = std::unique_ptr<BIO, decltype(&BIO_free_all)>;

Reading reading(const base::Secret& content) {
  return {BIO_new_mem_buf(content.reveal().data(), static_cast<int>(content.reveal().size())), &BIO_free_all};
}

base::Error key_unusable(std::string text) {
  ERR_clear_error();
  return {Code::WINHTTP_CLIENT_CERT_NO_ACCESS_PRIVATE_KEY, std::move(text)};
}

// Without one, nobody is asked at a terminal.
int give_pass_phrase(char* into, int size, int, void* of) {
  const auto& phrase = static_cast<const base::Secret*>(of)->reveal();
  if (phrase.size() > static_cast<std::size_t>(size)) return -1;
  phrase.copy(into, phrase.size());
  return static_cast<int>(phrase.size());
}

struct Held {
  CertificateRef certificate{nullptr, &X509_free};
  KeyRef key{nullptr, &EVP_PKEY_free};
};

KeyRef read_key(const base::Secret& content, const base::Secret& pass_phrase) {
  const Reading in = reading(content);
  return {PEM_read_bio_PrivateKey(in.get(), nullptr, &give_pass_phrase, const_cast<base::Secret*>(&pass_phrase)),
          &EVP_PKEY_free};
}

CertificateRef read_pem(const base::Secret& content) {
  const Reading in = reading(content);
  return {PEM_read_bio_X509(in.get(), nullptr, &give_pass_phrase, nullptr), &X509_free};
}

std::unique_ptr<PKCS12, decltype(&PKCS12_free)> read_pkcs12(const base::Secret& content) {
  const Reading in = reading(content);
  return {d2i_PKCS12_bio(in.get(), nullptr), &PKCS12_free};
}

base::Result<Held> open_certificate(Access& access, const std::string& path, const std::string& key_path,
                                    const base::Secret& pass_phrase) {
  BH_TRY(const base::Secret content, read_small_file(access, path));
  Held held;
  if (const auto bundle = read_pkcs12(content)) {
    X509* certificate = nullptr;
    EVP_PKEY* key = nullptr;
    if (PKCS12_parse(bundle.get(), pass_phrase.c_str(), &key, &certificate, nullptr) != 1)
      return key_unusable("the pass phrase of " + path + " is another one");
    held.certificate.reset(certificate);
    held.key.reset(key);
    if (key == nullptr) return key_unusable("there is no private key in " + path);
  } else {
    held.certificate = read_pem(content);
    if (held.certificate && !core::is_token(key_path)) {
      const bool apart = !key_path.empty() && key_path != path;
      BH_TRY(const base::Secret key_content, apart ? read_small_file(access, key_path) : base::Result<base::Secret>(content));
      held.key = read_key(key_content, pass_phrase);
      if (!held.key)
        return key_unusable("the private key in " + (apart ? key_path : path) +
                            " is missing, or its pass phrase is another one");
    }
  }
  ERR_clear_error();
  if (!held.certificate)
    return base::Error(Code::CRYPT_E_NOT_FOUND, "there is no certificate in " + path);
  if (held.key && X509_check_private_key(held.certificate.get(), held.key.get()) != 1)
    return key_unusable("the private key is not that of the certificate in " + path);
  return held;
}

std::string hash_of(const X509* certificate) {
  std::string hash(SHA_DIGEST_LENGTH, '\0');
  unsigned size = 0;
  if (X509_digest(certificate, EVP_sha1(), reinterpret_cast<unsigned char*>(hash.data()), &size) != 1) return {};
  return base::to_hex(hash);
}

// As BITS compares them: the values alone, the last one first (jobs.md §17).
std::string subject_of(const X509* certificate) {
  std::string subject;
  const X509_NAME* name = X509_get_subject_name(certificate);
  for (int i = X509_NAME_entry_count(name) - 1; i >= 0; --i) {
    unsigned char* utf8 = nullptr;
    const int size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, i)));
    if (size < 0) continue;
    subject.append(subject.empty() ? "" : ", ")
        .append(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size));
    OPENSSL_free(utf8);
  }
  ERR_clear_error();
  std::ranges::replace_if(subject, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return subject;
}

bool is_for_clients(X509* certificate) {
  return X509_check_purpose(certificate, X509_PURPOSE_SSL_CLIENT, 0) == 1;
}

core::ClientCertificate described(const Held& held, std::string path, std::string key) {
  core::ClientCertificate found;
  found.certificate = std::move(path);
  found.key = std::move(key);
  found.hash = hash_of(held.certificate.get());
  found.subject = subject_of(held.certificate.get());
  return found;
}

// In the order of their names, so that "the first that matches" is always the same.
Tried<std::vector<std::string>> files_of(Access& access, const std::string& folder) {
  auto reading = access.open_directory(folder, {});
  if (!reading) return untried(reading.error());
  std::vector<std::string> paths;
  const auto read = each_name(*std::move(reading), [&](const std::string& name) {
    if (name != "." && name != ".." && std::filesystem::path(name).extension() != ".key")
      paths.push_back(std::filesystem::path(folder) / name);
    return paths.size() < store_files_max;
  });
  if (!read) return untried(read.error());
  std::ranges::sort(paths);
  return paths;
}

std::string key_beside(Access& access, const std::string& path) {
  std::string key = std::filesystem::path(path).replace_extension(".key").string();
  return access.look(Access::nowhere, key, true) ? key : std::string();
}

// Whether it is the one that is asked for; what is no certificate, or cannot be opened, is not.
std::optional<Held> fits(Access& access, const core::StoredCertificate& wanted, const std::string& path, const std::string& key,
                         const base::Secret& pass_phrase) {
  auto held = open_certificate(access, path, key, pass_phrase);
  if (!held) return std::nullopt;
  X509* const certificate = held->certificate.get();
  const bool named = wanted.hash.empty()
                         ? subject_of(certificate).find(wanted.subject) != std::string::npos && is_for_clients(certificate)
                         : hash_of(certificate) == wanted.hash;
  return named ? std::optional(*std::move(held)) : std::nullopt;
}

base::Result<core::ClientCertificate> find_stored(Access& access, const core::CertificateWanted& wanted,
                                                  const std::string& folder) {
  const auto paths = files_of(access, folder);
  if (!paths && (paths.error() == ENOENT || paths.error() == ENOTDIR))
    return base::Error(Code::FILE_NOT_FOUND, "there is no store of certificates " + folder);
  if (!paths) return failure("look into", folder, paths.error());
  for (const std::string& path : *paths) {
    const std::string key = key_beside(access, path);
    const auto held = fits(access, *wanted.stored, path, key, wanted.pass_phrase);
    if (!held) continue;
    core::ClientCertificate found = described(*held, path, key);
    found.location = wanted.stored->location;
    found.store = wanted.stored->store;
    return found;
  }
  return base::Error(Code::CRYPT_E_NOT_FOUND, "no certificate in " + folder + " that can be used is the one asked for");
}

}  // namespace

base::Result<core::ClientCertificate> find_certificate(Access& access, const core::CertificateWanted& wanted,
                                                       const CertificateFolders& folders) {
  if (wanted.stored) return find_stored(access, wanted, folder_of(wanted, folders));
  if (core::is_token(wanted.certificate)) {
    core::ClientCertificate token;
    token.certificate = wanted.certificate;
    token.key = wanted.key;
    return token;
  }
  BH_TRY(const Held held, open_certificate(access, wanted.certificate, wanted.key, wanted.pass_phrase));
  return described(held, wanted.certificate, wanted.key);
}

std::string folder_of(const core::CertificateWanted& wanted, const CertificateFolders& folders) {
  if (!wanted.stored) return core::is_token(wanted.certificate) ? "/" : core::parent_directory(wanted.certificate);
  const bool user = wanted.stored->location == static_cast<std::uint32_t>(core::StoreLocation::current_user);
  return (user ? folders.of_user : folders.of_machine) + "/" + core::store_folder(*wanted.stored);
}

}  // namespace backhaul::posix
