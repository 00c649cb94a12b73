// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/client_certificate.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "adapters/curl/option.h"
#include "os/descriptor.h"
#include "os/sha256.h"

namespace backhaul::curl {
namespace {

using base::Code;
using base::ErrorContext;

constexpr off_t certificate_bytes_max = 1024 * 1024;

using ContentReader = std::unique_ptr<BIO, decltype(&BIO_free_all)>;

ContentReader reader_of(const base::Secret& content) {
  return {BIO_new_mem_buf(content.reveal().data(), static_cast<int>(content.reveal().size())), &BIO_free_all};
}

base::Error certificate_error(std::string text, Code code = Code::WINHTTP_CLIENT_CERT_NO_ACCESS_PRIVATE_KEY) {
  return {code, ErrorContext::general_transport, std::move(text)};
}

base::Error unreadable(const std::string& path, int error) {
  return {base::code_from_errno(error), "Cannot read " + path + ": " + std::generic_category().message(error)};
}

// For what the service keeps itself; no path that an owner named comes here.
base::Result<base::Secret> read_own_file(const std::string& path) {
  const os::Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file) return unreadable(path, errno);
  struct stat info {};
  if (fstat(file.get(), &info) != 0) return unreadable(path, errno);
  if (!S_ISREG(info.st_mode) || info.st_size > certificate_bytes_max)
    return base::Error(Code::E_INVALIDARG, path + " is no certificate");
  std::string content(static_cast<std::size_t>(info.st_size), '\0');
  std::size_t size = 0;
  while (size < content.size()) {
    const ssize_t got = ::read(file.get(), content.data() + size, content.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    size += static_cast<std::size_t>(got);
  }
  content.resize(size);
  return base::Secret::take(content);
}

base::Result<base::Secret> content_of(const std::string& path, const ReadFile& read) {
  auto content = read(path);
  if (!content)
    return certificate_error("the client certificate cannot be read: " + content.error().text, content.error().code);
  return content;
}

// Without one, nobody is asked at a terminal.
int tell_pass_phrase(char* into, int size, int, void* of) {
  const auto phrase = static_cast<const base::Secret*>(of)->reveal();
  if (phrase.size() > static_cast<std::size_t>(size)) return -1;
  phrase.copy(into, phrase.size());
  return static_cast<int>(phrase.size());
}

}  // namespace

base::Result<std::shared_ptr<const ClientCertificate>> ClientCertificate::read(
    const core::ClientCertificate& named, const base::Secret& pass_phrase, const ReadFile& read) {
  auto certificate = std::make_shared<ClientCertificate>();
  if (core::is_token(named.certificate)) {
    certificate->token_ = core::token_object(named.certificate);
    certificate->token_key_ = named.key.empty() ? certificate->token_ : core::token_object(named.key);
    certificate->pin_ = pass_phrase;
    return std::shared_ptr<const ClientCertificate>(std::move(certificate));
  }
  auto taken = certificate->read_files(named, pass_phrase, read);
  ERR_clear_error();
  if (!taken) return std::move(taken).error();
  return std::shared_ptr<const ClientCertificate>(std::move(certificate));
}

base::Result<std::shared_ptr<const ClientCertificate>> ClientCertificate::read_of_machine(
    const std::string& certificate, const std::string& key) {
  return read({.certificate = certificate, .key = key}, {}, &read_own_file);
}

base::Result<void> ClientCertificate::read_files(const core::ClientCertificate& named, const base::Secret& pass_phrase,
                                                 const ReadFile& read) {
  BH_TRY(const base::Secret content, content_of(named.certificate, read));
  if (read_pkcs12(content, pass_phrase)) {
    if (!key_) return certificate_error("the pass phrase of " + named.certificate + " is another one, or it has no key");
  } else {
    read_pem(content);
    const bool apart = !named.key.empty() && named.key != named.certificate;
    BH_TRY(const base::Secret key, apart ? content_of(named.key, read) : base::Result<base::Secret>(content));
    const ContentReader in = reader_of(key);
    key_.reset(PEM_read_bio_PrivateKey(in.get(), nullptr, &tell_pass_phrase, const_cast<base::Secret*>(&pass_phrase)));
  }
  if (chain_.empty()) return certificate_error("there is no client certificate in " + named.certificate, Code::CRYPT_E_NOT_FOUND);
  if (key_ && X509_check_private_key(chain_.front().get(), key_.get()) == 1) return {};
  return certificate_error("the private key of the client certificate " + named.certificate +
                  " is missing, is another one's, or has another pass phrase");
}

bool ClientCertificate::read_pkcs12(const base::Secret& content, const base::Secret& pass_phrase) {
  const ContentReader in = reader_of(content);
  const std::unique_ptr<PKCS12, Freed<PKCS12, &PKCS12_free>> bundle(d2i_PKCS12_bio(in.get(), nullptr));
  if (!bundle) return false;
  X509* own = nullptr;
  EVP_PKEY* key = nullptr;
  STACK_OF(X509)* others = nullptr;
  if (PKCS12_parse(bundle.get(), pass_phrase.c_str(), &key, &own, &others) != 1) return true;
  if (own != nullptr) chain_.emplace_back(own);
  key_.reset(key);
  while (X509* const other = sk_X509_shift(others)) chain_.emplace_back(other);
  sk_X509_free(others);
  return true;
}

void ClientCertificate::read_pem(const base::Secret& content) {
  const ContentReader in = reader_of(content);
  const base::Secret none;
  while (X509* const one = PEM_read_bio_X509(in.get(), nullptr, &tell_pass_phrase, const_cast<base::Secret*>(&none)))
    chain_.emplace_back(one);
}

bool ClientCertificate::add_to(SSL_CTX* context) const {
  if (is_token()) return true;
  if (SSL_CTX_use_certificate(context, chain_.front().get()) != 1 ||
      SSL_CTX_use_PrivateKey(context, key_.get()) != 1)
    return false;
  for (std::size_t i = 1; i < chain_.size(); ++i)
    if (SSL_CTX_add1_chain_cert(context, chain_[i].get()) != 1) return false;
  return true;
}

std::string ClientCertificate::public_key() const {
  if (chain_.empty()) return {};
  unsigned char* info = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(chain_.front().get()), &info);
  if (size <= 0) return {};
  std::string digest = os::sha256({reinterpret_cast<const char*>(info), static_cast<std::size_t>(size)});
  OPENSSL_free(info);
  return digest;
}

// A connection that began with one is nobody's afterwards, and no session of it is taken up again.
void ClientCertificate::choose(CURL* handle, const ClientCertificate* certificate) {
  const bool token = certificate != nullptr && certificate->is_token();
  constexpr const char* nothing = nullptr;
  set(handle, CURLOPT_SSLCERTTYPE, token ? "ENG" : nothing);
  set(handle, CURLOPT_SSLCERT, token ? certificate->token_.c_str() : nothing);
  set(handle, CURLOPT_SSLKEYTYPE, token ? "ENG" : nothing);
  set(handle, CURLOPT_SSLKEY, token ? certificate->token_key_.c_str() : nothing);
  set(handle, CURLOPT_KEYPASSWD, token && !certificate->pin_.empty() ? certificate->pin_.c_str() : nothing);
  set(handle, CURLOPT_SSL_SESSIONID_CACHE, certificate == nullptr ? 1L : 0L);
}

}  // namespace backhaul::curl
