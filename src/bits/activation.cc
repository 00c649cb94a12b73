// SPDX-License-Identifier: Apache-2.0
// CoCreateInstance and the functions of class servers: arguments, the ten manager classes, and then
// the class table. Manager objects live in the service's process as far as a program can tell, so
// only contexts that allow a local server find them.
#include <bits.h>

#include "bits/apartment.h"
#include "bits/class_table.h"
#include "bits/manager_object.h"
#include "bits/session.h"
#include "bits/text.h"

namespace backhaul::bits {

namespace {

bool is_manager_class(REFCLSID clsid) {
  const CLSID* const versions[] = {
      &CLSID_BackgroundCopyManager,     &CLSID_BackgroundCopyManager1_5,
      &CLSID_BackgroundCopyManager2_0,  &CLSID_BackgroundCopyManager2_5,
      &CLSID_BackgroundCopyManager3_0,  &CLSID_BackgroundCopyManager4_0,
      &CLSID_BackgroundCopyManager5_0,  &CLSID_BackgroundCopyManager10_1,
      &CLSID_BackgroundCopyManager10_2, &CLSID_BackgroundCopyManager10_3};
  for (const CLSID* version : versions) {
    if (clsid == *version) return true;
  }
  return false;
}

class ManagerFactory final : public Object<IClassFactory> {
 public:
  HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** out) override {
    return give_interface(this, interface_of<IUnknown, IClassFactory>(this, riid), out);
  }
  HRESULT STDMETHODCALLTYPE CreateInstance(IUnknown* outer, REFIID riid, void** out) override {
    if (out == nullptr) return E_POINTER;
    *out = nullptr;
    if (outer != nullptr) return CLASS_E_NOAGGREGATION;
    return protect([&] {
      Result<Client> client = connect();
      if (!client) return hresult_of(client);
      const auto manager =
          Ref<IBackgroundCopyManager>::adopt(new ManagerObject(*std::move(client)));
      return manager->QueryInterface(riid, out);
    });
  }
  HRESULT STDMETHODCALLTYPE LockServer(BOOL) override { return S_OK; }
};

HRESULT class_object(REFCLSID clsid, DWORD context, REFIID riid, void** out) {
  if (out == nullptr) return E_POINTER;
  *out = nullptr;
  if (!in_apartment()) return CO_E_NOTINITIALIZED;
  if (forked()) return RPC_E_DISCONNECTED;
  return protect([&] {
    const bool manager = is_manager_class(clsid);
    if (manager && (context & CLSCTX_LOCAL_SERVER) == 0) return REGDB_E_CLASSNOTREG;
    const auto factory =
        manager ? Ref<IUnknown>::adopt(new ManagerFactory) : ClassTable::instance().find(clsid);
    return factory ? factory->QueryInterface(riid, out) : REGDB_E_CLASSNOTREG;
  });
}

}  // namespace

}  // namespace backhaul::bits

using backhaul::bits::ClassTable;

HRESULT backhaul_use_system_service() {
  if (backhaul::bits::forked()) return RPC_E_DISCONNECTED;
  return backhaul::bits::use_system() ? S_OK : RPC_E_CHANGED_MODE;
}

HRESULT CoGetClassObject(REFCLSID clsid, DWORD context, COSERVERINFO* server, REFIID riid,
                         LPVOID* object) {
  if (server != nullptr) {
    if (object != nullptr) *object = nullptr;
    return E_INVALIDARG;
  }
  return backhaul::bits::class_object(clsid, context, riid, object);
}

HRESULT CoCreateInstance(REFCLSID clsid, LPUNKNOWN outer, DWORD context, REFIID riid,
                         LPVOID* object) {
  if (object == nullptr) return E_POINTER;
  *object = nullptr;
  if (outer != nullptr) return CLASS_E_NOAGGREGATION;
  void* found = nullptr;
  const HRESULT hr = backhaul::bits::class_object(clsid, context, IID_IClassFactory, &found);
  if (FAILED(hr)) return hr;
  const auto factory =
      backhaul::bits::Ref<IClassFactory>::adopt(static_cast<IClassFactory*>(found));
  return backhaul::bits::protect([&] { return factory->CreateInstance(nullptr, riid, object); });
}

HRESULT CoRegisterClassObject(REFCLSID clsid, LPUNKNOWN factory, DWORD context, DWORD flags,
                              LPDWORD cookie) {
  constexpr DWORD known = REGCLS_MULTIPLEUSE | REGCLS_MULTI_SEPARATE | REGCLS_SUSPENDED |
                          REGCLS_SURROGATE | REGCLS_AGILE;
  if (cookie == nullptr) return E_INVALIDARG;
  *cookie = 0;
  if (factory == nullptr || (flags & ~known) != 0 || context == 0) return E_INVALIDARG;
  if (!backhaul::bits::in_apartment()) return CO_E_NOTINITIALIZED;
  if (backhaul::bits::forked()) return RPC_E_DISCONNECTED;
  return backhaul::bits::protect(
      [&] { return ClassTable::instance().add(clsid, factory, context, flags, cookie); });
}

HRESULT CoRevokeClassObject(DWORD cookie) {
  if (backhaul::bits::forked()) return RPC_E_DISCONNECTED;
  return backhaul::bits::protect([&] { return ClassTable::instance().revoke(cookie); });
}

HRESULT CoResumeClassObjects() {
  if (backhaul::bits::forked()) return RPC_E_DISCONNECTED;
  return backhaul::bits::protect([] { return ClassTable::instance().resume(); });
}

HRESULT CoSuspendClassObjects() {
  if (backhaul::bits::forked()) return RPC_E_DISCONNECTED;
  return backhaul::bits::protect([] { return ClassTable::instance().suspend(); });
}

ULONG CoAddRefServerProcess() {
  return backhaul::bits::forked() ? 0 : ClassTable::instance().add_process_reference();
}

ULONG CoReleaseServerProcess() {
  return backhaul::bits::forked() ? 0 : ClassTable::instance().drop_process_reference();
}
