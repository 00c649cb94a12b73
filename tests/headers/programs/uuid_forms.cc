// SPDX-License-Identifier: Apache-2.0
// Every way to state a GUID and to ask for it.
#include <bits.h>

#define SAME(a, b) static_assert((a) == (b), "")

constexpr GUID first = {0x01020304, 0x0506, 0x0708, {0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10}};
constexpr GUID second = {0x11020304, 0x0506, 0x0708, {0x09, 0xaa, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10}};

// By our line; text in either case, with or without braces.
class ByLine;
BACKHAUL_UUID(ByLine, "01020304-0506-0708-090A-0b0c0d0e0f10")
SAME(__uuidof(ByLine), first);
struct ByBracedLine {};
BACKHAUL_UUID(ByBracedLine, "{01020304-0506-0708-090a-0b0c0d0e0f10}");
SAME(__uuidof(ByBracedLine), first);

// By the arguments of mingw's line.
struct ByNumbers {};
__CRT_UUID_DECL(ByNumbers, 0x01020304, 0x0506, 0x0708, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10)
SAME(__uuidof(ByNumbers), first);

// In a namespace, nested, of a template, abstract, derived without inheriting.
namespace outer {
namespace inner {
struct __declspec(uuid("11020304-0506-0708-09aa-0b0c0d0e0f10")) Thing : IUnknown {
  class Part {};
};
BACKHAUL_UUID(Thing, "11020304-0506-0708-09aa-0b0c0d0e0f10")
BACKHAUL_UUID(Thing::Part, "01020304-0506-0708-090a-0b0c0d0e0f10")
struct Derived : Thing {};
BACKHAUL_UUID(Derived, "01020304-0506-0708-090a-0b0c0d0e0f10")
template <class T>
struct Box {};
BACKHAUL_UUID(Box<int>, "11020304-0506-0708-09aa-0b0c0d0e0f10")
}  // namespace inner
SAME(__uuidof(inner::Thing), second);
}  // namespace outer
SAME(__uuidof(outer::inner::Thing::Part), first);
SAME(__uuidof(outer::inner::Derived), first);
SAME(__uuidof(outer::inner::Box<int>), second);
namespace {
struct Hidden {};
BACKHAUL_UUID(Hidden, "01020304-0506-0708-090a-0b0c0d0e0f10")
}  // namespace
SAME(__uuidof(Hidden), first);

#if BACKHAUL_NATIVE_UUIDOF
// Natively the attribute alone is enough.
class __declspec(uuid("01020304-0506-0708-090a-0b0c0d0e0f10")) ByAttribute {};
SAME(__uuidof(ByAttribute), first);
SAME(__uuidof(ByAttribute*), first);
#endif

// Types and expressions, through one pointer and references, in templates, as template arguments.
SAME(__uuidof(IBackgroundCopyJob), IID_IBackgroundCopyJob);
SAME(__uuidof(IBackgroundCopyJob*), IID_IBackgroundCopyJob);
SAME(__uuidof(const IBackgroundCopyJob* const), IID_IBackgroundCopyJob);
SAME(__uuidof(IBackgroundCopyJob&), IID_IBackgroundCopyJob);
SAME(__uuidof(BackgroundCopyManager5_0), CLSID_BackgroundCopyManager5_0);
static_assert(__uuidof(IBackgroundCopyJob2) != __uuidof(IBackgroundCopyJob), "");

template <class Q>
HRESULT ask(IUnknown* from, Q** to) {
  return from->QueryInterface(__uuidof(Q), reinterpret_cast<void**>(to));
}
template <const GUID* id>
struct Keyed {
  static bool is(REFGUID other) { return IsEqualGUID(*id, other) != FALSE; }
};

bool forms(IBackgroundCopyJob* job, IBackgroundCopyFile& file) {
  IBackgroundCopyJob2* job2 = nullptr;
  if (FAILED(ask(job, &job2))) return false;
  if (SUCCEEDED(job->QueryInterface(IID_PPV_ARGS(&job2)))) job2->Release();
  if (SUCCEEDED(job->QueryInterface(&job2))) job2->Release();
  const GUID* address = &__uuidof(IBackgroundCopyJob);
  bool same = *address == __uuidof(job) && __uuidof(*job) == __uuidof(IBackgroundCopyJob) &&
              __uuidof(file) == IID_IBackgroundCopyFile && IsEqualIID(*address, IID_NULL) == FALSE;
#if __cplusplus >= 201703L
  same = same && Keyed<&__uuidof(IBackgroundCopyJob)>::is(*address);
#endif
  return same && IsEqualCLSID(CLSID_NULL, GUID_NULL);
}

DEFINE_GUID(CLSID_Own, 0x01020304, 0x0506, 0x0708, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10);
SAME(CLSID_Own, first);

// The keyword itself agrees with our lines where it exists.
#if BACKHAUL_NATIVE_UUIDOF
#undef __uuidof
#pragma clang diagnostic ignored "-Wlanguage-extension-token"
#define INTERFACE(name, id, base, methods) SAME(__uuidof(name), IID_##name);
#define COCLASS(name, clsid, libid) SAME(__uuidof(name), CLSID_##name);
#define SLOT(...)
#define ENUMERATOR(...)
#define CONSTANT(...)
#define CODE(...)
#include "../expected.inc"
#endif
