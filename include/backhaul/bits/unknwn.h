// SPDX-License-Identifier: Apache-2.0
// IUnknown and IClassFactory: the two interfaces of COM that BITS programs meet.
//
// Rules of COM that the library keeps and expects of callbacks:
//  * QueryInterface(IID_IUnknown) gives the same pointer for the life of an object: its identity.
//    The set of interfaces of an object never changes. On failure *ppvObject is NULL.
//  * A reference is taken for every pointer handed out and dropped with Release; pointers passed
//    in are borrowed for the duration of the call. The numbers AddRef and Release return are for
//    diagnosis only.
//  * No C++ exception crosses an interface.
// Ids: interfaces.md §3.
#ifndef BACKHAUL_BITS_UNKNWN_H
#define BACKHAUL_BITS_UNKNWN_H

#include "guiddef.h"
#include "winerror.h"

/// States the id of an interface, or of a class of objects, for __uuidof. The objects IID_<name>
/// and CLSID_<name> stand in backhaul_ids.h, as do the ids of type libraries, which nobody loads
/// here.
#define BACKHAUL_INTERFACE_ID(type, text) \
  BACKHAUL_UUID(type, text)               \
  static_assert(IID_##type == ::backhaul::bits::parse_uuid(text), "one id, stated twice")
#define BACKHAUL_CLASS_ID(type, text) \
  BACKHAUL_UUID(type, text)           \
  static_assert(CLSID_##type == ::backhaul::bits::parse_uuid(text), "one id, stated twice")

BACKHAUL_INTERFACES_BEGIN

#define __IUnknown_FWD_DEFINED__
#ifndef __IUnknown_INTERFACE_DEFINED__
#define __IUnknown_INTERFACE_DEFINED__
struct DECLSPEC_UUID("00000000-0000-0000-c000-000000000046") IUnknown {
  /// S_OK and a reference in *ppvObject, or E_NOINTERFACE and NULL; E_POINTER if ppvObject is NULL.
  virtual HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** ppvObject) = 0;
  virtual ULONG STDMETHODCALLTYPE AddRef() = 0;
  virtual ULONG STDMETHODCALLTYPE Release() = 0;

  /// Supplies the id from the type of the pointer. Takes no place in the table of methods. A class
  /// that overrides QueryInterface hides this form, as on Windows.
  template <class Q>
  HRESULT QueryInterface(Q** object) {
    if (object == nullptr) return E_POINTER;
    void* found = nullptr;
    const HRESULT hr = QueryInterface(__uuidof(Q), &found);
    *object = static_cast<Q*>(found);
    return hr;
  }
};
#endif
BACKHAUL_INTERFACE_ID(IUnknown, "00000000-0000-0000-c000-000000000046");

typedef IUnknown* LPUNKNOWN;

#define __IClassFactory_FWD_DEFINED__
#ifndef __IClassFactory_INTERFACE_DEFINED__
#define __IClassFactory_INTERFACE_DEFINED__
/// Makes the objects of one class. A program that serves a class implements it and hands it to
/// CoRegisterClassObject (combaseapi.h).
struct DECLSPEC_UUID("00000001-0000-0000-c000-000000000046") IClassFactory : public IUnknown {
  /// CLASS_E_NOAGGREGATION if pUnkOuter is not NULL and the class cannot be part of another.
  virtual HRESULT STDMETHODCALLTYPE CreateInstance(IUnknown* pUnkOuter, REFIID riid,
                                                   void** ppvObject) = 0;
  /// Keeps the server running while no instance exists; calls are counted.
  virtual HRESULT STDMETHODCALLTYPE LockServer(BOOL fLock) = 0;
};
#endif
BACKHAUL_INTERFACE_ID(IClassFactory, "00000001-0000-0000-c000-000000000046");

typedef IClassFactory* LPCLASSFACTORY;

BACKHAUL_INTERFACES_END

/// The two arguments that end CoCreateInstance, QueryInterface and the like: the id of the
/// pointer's type, and the pointer as void**. Also for smart pointers whose operator& gives
/// something that can be dereferenced twice and for which the helper is overloaded.
template <class T>
void** IID_PPV_ARGS_Helper(T** object) {
  static_assert(std::is_base_of<IUnknown, T>::value,
                "IID_PPV_ARGS needs a pointer to an interface");
  return reinterpret_cast<void**>(object);
}
#ifndef IID_PPV_ARGS
#define IID_PPV_ARGS(object) __uuidof(**(object)), IID_PPV_ARGS_Helper(object)
#endif

#endif  // BACKHAUL_BITS_UNKNWN_H
