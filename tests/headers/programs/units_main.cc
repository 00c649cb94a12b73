// SPDX-License-Identifier: Apache-2.0
// Linked with units_other.cc, which another compiler and standard built: ids and table agree.
#include <bits.h>

bool other_unit_agrees(REFIID job, const GUID* manager, IUnknown* object);

class Object final : public IUnknown {
 public:
  HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** object) override {
    *object = riid == IID_IUnknown ? this : nullptr;
    return *object ? S_OK : E_NOINTERFACE;
  }
  ULONG STDMETHODCALLTYPE AddRef() override { return 7; }
  ULONG STDMETHODCALLTYPE Release() override { return 6; }
};

int main() {
  Object object;
  return other_unit_agrees(__uuidof(IBackgroundCopyJob), &CLSID_BackgroundCopyManager, &object) ? 0
                                                                                                : 1;
}
