// SPDX-License-Identifier: Apache-2.0
// Opt-in, with windows.h: the message queue of a thread. There are no windows; a queue is what ends
// the loop of a single-threaded apartment, and looking into it is what lets callbacks in.
//
// The rule (com-surface.md §7): callbacks of objects that a single-threaded apartment registered
// run on that thread, inside GetMessage, PeekMessage, CoWaitForMultipleHandles, and while a method
// of BITS called by this thread waits for its answer. Nowhere else, however long that takes.
// MsgWaitForMultipleObjects returns when one is pending, so that PeekMessage can run it.
#ifndef BACKHAUL_BITS_WINUSER_H
#define BACKHAUL_BITS_WINUSER_H

#include "winbase.h"

typedef struct HWND__* HWND;
typedef UINT_PTR WPARAM;
typedef LONG_PTR LPARAM;
typedef LONG_PTR LRESULT;

typedef struct tagPOINT {
  LONG x;
  LONG y;
} POINT, *PPOINT, *LPPOINT;

typedef struct tagMSG {
  HWND hwnd;
  UINT message;
  WPARAM wParam;
  LPARAM lParam;
  DWORD time;
  POINT pt;
} MSG, *PMSG, *NPMSG, *LPMSG;

#define WM_NULL 0x0000
#define WM_CLOSE 0x0010
#define WM_QUIT 0x0012
#define WM_USER 0x0400
#define WM_APP 0x8000

#define PM_NOREMOVE 0x0000
#define PM_REMOVE 0x0001
#define PM_NOYIELD 0x0002

#define QS_POSTMESSAGE 0x0008
#define QS_TIMER 0x0010
#define QS_SENDMESSAGE 0x0040
#define QS_ALLPOSTMESSAGE 0x0100
#define QS_ALLEVENTS 0x04BF
#define QS_ALLINPUT 0x04FF
#define MWMO_WAITALL 0x0001
#define MWMO_ALERTABLE 0x0002
#define MWMO_INPUTAVAILABLE 0x0004

/// Waits for a message and takes it. 0 for WM_QUIT; -1 on failure (`window` must be NULL or -1).
/// A callback that has run while it waited ends the wait too, with WM_NULL, so that a loop gets to
/// look at what the callback changed. A filter that leaves WM_NULL out leaves that out.
BACKHAUL_WINDOWS_API(BOOL, GetMessageW, (LPMSG message, HWND window, UINT first, UINT last));
/// As GetMessage, but FALSE if nothing is there. A program that asks over and over in vain is held
/// up for a moment each time, and goes on at once when something arrives.
BACKHAUL_WINDOWS_API(BOOL, PeekMessageW,
                     (LPMSG message, HWND window, UINT first, UINT last, UINT remove));
/// Nothing to translate, nobody to dispatch to: FALSE, 0.
BACKHAUL_WINDOWS_API(BOOL, TranslateMessage, (const MSG* message));
BACKHAUL_WINDOWS_API(LRESULT, DispatchMessageW, (const MSG* message));

/// To the calling thread's own queue: `window` must be NULL.
BACKHAUL_WINDOWS_API(BOOL, PostMessageW,
                     (HWND window, UINT message, WPARAM wParam, LPARAM lParam));
/// ERROR_INVALID_THREAD_ID if that thread has no queue: it gets one by CoInitialize, or by looking
/// for messages once.
BACKHAUL_WINDOWS_API(BOOL, PostThreadMessageW,
                     (DWORD thread, UINT message, WPARAM wParam, LPARAM lParam));
/// WM_QUIT for the calling thread, after everything that was posted.
BACKHAUL_WINDOWS_API(void, PostQuitMessage, (int exitCode));

/// WAIT_OBJECT_0 plus the index of a handle, or plus `count` when a message or callback is there.
BACKHAUL_WINDOWS_API(DWORD, MsgWaitForMultipleObjects,
                     (DWORD count, const HANDLE* handles, BOOL waitAll, DWORD milliseconds,
                      DWORD wakeMask));
BACKHAUL_WINDOWS_API(DWORD, MsgWaitForMultipleObjectsEx,
                     (DWORD count, const HANDLE* handles, DWORD milliseconds, DWORD wakeMask,
                      DWORD flags));

inline BOOL GetMessage(LPMSG message, HWND window, UINT first, UINT last) {
  return GetMessageW(message, window, first, last);
}
inline BOOL PeekMessage(LPMSG message, HWND window, UINT first, UINT last, UINT remove) {
  return PeekMessageW(message, window, first, last, remove);
}
inline LRESULT DispatchMessage(const MSG* message) { return DispatchMessageW(message); }
inline BOOL PostMessage(HWND window, UINT message, WPARAM wParam, LPARAM lParam) {
  return PostMessageW(window, message, wParam, lParam);
}
inline BOOL PostThreadMessage(DWORD thread, UINT message, WPARAM wParam, LPARAM lParam) {
  return PostThreadMessageW(thread, message, wParam, lParam);
}

#endif  // BACKHAUL_BITS_WINUSER_H
