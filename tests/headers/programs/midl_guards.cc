// SPDX-License-Identifier: Apache-2.0
// Sources for several versions of the SDK ask by these what the header of BITS has, and bring what
// it has not.
#include <unknwn.h>

struct IBackgroundCopyCallback2;
#define __IBackgroundCopyCallback2_FWD_DEFINED__

#include <bits.h>

#if !defined(__bits_h__) || !defined(__bits1_5_h__) || !defined(__bits10_3_h__)
#error "no file guards"
#endif
#if !defined(__IBackgroundCopyCallback3_INTERFACE_DEFINED__) || \
    !defined(__IBackgroundCopyCallback3_FWD_DEFINED__)
struct IBackgroundCopyCallback3 {};  // would be a second one
#endif
#ifndef __IBackgroundCopyJob5_INTERFACE_DEFINED__
#error "no guard of an interface"
#endif
#if !defined(__BackgroundCopyManager_FWD_DEFINED__) || \
    !defined(__BackgroundCopyManager10_3_FWD_DEFINED__) || \
    !defined(__BackgroundCopyManager_LIBRARY_DEFINED__)
#error "no guards of classes"
#endif
#if !defined(__IUnknown_INTERFACE_DEFINED__) || !defined(__IClassFactory_INTERFACE_DEFINED__)
#error "no guards of COM"
#endif

IBackgroundCopyCallback2* callback2;
IBackgroundCopyCallback3* callback3;
