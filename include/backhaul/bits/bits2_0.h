// SPDX-License-Identifier: Apache-2.0
// BITS 2.0: ranges of files, new remote names, file ownership. Rules for every method: bits.h.
// Sources: interfaces.md §4.3, files.md §4, §5, jobs.md §15.
#ifndef BACKHAUL_BITS_BITS2_0_H
#define BACKHAUL_BITS_BITS2_0_H
#define __bits2_0_h__

#include "bits1_5.h"

/// BG_FILE_RANGE::Length: to the end of the file.
#define BG_LENGTH_TO_EOF (static_cast<::UINT64>(-1))

// SetFileACLFlags: what is kept of a file:// source.
#define BG_COPY_FILE_OWNER 1
#define BG_COPY_FILE_GROUP 2
#define BG_COPY_FILE_DACL 4
#define BG_COPY_FILE_SACL 8
#define BG_COPY_FILE_ALL 15

/// Octets of the remote file.
typedef struct _BG_FILE_RANGE {
  UINT64 InitialOffset;
  UINT64 Length;
} BG_FILE_RANGE;

BACKHAUL_INTERFACES_BEGIN

#define __IBackgroundCopyJob3_FWD_DEFINED__
#ifndef __IBackgroundCopyJob3_INTERFACE_DEFINED__
#define __IBackgroundCopyJob3_INTERFACE_DEFINED__
struct DECLSPEC_UUID("443c8934-90ff-48ed-bcde-26f5c7450042") IBackgroundCopyJob3
    : public IBackgroundCopyJob2 {
  /// Replaces the beginning of every remote name that starts with OldPrefix, compared octet by
  /// octet. S_FALSE: none did. E_NOTIMPL: not a download. E_INVALIDARG: an empty prefix or a
  /// malformed result; then nothing is changed.
  virtual HRESULT STDMETHODCALLTYPE ReplaceRemotePrefix(LPCWSTR OldPrefix, LPCWSTR NewPrefix) = 0;
  /// Adds a file of which only ranges are wanted; the local file is their concatenation in the
  /// order given. E_INVALIDARG: RangeCount is 0. BG_E_INVALID_RANGE: empty or overflowing.
  /// BG_E_OVERLAPPING_RANGES. BG_E_TOO_MANY_RANGES_IN_FILE. E_NOTIMPL: not a download.
  virtual HRESULT STDMETHODCALLTYPE AddFileWithRanges(LPCWSTR RemoteUrl, LPCWSTR LocalName,
                                                      DWORD RangeCount, BG_FILE_RANGE Ranges[]) = 0;
  /// BG_COPY_FILE_*; E_INVALIDARG: another bit. BG_E_INVALID_STATE from TRANSFERRED on. For files of this
  /// machine, whose copies take over owner, group, permissions and access list when they are transferred;
  /// SACL means nothing here. TRANSIENT_ERROR with E_ACCESSDENIED: the owner may not give files away so.
  virtual HRESULT STDMETHODCALLTYPE SetFileACLFlags(DWORD Flags) = 0;
  virtual HRESULT STDMETHODCALLTYPE GetFileACLFlags(DWORD* Flags) = 0;
};
#endif
BACKHAUL_INTERFACE_ID(IBackgroundCopyJob3, "443c8934-90ff-48ed-bcde-26f5c7450042");

#define __IBackgroundCopyFile2_FWD_DEFINED__
#ifndef __IBackgroundCopyFile2_INTERFACE_DEFINED__
#define __IBackgroundCopyFile2_INTERFACE_DEFINED__
struct DECLSPEC_UUID("83e81b93-0873-474d-8a8c-f2018b1a939c") IBackgroundCopyFile2
    : public IBackgroundCopyFile {
  /// The ranges as given; S_FALSE, 0 and NULL: the whole file is wanted.
  virtual HRESULT STDMETHODCALLTYPE GetFileRanges(DWORD* RangeCount, BG_FILE_RANGE** Ranges) = 0;
  /// Another place for the same content: continues there if size and time stamp agree, else the
  /// file starts over. E_NOTIMPL: not a download.
  virtual HRESULT STDMETHODCALLTYPE SetRemoteName(LPCWSTR Val) = 0;
};
#endif
BACKHAUL_INTERFACE_ID(IBackgroundCopyFile2, "83e81b93-0873-474d-8a8c-f2018b1a939c");

BACKHAUL_INTERFACES_END

#define __BackgroundCopyManager2_0_FWD_DEFINED__
#define __BackgroundCopyManager2_0_LIBRARY_DEFINED__
class DECLSPEC_UUID("6d18ad12-bde3-4393-b311-099c346e6df9") BackgroundCopyManager2_0;
BACKHAUL_CLASS_ID(BackgroundCopyManager2_0, "6d18ad12-bde3-4393-b311-099c346e6df9");

#include "bits2_5.h"

#endif  // BACKHAUL_BITS_BITS2_0_H
