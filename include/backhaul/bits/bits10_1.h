// SPDX-License-Identifier: Apache-2.0
// BITS 10.1: random access to files. Rules for every method: bits.h.
// Sources: interfaces.md §4.8, files.md §8, notifications.md §13.
#ifndef BACKHAUL_BITS_BITS10_1_H
#define BACKHAUL_BITS_BITS10_1_H
#define __bits10_1_h__

#include "bits5_0.h"

BACKHAUL_INTERFACES_BEGIN

#define __IBackgroundCopyCallback3_FWD_DEFINED__
#ifndef __IBackgroundCopyCallback3_INTERFACE_DEFINED__
#define __IBackgroundCopyCallback3_INTERFACE_DEFINED__
/// A callback that is also told of ranges. General rules: IBackgroundCopyCallback.
struct DECLSPEC_UUID("98c97bd2-e32b-4ad8-a528-95fd8b16bd42") IBackgroundCopyCallback3
    : public IBackgroundCopyCallback2 {
  /// Ranges that arrived since the last call; they need not be the requested ones. Best effort and
  /// rate limited. The array is borrowed.
  virtual HRESULT STDMETHODCALLTYPE FileRangesTransferred(IBackgroundCopyJob* job,
                                                          IBackgroundCopyFile* file,
                                                          DWORD rangeCount,
                                                          const BG_FILE_RANGE ranges[]) = 0;
};
#endif
BACKHAUL_INTERFACE_ID(IBackgroundCopyCallback3, "98c97bd2-e32b-4ad8-a528-95fd8b16bd42");

#define __IBackgroundCopyFile6_FWD_DEFINED__
#ifndef __IBackgroundCopyFile6_INTERFACE_DEFINED__
#define __IBackgroundCopyFile6_INTERFACE_DEFINED__
/// For whole files of downloads by http(s) that are not dynamic, from a server that honours ranges;
/// else BG_E_RANDOM_ACCESS_NOT_SUPPORTED.
struct DECLSPEC_UUID("cf6784f7-d677-49fd-9368-cb47aee9d1ad") IBackgroundCopyFile6
    : public IBackgroundCopyFile5 {
  /// Continues filling gaps from this offset on. BG_E_INVALID_RANGE: beyond the file.
  virtual HRESULT STDMETHODCALLTYPE UpdateDownloadPosition(UINT64 offset) = 0;
  /// Transfers these ranges before the rest. BG_E_INVALID_RANGE: not inside the file.
  virtual HRESULT STDMETHODCALLTYPE RequestFileRanges(DWORD rangeCount,
                                                      const BG_FILE_RANGE ranges[]) = 0;
  /// What is there: merged, sorted by offset.
  virtual HRESULT STDMETHODCALLTYPE GetFilledFileRanges(DWORD* rangeCount,
                                                        BG_FILE_RANGE** ranges) = 0;
};
#endif
BACKHAUL_INTERFACE_ID(IBackgroundCopyFile6, "cf6784f7-d677-49fd-9368-cb47aee9d1ad");

BACKHAUL_INTERFACES_END

#define __BackgroundCopyManager10_1_FWD_DEFINED__
#define __BackgroundCopyManager10_1_LIBRARY_DEFINED__
class DECLSPEC_UUID("4bd3e4e1-7bd4-4a2b-9964-496400de5193") BackgroundCopyManager10_1;
BACKHAUL_CLASS_ID(BackgroundCopyManager10_1, "4bd3e4e1-7bd4-4a2b-9964-496400de5193");

#include "bits10_2.h"

#endif  // BACKHAUL_BITS_BITS10_1_H
