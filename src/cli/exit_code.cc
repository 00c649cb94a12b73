// SPDX-License-Identifier: Apache-2.0
#include "cli/exit_code.h"

#include <backhaul/codes.h>

#include <algorithm>

namespace backhaul::cli {

Exit exit_for_code(std::uint32_t code) {
  switch (code) {
    case code::s_ok: return Exit::done;
    case code::bg_e_not_found:
    case code::bg_e_file_not_found:
    case code::bg_e_record_deleted: return Exit::not_found;
    case code::e_accessdenied:
    case code::bg_e_blocked_by_policy: return Exit::not_permitted;
    case code::rpc_server_unavailable:
    case code::rpc_call_failed:
    case code::rpc_e_disconnected:
    case code::service_disabled: return Exit::no_service;
    default: return Exit::failed;
  }
}

Exit exit_for_state(JobState state) {
  switch (state) {
    case JobState::transferred:
    case JobState::acknowledged: return Exit::done;
    case JobState::error: return Exit::job_error;
    case JobState::cancelled: return Exit::job_cancelled;
    default: return Exit::timed_out;
  }
}

Exit combine(const std::vector<Exit>& outcomes) {
  if (outcomes.empty()) return Exit::done;
  const bool same = std::all_of(outcomes.begin(), outcomes.end(),
                                [&](Exit e) { return e == outcomes.front(); });
  return same ? outcomes.front() : Exit::partly;
}

}  // namespace backhaul::cli
