// SPDX-License-Identifier: Apache-2.0
// The interfaces of BITS, source compatible: BITS 1.0 and 1.2 here, later versions in bits1_5.h to
// bits10_3.h, which this header includes. Every header can be included alone, in any order, and
// none hides anything by version: programs find out at run time, by creating the class of a version
// and by QueryInterface.
//
// Rules for every method. Each comment below says only what it adds to these.
//
//  Results     S_OK or another success code; else a failure, and nothing was changed.
//    E_INVALIDARG              an out pointer or a required argument is NULL, or out of its range,
//                              or a text is not valid Unicode
//    E_ACCESSDENIED            the caller is neither the owner of the job nor an administrator
//    BG_E_INVALID_STATE        a change of a job that is ACKNOWLEDGED or CANCELLED, whatever else is wrong
//                              with it (but RPC_X_NULL_REF_POINTER). Getters keep answering as long
//                              as a pointer to the job is held
//    E_OUTOFMEMORY
//    RPC_E_DISCONNECTED        the connection to the service broke during the call, or the process
//                              was forked; later calls through the same pointer connect again
//    HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE)  the service cannot be started
//    E_NOTIMPL                 beside what is said below
//      IBackgroundCopyManager    CreateJob of uploads, with or without a reply: there are none yet
//      IBackgroundCopyJob2       GetReplyProgress, GetReplyData, SetReplyFileName, GetReplyFileName: as
//                                BITS answers for every job that is no upload with a reply
//  Ownership   `out` strings, arrays and blobs are freed by the caller with CoTaskMemFree, `out`
//              interfaces with Release. In parameters are borrowed for the call. On failure `out`
//              pointers are NULL.
//  Strings     wchar_t, zero terminated, UTF-32. Lengths in the documented limits are UTF-16 units
//              without the terminator, as on Windows.
//  Units       sizes and offsets in octets, BG_SIZE_UNKNOWN if unknown; times as FILETIME (100 ns
//              since 1601, UTC; zero if it has not happened); delays in seconds unless named _MS.
//  Threads     every method may be called on any thread, several at once, also inside a callback.
//              Objects are live views of what the service holds, except errors and enumerators,
//              which are snapshots. In one process a job is always the same object: pointers to
//              its IUnknown can be compared.
//  Slots       methods stand in the documented order; new ones only ever in a new interface.
//
// Sources: ids, order, types, constants: interfaces.md. Behaviour: jobs.md, files.md, errors.md,
// notifications.md; the section is named where a comment states a rule.
#ifndef BACKHAUL_BITS_BITS_H
#define BACKHAUL_BITS_BITS_H
#define __bits_h__

#include "bitsmsg.h"
#include "combaseapi.h"

struct IBackgroundCopyJob;
struct IBackgroundCopyError;

#define BG_SIZE_UNKNOWN (static_cast<::UINT64>(-1))

// Notify flags (notifications.md §2). They gate the callback object, the callback class and the
// command line alike.
#define BG_NOTIFY_JOB_TRANSFERRED 0x0001          ///< all files are transferred
#define BG_NOTIFY_JOB_ERROR 0x0002                ///< the job entered BG_JOB_STATE_ERROR
#define BG_NOTIFY_DISABLE 0x0004                  ///< nothing, whatever the other flags say
#define BG_NOTIFY_JOB_MODIFICATION 0x0008         ///< a property, the state, progress changed
#define BG_NOTIFY_FILE_TRANSFERRED 0x0010         ///< one file is transferred (Callback2)
#define BG_NOTIFY_FILE_RANGES_TRANSFERRED 0x0020  ///< bytes of a file arrived (Callback3)

/// IBackgroundCopyManager::EnumJobs: the jobs of every user; administrators only.
#define BG_JOB_ENUM_ALL_USERS 0x0001

/// Where an error arose (errors.md §3).
enum BG_ERROR_CONTEXT : INT {
  BG_ERROR_CONTEXT_NONE = 0,
  BG_ERROR_CONTEXT_UNKNOWN = 1,
  BG_ERROR_CONTEXT_GENERAL_QUEUE_MANAGER = 2,
  BG_ERROR_CONTEXT_QUEUE_MANAGER_NOTIFICATION = 3,
  BG_ERROR_CONTEXT_LOCAL_FILE = 4,
  BG_ERROR_CONTEXT_REMOTE_FILE = 5,
  BG_ERROR_CONTEXT_GENERAL_TRANSPORT = 6,
  BG_ERROR_CONTEXT_REMOTE_APPLICATION = 7,
  BG_ERROR_CONTEXT_SERVER_CERTIFICATE_CALLBACK = 8,
};

/// Foreground jobs compete with other programs; the others use idle bandwidth only (jobs.md §6).
enum BG_JOB_PRIORITY : INT {
  BG_JOB_PRIORITY_FOREGROUND = 0,
  BG_JOB_PRIORITY_HIGH = 1,
  BG_JOB_PRIORITY_NORMAL = 2,
  BG_JOB_PRIORITY_LOW = 3,
};

/// The states of a job (jobs.md §3). ACKNOWLEDGED and CANCELLED are final.
enum BG_JOB_STATE : INT {
  BG_JOB_STATE_QUEUED = 0,
  BG_JOB_STATE_CONNECTING = 1,
  BG_JOB_STATE_TRANSFERRING = 2,
  BG_JOB_STATE_SUSPENDED = 3,
  BG_JOB_STATE_ERROR = 4,
  BG_JOB_STATE_TRANSIENT_ERROR = 5,
  BG_JOB_STATE_TRANSFERRED = 6,
  BG_JOB_STATE_ACKNOWLEDGED = 7,
  BG_JOB_STATE_CANCELLED = 8,
};

enum BG_JOB_TYPE : INT {
  BG_JOB_TYPE_DOWNLOAD = 0,
  BG_JOB_TYPE_UPLOAD = 1,
  BG_JOB_TYPE_UPLOAD_REPLY = 2,
};

/// By which way the servers of a job are reached (jobs.md §19).
enum BG_JOB_PROXY_USAGE : INT {
  /// As http_proxy, https_proxy, all_proxy and no_proxy said where CreateJob was called; where they
  /// name no proxy, as the settings of the desktop do.
  BG_JOB_PROXY_USAGE_PRECONFIG = 0,
  BG_JOB_PROXY_USAGE_NO_PROXY = 1,
  BG_JOB_PROXY_USAGE_OVERRIDE = 2,
  /// As the network says (WPAD); none where it says nothing. Where its script cannot be run: ERROR,
  /// BG_E_INVALID_PROXY_INFO.
  BG_JOB_PROXY_USAGE_AUTODETECT = 3,
};

/// Octets of one file. Completed of a download: TRUE only after Complete() published the file.
typedef struct _BG_FILE_PROGRESS {
  UINT64 BytesTotal;        ///< BG_SIZE_UNKNOWN until known; of a file with ranges, their sum
  UINT64 BytesTransferred;  ///< falls back when the file starts over
  BOOL Completed;
} BG_FILE_PROGRESS;

/// One file of AddFileSet; the strings stay the caller's.
typedef struct _BG_FILE_INFO {
  LPWSTR RemoteName;
  LPWSTR LocalName;
} BG_FILE_INFO;

/// Octets and files of one job. BytesTotal is 0 without files and BG_SIZE_UNKNOWN while the size of
/// any file is unknown: never divide blindly.
typedef struct _BG_JOB_PROGRESS {
  UINT64 BytesTotal;
  UINT64 BytesTransferred;
  ULONG FilesTotal;
  ULONG FilesTransferred;
} BG_JOB_PROGRESS;

/// Moments of one job; TransferCompletionTime is that of the state TRANSFERRED, zero before.
typedef struct _BG_JOB_TIMES {
  FILETIME CreationTime;
  FILETIME ModificationTime;
  FILETIME TransferCompletionTime;
} BG_JOB_TIMES;

BACKHAUL_INTERFACES_BEGIN

#define __IBackgroundCopyFile_FWD_DEFINED__
#ifndef __IBackgroundCopyFile_INTERFACE_DEFINED__
#define __IBackgroundCopyFile_INTERFACE_DEFINED__
/// One file of a job (files.md). Lives as long as it is held, also past the end of the job.
struct DECLSPEC_UUID("01b7bd23-fb88-4a77-8490-5891d3e4653a") IBackgroundCopyFile : public IUnknown {
  /// The name as it is now: after SetRemoteName, ReplaceRemotePrefix or a reported redirect; without the user
  /// and the password that it was given with.
  virtual HRESULT STDMETHODCALLTYPE GetRemoteName(LPWSTR* pVal) = 0;
  /// The name as given to AddFile.
  virtual HRESULT STDMETHODCALLTYPE GetLocalName(LPWSTR* pVal) = 0;
  virtual HRESULT STDMETHODCALLTYPE GetProgress(BG_FILE_PROGRESS* pVal) = 0;
};
#endif
BACKHAUL_INTERFACE_ID(IBackgroundCopyFile, "01b7bd23-fb88-4a77-8490-5891d3e4653a");

#define __IEnumBackgroundCopyFiles_FWD_DEFINED__
#ifndef __IEnumBackgroundCopyFiles_INTERFACE_DEFINED__
#define __IEnumBackgroundCopyFiles_INTERFACE_DEFINED__
/// The files of a job in the order they were added, as the list was when it was asked for.
struct DECLSPEC_UUID("ca51e165-c365-424c-8d41-24aaa4ff3c40") IEnumBackgroundCopyFiles
    : public IUnknown {
  /// Gives up to `celt` files and moves on. S_FALSE: fewer were left. pceltFetched, the number
  /// given, may be NULL only if celt is 1.
  virtual HRESULT STDMETHODCALLTYPE Next(ULONG celt, IBackgroundCopyFile** rgelt,
                                         ULONG* pceltFetched) = 0;
  /// S_FALSE: fewer than `celt` were left; the position is then the end.
  virtual HRESULT STDMETHODCALLTYPE Skip(ULONG celt) = 0;
  /// Back to the first, of the same list.
  virtual HRESULT STDMETHODCALLTYPE Reset() = 0;
  /// Another enumerator of the same list at the same position.
  virtual HRESULT STDMETHODCALLTYPE Clone(IEnumBackgroundCopyFiles** ppenum) = 0;
  /// The size of the list, wherever the position is.
  virtual HRESULT STDMETHODCALLTYPE GetCount(ULONG* puCount) = 0;
};
#endif
BACKHAUL_INTERFACE_ID(IEnumBackgroundCopyFiles, "ca51e165-c365-424c-8d41-24aaa4ff3c40");

#define __IBackgroundCopyError_FWD_DEFINED__
#ifndef __IBackgroundCopyError_INTERFACE_DEFINED__
#define __IBackgroundCopyError_INTERFACE_DEFINED__
/// What went wrong, as it was when GetError or JobError gave it (errors.md §4).
struct DECLSPEC_UUID("19c613a0-fcb8-4f28-81ae-897c3d078f81") IBackgroundCopyError
    : public IUnknown {
  virtual HRESULT STDMETHODCALLTYPE GetError(BG_ERROR_CONTEXT* pContext, HRESULT* pCode) = 0;
  /// The file in question. BG_E_FILE_NOT_AVAILABLE: the error does not belong to one.
  virtual HRESULT STDMETHODCALLTYPE GetFile(IBackgroundCopyFile** pVal) = 0;
  /// A sentence about the code. LanguageId as in backhaul_locale.h: 0 is E_INVALIDARG, a language
  /// without texts HRESULT_FROM_WIN32(ERROR_RESOURCE_LANG_NOT_FOUND).
  virtual HRESULT STDMETHODCALLTYPE GetErrorDescription(DWORD LanguageId,
                                                        LPWSTR* pErrorDescription) = 0;
  /// A sentence about the context, by the same rules.
  virtual HRESULT STDMETHODCALLTYPE GetErrorContextDescription(DWORD LanguageId,
                                                               LPWSTR* pContextDescription) = 0;
  /// "http" (for https too) or "file". BG_E_PROTOCOL_NOT_AVAILABLE: the error belongs to none.
  virtual HRESULT STDMETHODCALLTYPE GetProtocol(LPWSTR* pProtocol) = 0;
};
#endif
BACKHAUL_INTERFACE_ID(IBackgroundCopyError, "19c613a0-fcb8-4f28-81ae-897c3d078f81");

#define __IBackgroundCopyJob_FWD_DEFINED__
#ifndef __IBackgroundCopyJob_INTERFACE_DEFINED__
#define __IBackgroundCopyJob_INTERFACE_DEFINED__
/// One job (jobs.md). Also answers QueryInterface for IBackgroundCopyJob2 to Job5, for
/// IBackgroundCopyJobHttpOptions to HttpOptions3 and for IBitsTokenOptions.
struct DECLSPEC_UUID("37668d37-507e-4160-9316-26306d150b12") IBackgroundCopyJob : public IUnknown {
  /// Adds files, all or none; rules per file as AddFile. An upload job takes one file in all, else
  /// BG_E_TOO_MANY_FILES.
  virtual HRESULT STDMETHODCALLTYPE AddFileSet(ULONG cFileCount, BG_FILE_INFO* pFileSet) = 0;
  /// Adds a file, in any state that is not final; a TRANSFERRED job then needs Resume. RemoteUrl is
  /// sent as given, nothing is escaped; up to 2,200 characters, 260 between two slashes; http, https, or
  /// a file of this machine as an absolute path or file:///path. LocalName is
  /// an absolute path of up to MAX_PATH characters whose directory exists and is writable by the owner.
  /// E_INVALIDARG: a name is missing, too long or malformed. HRESULT_FROM_WIN32(ERROR_BAD_FILE_TYPE):
  /// something that is no ordinary file has that name.
  /// HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND): no such directory. BG_E_TOO_MANY_FILES_IN_JOB.
  /// (files.md §1, §2)
  virtual HRESULT STDMETHODCALLTYPE AddFile(LPCWSTR RemoteUrl, LPCWSTR LocalName) = 0;
  virtual HRESULT STDMETHODCALLTYPE EnumFiles(IEnumBackgroundCopyFiles** pEnum) = 0;
  /// Stops the transfers of the job. S_OK without effect on a job that is not running.
  virtual HRESULT STDMETHODCALLTYPE Suspend() = 0;
  /// Starts a new, stopped or failed job. BG_E_EMPTY: it has no files.
  virtual HRESULT STDMETHODCALLTYPE Resume() = 0;
  /// Ends the job and deletes what it transferred. BG_S_UNABLE_TO_DELETE_FILES: some is left over.
  virtual HRESULT STDMETHODCALLTYPE Cancel() = 0;
  /// Ends the job and gives the transferred files their names, replacing existing ones. May be
  /// called before all is transferred, for downloads. BG_S_PARTIAL_COMPLETE: incomplete files were
  /// deleted. If a file cannot be renamed its error is returned, the job stays TRANSFERRED and a
  /// second call does the rest. (jobs.md §13)
  virtual HRESULT STDMETHODCALLTYPE Complete() = 0;
  virtual HRESULT STDMETHODCALLTYPE GetId(GUID* pVal) = 0;
  virtual HRESULT STDMETHODCALLTYPE GetType(BG_JOB_TYPE* pVal) = 0;
  virtual HRESULT STDMETHODCALLTYPE GetProgress(BG_JOB_PROGRESS* pVal) = 0;
  virtual HRESULT STDMETHODCALLTYPE GetTimes(BG_JOB_TIMES* pVal) = 0;
  virtual HRESULT STDMETHODCALLTYPE GetState(BG_JOB_STATE* pVal) = 0;
  /// The error of a job in ERROR or TRANSIENT_ERROR; BG_E_ERROR_INFORMATION_UNAVAILABLE otherwise.
  virtual HRESULT STDMETHODCALLTYPE GetError(IBackgroundCopyError** ppError) = 0;
  /// The owner as a security id in text form: S-1-22-1-<uid>.
  virtual HRESULT STDMETHODCALLTYPE GetOwner(LPWSTR* pVal) = 0;
  /// Up to 256 characters, need not be unique. BG_E_STRING_TOO_LONG.
  virtual HRESULT STDMETHODCALLTYPE SetDisplayName(LPCWSTR Val) = 0;
  virtual HRESULT STDMETHODCALLTYPE GetDisplayName(LPWSTR* pVal) = 0;
  /// Up to 1,024 characters. BG_E_STRING_TOO_LONG.
  virtual HRESULT STDMETHODCALLTYPE SetDescription(LPCWSTR Val) = 0;
  virtual HRESULT STDMETHODCALLTYPE GetDescription(LPWSTR* pVal) = 0;
  /// Takes effect at once. E_NOTIMPL: not a priority. Default NORMAL.
  virtual HRESULT STDMETHODCALLTYPE SetPriority(BG_JOB_PRIORITY Val) = 0;
  virtual HRESULT STDMETHODCALLTYPE GetPriority(BG_JOB_PRIORITY* pVal) = 0;
  /// BG_NOTIFY_* in any combination, replacing the last. E_NOTIMPL: an undefined bit. An event that
  /// has happened and is now asked for is delivered. Default: transferred and error.
  /// (notifications.md §2, §5)
  virtual HRESULT STDMETHODCALLTYPE SetNotifyFlags(ULONG Val) = 0;
  virtual HRESULT STDMETHODCALLTYPE GetNotifyFlags(ULONG* pVal) = 0;
  /// Sets the object to call, NULL for none; the last caller of any process wins. It is asked for
  /// IBackgroundCopyCallback3, then 2, then IBackgroundCopyCallback; E_NOINTERFACE: it has none.
  /// The library keeps a reference until the object is replaced, the job ends, or the service drops
  /// it, so the caller may release its own at once. If the job already is TRANSFERRED or in ERROR,
  /// that is notified now. The object is called on threads of the library, several at once; what it
  /// throws counts as E_FAIL. (notifications.md §6, §7)
  virtual HRESULT STDMETHODCALLTYPE SetNotifyInterface(IUnknown* Val) = 0;
  /// The object set by this process; a stand-in that can only be compared with NULL if another
  /// process set it; NULL if none did. S_OK in each case.
  virtual HRESULT STDMETHODCALLTYPE GetNotifyInterface(IUnknown** pVal) = 0;
  /// Wait after a transient error; 600 by default, below 5 becomes 5. Above the no-progress timeout
  /// there is no retry. (jobs.md §9)
  virtual HRESULT STDMETHODCALLTYPE SetMinimumRetryDelay(ULONG Seconds) = 0;
  virtual HRESULT STDMETHODCALLTYPE GetMinimumRetryDelay(ULONG* Seconds) = 0;
  /// How long transient errors may last without a byte of progress before they become ERROR; 14
  /// days by default, 0 for never retry.
  virtual HRESULT STDMETHODCALLTYPE SetNoProgressTimeout(ULONG Seconds) = 0;
  virtual HRESULT STDMETHODCALLTYPE GetNoProgressTimeout(ULONG* Seconds) = 0;
  /// How often the job failed, transient failures included. Never reset.
  virtual HRESULT STDMETHODCALLTYPE GetErrorCount(ULONG* Errors) = 0;
  /// Lists only with OVERRIDE, there ProxyList is required; entries are separated by blanks. Up to
  /// 32,000 characters each: BG_E_PROXY_LIST_TOO_LARGE, BG_E_PROXY_BYPASS_LIST_TOO_LARGE.
  /// E_NOTIMPL: not a usage. What the lists say is looked at when they are used: ERROR,
  /// BG_E_INVALID_PROXY_INFO. The getter leaves out user and password of a proxy; lists that are not
  /// set are NULL. (jobs.md §19)
  virtual HRESULT STDMETHODCALLTYPE SetProxySettings(BG_JOB_PROXY_USAGE ProxyUsage,
                                                     const WCHAR* ProxyList,
                                                     const WCHAR* ProxyBypassList) = 0;
  virtual HRESULT STDMETHODCALLTYPE GetProxySettings(BG_JOB_PROXY_USAGE* pProxyUsage,
                                                     LPWSTR* pProxyList,
                                                     LPWSTR* pProxyBypassList) = 0;
  /// Makes the caller, an administrator, the owner; removes credentials, client certificate, custom
  /// headers and the notification command line. (jobs.md §8)
  virtual HRESULT STDMETHODCALLTYPE TakeOwnership() = 0;
};
#endif
BACKHAUL_INTERFACE_ID(IBackgroundCopyJob, "37668d37-507e-4160-9316-26306d150b12");

#define __IEnumBackgroundCopyJobs_FWD_DEFINED__
#ifndef __IEnumBackgroundCopyJobs_INTERFACE_DEFINED__
#define __IEnumBackgroundCopyJobs_INTERFACE_DEFINED__
/// Jobs, in no particular order, as the queue was when it was asked for. A job that ended since is
/// still given and answers GetState.
struct DECLSPEC_UUID("1af4f612-3b71-466f-8f58-7b6f73ac57ad") IEnumBackgroundCopyJobs
    : public IUnknown {
  /// The methods work as those of IEnumBackgroundCopyFiles.
  virtual HRESULT STDMETHODCALLTYPE Next(ULONG celt, IBackgroundCopyJob** rgelt,
                                         ULONG* pceltFetched) = 0;
  virtual HRESULT STDMETHODCALLTYPE Skip(ULONG celt) = 0;
  virtual HRESULT STDMETHODCALLTYPE Reset() = 0;
  virtual HRESULT STDMETHODCALLTYPE Clone(IEnumBackgroundCopyJobs** ppenum) = 0;
  virtual HRESULT STDMETHODCALLTYPE GetCount(ULONG* puCount) = 0;
};
#endif
BACKHAUL_INTERFACE_ID(IEnumBackgroundCopyJobs, "1af4f612-3b71-466f-8f58-7b6f73ac57ad");

#define __IBackgroundCopyCallback_FWD_DEFINED__
#ifndef __IBackgroundCopyCallback_INTERFACE_DEFINED__
#define __IBackgroundCopyCallback_INTERFACE_DEFINED__
/// Implemented by programs that want to be told; register it with SetNotifyInterface or serve it as
/// a class named by BITS_JOB_PROPERTY_NOTIFICATION_CLSID. (notifications.md §3, §4, §15)
///
/// The pointers passed are borrowed: do not release them; AddRef what is to be kept. Every method
/// of an interface must exist and return S_OK, even if its flag is off. Any method of BITS may be
/// called inside, Complete and SetNotifyInterface included. Calls come on threads of the library,
/// at most four at once for all jobs of a user: return soon and work elsewhere.
struct DECLSPEC_UUID("97ea99c7-0186-4ad4-8df9-c5b4e0ed6b22") IBackgroundCopyCallback
    : public IUnknown {
  /// All files are transferred; usually answered by Complete. Only S_OK means handled: otherwise
  /// the command line runs if there is one, else the call comes again after the minimum retry
  /// delay.
  virtual HRESULT STDMETHODCALLTYPE JobTransferred(IBackgroundCopyJob* pJob) = 0;
  /// The job is in ERROR; repair and Resume, or Cancel, or Complete to keep what arrived. Handled
  /// as JobTransferred.
  virtual HRESULT STDMETHODCALLTYPE JobError(IBackgroundCopyJob* pJob,
                                             IBackgroundCopyError* pError) = 0;
  /// Something about the job changed, but not to TRANSFERRED or ERROR. Changes are merged and rate
  /// limited; the call may come after JobTransferred, even after the job ended; it is not repeated.
  virtual HRESULT STDMETHODCALLTYPE JobModification(IBackgroundCopyJob* pJob, DWORD dwReserved) = 0;
};
#endif
BACKHAUL_INTERFACE_ID(IBackgroundCopyCallback, "97ea99c7-0186-4ad4-8df9-c5b4e0ed6b22");

#define __AsyncIBackgroundCopyCallback_FWD_DEFINED__
#ifndef __AsyncIBackgroundCopyCallback_INTERFACE_DEFINED__
#define __AsyncIBackgroundCopyCallback_INTERFACE_DEFINED__
/// The asynchronous twin of IBackgroundCopyCallback, declared for completeness (interfaces.md §7).
/// Nobody implements or calls it.
struct DECLSPEC_UUID("ca29d251-b4bb-4679-a3d9-ae8006119d54") AsyncIBackgroundCopyCallback
    : public IUnknown {
  virtual HRESULT STDMETHODCALLTYPE Begin_JobTransferred(IBackgroundCopyJob* pJob) = 0;
  virtual HRESULT STDMETHODCALLTYPE Finish_JobTransferred() = 0;
  virtual HRESULT STDMETHODCALLTYPE Begin_JobError(IBackgroundCopyJob* pJob,
                                                   IBackgroundCopyError* pError) = 0;
  virtual HRESULT STDMETHODCALLTYPE Finish_JobError() = 0;
  virtual HRESULT STDMETHODCALLTYPE Begin_JobModification(IBackgroundCopyJob* pJob,
                                                          DWORD dwReserved) = 0;
  virtual HRESULT STDMETHODCALLTYPE Finish_JobModification() = 0;
};
#endif
BACKHAUL_INTERFACE_ID(AsyncIBackgroundCopyCallback, "ca29d251-b4bb-4679-a3d9-ae8006119d54");

#define __IBackgroundCopyManager_FWD_DEFINED__
#ifndef __IBackgroundCopyManager_INTERFACE_DEFINED__
#define __IBackgroundCopyManager_INTERFACE_DEFINED__
/// The queue: made by CoCreateInstance with the class of any version. Also answers
/// QueryInterface for IBitsPeerCacheAdministration.
struct DECLSPEC_UUID("5ce34c0d-0dc9-4c1f-897c-daa1b78cee7c") IBackgroundCopyManager
    : public IUnknown {
  /// A new job, SUSPENDED, stored before the call returns. DisplayName: at most 256 characters, else
  /// E_INVALIDARG. BG_E_TOO_MANY_JOBS_PER_USER, BG_E_TOO_MANY_JOBS_PER_MACHINE.
  /// RPC_X_NULL_REF_POINTER: pJobId or ppJob is NULL. E_NOTIMPL: an upload.
  virtual HRESULT STDMETHODCALLTYPE CreateJob(LPCWSTR DisplayName, BG_JOB_TYPE Type, GUID* pJobId,
                                              IBackgroundCopyJob** ppJob) = 0;
  /// BG_E_NOT_FOUND: not in the queue (any more).
  virtual HRESULT STDMETHODCALLTYPE GetJob(REFGUID jobID, IBackgroundCopyJob** ppJob) = 0;
  /// The jobs of the caller (0) or of all users (BG_JOB_ENUM_ALL_USERS, administrators only).
  virtual HRESULT STDMETHODCALLTYPE EnumJobs(DWORD dwFlags, IEnumBackgroundCopyJobs** ppEnum) = 0;
  /// A sentence about any code of BITS, HTTP or the system. LanguageId as in
  /// IBackgroundCopyError::GetErrorDescription.
  virtual HRESULT STDMETHODCALLTYPE GetErrorDescription(HRESULT hResult, DWORD LanguageId,
                                                        LPWSTR* pErrorDescription) = 0;
};
#endif
BACKHAUL_INTERFACE_ID(IBackgroundCopyManager, "5ce34c0d-0dc9-4c1f-897c-daa1b78cee7c");

BACKHAUL_INTERFACES_END

// The class of each version creates the same manager (interfaces.md §2).
#define __BackgroundCopyManager_FWD_DEFINED__
#define __BackgroundCopyManager_LIBRARY_DEFINED__
class DECLSPEC_UUID("4991d34b-80a1-4291-83b6-3328366b9097") BackgroundCopyManager;
BACKHAUL_CLASS_ID(BackgroundCopyManager, "4991d34b-80a1-4291-83b6-3328366b9097");

#include "bits1_5.h"

#endif  // BACKHAUL_BITS_BITS_H
