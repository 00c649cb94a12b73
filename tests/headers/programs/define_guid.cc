// SPDX-License-Identifier: Apache-2.0
// Programs state the ids of BITS themselves, before or after its header, and declare them as the
// compiler of interfaces would.
#include <initguid.h>

DEFINE_GUID(CLSID_BackgroundCopyManager1_5, 0xf087771f, 0xd74f, 0x4c1a, 0xbb, 0x8a, 0xe1, 0x6a,
            0xca, 0x91, 0x24, 0xea);
EXTERN_C const CLSID CLSID_BackgroundCopyManager2_0;
EXTERN_C const IID IID_IOwn;

#include <bits.h>

DEFINE_GUID(CLSID_BackgroundCopyManager, 0x4991d34b, 0x80a1, 0x4291, 0x83, 0xb6, 0x33, 0x28, 0x36,
            0x6b, 0x90, 0x97);
DEFINE_GUID(IID_IBackgroundCopyManager, 0x5ce34c0d, 0x0dc9, 0x4c1f, 0x89, 0x7c, 0xda, 0xa1, 0xb7,
            0x8c, 0xee, 0x7c);
DEFINE_GUID(IID_IBackgroundCopyManager, 0x5ce34c0d, 0x0dc9, 0x4c1f, 0x89, 0x7c, 0xda, 0xa1, 0xb7,
            0x8c, 0xee, 0x7c);
DEFINE_GUID(IID_IOwn, 0x01020304, 0x0506, 0x0708, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10);
EXTERN_C const IID IID_IBackgroundCopyJob;
extern const IID IID_IBackgroundCopyJob2;

HRESULT make(IBackgroundCopyManager** manager) {
  static const GUID* const classes[] = {&CLSID_BackgroundCopyManager,
                                        &CLSID_BackgroundCopyManager1_5,
                                        &CLSID_BackgroundCopyManager2_0};
  for (const GUID* one : classes) {
    const HRESULT hr = CoCreateInstance(*one, NULL, CLSCTX_LOCAL_SERVER, IID_IBackgroundCopyManager,
                                        reinterpret_cast<void**>(manager));
    if (SUCCEEDED(hr)) return hr;
  }
  return IsEqualIID(IID_IOwn, IID_IMarshal) || IID_IBackgroundCopyJob == IID_IBackgroundCopyJob2
             ? E_UNEXPECTED
             : REGDB_E_CLASSNOTREG;
}
