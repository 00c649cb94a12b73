// SPDX-License-Identifier: Apache-2.0
// Opt-in: Microsoft::WRL::ComPtr. IID_PPV_ARGS(&pointer) works, and lets go of what it held.
#ifndef BACKHAUL_BITS_WRL_CLIENT_H
#define BACKHAUL_BITS_WRL_CLIENT_H

#include "../backhaul_com_ptr.h"

namespace Microsoft {
namespace WRL {

template <class T>
class ComPtr;

namespace Details {

/// The address of a ComPtr. As T** or void** it first lets go of the object.
template <class T>
class ComPtrRef {
 public:
  explicit ComPtrRef(ComPtr<T>* pointer) noexcept : pointer_(pointer) {}
  operator T**() const noexcept { return pointer_->ReleaseAndGetAddressOf(); }
  operator void**() const noexcept {
    return reinterpret_cast<void**>(pointer_->ReleaseAndGetAddressOf());
  }
  operator ComPtr<T>*() const noexcept { return pointer_; }
  T* operator*() const noexcept { return pointer_->Get(); }

 private:
  ComPtr<T>* pointer_;
};

}  // namespace Details

/// One reference to an object.
template <class T>
class ComPtr {
 public:
  typedef T InterfaceType;

  ComPtr() noexcept = default;
  ComPtr(decltype(nullptr)) noexcept {}
  template <class U, class = typename std::enable_if<std::is_convertible<U*, T*>::value>::type>
  ComPtr(U* object) noexcept : p_(object) {}
  ComPtr(const ComPtr&) noexcept = default;
  ComPtr(ComPtr&&) noexcept = default;
  template <class U, class = typename std::enable_if<std::is_convertible<U*, T*>::value>::type>
  ComPtr(const ComPtr<U>& other) noexcept : p_(other.Get()) {}

  ComPtr& operator=(decltype(nullptr)) noexcept {
    p_.reset();
    return *this;
  }
  ComPtr& operator=(T* object) noexcept {
    p_.share(object);
    return *this;
  }
  ComPtr& operator=(const ComPtr& other) noexcept {
    p_.share(other.Get());
    return *this;
  }
  ComPtr& operator=(ComPtr&& other) noexcept {
    if (p_.place() != other.p_.place()) p_.attach(other.p_.detach());
    return *this;
  }

  T* Get() const noexcept { return p_.get(); }
  T* operator->() const noexcept { return p_.get(); }
  T& operator*() const noexcept { return *p_.get(); }
  explicit operator bool() const noexcept { return p_.get() != nullptr; }
  Details::ComPtrRef<T> operator&() noexcept { return Details::ComPtrRef<T>(this); }

  T* const* GetAddressOf() const noexcept { return const_cast<ComPtr*>(this)->p_.place(); }
  T** GetAddressOf() noexcept { return p_.place(); }
  T** ReleaseAndGetAddressOf() noexcept {
    p_.reset();
    return p_.place();
  }
  unsigned long Reset() noexcept {
    p_.reset();
    return 0;
  }
  void Attach(T* object) noexcept { p_.attach(object); }
  T* Detach() noexcept { return p_.detach(); }
  void Swap(ComPtr& other) noexcept {
    T* mine = p_.detach();
    p_.attach(other.p_.detach());
    other.p_.attach(mine);
  }
  HRESULT CopyTo(T** out) const noexcept {
    if (out == nullptr) return E_POINTER;
    *out = p_.get();
    if (*out != nullptr) (*out)->AddRef();
    return S_OK;
  }
  /// Another interface of the object.
  HRESULT CopyTo(REFIID id, void** out) const noexcept { return p_.get()->QueryInterface(id, out); }
  template <class U>
  HRESULT CopyTo(U** out) const noexcept {
    return CopyTo(__uuidof(U), reinterpret_cast<void**>(out));
  }
  HRESULT AsIID(REFIID id, ComPtr<IUnknown>* other) const noexcept {
    return CopyTo(id, reinterpret_cast<void**>(other->ReleaseAndGetAddressOf()));
  }
  template <class U>
  HRESULT As(ComPtr<U>* other) const noexcept {
    void* found = nullptr;
    const HRESULT hr = p_.get()->QueryInterface(__uuidof(U), &found);
    other->Attach(static_cast<U*>(found));
    return hr;
  }
  template <class U>
  HRESULT As(Details::ComPtrRef<U> other) const noexcept {
    return As(static_cast<ComPtr<U>*>(other));
  }

 private:
  backhaul::bits::Reference<T> p_;
};

template <class T, class U>
bool operator==(const ComPtr<T>& a, const ComPtr<U>& b) noexcept {
  return a.Get() == b.Get();
}
template <class T, class U>
bool operator!=(const ComPtr<T>& a, const ComPtr<U>& b) noexcept {
  return !(a == b);
}
template <class T>
bool operator==(const ComPtr<T>& a, decltype(nullptr)) noexcept {
  return a.Get() == nullptr;
}
template <class T>
bool operator!=(const ComPtr<T>& a, decltype(nullptr)) noexcept {
  return a.Get() != nullptr;
}

}  // namespace WRL
}  // namespace Microsoft

/// What IID_PPV_ARGS(&pointer) makes of a ComPtr.
template <class T>
void** IID_PPV_ARGS_Helper(Microsoft::WRL::Details::ComPtrRef<T> object) noexcept {
  static_assert(std::is_base_of<IUnknown, T>::value,
                "IID_PPV_ARGS needs a pointer to an interface");
  return static_cast<void**>(object);
}

#endif  // BACKHAUL_BITS_WRL_CLIENT_H
