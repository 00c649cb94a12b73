// SPDX-License-Identifier: Apache-2.0
// The settings of a job and its properties (jobs.md §8, §9, §11). The service judges the values;
// only what a pointer or a union can get wrong is judged here.
#include <backhaul/setting_kind.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <type_traits>

#include "bits/job_object.h"
#include "bits/job_read.h"

namespace backhaul::bits {

namespace {

// The bus name of a class is this and the 32 digits of its id.
constexpr char class_prefix[] = "org.backhaul.clsid.g";

GUID class_of(const NotifyService& service) {
  if (service.name.rfind(class_prefix, 0) != 0) return GUID_NULL;
  return guid_of(service.name.substr(std::strlen(class_prefix))).value_or(GUID_NULL);
}

}  // namespace

HRESULT JobObject::set(const JobSettings& settings) { return hresult_of(job_.set(settings)); }

HRESULT JobObject::SetDisplayName(LPCWSTR value) {
  if (value == nullptr) return unless_over(E_INVALIDARG);
  return protect([&] {
    const auto text = utf8_of(value);
    return text ? set(JobSettings().name(*text)) : unless_over(E_INVALIDARG);
  });
}

HRESULT JobObject::GetDisplayName(LPWSTR* out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = nullptr;
  return read([&](const JobInfo& info) { return give_text(info.name(), out); });
}

HRESULT JobObject::SetDescription(LPCWSTR value) {
  if (value == nullptr) return unless_over(E_INVALIDARG);
  return protect([&] {
    const auto text = utf8_of(value);
    return text ? set(JobSettings().description(*text)) : unless_over(E_INVALIDARG);
  });
}

HRESULT JobObject::GetDescription(LPWSTR* out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = nullptr;
  return read([&](const JobInfo& info) { return give_text(info.description(), out); });
}

HRESULT JobObject::SetPriority(BG_JOB_PRIORITY value) {
  return protect([&] { return set(JobSettings().priority(static_cast<Priority>(value))); });
}

HRESULT JobObject::GetPriority(BG_JOB_PRIORITY* out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = BG_JOB_PRIORITY_NORMAL;
  return read([&](const JobInfo& info) {
    *out = static_cast<BG_JOB_PRIORITY>(info.priority());
    return S_OK;
  });
}

HRESULT JobObject::SetNotifyFlags(ULONG value) {
  return protect([&] { return set(JobSettings().notify_flags(value)); });
}

HRESULT JobObject::GetNotifyFlags(ULONG* out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = 0;
  return read([&](const JobInfo& info) {
    *out = info.notify_flags();
    return S_OK;
  });
}

HRESULT JobObject::SetMinimumRetryDelay(ULONG seconds) {
  return protect(
      [&] { return set(JobSettings().minimum_retry_delay(std::chrono::seconds(seconds))); });
}

HRESULT JobObject::GetMinimumRetryDelay(ULONG* seconds) {
  if (seconds == nullptr) return E_INVALIDARG;
  *seconds = 0;
  return read([&](const JobInfo& info) {
    *seconds = static_cast<ULONG>(info.minimum_retry_delay().count());
    return S_OK;
  });
}

HRESULT JobObject::SetNoProgressTimeout(ULONG seconds) {
  return protect(
      [&] { return set(JobSettings().no_progress_timeout(std::chrono::seconds(seconds))); });
}

HRESULT JobObject::GetNoProgressTimeout(ULONG* seconds) {
  if (seconds == nullptr) return E_INVALIDARG;
  *seconds = 0;
  return read([&](const JobInfo& info) {
    *seconds = static_cast<ULONG>(info.no_progress_timeout().count());
    return S_OK;
  });
}

HRESULT JobObject::SetMaximumDownloadTime(ULONG seconds) {
  return protect(
      [&] { return set(JobSettings().maximum_download_time(std::chrono::seconds(seconds))); });
}

HRESULT JobObject::GetMaximumDownloadTime(ULONG* seconds) {
  if (seconds == nullptr) return E_INVALIDARG;
  *seconds = 0;
  return read([&](const JobInfo& info) {
    *seconds = static_cast<ULONG>(info.maximum_download_time().count());
    return S_OK;
  });
}

HRESULT JobObject::SetNotifyCmdLine(LPCWSTR program, LPCWSTR parameters) {
  if (program == nullptr && parameters != nullptr) return unless_over(E_INVALIDARG);
  return protect([&] {
    const auto path = utf8_of(program != nullptr ? program : L"");
    const auto arguments = utf8_of(parameters != nullptr ? parameters : L"");
    if (!path || !arguments) return unless_over(E_INVALIDARG);
    return hresult_of(job_.set_notify_command({*path, *arguments}));
  });
}

HRESULT JobObject::GetNotifyCmdLine(LPWSTR* program, LPWSTR* parameters) {
  if (!clear(program, parameters)) return E_INVALIDARG;
  return read([&](const JobInfo& info) {
    HRESULT hr = give_text(info.notify_command().program, program);
    if (SUCCEEDED(hr)) hr = give_text(info.notify_command().parameters, parameters);
    if (FAILED(hr)) CoTaskMemFree(std::exchange(*program, nullptr));
    return hr;
  });
}

HRESULT JobObject::SetFileACLFlags(DWORD flags) {
  return protect([&] { return set(JobSettings().file_acl_flags(flags)); });
}

HRESULT JobObject::GetFileACLFlags(DWORD* out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = 0;
  return read([&](const JobInfo& info) {
    *out = info.file_acl_flags();
    return S_OK;
  });
}

HRESULT JobObject::SetPeerCachingFlags(DWORD flags) {
  return protect([&] { return set(JobSettings().peer_caching_flags(flags)); });
}

HRESULT JobObject::GetPeerCachingFlags(DWORD* out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = 0;
  return read([&](const JobInfo& info) {
    *out = info.peer_caching_flags();
    return S_OK;
  });
}

HRESULT JobObject::GetOwnerIntegrityLevel(ULONG* out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = 0;
  return read([&](const JobInfo& info) {
    *out = info.owner() == 0 ? 0x3000 : 0x2000;
    return S_OK;
  });
}

HRESULT JobObject::GetOwnerElevationState(BOOL* out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = FALSE;
  return read([&](const JobInfo& info) {
    *out = info.owner() == 0;
    return S_OK;
  });
}

namespace {

// A property that is a plain setting of the job stands in backhaul/job_settings.def with its number;
// the member of the union goes by the kind of the setting.
namespace kind = backhaul::detail::setting_kind;

template <class Kind>
typename Kind::value from_union(Kind, const BITS_JOB_PROPERTY_VALUE& value) {
  if constexpr (std::is_same_v<Kind, kind::yes_no>)
    return value.Enable != FALSE;
  else if constexpr (std::is_same_v<Kind, kind::octets>)
    return value.Uint64;
  else if constexpr (std::is_constructible_v<typename Kind::value, DWORD>)
    return typename Kind::value(value.Dword);
  else
    return {};  // no property of BITS is of this kind
}

template <class Kind>
void to_union(Kind, const typename Kind::value& setting, BITS_JOB_PROPERTY_VALUE& value) {
  if constexpr (std::is_same_v<Kind, kind::yes_no>)
    value.Enable = setting;
  else if constexpr (std::is_same_v<Kind, kind::octets>)
    value.Uint64 = setting;
  else if constexpr (std::is_same_v<Kind, kind::cost>)
    value.Dword = setting;
  else if constexpr (requires { setting.count(); })
    value.Dword = static_cast<DWORD>(setting.count());
}

// Unset: no setting has this number.
std::optional<JobSettings> setting_of(BITS_JOB_PROPERTY_ID id, const BITS_JOB_PROPERTY_VALUE& value) {
#define BACKHAUL_JOB_SETTING(member, kind_, Property, key, first, when, changes, bits, since, help) \
  if (bits != 0 && id == bits) return JobSettings().member(from_union(kind::kind_(), value));
#include "backhaul/job_settings.def"
  return std::nullopt;
}

bool read_setting(BITS_JOB_PROPERTY_ID id, const JobInfo& info, BITS_JOB_PROPERTY_VALUE& value) {
#define BACKHAUL_JOB_SETTING(member, kind_, Property, key, first, when, changes, bits, since, help) \
  if (bits != 0 && id == bits) {                                                             \
    to_union(kind::kind_(), info.member(), value);                                           \
    return true;                                                                             \
  }
#include "backhaul/job_settings.def"
  return false;
}

}  // namespace

// What a user of this system has stored for proxies is the ticket of the session, which the implicit
// credentials are (jobs.md §11, §16).
HRESULT JobObject::use_stored_credentials(BG_AUTH_TARGET target) {
  if (target != BG_AUTH_TARGET_PROXY) return unless_over(BG_E_USE_STORED_CREDENTIALS_NOT_SUPPORTED);
  Credentials stored;
  stored.target = AuthTarget::proxy;
  stored.scheme = AuthScheme::negotiate;
  stored.implicit = true;
  return hresult_of(job_.set_credentials(stored));
}

namespace {

bool uses_stored_credentials(const JobInfo& info) {
  const auto& all = info.credentials_set();
  return std::any_of(all.begin(), all.end(), [](const CredentialsSet& one) {
    return one.target == AuthTarget::proxy && one.scheme == AuthScheme::negotiate && one.implicit;
  });
}

}  // namespace

HRESULT JobObject::SetProperty(BITS_JOB_PROPERTY_ID id, BITS_JOB_PROPERTY_VALUE value) {
  return protect([&] {
    if (auto setting = setting_of(id, value)) return set(*setting);
    switch (id) {
      case BITS_JOB_PROPERTY_NOTIFICATION_CLSID:
        return hresult_of(job_.set_notify_class(text_of(value.ClsID)));
      case BITS_JOB_PROPERTY_USE_STORED_CREDENTIALS:
        return use_stored_credentials(value.Target);
      default:
        return unless_over(BG_E_UNKNOWN_PROPERTY_ID);
    }
  });
}

HRESULT JobObject::GetProperty(BITS_JOB_PROPERTY_ID id, BITS_JOB_PROPERTY_VALUE* out) {
  if (out == nullptr) return E_INVALIDARG;
  std::memset(out, 0, sizeof(*out));
  return read([&](const JobInfo& info) {
    if (id == BITS_JOB_PROPERTY_NOTIFICATION_CLSID)
      out->ClsID = class_of(info.notify_service());
    else if (id == BITS_JOB_PROPERTY_USE_STORED_CREDENTIALS)
      out->Target = uses_stored_credentials(info) ? BG_AUTH_TARGET_PROXY : static_cast<BG_AUTH_TARGET>(0);
    else if (!read_setting(id, info, *out))
      return BG_E_UNKNOWN_PROPERTY_ID;
    return S_OK;
  });
}

}  // namespace backhaul::bits
