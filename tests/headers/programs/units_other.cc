// SPDX-License-Identifier: Apache-2.0
#include <bits.h>

bool other_unit_agrees(REFIID job, const GUID* manager, IUnknown* object) {
  IUnknown* found = nullptr;
  IBackgroundCopyJob* none = nullptr;
  return job == IID_IBackgroundCopyJob && *manager == __uuidof(BackgroundCopyManager) &&
         object->QueryInterface(&found) == S_OK && found == object && found->Release() == 6 &&
         object->QueryInterface(&none) == E_NOINTERFACE && none == nullptr;
}
