// SPDX-License-Identifier: Apache-2.0
// Opt-in: the two smart pointers that BITS programs take from this header, and nothing else of it.
#ifndef BACKHAUL_BITS_ATLBASE_H
#define BACKHAUL_BITS_ATLBASE_H

#include <assert.h>

#include "backhaul_com_ptr.h"
#include "windows.h"

namespace ATL {

/// One reference to an object.
template <class T>
class CComPtr {
 public:
  CComPtr() noexcept = default;
  CComPtr(decltype(nullptr)) noexcept {}
  CComPtr(T* object) noexcept : p_(object) {}
  CComPtr(const CComPtr&) noexcept = default;
  CComPtr(CComPtr&&) noexcept = default;

  CComPtr& operator=(T* object) noexcept {
    p_.share(object);
    return *this;
  }
  CComPtr& operator=(const CComPtr& other) noexcept {
    p_.share(other.p_.get());
    return *this;
  }
  CComPtr& operator=(CComPtr&& other) noexcept {
    if (this->p_.get() != other.p_.get() || this->p_.place() != other.p_.place()) {
      p_.attach(other.p_.detach());
    }
    return *this;
  }
  /// Asks an object of another type for this interface; NULL if it has none.
  template <class Q>
  CComPtr& operator=(const CComPtr<Q>& other) noexcept {
    void* found = nullptr;
    if (Q* object = static_cast<Q*>(other)) object->QueryInterface(__uuidof(T), &found);
    p_.attach(static_cast<T*>(found));
    return *this;
  }

  operator T*() const noexcept { return p_.get(); }
  T& operator*() const noexcept { return *p_.get(); }
  T* operator->() const noexcept { return p_.get(); }
  /// For out parameters; the pointer must be empty.
  T** operator&() noexcept {
    assert(p_.get() == nullptr);
    return p_.place();
  }
  bool operator!() const noexcept { return p_.get() == nullptr; }

  void Release() noexcept { p_.reset(); }
  void Attach(T* object) noexcept { p_.attach(object); }
  T* Detach() noexcept { return p_.detach(); }
  HRESULT CopyTo(T** out) noexcept {
    if (out == nullptr) return E_POINTER;
    *out = p_.get();
    if (*out != nullptr) (*out)->AddRef();
    return S_OK;
  }
  bool IsEqualObject(IUnknown* other) const noexcept {
    CComPtr<IUnknown> a, b;
    if (p_.get() != nullptr) p_.get()->QueryInterface(IID_IUnknown, pointer_to(a));
    if (other != nullptr) other->QueryInterface(IID_IUnknown, pointer_to(b));
    return static_cast<IUnknown*>(a) == static_cast<IUnknown*>(b);
  }
  template <class Q>
  HRESULT QueryInterface(Q** out) const noexcept {
    if (out == nullptr) return E_POINTER;
    void* found = nullptr;
    const HRESULT hr = p_.get()->QueryInterface(__uuidof(Q), &found);
    *out = static_cast<Q*>(found);
    return hr;
  }
  HRESULT CoCreateInstance(REFCLSID clsid, LPUNKNOWN outer = nullptr,
                           DWORD context = CLSCTX_ALL) noexcept {
    void* found = nullptr;
    const HRESULT hr = ::CoCreateInstance(clsid, outer, context, __uuidof(T), &found);
    p_.attach(static_cast<T*>(found));
    return hr;
  }

 private:
  static void** pointer_to(CComPtr<IUnknown>& pointer) noexcept {
    return reinterpret_cast<void**>(&pointer);
  }
  backhaul::bits::Reference<T> p_;
};

/// A CComPtr that asks whatever it is given for its interface.
template <class T>
class CComQIPtr : public CComPtr<T> {
 public:
  CComQIPtr() noexcept = default;
  CComQIPtr(decltype(nullptr)) noexcept {}
  CComQIPtr(T* object) noexcept : CComPtr<T>(object) {}
  CComQIPtr(const CComQIPtr&) noexcept = default;
  template <class Q>
  CComQIPtr(Q* object) noexcept {
    ask(object);
  }
  template <class Q>
  CComQIPtr(const CComPtr<Q>& other) noexcept {
    ask(static_cast<Q*>(other));
  }
  CComQIPtr& operator=(const CComQIPtr& other) noexcept = default;
  CComQIPtr& operator=(T* object) noexcept {
    CComPtr<T>::operator=(object);
    return *this;
  }
  template <class Q>
  CComQIPtr& operator=(Q* object) noexcept {
    ask(object);
    return *this;
  }

 private:
  void ask(IUnknown* object) noexcept {
    void* found = nullptr;
    if (object != nullptr) object->QueryInterface(__uuidof(T), &found);
    this->Attach(static_cast<T*>(found));
  }
};

}  // namespace ATL

using ATL::CComPtr;
using ATL::CComQIPtr;

#endif  // BACKHAUL_BITS_ATLBASE_H
