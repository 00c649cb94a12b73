// SPDX-License-Identifier: Apache-2.0
// BITS 5.0: properties of jobs and files, among them the callback class and the cost of networks.
// Rules for every method: bits.h. Sources: interfaces.md §4.7, jobs.md §11, §12,
// notifications.md §9, §11.
#ifndef BACKHAUL_BITS_BITS5_0_H
#define BACKHAUL_BITS_BITS5_0_H
#define __bits5_0_h__

#include "bits4_0.h"

// BITS_JOB_PROPERTY_ID_COST_FLAGS: the states of the network in which the job may run.
#define BITS_COST_STATE_UNRESTRICTED 0x1          ///< unmetered or unknown
#define BITS_COST_STATE_CAPPED_USAGE_UNKNOWN 0x2  ///< metered
#define BITS_COST_STATE_BELOW_CAP 0x4
#define BITS_COST_STATE_NEAR_CAP 0x8
#define BITS_COST_STATE_OVERCAP_CHARGED 0x10
#define BITS_COST_STATE_OVERCAP_THROTTLED 0x20
#define BITS_COST_STATE_USAGE_BASED 0x40
#define BITS_COST_STATE_ROAMING 0x80
#define BITS_COST_OPTION_IGNORE_CONGESTION 0x80000000
#define BITS_COST_STATE_RESERVED 0x40000000
#define BITS_COST_STATE_TRANSFER_NOT_ROAMING                                                     \
  (BITS_COST_OPTION_IGNORE_CONGESTION | BITS_COST_STATE_USAGE_BASED |                            \
   BITS_COST_STATE_OVERCAP_THROTTLED | BITS_COST_STATE_OVERCAP_CHARGED |                         \
   BITS_COST_STATE_NEAR_CAP | BITS_COST_STATE_BELOW_CAP | BITS_COST_STATE_CAPPED_USAGE_UNKNOWN | \
   BITS_COST_STATE_UNRESTRICTED)
#define BITS_COST_STATE_TRANSFER_NO_SURCHARGE                                                 \
  (BITS_COST_OPTION_IGNORE_CONGESTION | BITS_COST_STATE_USAGE_BASED |                         \
   BITS_COST_STATE_OVERCAP_THROTTLED | BITS_COST_STATE_NEAR_CAP | BITS_COST_STATE_BELOW_CAP | \
   BITS_COST_STATE_CAPPED_USAGE_UNKNOWN | BITS_COST_STATE_UNRESTRICTED)
#define BITS_COST_STATE_TRANSFER_STANDARD                             \
  (BITS_COST_OPTION_IGNORE_CONGESTION | BITS_COST_STATE_USAGE_BASED | \
   BITS_COST_STATE_OVERCAP_THROTTLED | BITS_COST_STATE_BELOW_CAP |    \
   BITS_COST_STATE_CAPPED_USAGE_UNKNOWN | BITS_COST_STATE_UNRESTRICTED)
#define BITS_COST_STATE_TRANSFER_UNRESTRICTED                               \
  (BITS_COST_OPTION_IGNORE_CONGESTION | BITS_COST_STATE_OVERCAP_THROTTLED | \
   BITS_COST_STATE_UNRESTRICTED)
#define BITS_COST_STATE_TRANSFER_ALWAYS \
  (BITS_COST_STATE_TRANSFER_NOT_ROAMING | BITS_COST_STATE_ROAMING)

/// Ready-made cost flags; assign them to BITS_JOB_PROPERTY_VALUE::Dword.
enum BITS_JOB_TRANSFER_POLICY : DWORD {
  BITS_JOB_TRANSFER_POLICY_ALWAYS = 0x800000ff,
  BITS_JOB_TRANSFER_POLICY_NOT_ROAMING = 0x8000007f,
  BITS_JOB_TRANSFER_POLICY_NO_SURCHARGE = 0x8000006f,
  BITS_JOB_TRANSFER_POLICY_STANDARD = 0x80000067,
  BITS_JOB_TRANSFER_POLICY_UNRESTRICTED = 0x80000021,
};

/// The member of BITS_JOB_PROPERTY_VALUE that carries it is named after each.
enum BITS_JOB_PROPERTY_ID : INT {
  /// Dword. BITS_COST_STATE_*; until it is set the value follows priority and policy.
  BITS_JOB_PROPERTY_ID_COST_FLAGS = 1,
  /// ClsID. The class whose instance is called when no callback object can be: its program is
  /// started if it does not run. It is stored with the job and survives restarts. GUID_NULL, the
  /// default, clears it; the last caller wins. (notifications.md §9)
  BITS_JOB_PROPERTY_NOTIFICATION_CLSID = 2,
  /// Enable. The server need not give a size or honour ranges; settable before the first Resume.
  BITS_JOB_PROPERTY_DYNAMIC_CONTENT = 3,
  /// Enable. Written straight to the local name; settable before the first file.
  BITS_JOB_PROPERTY_HIGH_PERFORMANCE = 4,
  /// Uint64. Octets of the whole job; settable before the first Resume; 0 is refused.
  BITS_JOB_PROPERTY_MAX_DOWNLOAD_SIZE = 5,
  /// Target. Only BG_AUTH_TARGET_PROXY: the Kerberos ticket of the session, as SetCredentials of the proxy
  /// with NEGOTIATE and NULL names has it; RemoveCredentials takes it back. 0 where it was not set.
  BITS_JOB_PROPERTY_USE_STORED_CREDENTIALS = 7,
  /// Dword. Milliseconds between calls of JobModification, and of FileRangesTransferred; 500.
  BITS_JOB_PROPERTY_MINIMUM_NOTIFICATION_INTERVAL_MS = 9,
  /// Enable. Only what IBackgroundCopyFile6::RequestFileRanges asks for is transferred.
  BITS_JOB_PROPERTY_ON_DEMAND_MODE = 10,
};

typedef union {
  DWORD Dword;
  GUID ClsID;
  BOOL Enable;
  UINT64 Uint64;
  BG_AUTH_TARGET Target;
} BITS_JOB_PROPERTY_VALUE;

enum BITS_FILE_PROPERTY_ID : INT {
  /// String. The last final response headers of the file, the status line first, lines ended by CR LF;
  /// NULL before any. At most 16 KiB, without cookies. Read only.
  BITS_FILE_PROPERTY_ID_HTTP_RESPONSE_HEADERS = 1,
};

typedef union {
  LPWSTR String;
} BITS_FILE_PROPERTY_VALUE;

BACKHAUL_INTERFACES_BEGIN

#define __IBackgroundCopyJob5_FWD_DEFINED__
#ifndef __IBackgroundCopyJob5_INTERFACE_DEFINED__
#define __IBackgroundCopyJob5_INTERFACE_DEFINED__
struct DECLSPEC_UUID("e847030c-bbba-4657-af6d-484aa42bf1fe") IBackgroundCopyJob5
    : public IBackgroundCopyJob4 {
  /// BG_E_UNKNOWN_PROPERTY_ID. BG_E_READ_ONLY_PROPERTY, ..._AFTER_ADDFILE, ..._AFTER_RESUME.
  /// BG_E_PROPERTY_SUPPORTED_FOR_DOWNLOAD_JOBS_ONLY. BG_E_UNSUPPORTED_JOB_CONFIGURATION.
  virtual HRESULT STDMETHODCALLTYPE SetProperty(BITS_JOB_PROPERTY_ID PropertyId,
                                                BITS_JOB_PROPERTY_VALUE PropertyValue) = 0;
  virtual HRESULT STDMETHODCALLTYPE GetProperty(BITS_JOB_PROPERTY_ID PropertyId,
                                                BITS_JOB_PROPERTY_VALUE* PropertyValue) = 0;
};
#endif
BACKHAUL_INTERFACE_ID(IBackgroundCopyJob5, "e847030c-bbba-4657-af6d-484aa42bf1fe");

#define __IBackgroundCopyFile5_FWD_DEFINED__
#ifndef __IBackgroundCopyFile5_INTERFACE_DEFINED__
#define __IBackgroundCopyFile5_INTERFACE_DEFINED__
struct DECLSPEC_UUID("85c1657f-dafc-40e8-8834-df18ea25717e") IBackgroundCopyFile5
    : public IBackgroundCopyFile4 {
  /// BG_E_READ_ONLY_PROPERTY, BG_E_UNKNOWN_PROPERTY_ID.
  virtual HRESULT STDMETHODCALLTYPE SetProperty(BITS_FILE_PROPERTY_ID PropertyId,
                                                BITS_FILE_PROPERTY_VALUE PropertyValue) = 0;
  /// The String is freed by the caller; empty before any response.
  virtual HRESULT STDMETHODCALLTYPE GetProperty(BITS_FILE_PROPERTY_ID PropertyId,
                                                BITS_FILE_PROPERTY_VALUE* PropertyValue) = 0;
};
#endif
BACKHAUL_INTERFACE_ID(IBackgroundCopyFile5, "85c1657f-dafc-40e8-8834-df18ea25717e");

BACKHAUL_INTERFACES_END

#define __BackgroundCopyManager5_0_FWD_DEFINED__
#define __BackgroundCopyManager5_0_LIBRARY_DEFINED__
class DECLSPEC_UUID("1ecca34c-e88a-44e3-8d6a-8921bde9e452") BackgroundCopyManager5_0;
BACKHAUL_CLASS_ID(BackgroundCopyManager5_0, "1ecca34c-e88a-44e3-8d6a-8921bde9e452");

#include "bits10_1.h"

#endif  // BACKHAUL_BITS_BITS5_0_H
