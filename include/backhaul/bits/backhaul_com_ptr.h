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
  T* p = nullptr;  // public, as programs know it of CComPtr

  Reference() noexcept = default;
  explicit Reference(T* object) noexcept : p(object) {
    if (p != nullptr) p->AddRef();
  }
  Reference(const Reference& other) noexcept : Reference(other.p) {}
  Reference(Reference&& other) noexcept : p(other.detach()) {}
  Reference& operator=(const Reference&) = delete;
  ~Reference() { reset(); }

  T* get() const noexcept { return p; }
  T** place() noexcept { return &p; }
  T* detach() noexcept {
    T* object = p;
    p = nullptr;
    return object;
  }
  void attach(T* object) noexcept {
    T* old = p;
    p = object;
    if (old != nullptr) old->Release();
  }
  void share(T* object) noexcept {
    if (object != nullptr) object->AddRef();
    attach(object);
  }
  void reset() noexcept { attach(nullptr); }
};

}  // namespace bits
}  // namespace backhaul

#endif  // BACKHAUL_BITS_COM_PTR_H
