// SPDX-License-Identifier: Apache-2.0
// IBackgroundCopyError: a snapshot, so it tells the same story when the job has moved on; and the
// texts of codes, which exist in English only.
#ifndef SRC_BITS_ERROR_OBJECT_H
#define SRC_BITS_ERROR_OBJECT_H

#include "backhaul/job.h"
#include "bits/object.h"

namespace backhaul::bits {

class ErrorObject final : public Object<IBackgroundCopyError> {
 public:
  ErrorObject(Job job, ErrorInfo info) : job_(std::move(job)), info_(std::move(info)) {}

  HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** out) override;
  HRESULT STDMETHODCALLTYPE GetError(BG_ERROR_CONTEXT* context, HRESULT* code) override;
  HRESULT STDMETHODCALLTYPE GetFile(IBackgroundCopyFile** out) override;
  HRESULT STDMETHODCALLTYPE GetErrorDescription(DWORD language, LPWSTR* out) override;
  HRESULT STDMETHODCALLTYPE GetErrorContextDescription(DWORD language, LPWSTR* out) override;
  HRESULT STDMETHODCALLTYPE GetProtocol(LPWSTR* out) override;

 private:
  const Job job_;
  const ErrorInfo info_;
};

// S_OK for the languages that have texts; the rule is in errors.md §4.
HRESULT check_language(DWORD language);

}  // namespace backhaul::bits

#endif
