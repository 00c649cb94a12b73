// SPDX-License-Identifier: Apache-2.0
// combaseapi.h, and the words for declaring interfaces by macro. No other header includes this one.
//
// `interface` is a macro here, for sources that write it. Other headers use it as a name,
// <systemd/sd-bus.h> among them: include those first, or define BACKHAUL_NO_INTERFACE_MACRO
// (com-surface.md §6).
#ifndef BACKHAUL_BITS_OBJBASE_H
#define BACKHAUL_BITS_OBJBASE_H

#include "combaseapi.h"

#if !defined(BACKHAUL_NO_INTERFACE_MACRO) && !defined(interface)
#define interface struct
#endif

#ifndef PURE
#define PURE = 0
#endif
#ifndef THIS_
#define THIS_
#endif
#ifndef THIS
#define THIS void
#endif
#ifndef DECLARE_INTERFACE
#define DECLARE_INTERFACE(name) struct DECLSPEC_NOVTABLE name
#endif
#ifndef DECLARE_INTERFACE_
#define DECLARE_INTERFACE_(name, base) struct DECLSPEC_NOVTABLE name : public base
#endif

#endif  // BACKHAUL_BITS_OBJBASE_H
