// SPDX-License-Identifier: Apache-2.0
// IEnumBackgroundCopyJobs and IEnumBackgroundCopyFiles: a position in a list taken when the
// enumerator was made. Clones share the list. The rules of Next, Skip and Clone are in jobs.md §10.
#ifndef SRC_BITS_ENUMERATOR_H
#define SRC_BITS_ENUMERATOR_H

#include <algorithm>
#include <memory>
#include <mutex>
#include <vector>

#include "bits/object.h"
#include "bits/text.h"

namespace backhaul::bits {

// `Traits` names Interface (of the enumerator), Item (of the list), Element (the interface given
// out) and has `static Ref<Element> open(const Item&)`.
template <class Traits>
class Enumerator final : public Object<typename Traits::Interface> {
 public:
  using Interface = typename Traits::Interface;
  using Element = typename Traits::Element;
  using List = std::shared_ptr<const std::vector<typename Traits::Item>>;

  explicit Enumerator(List list, std::size_t position = 0)
      : list_(std::move(list)), position_(position) {}

  HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** out) override {
    return give_interface(this, interface_of<IUnknown, Interface>(this, riid), out);
  }

  HRESULT STDMETHODCALLTYPE Next(ULONG wanted, Element** out, ULONG* fetched) override {
    if (fetched != nullptr) *fetched = 0;
    if (out == nullptr || (fetched == nullptr && wanted != 1)) return E_INVALIDARG;
    return protect([&] {
      const std::lock_guard lock(mutex_);
      const auto given = std::min<std::size_t>(wanted, list_->size() - position_);
      std::vector<Ref<Element>> opened;
      for (std::size_t i = 0; i < given; ++i) {
        opened.push_back(Traits::open((*list_)[position_ + i]));
      }
      for (std::size_t i = 0; i < given; ++i) out[i] = opened[i].release();
      std::fill(out + given, out + wanted, nullptr);
      position_ += given;
      if (fetched != nullptr) *fetched = static_cast<ULONG>(given);
      return given == wanted ? S_OK : S_FALSE;
    });
  }

  HRESULT STDMETHODCALLTYPE Skip(ULONG count) override {
    const std::lock_guard lock(mutex_);
    const auto skipped = std::min<std::size_t>(count, list_->size() - position_);
    position_ += skipped;
    return skipped == count ? S_OK : S_FALSE;
  }

  HRESULT STDMETHODCALLTYPE Reset() override {
    const std::lock_guard lock(mutex_);
    position_ = 0;
    return S_OK;
  }

  HRESULT STDMETHODCALLTYPE Clone(Interface** out) override {
    if (out == nullptr) return E_INVALIDARG;
    *out = nullptr;
    return protect([&] {
      const std::lock_guard lock(mutex_);
      *out = new Enumerator(list_, position_);
      return S_OK;
    });
  }

  HRESULT STDMETHODCALLTYPE GetCount(ULONG* count) override {
    if (count == nullptr) return E_INVALIDARG;
    *count = static_cast<ULONG>(list_->size());
    return S_OK;
  }

 private:
  const List list_;
  std::mutex mutex_;
  std::size_t position_;
};

// A new enumerator of `items` in *out.
template <class Traits>
HRESULT enumerate(std::vector<typename Traits::Item> items, typename Traits::Interface** out) {
  *out = new Enumerator<Traits>(
      std::make_shared<const std::vector<typename Traits::Item>>(std::move(items)));
  return S_OK;
}

}  // namespace backhaul::bits

#endif
