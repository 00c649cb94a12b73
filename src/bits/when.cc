// SPDX-License-Identifier: Apache-2.0
#include "bits/when.h"

namespace backhaul::bits {

HRESULT may_set(When when, bool downloads_only, const Moment& moment) {
  if (is_final(moment.state)) return BG_E_INVALID_STATE;
  if (downloads_only && moment.type != JobType::download) {
    return BG_E_PROPERTY_SUPPORTED_FOR_DOWNLOAD_JOBS_ONLY;
  }
  switch (when) {
    case When::any_time:
      break;
    case When::before_transferred:
      return moment.state == JobState::transferred ? BG_E_INVALID_STATE : S_OK;
    case When::before_first_resume:
      return moment.started ? BG_E_READ_ONLY_PROPERTY_AFTER_RESUME : S_OK;
    case When::before_first_file:
      return moment.files != 0 ? BG_E_READ_ONLY_PROPERTY_AFTER_ADDFILE : S_OK;
  }
  return S_OK;
}

}  // namespace backhaul::bits
