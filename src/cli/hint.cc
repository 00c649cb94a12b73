// SPDX-License-Identifier: Apache-2.0
// What helps against a failure; declared in view.h.
#include <backhaul/codes.h>

#include "cli/view.h"

namespace backhaul::cli {

std::string hint(std::uint32_t code, const std::string& job) {
  const std::string again = job.empty() ? "" : ", then: backhaul start " + job;
  if (is_http_code(code)) {
    switch (http_status(code)) {
      case 401:
      case 403: return "the server refuses access to this URL; check its credentials" + again;
      case 404:
      case 410: return "check the URL";
      case 407: return "the proxy wants credentials";
      default: break;
    }
    return http_status(code) >= 500 && !job.empty()
               ? "the server has trouble; try later with: backhaul start " + job
               : "";
  }
  switch (code) {
    case code::disk_full: return "free some space" + again;
    case code::path_not_found: return "create the directory" + again;
    case code::e_accessdenied: return "check who owns the file or directory" + again;
    case code::bg_e_empty: return "add a file: backhaul add " + (job.empty() ? "JOB" : job) + " URL";
    case code::bg_e_not_found: return "see \"backhaul list\" for the jobs there are";
    case code::winhttp_name_not_resolved: return "check the host name and the network" + again;
    case code::winhttp_cannot_connect: return "check host and port" + again;
    case code::winhttp_secure_invalid_ca:
    case code::winhttp_secure_cert_cn_invalid:
    case code::winhttp_secure_cert_date_invalid:
      return "do not trust this server before you know why its certificate fails";
    case code::rpc_server_unavailable:
    case code::rpc_e_disconnected:
      return "check that backhaul is installed and that its service can start: journalctl -t backhauld";
    case code::bg_e_invalid_server_response:
    case code::bg_e_remote_file_changed:
      return job.empty() ? "" : "to give up what has arrived and begin again: backhaul start --anew " + job;
    default: return "";
  }
}

}  // namespace backhaul::cli
