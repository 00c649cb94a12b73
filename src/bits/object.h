// SPDX-License-Identifier: Apache-2.0
// What the objects of this library have in common: a count of references, an identity that is the
// pointer to the first interface, and a smart pointer for interfaces of either side.
#ifndef SRC_BITS_OBJECT_H
#define SRC_BITS_OBJECT_H

#include <bits.h>

#include <atomic>
#include <utility>

namespace backhaul::bits {

// The pointer to that of `Interfaces` whose id is `riid`; NULL if it is none of them.
template <class... Interfaces, class Self>
void* interface_of(Self* self, REFIID riid) {
  void* found = nullptr;
  static_cast<void>(
      ((riid == __uuidof(Interfaces) && (found = static_cast<Interfaces*>(self)) != nullptr) ||
       ...));
  return found;
}

// The begin of a method with several out pointers: all that are there are empty, whatever becomes of it. False: one is NULL.
template <class... Out>
bool clear(Out*... outs) {
  ((outs != nullptr ? static_cast<void>(*outs = Out{}) : void()), ...);
  return (... && (outs != nullptr));
}

// The end of every QueryInterface: takes the reference, or clears the out pointer.
inline HRESULT give_interface(IUnknown* identity, void* found, void** out) {
  if (out == nullptr) return E_POINTER;
  *out = found;
  if (found == nullptr) return E_NOINTERFACE;
  identity->AddRef();
  return S_OK;
}

// An object that ends with its last reference. `First` names its identity. It is born with one
// reference, which the maker gives away or drops.
template <class First, class... More>
class Object : public First, public More... {
 public:
  ULONG STDMETHODCALLTYPE AddRef() final { return ++references_; }
  ULONG STDMETHODCALLTYPE Release() final {
    const ULONG left = --references_;
    if (left == 0) delete this;
    return left;
  }

 protected:
  Object() = default;
  virtual ~Object() = default;

 private:
  std::atomic<ULONG> references_{1};
};

// Holds one reference.
template <class Interface>
class Ref {
 public:
  Ref() = default;
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Ref& operator=(Ref&& other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  Ref(const Ref&) = delete;
  Ref& operator=(const Ref&) = delete;
  ~Ref() { reset(); }

  static Ref adopt(Interface* object) {
    Ref ref;
    ref.object_ = object;
    return ref;
  }
  static Ref share(Interface* object) {
    if (object != nullptr) object->AddRef();
    return adopt(object);
  }
  // Empty if the object has no such interface.
  static Ref ask(IUnknown* object) {
    void* found = nullptr;
    if (object == nullptr || FAILED(object->QueryInterface(__uuidof(Interface), &found))) return {};
    return adopt(static_cast<Interface*>(found));
  }

  Interface* get() const { return object_; }
  Interface* operator->() const { return object_; }
  explicit operator bool() const { return object_ != nullptr; }
  Interface* release() { return std::exchange(object_, nullptr); }
  void reset() {
    if (Interface* object = release()) object->Release();
  }

 private:
  Interface* object_ = nullptr;
};

}  // namespace backhaul::bits

#endif
