// SPDX-License-Identifier: Apache-2.0
// What the service cannot do yet: uploads and their replies, credentials, proxies, peers,
// HTTP options, helper tokens. Arguments are judged as documented; a setter accepts the value that
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

HRESULT JobObject::SetProxySettings(BG_JOB_PROXY_USAGE usage, const WCHAR* list,
                                    const WCHAR* bypass) {
  const bool lists = list != nullptr || bypass != nullptr;
  switch (usage) {
    case BG_JOB_PROXY_USAGE_PRECONFIG:
      return lists ? E_INVALIDARG : only_in_force(true);
    case BG_JOB_PROXY_USAGE_NO_PROXY:
    case BG_JOB_PROXY_USAGE_AUTODETECT:
      return lists ? E_INVALIDARG : only_in_force(false);
    case BG_JOB_PROXY_USAGE_OVERRIDE:
      return list == nullptr ? E_INVALIDARG : only_in_force(false);
    default:
      return only_in_force(false);
  }
}

HRESULT JobObject::GetProxySettings(BG_JOB_PROXY_USAGE* usage, LPWSTR* list, LPWSTR* bypass) {
  if (usage == nullptr || list == nullptr || bypass == nullptr) return E_INVALIDARG;
  *usage = BG_JOB_PROXY_USAGE_PRECONFIG;
  *list = *bypass = nullptr;
  return S_OK;
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

namespace {

HRESULT check_authentication(BG_AUTH_TARGET target, BG_AUTH_SCHEME scheme) {
  if (target != BG_AUTH_TARGET_SERVER && target != BG_AUTH_TARGET_PROXY) {
    return BG_E_INVALID_AUTH_TARGET;
  }
  if (scheme < BG_AUTH_SCHEME_BASIC || scheme > BG_AUTH_SCHEME_PASSPORT) {
    return BG_E_INVALID_AUTH_SCHEME;
  }
  return S_OK;
}

}  // namespace

HRESULT JobObject::SetCredentials(BG_AUTH_CREDENTIALS* credentials) {
  if (credentials == nullptr) return E_INVALIDARG;
  const HRESULT hr = check_authentication(credentials->Target, credentials->Scheme);
  if (FAILED(hr)) return hr;
  const BG_BASIC_CREDENTIALS& basic = credentials->Credentials.Basic;
  const bool incomplete = basic.UserName == nullptr || basic.Password == nullptr;
  if (incomplete && (credentials->Scheme == BG_AUTH_SCHEME_BASIC ||
                     credentials->Scheme == BG_AUTH_SCHEME_DIGEST)) {
    return E_INVALIDARG;
  }
  if (basic.UserName != nullptr && std::wcslen(basic.UserName) > 300) {
    return BG_E_USERNAME_TOO_LARGE;
  }
  if (basic.Password != nullptr && std::wcslen(basic.Password) > 65536) {
    return BG_E_PASSWORD_TOO_LARGE;
  }
  return only_in_force(false);
}

HRESULT JobObject::RemoveCredentials(BG_AUTH_TARGET target, BG_AUTH_SCHEME scheme) {
  HRESULT hr = check_authentication(target, scheme);
  if (SUCCEEDED(hr)) hr = only_in_force(true);
  return FAILED(hr) ? hr : S_FALSE;
}

HRESULT JobObject::ReplaceRemotePrefix(LPCWSTR from, LPCWSTR to) {
  if (from == nullptr || to == nullptr || *from == L'\0' || *to == L'\0') return E_INVALIDARG;
  return only_in_force(false);
}

HRESULT JobObject::SetFileACLFlags(DWORD flags) {
  if ((flags & ~static_cast<DWORD>(BG_COPY_FILE_ALL)) != 0) return E_INVALIDARG;
  return only_in_force(flags == 0, When::before_transferred);
}

HRESULT JobObject::GetFileACLFlags(DWORD* out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = 0;
  return S_OK;
}

HRESULT JobObject::SetPeerCachingFlags(DWORD flags) { return only_in_force(flags == 0); }

HRESULT JobObject::GetPeerCachingFlags(DWORD* out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = 0;
  return S_OK;
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

HRESULT JobObject::SetCustomHeaders(LPCWSTR headers) {
  return only_in_force(headers == nullptr || *headers == L'\0');
}

HRESULT JobObject::GetCustomHeaders(LPWSTR* out) {
  if (out == nullptr) return RPC_X_NULL_REF_POINTER;
  *out = nullptr;
  return S_FALSE;
}

HRESULT JobObject::SetSecurityFlags(ULONG flags) { return only_in_force(flags == 0); }

HRESULT JobObject::GetSecurityFlags(ULONG* out) {
  if (out == nullptr) return RPC_X_NULL_REF_POINTER;
  *out = 0;
  return S_OK;
}

HRESULT JobObject::SetHttpMethod(LPCWSTR method) {
  if (method == nullptr) return RPC_X_NULL_REF_POINTER;
  LPWSTR in_force = nullptr;
  HRESULT hr = GetHttpMethod(&in_force);
  if (SUCCEEDED(hr)) {
    hr = only_in_force(std::wcscmp(method, in_force) == 0, When::before_first_resume);
  }
  CoTaskMemFree(in_force);
  return hr;
}

HRESULT JobObject::GetHttpMethod(LPWSTR* out) {
  if (out == nullptr) return RPC_X_NULL_REF_POINTER;
  *out = nullptr;
  return read([&](const JobInfo& info) {
    return give_text(info.type() == JobType::download ? "GET" : "BITS_POST", out);
  });
}

HRESULT JobObject::MakeCustomHeadersWriteOnly() { return only_in_force(false); }

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
