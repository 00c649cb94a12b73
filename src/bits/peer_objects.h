// SPDX-License-Identifier: Apache-2.0
// IBitsPeerCacheRecord and IBitsPeer: what was told of one of them when it was asked for.
#ifndef SRC_BITS_PEER_OBJECTS_H
#define SRC_BITS_PEER_OBJECTS_H

#include "backhaul/types.h"
#include "bits/object.h"

namespace backhaul::bits {

class CacheRecordObject final : public Object<IBitsPeerCacheRecord> {
 public:
  explicit CacheRecordObject(CacheRecordInfo record) : record_(std::move(record)) {}

  HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** out) override;

  HRESULT STDMETHODCALLTYPE GetId(GUID* out) override;
  HRESULT STDMETHODCALLTYPE GetOriginUrl(LPWSTR* out) override;
  HRESULT STDMETHODCALLTYPE GetFileSize(UINT64* out) override;
  HRESULT STDMETHODCALLTYPE GetFileModificationTime(FILETIME* out) override;
  HRESULT STDMETHODCALLTYPE GetLastAccessTime(FILETIME* out) override;
  HRESULT STDMETHODCALLTYPE IsFileValidated() override;
  HRESULT STDMETHODCALLTYPE GetFileRanges(DWORD* count, BG_FILE_RANGE** out) override;

 private:
  const CacheRecordInfo record_;
};

class PeerObject final : public Object<IBitsPeer> {
 public:
  explicit PeerObject(PeerInfo peer) : peer_(std::move(peer)) {}

  HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** out) override;

  HRESULT STDMETHODCALLTYPE GetPeerName(LPWSTR* out) override;
  HRESULT STDMETHODCALLTYPE IsAuthenticated(BOOL* out) override;
  HRESULT STDMETHODCALLTYPE IsAvailable(BOOL* out) override;

 private:
  const PeerInfo peer_;
};

}  // namespace backhaul::bits

#endif
