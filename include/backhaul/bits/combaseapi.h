// SPDX-License-Identifier: Apache-2.0
// The functions of COM that BITS clients and callback servers call. They are in libbackhaul-bits.
//
// General rules (com-surface.md §2.3, §2.4, §7):
//  * Every function may be called from any thread unless it says otherwise. After fork the child
//    has no connection: everything that needs one answers RPC_E_DISCONNECTED there.
//  * Out parameters are set to NULL or zero first, so they are defined on failure too.
//  * A thread that calls CoCreateInstance before CoInitializeEx gets CO_E_NOTINITIALIZED.
#ifndef BACKHAUL_BITS_COMBASEAPI_H
#define BACKHAUL_BITS_COMBASEAPI_H

#include <stdlib.h>  // as that header of the SDK does: programs free() what _wcsdup() gave

#include "backhaul_interlocked.h"
#include "backhaul_locale.h"
#include "unknwn.h"

// ---- Apartments --------------------------------------------------------------------------------

/// How a thread uses COM; an argument of CoInitializeEx.
enum COINIT : DWORD {
  COINIT_MULTITHREADED = 0x0,
  COINIT_APARTMENTTHREADED = 0x2,
  COINIT_DISABLE_OLE1DDE = 0x4,
  COINIT_SPEED_OVER_MEMORY = 0x8,
};

/// Joins the calling thread to an apartment. S_OK; S_FALSE if it already is in one of that kind
/// (balance it with CoUninitialize all the same); RPC_E_CHANGED_MODE if it is in one of the other
/// kind (do not balance). `reserved` must be NULL, else E_INVALIDARG; so must no unknown bit be
/// set. No connection is opened before it is needed.
///
/// Multithreaded: callbacks come on threads of the library, several at once. Apartment-threaded:
/// callback and class objects that this thread registers are called on this very thread, and only
/// while it pumps: in GetMessage and PeekMessage (winuser.h), in CoWaitForMultipleHandles, and
/// while a call of BITS that it made waits for its answer, so that a callback that asks its job for
/// something can be entered again by a JobModification.
BACKHAUL_BITS_API HRESULT STDAPICALLTYPE CoInitializeEx(LPVOID reserved, DWORD coInit);
/// Not of COM: the managers that this process makes from now on are those of the service of the machine, on the
/// system bus, as with BACKHAUL_INSTANCE=system in its environment. RPC_E_CHANGED_MODE once a service is in use.
BACKHAUL_BITS_API HRESULT backhaul_use_system_service(void);

/// CoInitializeEx(reserved, COINIT_APARTMENTTHREADED).
BACKHAUL_BITS_API HRESULT STDAPICALLTYPE CoInitialize(LPVOID reserved);
/// Balances one successful CoInitializeEx of the same thread. The last one of an apartment-threaded
/// thread lets go of the callback and class objects that it registered and that are still in use;
/// calls that wait for the thread fail, and are repeated by the service later. So does the end of
/// a thread, but that lets go of nothing at once. The last one of the multithreaded apartment waits,
/// for a moment, until callbacks that are being answered have answered.
BACKHAUL_BITS_API void STDAPICALLTYPE CoUninitialize(void);

enum COWAIT_FLAGS : DWORD {
  COWAIT_DEFAULT = 0x0,
  COWAIT_WAITALL = 0x1,
  COWAIT_ALERTABLE = 0x2,
  COWAIT_INPUTAVAILABLE = 0x4,
  COWAIT_DISPATCH_CALLS = 0x8,
  COWAIT_DISPATCH_WINDOW_MESSAGES = 0x10,
};

/// Waits for one event (or timer) of winbase.h, or with COWAIT_WAITALL for all of them, and lets
/// the callbacks of a single-threaded apartment in meanwhile. The index of the handle in *index, or
/// RPC_S_CALLPENDING when the time (milliseconds; 0xFFFFFFFF: no limit) is over. E_INVALIDARG for
/// what is no handle, for no `index`, and for more than 64.
BACKHAUL_BITS_API HRESULT STDAPICALLTYPE CoWaitForMultipleHandles(DWORD flags, DWORD milliseconds,
                                                                  ULONG count,
                                                                  const HANDLE* handles,
                                                                  LPDWORD index);

// ---- Objects -----------------------------------------------------------------------------------

/// Where the code of an object may run. Everything here runs in another process, so a context that
/// lacks CLSCTX_LOCAL_SERVER finds nothing: REGDB_E_CLASSNOTREG.
enum CLSCTX : DWORD {
  CLSCTX_INPROC_SERVER = 0x1,
  CLSCTX_INPROC_HANDLER = 0x2,
  CLSCTX_LOCAL_SERVER = 0x4,
  CLSCTX_REMOTE_SERVER = 0x10,
  CLSCTX_INPROC = CLSCTX_INPROC_SERVER | CLSCTX_INPROC_HANDLER,
  CLSCTX_SERVER = CLSCTX_INPROC_SERVER | CLSCTX_LOCAL_SERVER | CLSCTX_REMOTE_SERVER,
  CLSCTX_ALL = CLSCTX_SERVER | CLSCTX_INPROC_HANDLER,
};

struct COSERVERINFO;  // naming another machine is not offered: pass NULL

/// Makes an object of a class and gives a reference to its interface `riid`.
/// The ten classes BackgroundCopyManager ... BackgroundCopyManager10_3 give the manager: that is
/// how programs test for a version of BITS. Any other class must have been registered by this
/// process (CoRegisterClassObject): the class objects of other processes are for the service only.
///
/// REGDB_E_CLASSNOTREG: no such class. E_NOINTERFACE: not an interface of the object.
/// CLASS_E_NOAGGREGATION: `outer` is not NULL. CO_E_NOTINITIALIZED: this thread has not called
/// CoInitializeEx. E_POINTER: `object` is NULL. RPC_E_DISCONNECTED or
/// HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE): the service cannot be reached.
BACKHAUL_BITS_API HRESULT STDAPICALLTYPE CoCreateInstance(REFCLSID clsid, LPUNKNOWN outer,
                                                          DWORD context, REFIID riid,
                                                          LPVOID* object);

/// The class object itself, usually an IClassFactory. Same errors; E_INVALIDARG if `server` is not
/// NULL.
BACKHAUL_BITS_API HRESULT STDAPICALLTYPE CoGetClassObject(REFCLSID clsid, DWORD context,
                                                          COSERVERINFO* server, REFIID riid,
                                                          LPVOID* object);

// ---- Serving a class ---------------------------------------------------------------------------

/// How a class object is offered; an argument of CoRegisterClassObject.
enum REGCLS : DWORD {
  REGCLS_SINGLEUSE = 0,       ///< taken back after the first instance
  REGCLS_MULTIPLEUSE = 1,     ///< what servers use
  REGCLS_MULTI_SEPARATE = 2,  ///< as MULTIPLEUSE here
  REGCLS_SUSPENDED = 4,       ///< not offered before CoResumeClassObjects
  REGCLS_SURROGATE = 8,       ///< no meaning here, accepted
  REGCLS_AGILE = 0x10,        ///< no meaning here, accepted
};

/// Offers a class of callbacks on the bus, under the name that BITS_JOB_PROPERTY_NOTIFICATION_CLSID
/// leads to. The library keeps a reference to `factory` until the registration is revoked. A class
/// may be registered more than once; each registration has its own cookie, never 0.
/// CO_E_OBJISREG: another process offers the class now.
///
/// How a server starts: the program is run with the argument -Embedding, registers its classes
/// (with REGCLS_SUSPENDED if there are several), calls CoResumeClassObjects, and must have done so
/// within 60 seconds. How it ends: when its last object is gone it calls CoReleaseServerProcess,
/// and leaves when that answers 0.
BACKHAUL_BITS_API HRESULT STDAPICALLTYPE CoRegisterClassObject(REFCLSID clsid, LPUNKNOWN factory,
                                                               DWORD context, DWORD flags,
                                                               LPDWORD cookie);
/// Takes a registration back and drops the reference. CO_E_OBJNOTREG: no such cookie.
BACKHAUL_BITS_API HRESULT STDAPICALLTYPE CoRevokeClassObject(DWORD cookie);
/// Offers every class registered with REGCLS_SUSPENDED, or suspended since.
BACKHAUL_BITS_API HRESULT STDAPICALLTYPE CoResumeClassObjects(void);
/// Withdraws every class object of the process; a new activation starts a new process.
BACKHAUL_BITS_API HRESULT STDAPICALLTYPE CoSuspendClassObjects(void);
/// Counts one more reason for the process to live; the number is the new count.
BACKHAUL_BITS_API ULONG STDAPICALLTYPE CoAddRefServerProcess(void);
/// Counts one less. At 0 the class objects are suspended in the same step, so that an activation
/// that comes now starts a new process instead of reaching one that is about to end.
BACKHAUL_BITS_API ULONG STDAPICALLTYPE CoReleaseServerProcess(void);

// ---- Memory, ids -------------------------------------------------------------------------------

/// Strings, arrays and blobs that methods give out come from this allocator: the caller frees each
/// with CoTaskMemFree. NULL is allowed.
BACKHAUL_BITS_API LPVOID STDAPICALLTYPE CoTaskMemAlloc(SIZE_T size);
BACKHAUL_BITS_API LPVOID STDAPICALLTYPE CoTaskMemRealloc(LPVOID memory, SIZE_T size);
BACKHAUL_BITS_API void STDAPICALLTYPE CoTaskMemFree(LPVOID memory);

/// A random id.
BACKHAUL_BITS_API HRESULT STDAPICALLTYPE CoCreateGuid(GUID* guid);
/// "{XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX}" in capitals. The number of characters written with the
/// terminator, 39; or 0 if `capacity` (in characters) is smaller.
BACKHAUL_BITS_API int STDAPICALLTYPE StringFromGUID2(REFGUID guid, LPOLESTR text, int capacity);
/// The same text in new memory; free it with CoTaskMemFree.
BACKHAUL_BITS_API HRESULT STDAPICALLTYPE StringFromCLSID(REFCLSID clsid, LPOLESTR* text);
BACKHAUL_BITS_API HRESULT STDAPICALLTYPE StringFromIID(REFIID iid, LPOLESTR* text);
/// Reads that text; the braces are required. CO_E_CLASSSTRING if it is not one, and *clsid is zero.
/// NULL reads as GUID_NULL.
BACKHAUL_BITS_API HRESULT STDAPICALLTYPE CLSIDFromString(LPCOLESTR text, LPCLSID clsid);
/// As CLSIDFromString, but the code is CO_E_IIDSTRING.
BACKHAUL_BITS_API HRESULT STDAPICALLTYPE IIDFromString(LPCOLESTR text, LPIID iid);

// ---- Security ----------------------------------------------------------------------------------

#define RPC_C_AUTHN_LEVEL_DEFAULT 0
#define RPC_C_AUTHN_LEVEL_NONE 1
#define RPC_C_AUTHN_LEVEL_CONNECT 2
#define RPC_C_AUTHN_LEVEL_CALL 3
#define RPC_C_AUTHN_LEVEL_PKT 4
#define RPC_C_AUTHN_LEVEL_PKT_INTEGRITY 5
#define RPC_C_AUTHN_LEVEL_PKT_PRIVACY 6
#define RPC_C_IMP_LEVEL_DEFAULT 0
#define RPC_C_IMP_LEVEL_ANONYMOUS 1
#define RPC_C_IMP_LEVEL_IDENTIFY 2
#define RPC_C_IMP_LEVEL_IMPERSONATE 3
#define RPC_C_IMP_LEVEL_DELEGATE 4
#define RPC_C_AUTHN_NONE 0
#define RPC_C_AUTHN_WINNT 10
#define RPC_C_AUTHN_DEFAULT 0xFFFFFFFF
#define RPC_C_AUTHZ_NONE 0
#define RPC_C_AUTHZ_DEFAULT 0xFFFFFFFF

enum EOLE_AUTHENTICATION_CAPABILITIES : DWORD {
  EOAC_NONE = 0x0,
  EOAC_MUTUAL_AUTH = 0x1,
  EOAC_ACCESS_CONTROL = 0x4,
  EOAC_APPID = 0x8,
  EOAC_DYNAMIC = 0x10,
  EOAC_STATIC_CLOAKING = 0x20,
  EOAC_DYNAMIC_CLOAKING = 0x40,
  EOAC_SECURE_REFS = 0x2,
  EOAC_DISABLE_AAA = 0x1000,
};

typedef void* PSECURITY_DESCRIPTOR;
typedef void* RPC_AUTH_IDENTITY_HANDLE;
typedef struct tagSOLE_AUTHENTICATION_SERVICE {
  DWORD dwAuthnSvc;
  DWORD dwAuthzSvc;
  OLECHAR* pPrincipalName;
  HRESULT hr;
} SOLE_AUTHENTICATION_SERVICE;

/// Accepted and ignored: the bus knows its callers, and their credentials cannot be forged. The
/// second call of a process answers RPC_E_TOO_LATE.
BACKHAUL_BITS_API HRESULT STDAPICALLTYPE CoInitializeSecurity(
    PSECURITY_DESCRIPTOR descriptor, LONG serviceCount, SOLE_AUTHENTICATION_SERVICE* services,
    void* reserved1, DWORD authenticationLevel, DWORD impersonationLevel, void* authenticationList,
    DWORD capabilities, void* reserved3);
/// Accepted and ignored, S_OK; E_INVALIDARG if `proxy` is NULL.
BACKHAUL_BITS_API HRESULT STDAPICALLTYPE
CoSetProxyBlanket(IUnknown* proxy, DWORD authenticationService, DWORD authorizationService,
                  OLECHAR* serverPrincipal, DWORD authenticationLevel, DWORD impersonationLevel,
                  RPC_AUTH_IDENTITY_HANDLE identity, DWORD capabilities);

#endif  // BACKHAUL_BITS_COMBASEAPI_H
