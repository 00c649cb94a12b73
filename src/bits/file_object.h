// SPDX-License-Identifier: Apache-2.0
// IBackgroundCopyFile to File6: a live view of one file. What the service cannot have done yet is answered
// truthfully (no peers).
#ifndef SRC_BITS_FILE_OBJECT_H
#define SRC_BITS_FILE_OBJECT_H

#include <atomic>

#include "backhaul/job.h"
#include "bits/object.h"

namespace backhaul::bits {

class FileObject final : public Object<IBackgroundCopyFile6> {
 public:
  explicit FileObject(File file) : file_(std::move(file)) {}

  HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** out) override;

  HRESULT STDMETHODCALLTYPE GetRemoteName(LPWSTR* out) override;
  HRESULT STDMETHODCALLTYPE GetLocalName(LPWSTR* out) override;
  HRESULT STDMETHODCALLTYPE GetProgress(BG_FILE_PROGRESS* out) override;

  HRESULT STDMETHODCALLTYPE GetFileRanges(DWORD* count, BG_FILE_RANGE** ranges) override;
  HRESULT STDMETHODCALLTYPE SetRemoteName(LPCWSTR value) override;

  HRESULT STDMETHODCALLTYPE GetTemporaryName(LPWSTR* out) override;
  HRESULT STDMETHODCALLTYPE SetValidationState(BOOL state) override;
  HRESULT STDMETHODCALLTYPE GetValidationState(BOOL* out) override;
  HRESULT STDMETHODCALLTYPE IsDownloadedFromPeer(BOOL* out) override;

  HRESULT STDMETHODCALLTYPE GetPeerDownloadStats(PUINT64 from_origin, PUINT64 from_peers) override;

  HRESULT STDMETHODCALLTYPE SetProperty(BITS_FILE_PROPERTY_ID id,
                                        BITS_FILE_PROPERTY_VALUE value) override;
  HRESULT STDMETHODCALLTYPE GetProperty(BITS_FILE_PROPERTY_ID id,
                                        BITS_FILE_PROPERTY_VALUE* out) override;

  HRESULT STDMETHODCALLTYPE UpdateDownloadPosition(UINT64 offset) override;
  HRESULT STDMETHODCALLTYPE RequestFileRanges(DWORD count, const BG_FILE_RANGE ranges[]) override;
  HRESULT STDMETHODCALLTYPE GetFilledFileRanges(DWORD* count, BG_FILE_RANGE** ranges) override;

 private:
  // S_OK, or why there is no random access. Asked of the service once: the ways on which a file comes are
  // seldom changed, and every request for ranges would be two calls.
  HRESULT check_random_access();

  const File file_;
  std::atomic<bool> comes_over_http_{false};
};

// The files of a job as a list.
struct FileList {
  using Interface = IEnumBackgroundCopyFiles;
  using Element = IBackgroundCopyFile;
  using Item = File;
  static Ref<Element> open(const File& file) { return Ref<Element>::adopt(new FileObject(file)); }
};

}  // namespace backhaul::bits

#endif
