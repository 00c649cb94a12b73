// SPDX-License-Identifier: Apache-2.0
// What CComPtr and ComPtr have in common: one reference to an object, dropped at the end.
// Internal: pulled in by atlbase.h and wrl/client.h.
#ifndef BACKHAUL_BITS_COM_PTR_H
#define BACKHAUL_BITS_COM_PTR_H

#include "combaseapi.h"

namespace backhaul {
namespace bits {

template <class T>
class Reference {
 public:
  Reference() noexcept = default;
  explicit Reference(T* object) noexcept : object_(object) {
    if (object_ != nullptr) object_->AddRef();
  }
  Reference(const Reference& other) noexcept : Reference(other.object_) {}
  Reference(Reference&& other) noexcept : object_(other.detach()) {}
  Reference& operator=(const Reference&) = delete;
  ~Reference() { reset(); }

  T* get() const noexcept { return object_; }
  T** place() noexcept { return &object_; }
  T* detach() noexcept {
    T* object = object_;
    object_ = nullptr;
    return object;
  }
  void attach(T* object) noexcept {
    T* old = object_;
    object_ = object;
    if (old != nullptr) old->Release();
  }
  void share(T* object) noexcept {
    if (object != nullptr) object->AddRef();
    attach(object);
  }
  void reset() noexcept { attach(nullptr); }

 private:
  T* object_ = nullptr;
};

}  // namespace bits
}  // namespace backhaul

#endif  // BACKHAUL_BITS_COM_PTR_H
