// SPDX-License-Identifier: Apache-2.0
#include "bits/file_object.h"

#include "bits/job_object.h"
#include "bits/names.h"
#include "bits/ranges.h"
#include "bits/text.h"

namespace backhaul::bits {

namespace {

// Asks for the properties of the file and hands them to `give`, which sets the out parameters.
template <class Give>
HRESULT read(const File& file, Give give) {
  return protect([&] {
    const Result<FileInfo> info = file.info();
    return info ? give(*info) : hresult_of(info);
  });
}

}  // namespace

HRESULT FileObject::QueryInterface(REFIID riid, void** out) {
  return give_interface(
      this,
      interface_of<IUnknown, IBackgroundCopyFile, IBackgroundCopyFile2, IBackgroundCopyFile3,
                   IBackgroundCopyFile4, IBackgroundCopyFile5, IBackgroundCopyFile6>(this, riid),
      out);
}

HRESULT FileObject::GetRemoteName(LPWSTR* out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = nullptr;
  return read(file_, [&](const FileInfo& info) { return give_text(info.remote_name(), out); });
}

HRESULT FileObject::GetLocalName(LPWSTR* out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = nullptr;
  return read(file_, [&](const FileInfo& info) { return give_text(info.local_name(), out); });
}

HRESULT FileObject::GetProgress(BG_FILE_PROGRESS* out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = BG_FILE_PROGRESS{};
  return read(file_, [&](const FileInfo& info) {
    out->BytesTotal = info.bytes_total();
    out->BytesTransferred = info.bytes_transferred();
    out->Completed = info.completed();
    return S_OK;
  });
}

HRESULT FileObject::GetFileRanges(DWORD* count, BG_FILE_RANGE** ranges) {
  if (!clear(count, ranges)) return E_INVALIDARG;
  return read(file_, [&](const FileInfo& info) {
    return info.ranges().empty() ? S_FALSE : give_ranges(info.ranges(), count, ranges);
  });
}

HRESULT FileObject::SetRemoteName(LPCWSTR value) {
  if (value == nullptr || !is_remote_of_bits(value)) return unless_over(file_.job(), E_INVALIDARG);
  return protect([&] {
    const auto remote = utf8_of(value);
    File file = file_;
    comes_over_http_ = false;
    return remote ? hresult_of(file.set_remote_name(*remote)) : unless_over(file_.job(), E_INVALIDARG);
  });
}

HRESULT FileObject::GetTemporaryName(LPWSTR* out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = nullptr;
  return read(file_, [&](const FileInfo& info) { return give_text(info.temporary_name(), out); });
}

HRESULT FileObject::SetValidationState(BOOL state) {
  return protect([&] {
    File file = file_;
    return hresult_of(file.set_validation_state(state != FALSE));
  });
}

HRESULT FileObject::GetValidationState(BOOL* out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = FALSE;
  return read(file_, [&](const FileInfo& info) {
    *out = info.validated();
    return S_OK;
  });
}

HRESULT FileObject::IsDownloadedFromPeer(BOOL* out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = FALSE;
  return read(file_, [&](const FileInfo& info) {
    *out = info.bytes_from_peers() != 0;
    return S_OK;
  });
}

HRESULT FileObject::GetPeerDownloadStats(PUINT64 from_origin, PUINT64 from_peers) {
  if (!clear(from_origin, from_peers)) return E_INVALIDARG;
  return read(file_, [&](const FileInfo& info) {
    *from_peers = info.bytes_from_peers();
    *from_origin = info.bytes_transferred() - *from_peers;
    return S_OK;
  });
}

HRESULT FileObject::SetProperty(BITS_FILE_PROPERTY_ID id, BITS_FILE_PROPERTY_VALUE) {
  const bool known = id == BITS_FILE_PROPERTY_ID_HTTP_RESPONSE_HEADERS;
  return unless_over(file_.job(), known ? BG_E_READ_ONLY_PROPERTY : BG_E_UNKNOWN_PROPERTY_ID);
}

HRESULT FileObject::GetProperty(BITS_FILE_PROPERTY_ID id, BITS_FILE_PROPERTY_VALUE* out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = BITS_FILE_PROPERTY_VALUE{};
  if (id != BITS_FILE_PROPERTY_ID_HTTP_RESPONSE_HEADERS) return BG_E_UNKNOWN_PROPERTY_ID;
  return protect([&] {
    const Result<std::string> headers = file_.response_headers();
    if (!headers) return hresult_of(headers);
    // NULL before any answer (jobs.md §11).
    return headers->empty() ? S_OK : give_text(*headers, &out->String);
  });
}

HRESULT FileObject::check_random_access() {
  if (comes_over_http_) return S_OK;
  return read(file_, [&](const FileInfo& info) {
    comes_over_http_ = may_have_ranges(info.remote_name());
    return comes_over_http_ ? S_OK : BG_E_RANDOM_ACCESS_NOT_SUPPORTED;
  });
}

HRESULT FileObject::UpdateDownloadPosition(UINT64 offset) {
  if (const HRESULT hr = check_random_access(); FAILED(hr)) return unless_over(file_.job(), hr);
  return protect([&] {
    File file = file_;
    return hresult_of(file.set_position(offset));
  });
}

HRESULT FileObject::RequestFileRanges(DWORD count, const BG_FILE_RANGE ranges[]) {
  if (count == 0 || ranges == nullptr) return unless_over(file_.job(), E_INVALIDARG);
  if (const HRESULT hr = check_random_access(); FAILED(hr)) return unless_over(file_.job(), hr);
  return protect([&] {
    File file = file_;
    return hresult_of(file.request_ranges(ranges_of(count, ranges)));
  });
}

HRESULT FileObject::GetFilledFileRanges(DWORD* count, BG_FILE_RANGE** ranges) {
  if (!clear(count, ranges)) return E_INVALIDARG;
  return protect([&] {
    const Result<std::vector<FileRange>> filled = file_.filled_ranges();
    return filled ? give_ranges(*filled, count, ranges) : hresult_of(filled);
  });
}

}  // namespace backhaul::bits
