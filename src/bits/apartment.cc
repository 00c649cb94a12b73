// SPDX-License-Identifier: Apache-2.0
#include "bits/apartment.h"

#include <bits.h>

#include <atomic>
#include <chrono>
#include <new>

#include "backhaul/threads.h"
#include "bits/sta.h"

namespace backhaul::bits {

namespace {

struct Apartment {
  unsigned entered = 0;    // CoInitializeEx calls to balance
  unsigned callbacks = 0;  // code of the program that this thread of the library is running
  bool single_threaded = false;
};
thread_local Apartment apartment;

// Threads in the multithreaded apartment, but those of the library.
std::atomic<unsigned> multithreaded{0};

// A callback that is about to answer lets a program end that waits for no more.
constexpr std::chrono::seconds answer_limit{2};

// CoInitializeSecurity belongs to the process and counts once.
std::atomic<bool> security_initialized{false};

}  // namespace

bool in_apartment() { return apartment.entered != 0 || apartment.callbacks != 0; }

CallbackScope::CallbackScope() { ++apartment.callbacks; }
CallbackScope::~CallbackScope() { --apartment.callbacks; }

}  // namespace backhaul::bits

using backhaul::bits::apartment;

HRESULT CoInitializeEx(LPVOID reserved, DWORD coInit) {
  constexpr DWORD known =
      COINIT_APARTMENTTHREADED | COINIT_DISABLE_OLE1DDE | COINIT_SPEED_OVER_MEMORY;
  if (reserved != nullptr || (coInit & ~known) != 0) return E_INVALIDARG;
  const bool single_threaded = (coInit & COINIT_APARTMENTTHREADED) != 0;
  if (backhaul::bits::in_apartment()) {
    if (apartment.single_threaded != single_threaded) return RPC_E_CHANGED_MODE;
    ++apartment.entered;
    return S_FALSE;
  }
  if (single_threaded) {
    try {
      backhaul::bits::Sta::begin();
    } catch (const std::bad_alloc&) {
      return E_OUTOFMEMORY;
    }
  }
  if (!single_threaded) ++backhaul::bits::multithreaded;
  apartment.single_threaded = single_threaded;
  apartment.entered = 1;
  return S_OK;
}

HRESULT CoInitialize(LPVOID reserved) { return CoInitializeEx(reserved, COINIT_APARTMENTTHREADED); }

void CoUninitialize() {
  if (apartment.entered == 0) return;
  if (apartment.entered == 1 && apartment.single_threaded) {
    // Still inside while the program's objects go: their destructors may call on BITS.
    if (const auto sta = backhaul::bits::Sta::current()) sta->end(true);
    apartment.single_threaded = false;
  } else if (apartment.entered == 1 && --backhaul::bits::multithreaded == 0) {
    // The last one out; callbacks on this thread's own stack are not waited for.
    backhaul::finish_callbacks(backhaul::bits::answer_limit);
  }
  --apartment.entered;
}

HRESULT CoInitializeSecurity(PSECURITY_DESCRIPTOR, LONG, SOLE_AUTHENTICATION_SERVICE*, void*, DWORD,
                             DWORD, void*, DWORD, void*) {
  return backhaul::bits::security_initialized.exchange(true) ? RPC_E_TOO_LATE : S_OK;
}

HRESULT CoSetProxyBlanket(IUnknown* proxy, DWORD, DWORD, OLECHAR*, DWORD, DWORD,
                          RPC_AUTH_IDENTITY_HANDLE, DWORD) {
  return proxy == nullptr ? E_INVALIDARG : S_OK;
}
