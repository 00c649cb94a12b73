// SPDX-License-Identifier: Apache-2.0
// Opt-in: the two smart pointers that BITS programs take from this header, and tchar.h, which it brings along.
#ifndef BACKHAUL_BITS_ATLBASE_H
#define BACKHAUL_BITS_ATLBASE_H

#include <assert.h>

#include "backhaul_com_ptr.h"
#include "tchar.h"
#include "windows.h"

namespace ATL {

/// One reference to an object: `p`, which may be NULL.
template <class T>
class CComPtr : private backhaul::bits::Reference<T> {
  typedef backhaul::bits::Reference<T> Base;

 public:
  using Base::p;

  CComPtr() noexcept = default;
  CComPtr(decltype(nullptr)) noexcept {}
  CComPtr(T* object) noexcept : Base(object) {}
  CComPtr(const CComPtr&) noexcept = default;
  CComPtr(CComPtr&&) noexcept = default;

  CComPtr& operator=(T* object) noexcept {
    this->share(object);
    return *this;
  }
  CComPtr& operator=(const CComPtr& other) noexcept {
    this->share(other.p);
    return *this;
  }
  CComPtr& operator=(CComPtr&& other) noexcept {
    if (p != other.p || this->place() != other.place()) {
      this->attach(other.detach());
    }
    return *this;
  }
  /// Asks an object of another type for this interface; NULL if it has none.
  template <class Q>
  CComPtr& operator=(const CComPtr<Q>& other) noexcept {
    void* found = nullptr;
    if (Q* object = static_cast<Q*>(other)) object->QueryInterface(__uuidof(T), &found);
    this->attach(static_cast<T*>(found));
    return *this;
  }

  operator T*() const noexcept { return p; }
  T& operator*() const noexcept { return *p; }
  T* operator->() const noexcept { return p; }
  /// For out parameters; the pointer must be empty.
  T** operator&() noexcept {
    assert(p == nullptr);
    return this->place();
  }
  bool operator!() const noexcept { return p == nullptr; }

  void Release() noexcept { this->reset(); }
  void Attach(T* object) noexcept { this->attach(object); }
  T* Detach() noexcept { return this->detach(); }
  HRESULT CopyTo(T** out) noexcept {
    if (out == nullptr) return E_POINTER;
    *out = p;
    if (*out != nullptr) (*out)->AddRef();
    return S_OK;
  }
  bool IsEqualObject(IUnknown* other) const noexcept {
    CComPtr<IUnknown> a, b;
    if (p != nullptr) p->QueryInterface(IID_IUnknown, pointer_to(a));
    if (other != nullptr) other->QueryInterface(IID_IUnknown, pointer_to(b));
    return static_cast<IUnknown*>(a) == static_cast<IUnknown*>(b);
  }
  template <class Q>
  HRESULT QueryInterface(Q** out) const noexcept {
    if (out == nullptr) return E_POINTER;
    void* found = nullptr;
    const HRESULT hr = p->QueryInterface(__uuidof(Q), &found);
    *out = static_cast<Q*>(found);
    return hr;
  }
  HRESULT CoCreateInstance(REFCLSID clsid, LPUNKNOWN outer = nullptr,
                           DWORD context = CLSCTX_ALL) noexcept {
    void* found = nullptr;
    const HRESULT hr = ::CoCreateInstance(clsid, outer, context, __uuidof(T), &found);
    this->attach(static_cast<T*>(found));
    return hr;
  }

 private:
  static void** pointer_to(CComPtr<IUnknown>& pointer) noexcept {
    return reinterpret_cast<void**>(&pointer);
  }
};

/// A CComPtr that asks whatever it is given for its interface. `id`: the one of T, where a program names it.
template <class T, const IID* id = nullptr>
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
    if (object != nullptr) object->QueryInterface(id != nullptr ? *id : __uuidof(T), &found);
    this->Attach(static_cast<T*>(found));
  }
};

}  // namespace ATL

using ATL::CComPtr;
using ATL::CComQIPtr;

#endif  // BACKHAUL_BITS_ATLBASE_H
