// SPDX-License-Identifier: Apache-2.0
// What the service cannot do yet: uploads and their replies. Arguments are judged as documented; a setter
// accepts the value that is in force anyway, and getters tell that value.
#include <cstring>
#include <cwchar>

#include "bits/job_object.h"
#include "bits/job_read.h"

namespace backhaul::bits {

HRESULT JobObject::only_in_force(bool in_force) const {
  return read([&](const JobInfo& info) {
    const Moment now{info.state(), info.type(), info.started(), info.files_total()};
    const HRESULT hr = may_set(When::any_time, false, now);
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

}  // namespace backhaul::bits
