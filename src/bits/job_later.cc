// SPDX-License-Identifier: Apache-2.0
// What the service cannot do yet: uploads and their replies, peers, helper tokens. Arguments
// are judged as documented; a setter accepts the value that
// is in force anyway, and getters tell that value.
#include <cstring>
#include <cwchar>

#include "bits/job_object.h"
#include "bits/job_read.h"

namespace backhaul::bits {

HRESULT JobObject::only_in_force(bool in_force, When when, bool downloads_only) const {
  return read([&](const JobInfo& info) {
    const Moment now{info.state(), info.type(), info.started(), info.files_total()};
    const HRESULT hr = may_set(when, downloads_only, now);
    return FAILED(hr) || in_force ? hr : E_NOTIMPL;
  });
}

// Of a job that is no upload with a reply these four answer E_NOTIMPL on Windows as well. The setter
// stands below the getters' rule: not after the end.
HRESULT JobObject::GetReplyProgress(BG_JOB_REPLY_PROGRESS* out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = BG_JOB_REPLY_PROGRESS{};
  return E_NOTIMPL;
}

HRESULT JobObject::GetReplyData(BYTE** data, UINT64* length) {
  if (data == nullptr) return E_INVALIDARG;
  *data = nullptr;
  if (length != nullptr) *length = 0;
  return E_NOTIMPL;
}

HRESULT JobObject::SetReplyFileName(LPCWSTR) { return only_in_force(false); }

HRESULT JobObject::GetReplyFileName(LPWSTR* out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = nullptr;
  return E_NOTIMPL;
}

HRESULT JobObject::SetClientCertificateByID(BG_CERT_STORE_LOCATION, LPCWSTR store, BYTE* hash) {
  if (store == nullptr || hash == nullptr) return RPC_X_NULL_REF_POINTER;
  return only_in_force(false);
}

HRESULT JobObject::SetClientCertificateByName(BG_CERT_STORE_LOCATION, LPCWSTR store,
                                              LPCWSTR subject) {
  if (store == nullptr || subject == nullptr) return RPC_X_NULL_REF_POINTER;
  return only_in_force(false);
}

HRESULT JobObject::RemoveClientCertificate() { return only_in_force(true); }

HRESULT JobObject::GetClientCertificate(BG_CERT_STORE_LOCATION* location, LPWSTR* store,
                                        BYTE** hash, LPWSTR* subject) {
  if (location == nullptr || store == nullptr || hash == nullptr || subject == nullptr) {
    return RPC_X_NULL_REF_POINTER;
  }
  *location = BG_CERT_STORE_LOCATION_CURRENT_USER;
  *store = *subject = nullptr;
  *hash = nullptr;
  return RPC_X_BAD_STUB_DATA;
}

HRESULT JobObject::SetHelperTokenFlags(DWORD flags) { return only_in_force(flags == 0); }

HRESULT JobObject::GetHelperTokenFlags(DWORD* out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = 0;
  return S_OK;
}

HRESULT JobObject::SetHelperToken() { return only_in_force(false); }
HRESULT JobObject::ClearHelperToken() { return only_in_force(true); }

HRESULT JobObject::GetHelperTokenSid(LPWSTR* out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = nullptr;
  return S_OK;
}

}  // namespace backhaul::bits
