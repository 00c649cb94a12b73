// SPDX-License-Identifier: Apache-2.0
// The message queue of a thread, and the places where it lets callbacks in. A callback runs inside
// the function that looks for messages, never in DispatchMessage: a loop that forgets to dispatch
// would otherwise keep the service waiting for ever.
#include <windows.h>

#include <algorithm>
#include <new>

#include "bits/sta.h"
#include "bits/waitable.h"

namespace backhaul::bits {

namespace {

struct Filter {
  UINT first;
  UINT last;
  bool takes(UINT message) const {
    return (first == 0 && last == 0) || (message >= first && message <= last);
  }
};

bool fail(DWORD error) {
  SetLastError(error);
  return false;
}

// There are no windows; -1 stands for messages that belong to none.
bool check(const MSG* message, HWND window) {
  if (message == nullptr) return fail(ERROR_NOACCESS);
  const bool none = window == nullptr || reinterpret_cast<LONG_PTR>(window) == -1;
  return none || fail(ERROR_INVALID_WINDOW_HANDLE);
}

MSG message_of(UINT message, WPARAM first, LPARAM second) {
  MSG made{};
  made.message = message;
  made.wParam = first;
  made.lParam = second;
  made.time = GetTickCount();
  return made;
}

// The oldest message that the filter takes; the end of the program only after all of them.
bool take(Thread& thread, const Filter& filter, bool remove, MSG& out) {
  const std::lock_guard lock(kernel_mutex());
  const auto found = std::find_if(
      thread.messages.begin(), thread.messages.end(),
      [&](const MSG& one) { return one.message == WM_QUIT || filter.takes(one.message); });
  if (found != thread.messages.end()) {
    out = *found;
    if (remove) thread.messages.erase(found);
    return true;
  }
  if (!thread.quit) return false;
  out = message_of(WM_QUIT, static_cast<WPARAM>(*thread.quit), 0);
  if (remove) thread.quit.reset();
  return true;
}

bool run_callback() {
  const std::shared_ptr<Sta> sta = Sta::current();  // the callback may end it
  return sta != nullptr && sta->run_one();
}

bool something_there(Thread& thread) {
  if (thread.sta != nullptr && thread.sta->pending()) return true;
  const std::lock_guard lock(kernel_mutex());
  return thread.quit || !thread.messages.empty();
}

bool post(Thread* thread, const MSG& message) {
  constexpr std::size_t most = 10'000;  // as on Windows: a program that never looks must not grow
  if (thread == nullptr) return fail(ERROR_INVALID_THREAD_ID);
  if (thread->messages.size() >= most) return fail(ERROR_TOO_MANY_POSTS);
  thread->messages.push_back(message);
  thread->wakeup.wake();
  return true;
}

// What a spinning program is held up for, once it has looked in vain so many times.
constexpr unsigned patience = 16;
constexpr unsigned pause_milliseconds = 1;

// Runs `body`, which may run out of memory or descriptors.
template <class Result, class Body>
Result guarded(Result failed, Body body) {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    fail(ERROR_NOT_ENOUGH_MEMORY);
    return failed;
  }
}

DWORD wait_for_input(DWORD count, const HANDLE* handles, bool all, DWORD milliseconds, DWORD mask) {
  return guarded<DWORD>(WAIT_FAILED, [&]() -> DWORD {
    auto objects = waitables_of(handles, count);
    if (!objects) return fail(ERROR_INVALID_HANDLE), WAIT_FAILED;
    WaitFor what{std::move(*objects), all, deadline_in(milliseconds), nullptr};
    if ((mask & (QS_POSTMESSAGE | QS_SENDMESSAGE | QS_ALLPOSTMESSAGE)) != 0) {
      what.look = [count]() -> WaitFor::Look {
        if (!something_there(Thread::mine())) return {};
        return {WAIT_OBJECT_0 + count, false};
      };
    }
    return wait_for(what);
  });
}

}  // namespace

}  // namespace backhaul::bits

using namespace backhaul::bits;

BOOL GetMessageW(LPMSG message, HWND window, UINT first, UINT last) {
  if (!check(message, window)) return -1;
  const Filter filter{first, last};
  return guarded<BOOL>(-1, [&]() -> BOOL {
    for (;;) {
      Thread& thread = Thread::mine();
      thread.wakeup.clear();
      const bool ran = run_callback();
      if (take(thread, filter, true, *message)) return message->message != WM_QUIT;
      if (ran && filter.takes(WM_NULL)) {
        *message = message_of(WM_NULL, 0, 0);
        return TRUE;
      }
      if (!ran) thread.wakeup.wait(std::nullopt);
    }
  });
}

BOOL PeekMessageW(LPMSG message, HWND window, UINT first, UINT last, UINT remove) {
  if (!check(message, window)) return FALSE;
  const Filter filter{first, last};
  return guarded<BOOL>(FALSE, [&]() -> BOOL {
    for (bool waited = false;; waited = true) {
      Thread& thread = Thread::mine();
      thread.wakeup.clear();
      const bool ran = run_callback();
      const bool found = take(thread, filter, (remove & PM_REMOVE) != 0, *message);
      if (found || ran) thread.empty_looks = 0;
      if (found) return TRUE;
      if (ran) {
        if ((remove & PM_REMOVE) == 0 || !filter.takes(WM_NULL)) return FALSE;
        *message = message_of(WM_NULL, 0, 0);
        return TRUE;
      }
      if (waited || ++thread.empty_looks < patience) return FALSE;
      thread.wakeup.wait(deadline_in(pause_milliseconds));
    }
  });
}

BOOL TranslateMessage(const MSG*) { return FALSE; }
LRESULT DispatchMessageW(const MSG*) { return 0; }

BOOL PostMessageW(HWND window, UINT message, WPARAM first, LPARAM second) {
  if (window != nullptr) return fail(ERROR_INVALID_WINDOW_HANDLE);
  return guarded<BOOL>(FALSE, [&]() -> BOOL {
    Thread& thread = Thread::mine();
    const MSG made = message_of(message, first, second);
    const std::lock_guard lock(kernel_mutex());
    return post(&thread, made);
  });
}

BOOL PostThreadMessageW(DWORD id, UINT message, WPARAM first, LPARAM second) {
  if (id == GetCurrentThreadId()) return PostMessageW(nullptr, message, first, second);
  return guarded<BOOL>(FALSE, [&]() -> BOOL {
    const MSG made = message_of(message, first, second);
    const std::lock_guard lock(kernel_mutex());
    return post(Thread::find(id), made);
  });
}

void PostQuitMessage(int exit_code) {
  guarded<BOOL>(FALSE, [&]() -> BOOL {
    Thread& thread = Thread::mine();
    const std::lock_guard lock(kernel_mutex());
    thread.quit = exit_code;
    thread.wakeup.wake();
    return TRUE;
  });
}

DWORD MsgWaitForMultipleObjects(DWORD count, const HANDLE* handles, BOOL all, DWORD milliseconds,
                                DWORD mask) {
  return wait_for_input(count, handles, all != FALSE, milliseconds, mask);
}

DWORD MsgWaitForMultipleObjectsEx(DWORD count, const HANDLE* handles, DWORD milliseconds,
                                  DWORD mask, DWORD flags) {
  return wait_for_input(count, handles, (flags & MWMO_WAITALL) != 0, milliseconds, mask);
}

HRESULT CoWaitForMultipleHandles(DWORD flags, DWORD milliseconds, ULONG count,
                                 const HANDLE* handles, LPDWORD index) {
  if (index == nullptr) return E_INVALIDARG;
  *index = 0;
  return guarded<HRESULT>(E_OUTOFMEMORY, [&]() -> HRESULT {
    auto objects = waitables_of(handles, count);
    if (!objects || count == 0) return E_INVALIDARG;
    const DWORD found = wait_for({std::move(*objects), (flags & COWAIT_WAITALL) != 0,
                                  deadline_in(milliseconds), []() -> WaitFor::Look {
                                    return {std::nullopt, run_callback()};
                                  }});
    if (found == WAIT_TIMEOUT) return RPC_S_CALLPENDING;
    *index = found;
    return S_OK;
  });
}
