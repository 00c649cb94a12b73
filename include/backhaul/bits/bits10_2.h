// SPDX-License-Identifier: Apache-2.0
// BITS 10.2: other HTTP methods. Rules for every method: bits.h.
// Sources: interfaces.md §4.9, jobs.md §17.
#ifndef BACKHAUL_BITS_BITS10_2_H
#define BACKHAUL_BITS_BITS10_2_H

#include "bits10_1.h"

BACKHAUL_INTERFACES_BEGIN

struct DECLSPEC_UUID("b591a192-a405-4fc3-8323-4c5c542578fc") IBackgroundCopyJobHttpOptions2
    : public IBackgroundCopyJobHttpOptions {
  /// Another method than the default makes the job FOREGROUND, unrepeatable and not resumable.
  /// BG_E_READ_ONLY_PROPERTY_AFTER_RESUME, BG_E_NOT_SUPPORTED_WITH_CUSTOM_HTTP_METHOD.
  virtual HRESULT STDMETHODCALLTYPE SetHttpMethod(LPCWSTR method) = 0;
  /// "GET" for downloads and "BITS_POST" for uploads by default.
  virtual HRESULT STDMETHODCALLTYPE GetHttpMethod(LPWSTR* method) = 0;
};
BACKHAUL_INTERFACE_ID(IBackgroundCopyJobHttpOptions2, "b591a192-a405-4fc3-8323-4c5c542578fc");

BACKHAUL_INTERFACES_END

class DECLSPEC_UUID("4575438f-a6c8-4976-b0fe-2f26b80d959e") BackgroundCopyManager10_2;
BACKHAUL_CLASS_ID(BackgroundCopyManager10_2, "4575438f-a6c8-4976-b0fe-2f26b80d959e");
BACKHAUL_LIBRARY_ID(BackgroundCopyManager10_2, "70cdc92e-4b95-49eb-8cda-ad39aa7cc4a0");

#include "bits10_3.h"

#endif  // BACKHAUL_BITS_BITS10_2_H
