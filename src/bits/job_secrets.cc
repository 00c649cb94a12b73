// SPDX-License-Identifier: Apache-2.0
// Credentials and custom headers (jobs.md §16, §17). The service judges them; only what a pointer can get
// wrong is judged here.
#include <cstring>

#include "bits/job_object.h"
#include "bits/job_read.h"

namespace backhaul::bits {

namespace {

// The compiler must not leave it out, as it may where nobody reads the text any more.
void wipe(std::string& text) {
  text.resize(text.capacity());  // behind its end may be what it held before
  volatile char* bytes = text.data();
  for (std::size_t i = 0; i < text.size(); ++i) bytes[i] = 0;
  text.clear();
}

struct Wiped {
  std::string& text;
  ~Wiped() { wipe(text); }
};

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
  if (credentials == nullptr) return unless_over(E_INVALIDARG);
  const HRESULT hr = check_authentication(credentials->Target, credentials->Scheme);
  if (FAILED(hr)) return unless_over(hr);
  const BG_BASIC_CREDENTIALS& basic = credentials->Credentials.Basic;
  if ((basic.UserName == nullptr) != (basic.Password == nullptr)) return unless_over(E_INVALIDARG);
  return protect([&] {
    Credentials values;
    const Wiped user{values.user};
    const Wiped password{values.password};
    values.target = static_cast<AuthTarget>(credentials->Target);
    values.scheme = static_cast<AuthScheme>(credentials->Scheme);
    values.implicit = basic.UserName == nullptr;
    if (!values.implicit) {
      auto name = utf8_of(basic.UserName);
      auto secret = utf8_of(basic.Password);
      if (!name || !secret) return unless_over(E_INVALIDARG);
      // A short text lies within its object, so that swapping is copying.
      const Wiped first{*name};
      const Wiped second{*secret};
      values.user.swap(*name);
      values.password.swap(*secret);
    }
    return hresult_of(job_.set_credentials(values));
  });
}

HRESULT JobObject::RemoveCredentials(BG_AUTH_TARGET target, BG_AUTH_SCHEME scheme) {
  const HRESULT hr = check_authentication(target, scheme);
  if (FAILED(hr)) return unless_over(hr);
  return protect([&] {
    const auto removed =
        job_.remove_credentials(static_cast<AuthTarget>(target), static_cast<AuthScheme>(scheme));
    if (!removed) return hresult_of(removed);
    return *removed ? S_OK : S_FALSE;
  });
}

HRESULT JobObject::SetCustomHeaders(LPCWSTR headers) {
  return protect([&] {
    auto text = utf8_of(headers == nullptr ? L"" : headers);
    if (!text) return unless_over(E_INVALIDARG);
    const Wiped wiped{*text};
    return hresult_of(job_.set_custom_headers(*text));
  });
}

HRESULT JobObject::GetCustomHeaders(LPWSTR* out) {
  if (out == nullptr) return RPC_X_NULL_REF_POINTER;
  *out = nullptr;
  return protect([&] {
    const auto headers = job_.custom_headers();
    if (!headers) return hresult_of(headers);
    return headers->empty() ? S_FALSE : give_text(*headers, out);
  });
}

HRESULT JobObject::MakeCustomHeadersWriteOnly() {
  return protect([&] { return hresult_of(job_.make_custom_headers_write_only()); });
}

}  // namespace backhaul::bits
