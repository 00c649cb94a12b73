// SPDX-License-Identifier: Apache-2.0
// The macros and small functions that programs write around BITS.
#include <Bits.h>
#include <ObjBase.h>

#include <vector>

DECLARE_INTERFACE_(IOwnThing, IUnknown) {
  STDMETHOD(Do)(LPCWSTR what, DWORD count) PURE;
  STDMETHOD_(ULONG, Count)() PURE;
};
BACKHAUL_UUID(IOwnThing, "3f3ff6c9-0f84-4a3d-8b6a-9c9d0c8d2f10")

class Thing final : public IOwnThing {
 public:
  STDMETHODIMP QueryInterface(REFIID, void** object) override {
    *object = NULL;
    return E_NOINTERFACE;
  }
  STDMETHODIMP_(ULONG) AddRef() override { return 1; }
  STDMETHODIMP_(ULONG) Release() override { return 1; }
  STDMETHODIMP Do(LPCWSTR, DWORD) override { return S_OK; }
  STDMETHODIMP_(ULONG) Count() override { return 0; }
};

STDAPI DoNothing(VOID) { return S_OK; }
EXTERN_C DWORD WINAPI Thread(LPVOID) { return 0; }
#ifdef __clang__
#pragma clang diagnostic ignored "-Wlanguage-extension-token"  // a keyword under -fms-extensions
#endif
void _cdecl Callback(LPWSTR*);
static __forceinline unsigned __int64 wide() { return 1; }

#if !BACKHAUL_NATIVE_UUIDOF
struct __declspec(novtable) Tagged {};
#endif

BOOL flags() {
  BOOL answer = true;
  LONG count = 0;
  long other = 0;
  UINT64 size = BG_SIZE_UNKNOWN;
  ULONG reasons = BG_NOTIFY_JOB_TRANSFERRED | BG_NOTIFY_JOB_ERROR | BG_NOTIFY_DISABLE;
  DWORD context = CLSCTX_LOCAL_SERVER | CLSCTX_INPROC_SERVER;
  BG_FILE_RANGE ranges[2] = {{0, 10}, {20, BG_LENGTH_TO_EOF}};
  WCHAR name[MAX_PATH + 1] = L"text";
  WCHAR text[40];
  InterlockedIncrement(&count);
  InterlockedExchangeAdd(&other, 5);
  return answer && size == BG_LENGTH_TO_EOF && reasons && context && ranges[0].Length && name[0] &&
         StringFromGUID2(IID_IUnknown, text, 40) == 39 && wide() && SUCCEEDED(DoNothing());
}

HRESULT codes(HRESULT hr, IBackgroundCopyJob3* job, const std::vector<BG_FILE_INFO>& files) {
  if (hr == BG_E_INVALID_STATE || hr == S_FALSE) return hr;
  if (HIWORD(hr) == 0x8019 && LOWORD(hr) == 404) return E_FAIL;
  if (HRESULT_FACILITY(hr) == FACILITY_BACKGROUNDCOPY) return MAKE_HRESULT(1, FACILITY_ITF, 1);
  BG_AUTH_CREDENTIALS credentials;
  credentials.Target = BG_AUTH_TARGET_SERVER;
  credentials.Scheme = BG_AUTH_SCHEME_NEGOTIATE;
  credentials.Credentials.Basic.UserName = NULL;
  credentials.Credentials.Basic.Password = NULL;
  job->SetCredentials(&credentials);
  BG_FILE_RANGE range[] = {{0, 1}};
  job->AddFileWithRanges(L"http://host/file", L"/tmp/file", 1, range);
  switch (hr) {
    case E_ACCESSDENIED:
    case REGDB_E_CLASSNOTREG:
    case BG_S_PARTIAL_COMPLETE:
      return S_OK;
    default:
      return files.empty() ? E_PENDING : HRESULT_FROM_WIN32(1780);
  }
}
