// SPDX-License-Identifier: Apache-2.0
// Of winbase.h: ids and time.
#include <time.h>
#include <unistd.h>
#include <windows.h>

#include <algorithm>
#include <cerrno>

namespace {

constexpr LONGLONG ticks_per_second = 10'000'000;   // of a FILETIME
constexpr LONGLONG epoch_seconds = 11'644'473'600;  // from 1601 to 1970
constexpr LONGLONG last_second = 910'692'730'085;   // of what a FILETIME with 63 bits can say

BOOL fail(DWORD error) {
  SetLastError(error);
  return FALSE;
}

LONGLONG ticks_of(const FILETIME& time) {
  return static_cast<LONGLONG>((static_cast<ULONGLONG>(time.dwHighDateTime) << 32) |
                               time.dwLowDateTime);
}

FILETIME filetime_of_ticks(LONGLONG ticks) {
  const auto bits = static_cast<ULONGLONG>(ticks);
  return {static_cast<DWORD>(bits), static_cast<DWORD>(bits >> 32)};
}

WORD word(int value) { return static_cast<WORD>(value); }

SYSTEMTIME systemtime_of(const tm& parts, LONGLONG ticks) {
  return {word(parts.tm_year + 1900),
          word(parts.tm_mon + 1),
          word(parts.tm_wday),
          word(parts.tm_mday),
          word(parts.tm_hour),
          word(parts.tm_min),
          word(std::min(parts.tm_sec, 59)),  // a leap second has no number of its own here
          word(static_cast<int>(ticks % ticks_per_second / 10'000))};
}

FILETIME now() {
  timespec time{};
  clock_gettime(CLOCK_REALTIME, &time);
  return filetime_of_ticks((time.tv_sec + epoch_seconds) * ticks_per_second + time.tv_nsec / 100);
}

time_t seconds_of(LONGLONG ticks) { return ticks / ticks_per_second - epoch_seconds; }

}  // namespace

DWORD GetCurrentThreadId() { return static_cast<DWORD>(gettid()); }
DWORD GetCurrentProcessId() { return static_cast<DWORD>(getpid()); }

ULONGLONG GetTickCount64() {
  timespec time{};
  clock_gettime(CLOCK_BOOTTIME, &time);
  return static_cast<ULONGLONG>(time.tv_sec) * 1000 +
         static_cast<ULONGLONG>(time.tv_nsec) / 1'000'000;
}

DWORD GetTickCount() { return static_cast<DWORD>(GetTickCount64()); }

void Sleep(DWORD milliseconds) {
  if (milliseconds == INFINITE) {
    for (;;) pause();
  }
  timespec left{static_cast<time_t>(milliseconds / 1000),
                static_cast<long>(milliseconds % 1000) * 1'000'000};
  while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR) {
  }
}

BOOL FileTimeToSystemTime(const FILETIME* time, LPSYSTEMTIME result) {
  if (time == nullptr || result == nullptr || ticks_of(*time) < 0) {
    return fail(ERROR_INVALID_PARAMETER);
  }
  const LONGLONG ticks = ticks_of(*time);
  const time_t seconds = seconds_of(ticks);
  tm parts{};
  if (gmtime_r(&seconds, &parts) == nullptr) return fail(ERROR_INVALID_PARAMETER);
  *result = systemtime_of(parts, ticks);
  return TRUE;
}

BOOL SystemTimeToFileTime(const SYSTEMTIME* time, LPFILETIME result) {
  if (time == nullptr || result == nullptr || time->wYear < 1601 || time->wYear > 30827 ||
      time->wMonth < 1 || time->wMonth > 12 || time->wDay < 1 || time->wHour > 23 ||
      time->wMinute > 59 || time->wSecond > 59 || time->wMilliseconds > 999) {
    return fail(ERROR_INVALID_PARAMETER);
  }
  tm parts{};
  parts.tm_year = time->wYear - 1900;
  parts.tm_mon = time->wMonth - 1;
  parts.tm_mday = time->wDay;
  parts.tm_hour = time->wHour;
  parts.tm_min = time->wMinute;
  parts.tm_sec = time->wSecond;
  const LONGLONG seconds = timegm(&parts) + epoch_seconds;
  // timegm makes the 30th of February a day in March.
  if (parts.tm_mday != time->wDay || seconds > last_second) return fail(ERROR_INVALID_PARAMETER);
  *result = filetime_of_ticks(seconds * ticks_per_second + time->wMilliseconds * 10'000);
  return TRUE;
}

// By the offset that is in force now, as on Windows.
BOOL FileTimeToLocalFileTime(const FILETIME* time, LPFILETIME result) {
  if (time == nullptr || result == nullptr) return fail(ERROR_INVALID_PARAMETER);
  const time_t seconds = seconds_of(ticks_of(now()));
  tm parts{};
  if (localtime_r(&seconds, &parts) == nullptr) return fail(ERROR_INVALID_PARAMETER);
  const LONGLONG local = ticks_of(*time) + parts.tm_gmtoff * ticks_per_second;
  if (ticks_of(*time) < 0 || local < 0) return fail(ERROR_INVALID_PARAMETER);
  *result = filetime_of_ticks(local);
  return TRUE;
}

LONG CompareFileTime(const FILETIME* a, const FILETIME* b) {
  const auto first = static_cast<ULONGLONG>(ticks_of(*a));
  const auto second = static_cast<ULONGLONG>(ticks_of(*b));
  return first < second ? -1 : first > second ? 1 : 0;
}

void GetSystemTimeAsFileTime(LPFILETIME result) { *result = now(); }

void GetSystemTime(LPSYSTEMTIME result) {
  const FILETIME time = now();
  FileTimeToSystemTime(&time, result);
}

void GetLocalTime(LPSYSTEMTIME result) {
  const LONGLONG ticks = ticks_of(now());
  const time_t seconds = seconds_of(ticks);
  tm parts{};
  localtime_r(&seconds, &parts);
  *result = systemtime_of(parts, ticks);
}
