// SPDX-License-Identifier: Apache-2.0
// IBackgroundCopyError: a snapshot, so it tells the same story when the job has moved on; and the
// texts of codes, which exist in English only.
#ifndef SRC_BITS_ERROR_OBJECT_H
#define SRC_BITS_ERROR_OBJECT_H

#include <string>
#include <utility>

#include "backhaul/job.h"
#include "bits/object.h"

namespace backhaul::bits {

class ErrorObject final : public Object<IBackgroundCopyError> {
 public:
  // Asks the service for what the error itself does not tell.
  static ErrorObject* of(const Job& job, ErrorInfo info);

  HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** out) override;
  HRESULT STDMETHODCALLTYPE GetError(BG_ERROR_CONTEXT* context, HRESULT* code) override;
  HRESULT STDMETHODCALLTYPE GetFile(IBackgroundCopyFile** out) override;
  HRESULT STDMETHODCALLTYPE GetErrorDescription(DWORD language, LPWSTR* out) override;
  HRESULT STDMETHODCALLTYPE GetErrorContextDescription(DWORD language, LPWSTR* out) override;
  HRESULT STDMETHODCALLTYPE GetProtocol(LPWSTR* out) override;

 private:
  ErrorObject(Job job, ErrorInfo info, std::string protocol)
      : job_(std::move(job)), info_(std::move(info)), protocol_(std::move(protocol)) {}

  const Job job_;
  const ErrorInfo info_;
  const std::string protocol_;  // empty: none
};

// S_OK for the languages that have texts; the rule is in errors.md §4.
HRESULT check_language(DWORD language);

}  // namespace backhaul::bits

#endif
