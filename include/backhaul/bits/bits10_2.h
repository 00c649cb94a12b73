// SPDX-License-Identifier: Apache-2.0
// BITS 10.2: other HTTP methods. Rules for every method: bits.h.
// Sources: interfaces.md §4.9, jobs.md §17.
#ifndef BACKHAUL_BITS_BITS10_2_H
#define BACKHAUL_BITS_BITS10_2_H
#define __bits10_2_h__

#include "bits10_1.h"

BACKHAUL_INTERFACES_BEGIN

#define __IBackgroundCopyJobHttpOptions2_FWD_DEFINED__
#ifndef __IBackgroundCopyJobHttpOptions2_INTERFACE_DEFINED__
#define __IBackgroundCopyJobHttpOptions2_INTERFACE_DEFINED__
struct DECLSPEC_UUID("b591a192-a405-4fc3-8323-4c5c542578fc") IBackgroundCopyJobHttpOptions2
    : public IBackgroundCopyJobHttpOptions {
  /// Another method than the default makes the job FOREGROUND, unrepeatable and not resumable.
  /// It is sent without a body; E_INVALIDARG: no method of HTTP, or CONNECT.
  /// BG_E_READ_ONLY_PROPERTY_AFTER_RESUME. BG_E_NOT_SUPPORTED_WITH_CUSTOM_HTTP_METHOD: the job has dynamic
  /// content or is on demand, which is refused likewise once it has another method.
  virtual HRESULT STDMETHODCALLTYPE SetHttpMethod(LPCWSTR method) = 0;
  /// "GET" for downloads and "BITS_POST" for uploads by default.
  virtual HRESULT STDMETHODCALLTYPE GetHttpMethod(LPWSTR* method) = 0;
};
#endif
BACKHAUL_INTERFACE_ID(IBackgroundCopyJobHttpOptions2, "b591a192-a405-4fc3-8323-4c5c542578fc");

BACKHAUL_INTERFACES_END

#define __BackgroundCopyManager10_2_FWD_DEFINED__
#define __BackgroundCopyManager10_2_LIBRARY_DEFINED__
class DECLSPEC_UUID("4575438f-a6c8-4976-b0fe-2f26b80d959e") BackgroundCopyManager10_2;
BACKHAUL_CLASS_ID(BackgroundCopyManager10_2, "4575438f-a6c8-4976-b0fe-2f26b80d959e");

#include "bits10_3.h"

#endif  // BACKHAUL_BITS_BITS10_2_H
