// SPDX-License-Identifier: Apache-2.0
// The functions of COM in libbackhaul-bits: making objects, serving classes, forked children
// (com-surface.md §2.3, §2.4).
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "tests/bits/fixture.h"

namespace backhaul::test {
namespace {

TEST(BitsCom, EveryManagerClassCreatesAManager) {
  for (const CLSID& clsid :
       {__uuidof(BackgroundCopyManager), __uuidof(BackgroundCopyManager1_5),
        __uuidof(BackgroundCopyManager2_0), __uuidof(BackgroundCopyManager2_5),
        __uuidof(BackgroundCopyManager3_0), __uuidof(BackgroundCopyManager4_0),
        __uuidof(BackgroundCopyManager5_0), __uuidof(BackgroundCopyManager10_1),
        __uuidof(BackgroundCopyManager10_2), __uuidof(BackgroundCopyManager10_3)}) {
    Com<IBackgroundCopyManager> made;
    EXPECT_EQ(CoCreateInstance(clsid, nullptr, CLSCTX_ALL, IID_PPV_ARGS(&made)), S_OK);
    Com<IClassFactory> factory;
    EXPECT_EQ(CoGetClassObject(clsid, CLSCTX_LOCAL_SERVER, nullptr, IID_PPV_ARGS(&factory)), S_OK);
    made.reset();
    EXPECT_EQ(factory->CreateInstance(nullptr, IID_PPV_ARGS(&made)), S_OK);
  }
}

TEST(BitsCom, CreationFailsAsDocumented) {
  Com<IBackgroundCopyJob> job;
  void* out = this;
  const CLSID manager_class = CLSID_BackgroundCopyManager;
  const auto create = [&](REFCLSID clsid, IUnknown* outer, DWORD context) {
    out = this;
    return CoCreateInstance(clsid, outer, context, IID_IBackgroundCopyManager, &out);
  };
  EXPECT_EQ(CoCreateInstance(manager_class, nullptr, CLSCTX_LOCAL_SERVER, IID_PPV_ARGS(&job)),
            E_NOINTERFACE);
  EXPECT_EQ(create(manager_class, nullptr, CLSCTX_INPROC_SERVER), REGDB_E_CLASSNOTREG);
  EXPECT_EQ(out, nullptr);
  EXPECT_EQ(create(IID_IUnknown, nullptr, CLSCTX_ALL), REGDB_E_CLASSNOTREG);
  EXPECT_EQ(out, nullptr);
  EXPECT_EQ(create(manager_class, manager().get(), CLSCTX_ALL), CLASS_E_NOAGGREGATION);
  EXPECT_EQ(CoCreateInstance(manager_class, nullptr, CLSCTX_ALL, IID_IUnknown, nullptr), E_POINTER);
  HRESULT elsewhere = S_OK;
  std::thread([&] { elsewhere = create(manager_class, nullptr, CLSCTX_ALL); }).join();
  EXPECT_EQ(elsewhere, CO_E_NOTINITIALIZED);
}

class Factory final : public IClassFactory {
 public:
  HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** out) override {
    const bool known = riid == IID_IUnknown || riid == IID_IClassFactory;
    *out = known ? this : nullptr;
    if (known) AddRef();
    return known ? S_OK : E_NOINTERFACE;
  }
  ULONG STDMETHODCALLTYPE AddRef() override { return ++references; }
  ULONG STDMETHODCALLTYPE Release() override { return --references; }
  HRESULT STDMETHODCALLTYPE CreateInstance(IUnknown*, REFIID riid, void** out) override {
    return recorder()->QueryInterface(riid, out);
  }
  HRESULT STDMETHODCALLTYPE LockServer(BOOL) override { return S_OK; }
  std::atomic<ULONG> references{1};
};

TEST(BitsCom, AClassObjectIsFoundUntilItIsSuspendedOrRevoked) {
  Factory factory;
  CLSID clsid;
  ASSERT_EQ(CoCreateGuid(&clsid), S_OK);
  DWORD cookie = 0, second = 0;
  const auto create = [&] {
    Com<IBackgroundCopyCallback> made;
    return CoCreateInstance(clsid, nullptr, CLSCTX_LOCAL_SERVER, IID_PPV_ARGS(&made));
  };
  EXPECT_EQ(CoRegisterClassObject(clsid, &factory, CLSCTX_LOCAL_SERVER,
                                  REGCLS_MULTIPLEUSE | REGCLS_SUSPENDED, &cookie),
            S_OK);
  EXPECT_NE(cookie, 0U);
  EXPECT_EQ(create(), REGDB_E_CLASSNOTREG);
  EXPECT_EQ(CoResumeClassObjects(), S_OK);
  EXPECT_EQ(create(), S_OK);
  EXPECT_EQ(CoAddRefServerProcess(), 1U);
  EXPECT_EQ(CoAddRefServerProcess(), 2U);
  EXPECT_EQ(CoReleaseServerProcess(), 1U);
  EXPECT_EQ(create(), S_OK);
  EXPECT_EQ(CoReleaseServerProcess(), 0U);
  EXPECT_EQ(create(), REGDB_E_CLASSNOTREG);
  EXPECT_EQ(CoRegisterClassObject(clsid, &factory, CLSCTX_LOCAL_SERVER, REGCLS_SINGLEUSE, &second),
            S_OK);
  EXPECT_NE(second, cookie);
  EXPECT_EQ(create(), S_OK);
  EXPECT_EQ(create(), REGDB_E_CLASSNOTREG);
  EXPECT_EQ(CoRevokeClassObject(second), S_OK);
  EXPECT_EQ(CoRevokeClassObject(cookie), S_OK);
  EXPECT_EQ(CoRevokeClassObject(cookie), CO_E_OBJNOTREG);
  EXPECT_EQ(factory.references, 1U);
  EXPECT_EQ(CoRegisterClassObject(clsid, nullptr, CLSCTX_LOCAL_SERVER, 1, &cookie), E_INVALIDARG);
  EXPECT_EQ(CoRegisterClassObject(clsid, &factory, CLSCTX_LOCAL_SERVER, 0x400, &cookie),
            E_INVALIDARG);
}

TEST(BitsCom, AForkedChildIsDisconnectedAndDoesNotHang) {
  const auto job = new_job();
  const auto held = manager();
  const auto object = recorder();
  const pid_t child = fork();
  if (child == 0) {
    alarm(10);
    int wrong = 0;
    BG_JOB_STATE state;
    Com<IBackgroundCopyManager> made;
    DWORD cookie = 0;
    Factory factory;
    wrong += job->GetState(&state) != RPC_E_DISCONNECTED;
    wrong += job->Resume() != RPC_E_DISCONNECTED;
    wrong += job->SetNotifyInterface(object) != RPC_E_DISCONNECTED;
    wrong += CoCreateInstance(CLSID_BackgroundCopyManager, nullptr, CLSCTX_ALL,
                              IID_PPV_ARGS(&made)) != RPC_E_DISCONNECTED;
    wrong += CoRegisterClassObject(IID_IUnknown, &factory, CLSCTX_LOCAL_SERVER, 1, &cookie) !=
             RPC_E_DISCONNECTED;
    job.get()->Release();
    held.get()->Release();
    _exit(wrong);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_EQ(job->SetDisplayName(L"the parent goes on"), S_OK);
}

}  // namespace
}  // namespace backhaul::test
