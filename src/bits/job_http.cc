// SPDX-License-Identifier: Apache-2.0
// How a job asks its servers: security flags, the method, proxies (jobs.md §17, §19). The service judges
// the values.
#include <cstring>

#include "bits/job_object.h"
#include "bits/job_read.h"

namespace backhaul::bits {

HRESULT JobObject::SetSecurityFlags(ULONG flags) {
  return protect([&] { return set(JobSettings().security_flags(flags)); });
}

HRESULT JobObject::GetSecurityFlags(ULONG* out) {
  if (out == nullptr) return RPC_X_NULL_REF_POINTER;
  *out = 0;
  return read([&](const JobInfo& info) {
    *out = info.security_flags();
    return S_OK;
  });
}

// Of a download: no other job can be made yet.
HRESULT JobObject::SetHttpMethod(LPCWSTR method) {
  if (method == nullptr) return RPC_X_NULL_REF_POINTER;
  return protect([&] {
    const auto text = utf8_of(method);
    return text ? set(JobSettings().http_method(*text)) : unless_over(E_INVALIDARG);
  });
}

HRESULT JobObject::GetHttpMethod(LPWSTR* out) {
  if (out == nullptr) return RPC_X_NULL_REF_POINTER;
  *out = nullptr;
  return read([&](const JobInfo& info) { return give_text(info.http_method(), out); });
}

// A list that is given, though empty, is one (jobs.md §19): "must be NULL".
HRESULT JobObject::SetProxySettings(BG_JOB_PROXY_USAGE usage, const WCHAR* list,
                                    const WCHAR* bypass) {
  const bool known = usage >= BG_JOB_PROXY_USAGE_PRECONFIG && usage <= BG_JOB_PROXY_USAGE_AUTODETECT;
  if (known && usage != BG_JOB_PROXY_USAGE_OVERRIDE && (list != nullptr || bypass != nullptr))
    return unless_over(E_INVALIDARG);
  return protect([&] {
    const auto proxies = utf8_of(list != nullptr ? list : L"");
    const auto passed = utf8_of(bypass != nullptr ? bypass : L"");
    if (!proxies || !passed) return unless_over(E_INVALIDARG);
    return set(JobSettings().proxy({static_cast<ProxyUsage>(usage), *proxies, *passed}));
  });
}

HRESULT JobObject::GetProxySettings(BG_JOB_PROXY_USAGE* usage, LPWSTR* list, LPWSTR* bypass) {
  if (!clear(usage, list, bypass)) return E_INVALIDARG;
  return read([&](const JobInfo& info) {
    const ProxySettings& proxy = info.proxy();
    HRESULT hr = proxy.list.empty() ? S_OK : give_text(proxy.list, list);
    if (SUCCEEDED(hr) && !proxy.bypass.empty()) hr = give_text(proxy.bypass, bypass);
    if (FAILED(hr)) CoTaskMemFree(std::exchange(*list, nullptr));
    else *usage = static_cast<BG_JOB_PROXY_USAGE>(proxy.usage);
    return hr;
  });
}

}  // namespace backhaul::bits
