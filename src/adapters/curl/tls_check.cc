// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/tls_check.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <string_view>
#include <utility>

#include "adapters/curl/client_certificate.h"
#include "adapters/curl/revocation_lists.h"
#include "adapters/curl/option.h"
#include "base/result.h"
#include "core/request_options.h"

namespace backhaul::curl {

struct TlsCheck::Notes {
  std::uint32_t flags = 0;
  std::vector<std::string> missing;
};

namespace {

namespace security = core::security;

using NotesRef = std::shared_ptr<TlsCheck::Notes>;

void free_notes(void*, void* notes, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<NotesRef*>(notes);
}

int place_of_notes() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, &free_notes);
  return index;
}

// The bit that lets this complaint pass; 0: none does. An authority that is none (INVALID_CA), or one that
// was rejected on purpose, is another complaint than one that nobody knows.
std::uint32_t bit_that_passes(int error, int depth) {
  switch (error) {
    case X509_V_ERR_CERT_NOT_YET_VALID:
    case X509_V_ERR_CERT_HAS_EXPIRED: return security::ignore_date;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN: return security::ignore_authority;
    case X509_V_ERR_INVALID_PURPOSE: return depth == 0 ? security::ignore_usage : 0;
    default: return 0;
  }
}

void add_url(const GENERAL_NAME* name, std::vector<std::string>& urls) {
  if (name->type != GEN_URI) return;
  const ASN1_IA5STRING* text = name->d.uniformResourceIdentifier;
  const std::string_view url(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                             static_cast<std::size_t>(ASN1_STRING_length(text)));
  // Over https it would have to be checked by a list of its own.
  if (url.starts_with("http://") && url.find('\0') == std::string_view::npos) urls.emplace_back(url);
}

std::vector<std::string> lists_of(const X509* certificate) {
  std::vector<std::string> urls;
  auto* points = static_cast<CRL_DIST_POINTS*>(
      X509_get_ext_d2i(certificate, NID_crl_distribution_points, nullptr, nullptr));
  for (int i = 0; i < sk_DIST_POINT_num(points); ++i) {
    const DIST_POINT_NAME* point = sk_DIST_POINT_value(points, i)->distpoint;
    if (point == nullptr || point->type != 0) continue;
    for (int n = 0; n < sk_GENERAL_NAME_num(point->name.fullname); ++n)
      add_url(sk_GENERAL_NAME_value(point->name.fullname, n), urls);
  }
  CRL_DIST_POINTS_free(points);
  return urls;
}

TlsCheck::Notes* notes_of(X509_STORE_CTX* context) {
  const auto* session = static_cast<const SSL*>(
      X509_STORE_CTX_get_ex_data(context, SSL_get_ex_data_X509_STORE_CTX_idx()));
  if (session == nullptr) return nullptr;
  auto* notes = static_cast<NotesRef*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(session), place_of_notes()));
  return notes == nullptr ? nullptr : notes->get();
}

int on_verdict(int good, X509_STORE_CTX* context) {
  TlsCheck::Notes* notes = notes_of(context);
  if (good == 1 || notes == nullptr) return good;
  const int error = X509_STORE_CTX_get_error(context);
  const int depth = X509_STORE_CTX_get_error_depth(context);
  if ((bit_that_passes(error, depth) & notes->flags) != 0) {
    X509_STORE_CTX_set_error(context, X509_V_OK);
    return 1;
  }
  const bool no_list = error == X509_V_ERR_UNABLE_TO_GET_CRL || error == X509_V_ERR_CRL_HAS_EXPIRED;
  const X509* certificate = X509_STORE_CTX_get_current_cert(context);
  if (no_list && certificate != nullptr) notes->missing = lists_of(certificate);
  // libcurl takes the first error in line for the reason: that of a list's signature would hide ours.
  ERR_clear_error();
  return 0;
}

}  // namespace

TlsCheck::TlsCheck(std::uint32_t flags, const RevocationLists& lists)
    : flags_(flags & security::tls), lists_(lists), notes_(std::make_shared<Notes>()) {
  notes_->flags = flags_;
}

void TlsCheck::apply(CURL* handle) {
  if (flags_ == 0) return;
  const long name = (flags_ & security::ignore_name) != 0 ? 0L : 2L;
  set(handle, CURLOPT_SSL_VERIFYHOST, name);
}

// Without need libcurl keeps no list of authorities for the next connection.
void TlsCheck::show(CURL* handle, const ClientCertificate* certificate) {
  certificate_ = certificate;
  ClientCertificate::choose(handle, certificate);
  const bool asked = flags_ != 0 || certificate != nullptr || !authority_.empty();
  set(handle, CURLOPT_SSL_CTX_FUNCTION, asked ? &TlsCheck::on_context : nullptr);
  set(handle, CURLOPT_SSL_CTX_DATA, this);
}

// The list that libcurl would keep for the next connection is not added to.
void TlsCheck::also_trust(CURL* handle, const std::string& authority) {
  authority_ = authority;
  if (!authority.empty()) set(handle, CURLOPT_CA_CACHE_TIMEOUT, 0L);
}

// Fails closed: without our word on a certificate the connection is not made.
CURLcode TlsCheck::on_context(CURL*, void* native, void* self_of) noexcept {
  const auto& self = *static_cast<const TlsCheck*>(self_of);
  auto* context = static_cast<SSL_CTX*>(native);
  if (self.certificate_ != nullptr && !self.certificate_->add_to(context)) return CURLE_SSL_CERTPROBLEM;
  if (!self.authority_.empty() && SSL_CTX_load_verify_file(context, self.authority_.c_str()) != 1) {
    ERR_clear_error();
    return CURLE_SSL_CACERT_BADFILE;
  }
  if (self.flags_ == 0) return CURLE_OK;
  auto notes = std::make_unique<NotesRef>(self.notes_);
  if (SSL_CTX_set_ex_data(context, place_of_notes(), notes.get()) != 1) return CURLE_SSL_CONNECT_ERROR;
  notes.release();
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, &on_verdict);
  if ((self.flags_ & security::check_revocation) == 0) return CURLE_OK;
  constexpr unsigned long all = X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL;
  if (X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), all) != 1) return CURLE_SSL_CONNECT_ERROR;
  self.lists_.add_to(SSL_CTX_get_cert_store(context));
  return CURLE_OK;
}

std::vector<std::string> TlsCheck::take_missing_lists() { return std::exchange(notes_->missing, {}); }

void TlsCheck::forget() { notes_->missing.clear(); }

}  // namespace backhaul::curl
