// SPDX-License-Identifier: Apache-2.0
// The ids of everything that the BITS headers declare, as objects. They stand here and not beside
// their interfaces so that DEFINE_GUID knows them, whichever header comes first: a program that
// states one of them once more gets its value checked instead of a second definition.
// abi_test.cc holds the values against the documentation, BACKHAUL_INTERFACE_ID against __uuidof.
// Internal: pulled in by guiddef.h.
#ifndef BACKHAUL_BITS_IDS_H
#define BACKHAUL_BITS_IDS_H

#include "guiddef.h"

#define BACKHAUL_ID(name, text)                                     \
  extern "C" {                                                      \
  BACKHAUL_GUID_CONSTANT name = ::backhaul::bits::parse_uuid(text); \
  }

BACKHAUL_ID(IID_IUnknown, "00000000-0000-0000-c000-000000000046")
BACKHAUL_ID(IID_IClassFactory, "00000001-0000-0000-c000-000000000046")
BACKHAUL_ID(IID_IMarshal, "00000003-0000-0000-c000-000000000046")
BACKHAUL_ID(IID_IBackgroundCopyFile, "01b7bd23-fb88-4a77-8490-5891d3e4653a")
BACKHAUL_ID(IID_IEnumBackgroundCopyFiles, "ca51e165-c365-424c-8d41-24aaa4ff3c40")
BACKHAUL_ID(IID_IBackgroundCopyError, "19c613a0-fcb8-4f28-81ae-897c3d078f81")
BACKHAUL_ID(IID_IBackgroundCopyJob, "37668d37-507e-4160-9316-26306d150b12")
BACKHAUL_ID(IID_IEnumBackgroundCopyJobs, "1af4f612-3b71-466f-8f58-7b6f73ac57ad")
BACKHAUL_ID(IID_IBackgroundCopyCallback, "97ea99c7-0186-4ad4-8df9-c5b4e0ed6b22")
BACKHAUL_ID(IID_AsyncIBackgroundCopyCallback, "ca29d251-b4bb-4679-a3d9-ae8006119d54")
BACKHAUL_ID(IID_IBackgroundCopyManager, "5ce34c0d-0dc9-4c1f-897c-daa1b78cee7c")
BACKHAUL_ID(CLSID_BackgroundCopyManager, "4991d34b-80a1-4291-83b6-3328366b9097")
BACKHAUL_ID(LIBID_BackgroundCopyManager, "1deeb74f-7915-4560-b558-918c83f176a6")
BACKHAUL_ID(IID_IBackgroundCopyJob2, "54b50739-686f-45eb-9dff-d6a9a0faa9af")
BACKHAUL_ID(CLSID_BackgroundCopyManager1_5, "f087771f-d74f-4c1a-bb8a-e16aca9124ea")
BACKHAUL_ID(LIBID_BackgroundCopyManager1_5, "ea9319ea-c628-480f-8331-768fac397e4e")
BACKHAUL_ID(IID_IBackgroundCopyJob3, "443c8934-90ff-48ed-bcde-26f5c7450042")
BACKHAUL_ID(IID_IBackgroundCopyFile2, "83e81b93-0873-474d-8a8c-f2018b1a939c")
BACKHAUL_ID(CLSID_BackgroundCopyManager2_0, "6d18ad12-bde3-4393-b311-099c346e6df9")
BACKHAUL_ID(LIBID_BackgroundCopyManager2_0, "2289a9af-dc96-486e-b268-89c9e3397c3d")
BACKHAUL_ID(IID_IBackgroundCopyJobHttpOptions, "f1bd1079-9f01-4bdc-8036-f09b70095066")
BACKHAUL_ID(CLSID_BackgroundCopyManager2_5, "03ca98d6-ff5d-49b8-abc6-03dd84127020")
BACKHAUL_ID(LIBID_BackgroundCopyManager2_5, "4974177c-3bb6-4c37-9ff0-6b7426f0aba9")
BACKHAUL_ID(IID_IBitsPeerCacheRecord, "659cdeaf-489e-11d9-a9cd-000d56965251")
BACKHAUL_ID(IID_IEnumBitsPeerCacheRecords, "659cdea4-489e-11d9-a9cd-000d56965251")
BACKHAUL_ID(IID_IBitsPeer, "659cdea2-489e-11d9-a9cd-000d56965251")
BACKHAUL_ID(IID_IEnumBitsPeers, "659cdea5-489e-11d9-a9cd-000d56965251")
BACKHAUL_ID(IID_IBitsPeerCacheAdministration, "659cdead-489e-11d9-a9cd-000d56965251")
BACKHAUL_ID(IID_IBackgroundCopyJob4, "659cdeae-489e-11d9-a9cd-000d56965251")
BACKHAUL_ID(IID_IBackgroundCopyFile3, "659cdeaa-489e-11d9-a9cd-000d56965251")
BACKHAUL_ID(IID_IBackgroundCopyCallback2, "659cdeac-489e-11d9-a9cd-000d56965251")
BACKHAUL_ID(CLSID_BackgroundCopyManager3_0, "659cdea7-489e-11d9-a9cd-000d56965251")
BACKHAUL_ID(LIBID_BackgroundCopyManager3_0, "659cdea6-489e-11d9-a9cd-000d56965251")
BACKHAUL_ID(IID_IBitsTokenOptions, "9a2584c3-f7d2-457a-9a5e-22b67bffc7d2")
BACKHAUL_ID(IID_IBackgroundCopyFile4, "ef7e0655-7888-4960-b0e5-730846e03492")
BACKHAUL_ID(CLSID_BackgroundCopyManager4_0, "bb6df56b-cace-11dc-9992-0019b93a3a84")
BACKHAUL_ID(LIBID_BackgroundCopyManager4_0, "bb6df56a-cace-11dc-9992-0019b93a3a84")
BACKHAUL_ID(IID_IBackgroundCopyJob5, "e847030c-bbba-4657-af6d-484aa42bf1fe")
BACKHAUL_ID(IID_IBackgroundCopyFile5, "85c1657f-dafc-40e8-8834-df18ea25717e")
BACKHAUL_ID(CLSID_BackgroundCopyManager5_0, "1ecca34c-e88a-44e3-8d6a-8921bde9e452")
BACKHAUL_ID(LIBID_BackgroundCopyManager5_0, "d548bc1b-6c12-432e-b176-a96e10681a31")
BACKHAUL_ID(IID_IBackgroundCopyCallback3, "98c97bd2-e32b-4ad8-a528-95fd8b16bd42")
BACKHAUL_ID(IID_IBackgroundCopyFile6, "cf6784f7-d677-49fd-9368-cb47aee9d1ad")
BACKHAUL_ID(CLSID_BackgroundCopyManager10_1, "4bd3e4e1-7bd4-4a2b-9964-496400de5193")
BACKHAUL_ID(LIBID_BackgroundCopyManager10_1, "8a39e4b6-22c9-4b39-9e0c-b1cdf5f967fd")
BACKHAUL_ID(IID_IBackgroundCopyJobHttpOptions2, "b591a192-a405-4fc3-8323-4c5c542578fc")
BACKHAUL_ID(CLSID_BackgroundCopyManager10_2, "4575438f-a6c8-4976-b0fe-2f26b80d959e")
BACKHAUL_ID(LIBID_BackgroundCopyManager10_2, "70cdc92e-4b95-49eb-8cda-ad39aa7cc4a0")
BACKHAUL_ID(IID_IBackgroundCopyServerCertificateValidationCallback,
            "4cec0d02-def7-4158-813a-c32a46945ff7")
BACKHAUL_ID(IID_IBackgroundCopyJobHttpOptions3, "8a9263d3-fd4c-4eda-9b28-30132a4d4e3c")
BACKHAUL_ID(CLSID_BackgroundCopyManager10_3, "5fd42ad5-c04e-4d36-adc7-e08ff15737ad")
BACKHAUL_ID(LIBID_BackgroundCopyManager10_3, "9fd340e7-bb7e-46e6-b912-c6d0894f9ac9")

#undef BACKHAUL_ID

// The comma picks the other branch in DEFINE_GUID.
#define BACKHAUL_KNOWN_GUID_NULL ,
#define BACKHAUL_KNOWN_IID_NULL ,
#define BACKHAUL_KNOWN_CLSID_NULL ,
#define BACKHAUL_KNOWN_IID_IUnknown ,
#define BACKHAUL_KNOWN_IID_IClassFactory ,
#define BACKHAUL_KNOWN_IID_IMarshal ,
#define BACKHAUL_KNOWN_IID_IBackgroundCopyFile ,
#define BACKHAUL_KNOWN_IID_IEnumBackgroundCopyFiles ,
#define BACKHAUL_KNOWN_IID_IBackgroundCopyError ,
#define BACKHAUL_KNOWN_IID_IBackgroundCopyJob ,
#define BACKHAUL_KNOWN_IID_IEnumBackgroundCopyJobs ,
#define BACKHAUL_KNOWN_IID_IBackgroundCopyCallback ,
#define BACKHAUL_KNOWN_IID_AsyncIBackgroundCopyCallback ,
#define BACKHAUL_KNOWN_IID_IBackgroundCopyManager ,
#define BACKHAUL_KNOWN_CLSID_BackgroundCopyManager ,
#define BACKHAUL_KNOWN_LIBID_BackgroundCopyManager ,
#define BACKHAUL_KNOWN_IID_IBackgroundCopyJob2 ,
#define BACKHAUL_KNOWN_CLSID_BackgroundCopyManager1_5 ,
#define BACKHAUL_KNOWN_LIBID_BackgroundCopyManager1_5 ,
#define BACKHAUL_KNOWN_IID_IBackgroundCopyJob3 ,
#define BACKHAUL_KNOWN_IID_IBackgroundCopyFile2 ,
#define BACKHAUL_KNOWN_CLSID_BackgroundCopyManager2_0 ,
#define BACKHAUL_KNOWN_LIBID_BackgroundCopyManager2_0 ,
#define BACKHAUL_KNOWN_IID_IBackgroundCopyJobHttpOptions ,
#define BACKHAUL_KNOWN_CLSID_BackgroundCopyManager2_5 ,
#define BACKHAUL_KNOWN_LIBID_BackgroundCopyManager2_5 ,
#define BACKHAUL_KNOWN_IID_IBitsPeerCacheRecord ,
#define BACKHAUL_KNOWN_IID_IEnumBitsPeerCacheRecords ,
#define BACKHAUL_KNOWN_IID_IBitsPeer ,
#define BACKHAUL_KNOWN_IID_IEnumBitsPeers ,
#define BACKHAUL_KNOWN_IID_IBitsPeerCacheAdministration ,
#define BACKHAUL_KNOWN_IID_IBackgroundCopyJob4 ,
#define BACKHAUL_KNOWN_IID_IBackgroundCopyFile3 ,
#define BACKHAUL_KNOWN_IID_IBackgroundCopyCallback2 ,
#define BACKHAUL_KNOWN_CLSID_BackgroundCopyManager3_0 ,
#define BACKHAUL_KNOWN_LIBID_BackgroundCopyManager3_0 ,
#define BACKHAUL_KNOWN_IID_IBitsTokenOptions ,
#define BACKHAUL_KNOWN_IID_IBackgroundCopyFile4 ,
#define BACKHAUL_KNOWN_CLSID_BackgroundCopyManager4_0 ,
#define BACKHAUL_KNOWN_LIBID_BackgroundCopyManager4_0 ,
#define BACKHAUL_KNOWN_IID_IBackgroundCopyJob5 ,
#define BACKHAUL_KNOWN_IID_IBackgroundCopyFile5 ,
#define BACKHAUL_KNOWN_CLSID_BackgroundCopyManager5_0 ,
#define BACKHAUL_KNOWN_LIBID_BackgroundCopyManager5_0 ,
#define BACKHAUL_KNOWN_IID_IBackgroundCopyCallback3 ,
#define BACKHAUL_KNOWN_IID_IBackgroundCopyFile6 ,
#define BACKHAUL_KNOWN_CLSID_BackgroundCopyManager10_1 ,
#define BACKHAUL_KNOWN_LIBID_BackgroundCopyManager10_1 ,
#define BACKHAUL_KNOWN_IID_IBackgroundCopyJobHttpOptions2 ,
#define BACKHAUL_KNOWN_CLSID_BackgroundCopyManager10_2 ,
#define BACKHAUL_KNOWN_LIBID_BackgroundCopyManager10_2 ,
#define BACKHAUL_KNOWN_IID_IBackgroundCopyServerCertificateValidationCallback ,
#define BACKHAUL_KNOWN_IID_IBackgroundCopyJobHttpOptions3 ,
#define BACKHAUL_KNOWN_CLSID_BackgroundCopyManager10_3 ,
#define BACKHAUL_KNOWN_LIBID_BackgroundCopyManager10_3 ,

#endif  // BACKHAUL_BITS_IDS_H
