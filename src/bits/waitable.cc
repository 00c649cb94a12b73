// SPDX-License-Identifier: Apache-2.0
#include "bits/waitable.h"

#include <time.h>

#include <algorithm>
#include <cwchar>
#include <iterator>
#include <map>
#include <new>
#include <string>

#include "bits/thread.h"

namespace backhaul::bits {

namespace {

// The handles of the process, under the lock of the kernel. Numbers are not used twice, so that a
// handle closed too early is found out. Never freed.
struct Handles {
  std::map<ULONG_PTR, std::shared_ptr<Waitable>> objects;
  std::map<std::wstring, std::weak_ptr<Waitable>> named;
  ULONG_PTR last = 0;
};

Handles& handles() {
  static auto* const all = new Handles;
  return *all;
}

ULONG_PTR number_of(HANDLE handle) { return reinterpret_cast<ULONG_PTR>(handle); }

// Under the lock.
HANDLE open(std::shared_ptr<Waitable> object) {
  const ULONG_PTR number = handles().last += 4;
  handles().objects.emplace(number, std::move(object));
  return reinterpret_cast<HANDLE>(number);
}

BOOL fail(DWORD error) {
  SetLastError(error);
  return FALSE;
}

// Runs `change` on the event, or on the timer, and wakes whoever may wait for it.
template <class Change>
BOOL change(HANDLE handle, bool timer, Change change) {
  {
    const std::lock_guard lock(kernel_mutex());
    const auto found = handles().objects.find(number_of(handle));
    if (found != handles().objects.end() && found->second->is_timer == timer) {
      change(*found->second);
      wake_waiters();
      return TRUE;
    }
  }
  return fail(ERROR_INVALID_HANDLE);
}

// Names are of the session unless they say otherwise, and a process is all of a session here.
std::wstring plain(LPCWSTR name) {
  constexpr wchar_t session[] = L"Local\\";
  constexpr std::size_t length = std::size(session) - 1;
  return std::wcsncmp(name, session, length) == 0 ? name + length : name;
}

// Under the lock. The last error is what Windows leaves: whether the name was there.
HANDLE open_named(std::shared_ptr<Waitable> made, std::wstring name) {
  std::erase_if(handles().named, [](const auto& one) { return one.second.expired(); });
  const auto [place, is_new] = handles().named.try_emplace(std::move(name), made);
  if (is_new) {
    SetLastError(ERROR_SUCCESS);
    return open(std::move(made));
  }
  std::shared_ptr<Waitable> object = place->second.lock();
  if (object == nullptr) return place->second = made, open(std::move(made));  // it goes right now
  if (object->is_timer != made->is_timer) return fail(ERROR_INVALID_HANDLE), nullptr;
  SetLastError(ERROR_ALREADY_EXISTS);
  return open(std::move(object));
}

HANDLE create(bool timer, BOOL manual_reset, BOOL initial, LPCWSTR name) {
  try {
    auto object = std::make_shared<Waitable>();
    object->is_timer = timer;
    object->manual_reset = manual_reset != FALSE;
    object->set = initial != FALSE;
    std::wstring known = name != nullptr ? plain(name) : std::wstring();
    const std::lock_guard lock(kernel_mutex());
    if (known.empty()) return SetLastError(ERROR_SUCCESS), open(std::move(object));
    return open_named(std::move(object), std::move(known));
  } catch (const std::bad_alloc&) {
    return fail(ERROR_NOT_ENOUGH_MEMORY), nullptr;
  }
}

// Takes what is set, one or all. Under the lock.
std::optional<DWORD> take(const WaitFor& what, Clock::time_point now) {
  if (what.objects.empty()) return std::nullopt;
  const auto set = [now](const auto& object) { return object->is_set(now); };
  if (what.all) {
    if (!std::all_of(what.objects.begin(), what.objects.end(), set)) return std::nullopt;
    for (const auto& object : what.objects) object->taken();
    return 0;
  }
  const auto found = std::find_if(what.objects.begin(), what.objects.end(), set);
  if (found == what.objects.end()) return std::nullopt;
  (*found)->taken();
  return static_cast<DWORD>(found - what.objects.begin());
}

// When there is something to look at even if nobody wakes us. Under the lock.
Deadline next_look(const WaitFor& what) {
  Deadline next = what.deadline;
  for (const auto& object : what.objects) {
    if (object->due && !object->set && (!next || *object->due < *next)) next = object->due;
  }
  return next;
}

class Waiting {
 public:
  explicit Waiting(Thread& thread) : thread_(thread) { count(1); }
  ~Waiting() { count(-1); }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

 private:
  void count(int change) {
    const std::lock_guard lock(kernel_mutex());
    thread_.waits += static_cast<unsigned>(change);
  }
  Thread& thread_;
};

}  // namespace

bool Waitable::is_set(Clock::time_point now) {
  if (!due || now < *due) return set;
  set = true;
  if (period == Clock::duration::zero()) {
    due.reset();
  } else {
    *due += period * ((now - *due) / period + 1);  // those missed are one
  }
  return true;
}

std::optional<std::vector<std::shared_ptr<Waitable>>> waitables_of(const HANDLE* list,
                                                                   DWORD count) {
  std::vector<std::shared_ptr<Waitable>> objects;
  if (count > MAXIMUM_WAIT_OBJECTS || (count != 0 && list == nullptr)) return std::nullopt;
  const std::lock_guard lock(kernel_mutex());
  for (DWORD i = 0; i < count; ++i) {
    const auto found = handles().objects.find(number_of(list[i]));
    if (found == handles().objects.end()) return std::nullopt;
    objects.push_back(found->second);
  }
  return objects;
}

DWORD wait_for(const WaitFor& what) {
  Thread& thread = Thread::mine();
  const Waiting waiting(thread);
  for (;;) {
    thread.wakeup.clear();
    Deadline next;
    {
      const std::lock_guard lock(kernel_mutex());
      if (const auto index = take(what, Clock::now())) return WAIT_OBJECT_0 + *index;
      next = next_look(what);
    }
    if (what.look) {
      const WaitFor::Look seen = what.look();
      if (seen.result) return *seen.result;
      if (seen.again) continue;
    }
    if (what.deadline && Clock::now() >= *what.deadline) return WAIT_TIMEOUT;
    thread.wakeup.wait(next);
  }
}

}  // namespace backhaul::bits

using namespace backhaul::bits;

namespace {
thread_local DWORD last_error = ERROR_SUCCESS;
}

DWORD GetLastError() { return last_error; }
void SetLastError(DWORD error) { last_error = error; }

HANDLE CreateEventW(LPSECURITY_ATTRIBUTES, BOOL manual_reset, BOOL initial, LPCWSTR name) {
  return create(false, manual_reset, initial, name);
}

BOOL SetEvent(HANDLE event) {
  return change(event, false, [](Waitable& object) { object.set = true; });
}

BOOL ResetEvent(HANDLE event) {
  return change(event, false, [](Waitable& object) { object.set = false; });
}

BOOL CloseHandle(HANDLE handle) {
  std::shared_ptr<Waitable> closed;
  {
    const std::lock_guard lock(kernel_mutex());
    const auto found = handles().objects.find(number_of(handle));
    if (found != handles().objects.end()) {
      closed = std::move(found->second);
      handles().objects.erase(found);
    }
  }
  return closed != nullptr ? TRUE : fail(ERROR_INVALID_HANDLE);
}

HANDLE CreateWaitableTimerW(LPSECURITY_ATTRIBUTES, BOOL manual_reset, LPCWSTR name) {
  return create(true, manual_reset, FALSE, name);
}

BOOL SetWaitableTimer(HANDLE timer, const LARGE_INTEGER* due_time, LONG period,
                      PTIMERAPCROUTINE completion, LPVOID, BOOL) {
  if (due_time == nullptr || period < 0) return fail(ERROR_INVALID_PARAMETER);
  if (completion != nullptr) return fail(ERROR_NOT_SUPPORTED);
  LONGLONG units = -due_time->QuadPart;  // of 100 ns, from now
  if (units < 0) {
    FILETIME now;
    GetSystemTimeAsFileTime(&now);
    const auto ticks = (static_cast<LONGLONG>(now.dwHighDateTime) << 32) | now.dwLowDateTime;
    units = std::max<LONGLONG>(0, due_time->QuadPart - ticks);
  }
  constexpr LONGLONG century = 100LL * 366 * 24 * 3600 * 10'000'000;
  const auto due = Clock::now() + std::chrono::nanoseconds(std::min(units, century / 4) * 100);
  return change(timer, true, [&](Waitable& object) {
    object.set = false;
    object.due = due;
    object.period = std::chrono::milliseconds(period);
  });
}

BOOL CancelWaitableTimer(HANDLE timer) {
  return change(timer, true, [](Waitable& object) { object.due.reset(); });
}

DWORD WaitForMultipleObjects(DWORD count, const HANDLE* list, BOOL all, DWORD milliseconds) {
  try {
    auto objects = waitables_of(list, count);
    if (!objects || count == 0) {
      fail(count == 0 || count > MAXIMUM_WAIT_OBJECTS || list == nullptr ? ERROR_INVALID_PARAMETER
                                                                         : ERROR_INVALID_HANDLE);
      return WAIT_FAILED;
    }
    return wait_for({std::move(*objects), all != FALSE, deadline_in(milliseconds), nullptr});
  } catch (const std::bad_alloc&) {
    fail(ERROR_NOT_ENOUGH_MEMORY);
    return WAIT_FAILED;
  }
}

DWORD WaitForSingleObject(HANDLE handle, DWORD milliseconds) {
  return WaitForMultipleObjects(1, &handle, FALSE, milliseconds);
}
