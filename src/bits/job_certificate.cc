// SPDX-License-Identifier: Apache-2.0
// The client certificate of a job (jobs.md §17). Stores are folders; the service looks into them.
#include <cstring>
#include <utility>

#include "bits/job_object.h"
#include "bits/job_read.h"

namespace backhaul::bits {

namespace {

constexpr std::size_t hash_size = 20;
constexpr char hex_digits[] = "0123456789abcdef";

std::string hex_of(const BYTE* hash) {
  std::string hex;
  for (std::size_t i = 0; i < hash_size; ++i) {
    hex += hex_digits[hash[i] >> 4];
    hex += hex_digits[hash[i] & 15];
  }
  return hex;
}

// What was set by a path or a URI and is no such hash is all zero.
void bytes_of(const std::string& hex, BYTE* hash) {
  std::memset(hash, 0, hash_size);
  if (hex.size() != 2 * hash_size) return;
  for (std::size_t i = 0; i < hex.size(); ++i) {
    const char* digit = std::strchr(hex_digits, hex[i]);
    const auto value = static_cast<BYTE>(digit == nullptr ? 0 : digit - hex_digits);
    hash[i / 2] = static_cast<BYTE>(hash[i / 2] << 4 | value);
  }
}

}  // namespace

HRESULT JobObject::SetClientCertificateByID(BG_CERT_STORE_LOCATION location, LPCWSTR store, BYTE* hash) {
  if (store == nullptr || hash == nullptr) return RPC_X_NULL_REF_POINTER;
  return protect([&] {
    const auto name = utf8_of(store);
    if (!name) return unless_over(E_INVALIDARG);
    if (name->empty()) return unless_over(HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND));
    ClientCertificate certificate;
    certificate.location = static_cast<std::uint32_t>(location);
    certificate.store = *name;
    certificate.hash = hex_of(hash);
    return hresult_of(job_.set_client_certificate(certificate));
  });
}

HRESULT JobObject::SetClientCertificateByName(BG_CERT_STORE_LOCATION location, LPCWSTR store,
                                              LPCWSTR subject) {
  if (store == nullptr || subject == nullptr) return RPC_X_NULL_REF_POINTER;
  return protect([&] {
    const auto name = utf8_of(store);
    const auto part = utf8_of(subject);
    if (!name || !part) return unless_over(E_INVALIDARG);
    if (name->empty()) return unless_over(HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND));
    ClientCertificate certificate;
    certificate.location = static_cast<std::uint32_t>(location);
    certificate.store = *name;
    certificate.subject = *part;
    return hresult_of(job_.set_client_certificate(certificate));
  });
}

HRESULT JobObject::RemoveClientCertificate() {
  return protect([&] { return hresult_of(job_.remove_client_certificate()); });
}

HRESULT JobObject::GetClientCertificate(BG_CERT_STORE_LOCATION* location, LPWSTR* store,
                                        BYTE** hash, LPWSTR* subject) {
  if (!clear(location, store, hash, subject)) return RPC_X_NULL_REF_POINTER;
  return read([&](const JobInfo& info) -> HRESULT {
    const ClientCertificate& certificate = info.client_certificate();
    if (certificate.certificate.empty()) return RPC_X_BAD_STUB_DATA;
    HRESULT hr = give_text(certificate.store.empty() ? certificate.certificate : certificate.store, store);
    if (SUCCEEDED(hr)) hr = give_text(certificate.subject, subject);
    if (SUCCEEDED(hr)) *hash = static_cast<BYTE*>(CoTaskMemAlloc(hash_size));
    if (SUCCEEDED(hr) && *hash == nullptr) hr = E_OUTOFMEMORY;
    if (FAILED(hr)) {
      CoTaskMemFree(std::exchange(*store, nullptr));
      CoTaskMemFree(std::exchange(*subject, nullptr));
      return hr;
    }
    bytes_of(certificate.hash, *hash);
    *location = static_cast<BG_CERT_STORE_LOCATION>(certificate.location);
    return S_OK;
  });
}

}  // namespace backhaul::bits
