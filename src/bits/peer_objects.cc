// SPDX-License-Identifier: Apache-2.0
#include "bits/peer_objects.h"

#include "bits/ranges.h"
#include "bits/text.h"

namespace backhaul::bits {

HRESULT CacheRecordObject::QueryInterface(REFIID riid, void** out) {
  return give_interface(this, interface_of<IUnknown, IBitsPeerCacheRecord>(this, riid), out);
}

HRESULT CacheRecordObject::GetId(GUID* out) {
  if (out == nullptr) return E_INVALIDARG;
  return protect([&] {
    *out = guid_of(record_.id).value_or(GUID_NULL);
    return S_OK;
  });
}

HRESULT CacheRecordObject::GetOriginUrl(LPWSTR* out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = nullptr;
  return protect([&] { return give_text(record_.url, out); });
}

// Of the file at its server, also where the copy has ranges of it.
HRESULT CacheRecordObject::GetFileSize(UINT64* out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = record_.remote_size;
  return S_OK;
}

HRESULT CacheRecordObject::GetFileModificationTime(FILETIME* out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = filetime_of(record_.modified);
  return S_OK;
}

HRESULT CacheRecordObject::GetLastAccessTime(FILETIME* out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = filetime_of(record_.accessed);
  return S_OK;
}

HRESULT CacheRecordObject::IsFileValidated() { return record_.validated ? S_OK : S_FALSE; }

HRESULT CacheRecordObject::GetFileRanges(DWORD* count, BG_FILE_RANGE** out) {
  if (!clear(count, out)) return E_INVALIDARG;
  return protect([&] {
    const std::vector<FileRange> whole{FileRange{0, record_.remote_size}};
    return give_ranges(record_.ranges.empty() ? whole : record_.ranges, count, out);
  });
}

HRESULT PeerObject::QueryInterface(REFIID riid, void** out) {
  return give_interface(this, interface_of<IUnknown, IBitsPeer>(this, riid), out);
}

HRESULT PeerObject::GetPeerName(LPWSTR* out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = nullptr;
  return protect([&] { return give_text(peer_.name.empty() ? peer_.address : peer_.name, out); });
}

// There are no others in the list.
HRESULT PeerObject::IsAuthenticated(BOOL* out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = TRUE;
  return S_OK;
}

HRESULT PeerObject::IsAvailable(BOOL* out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = peer_.available ? TRUE : FALSE;
  return S_OK;
}

}  // namespace backhaul::bits
