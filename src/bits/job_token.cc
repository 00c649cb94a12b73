// SPDX-License-Identifier: Apache-2.0
// Helper tokens (jobs.md §18). The service of a user does everything as that user, and nobody else can give
// it an identity: a token is that of the owner, it makes no difference, and it is never lost.
#include <unistd.h>

#include "bits/job_object.h"
#include "bits/job_read.h"

namespace backhaul::bits {

HRESULT JobObject::SetHelperTokenFlags(DWORD flags) {
  if ((flags & ~static_cast<DWORD>(BG_TOKEN_LOCAL_FILE | BG_TOKEN_NETWORK)) != 0)
    return unless_over(E_INVALIDARG);
  return protect([&] {
    return set(JobSettings()
                   .helper_token_files((flags & BG_TOKEN_LOCAL_FILE) != 0)
                   .helper_token_network((flags & BG_TOKEN_NETWORK) != 0));
  });
}

HRESULT JobObject::GetHelperTokenFlags(DWORD* out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = 0;
  return read([&](const JobInfo& info) {
    *out = (info.helper_token_files() ? BG_TOKEN_LOCAL_FILE : 0U) |
           (info.helper_token_network() ? BG_TOKEN_NETWORK : 0U);
    return S_OK;
  });
}

// Root may change the job of another user, but cannot make its service act as root.
HRESULT JobObject::SetHelperToken() {
  const HRESULT hr = read([&](const JobInfo& info) {
    return info.owner() == geteuid() ? S_OK : CO_E_FAILEDTOIMPERSONATE;
  });
  if (FAILED(hr)) return hr;
  return protect([&] { return set(JobSettings().helper_token(true)); });
}

HRESULT JobObject::ClearHelperToken() {
  return protect([&] { return set(JobSettings().helper_token(false)); });
}

HRESULT JobObject::GetHelperTokenSid(LPWSTR* out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = nullptr;
  return read([&](const JobInfo& info) {
    return info.helper_token() ? give_text("S-1-22-1-" + std::to_string(info.owner()), out) : S_OK;
  });
}

}  // namespace backhaul::bits
