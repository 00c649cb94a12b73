// SPDX-License-Identifier: Apache-2.0
#include "windows_words.h"
#include <bits.h>

DWORD late(IBackgroundCopyJob* job) { return job->Suspend() == S_OK ? GetTickCount() : 0; }
