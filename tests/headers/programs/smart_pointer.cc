// SPDX-License-Identifier: Apache-2.0
// Smart pointers of programs: plain operator& (T**), and one whose operator& gives a proxy.
#include <bits1_5.h>

template <class T>
class Holder {
 public:
  ~Holder() {
    if (p_ != nullptr) p_->Release();
  }
  T** operator&() { return &p_; }
  T* operator->() const { return p_; }

 private:
  T* p_ = nullptr;
};

template <class T>
class ProxyHolder;
template <class T>
class AddressOf {
 public:
  explicit AddressOf(ProxyHolder<T>* holder) : holder_(holder) {}
  T* operator*() const { return holder_->get(); }
  operator void**() const { return reinterpret_cast<void**>(holder_->put()); }

 private:
  ProxyHolder<T>* holder_;
};
template <class T>
class ProxyHolder {
 public:
  AddressOf<T> operator&() { return AddressOf<T>(this); }
  T* get() const { return p_; }
  T** put() { return &p_; }

 private:
  T* p_ = nullptr;
};
template <class T>
void** IID_PPV_ARGS_Helper(AddressOf<T> address) {
  return address;
}

HRESULT use() {
  Holder<IBackgroundCopyManager> manager;
  ProxyHolder<IBackgroundCopyManager> other;
  HRESULT hr = CoCreateInstance(__uuidof(BackgroundCopyManager), nullptr, CLSCTX_ALL,
                                IID_PPV_ARGS(&manager));
  if (SUCCEEDED(hr)) {
    hr = CoCreateInstance(CLSID_BackgroundCopyManager1_5, nullptr, CLSCTX_LOCAL_SERVER,
                          IID_PPV_ARGS(&other));
  }
  Holder<IClassFactory> factory;
  if (SUCCEEDED(hr)) {
    hr = CoGetClassObject(CLSID_BackgroundCopyManager, CLSCTX_LOCAL_SERVER, nullptr,
                          IID_PPV_ARGS(&factory));
  }
  return hr;
}
