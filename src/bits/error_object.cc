// SPDX-License-Identifier: Apache-2.0
#include "bits/error_object.h"

#include <utility>

#include "bits/file_object.h"
#include "bits/session.h"
#include "bits/text.h"

namespace backhaul::bits {

namespace {

// Contexts that arise while talking to a server (errors.md §3).
bool has_protocol(ErrorContext context) {
  switch (context) {
    case ErrorContext::remote_file:
    case ErrorContext::general_transport:
    case ErrorContext::remote_application:
    case ErrorContext::server_certificate_callback:
      return true;
    default:
      return false;
  }
}

}  // namespace

// The file may have another address by now: the service knows which one failed. Where the job has moved on meanwhile
// it was most likely a server.
ErrorObject* ErrorObject::of(const Job& job, ErrorInfo info) {
  std::string protocol;
  if (has_protocol(info.context)) {
    const Result<JobInfo> now = job.info();
    protocol = now && !now->error_protocol().empty() ? now->error_protocol() : "http";
  }
  return new ErrorObject(job, std::move(info), std::move(protocol));
}

HRESULT check_language(DWORD language) {
  switch (language) {
    case 0:
      return E_INVALIDARG;
    case MAKELANGID(LANG_ENGLISH, SUBLANG_ENGLISH_US):
    case LANG_ENGLISH:
    case LANG_USER_DEFAULT:
    case LANG_SYSTEM_DEFAULT:
      return S_OK;
    default:
      return HRESULT_FROM_WIN32(ERROR_RESOURCE_LANG_NOT_FOUND);
  }
}

HRESULT ErrorObject::QueryInterface(REFIID riid, void** out) {
  return give_interface(this, interface_of<IUnknown, IBackgroundCopyError>(this, riid), out);
}

HRESULT ErrorObject::GetError(BG_ERROR_CONTEXT* context, HRESULT* code) {
  if (!clear(context, code)) return E_INVALIDARG;
  *context = static_cast<BG_ERROR_CONTEXT>(info_.context);
  *code = hresult_of(info_.code);
  return S_OK;
}

HRESULT ErrorObject::GetFile(IBackgroundCopyFile** out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = nullptr;
  if (info_.file == no_file) return BG_E_FILE_NOT_AVAILABLE;
  return protect([&] {
    *out = new FileObject(job_.file(info_.file));
    return S_OK;
  });
}

HRESULT ErrorObject::GetErrorDescription(DWORD language, LPWSTR* out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = nullptr;
  if (const HRESULT hr = check_language(language); FAILED(hr)) return hr;
  return protect([&] { return give_text(code_text(info_.code), out); });
}

HRESULT ErrorObject::GetErrorContextDescription(DWORD language, LPWSTR* out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = nullptr;
  if (const HRESULT hr = check_language(language); FAILED(hr)) return hr;
  return protect([&] {
    const Result<Client> client = connect();
    if (!client) return hresult_of(client);
    const Result<ErrorText> text = client->describe_error(info_.code, info_.context);
    return text ? give_text(text->context_text, out) : hresult_of(text);
  });
}

HRESULT ErrorObject::GetProtocol(LPWSTR* out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = nullptr;
  if (protocol_.empty()) return BG_E_PROTOCOL_NOT_AVAILABLE;
  return protect([&] { return give_text(protocol_, out); });
}

}  // namespace backhaul::bits
