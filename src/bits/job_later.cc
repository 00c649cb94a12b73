// SPDX-License-Identifier: Apache-2.0
// What the service cannot do yet: uploads and their replies. Arguments are judged as documented.
#include "bits/job_object.h"

namespace backhaul::bits {

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

HRESULT JobObject::SetReplyFileName(LPCWSTR) { return unless_over(E_NOTIMPL); }

HRESULT JobObject::GetReplyFileName(LPWSTR* out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = nullptr;
  return E_NOTIMPL;
}

}  // namespace backhaul::bits
