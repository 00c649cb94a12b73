// SPDX-License-Identifier: Apache-2.0
#include <bits.h>
#include "windows_words.h"

DWORD early(IBackgroundCopyJob* job) { return job->Suspend() == S_OK ? GetTickCount() : 0; }
