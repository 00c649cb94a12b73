// SPDX-License-Identifier: Apache-2.0
#include "cli/hint.h"

#include <backhaul/codes.h>
#include <stdlib.h>
#include <unistd.h>

namespace backhaul::cli {
namespace {

std::string variable(const char* name) {
  const char* value = getenv(name);
  return value == nullptr ? "" : value;
}

// What has to be put right in the world before the job can go on; empty: not known.
std::string cure(std::uint32_t code) {
  if (is_http_code(code)) {
    switch (http_status(code)) {
      case 401: return "the server wants a user and a password, or others than it was given";
      default: return http_status(code) >= 500 ? "the server has trouble" : "";
    }
  }
  switch (code) {
    case code::disk_full: return "free some space";
    case code::file_too_large: return "use another volume, or raise the limit on the size of files";
    case code::bad_file_type: return "choose another name";
    case code::path_not_found: return "create the directory";
    case code::e_accessdenied: return "check who owns the file or directory";
    case code::winhttp_name_not_resolved: return "check the host name and the network";
    case code::winhttp_cannot_connect: return "check host and port";
    case code::bg_e_remote_file_changed: return "the file on the server is another one now";
    case code::bg_e_invalid_server_response: return "the server's answers do not fit what has arrived";
    default: return "";
  }
}

bool is_address_wrong(std::uint32_t code) {
  return is_http_code(code) && (http_status(code) == 404 || http_status(code) == 410);
}

}  // namespace

LogPlace log_place() {
  LogPlace place;
  place.journal = access("/run/systemd/journal/socket", F_OK) == 0;
  std::string state = variable("XDG_STATE_HOME");
  if (!state.starts_with('/')) state = variable("HOME") + "/.local/state";
  place.file = state + "/backhaul/backhauld.log";
  if (access(place.file.c_str(), F_OK) != 0) place.file.clear();
  return place;
}

std::string hint_for_call(std::uint32_t code, const LogPlace& log) {
  switch (code) {
    case code::disk_full: return "free some space";
    case code::path_not_found: return "create the directory";
    case code::bg_e_not_found: return "see \"backhaul list\" for the jobs there are";
    case code::bg_e_empty: return "add a file: backhaul add JOB URL";
    case code::rpc_server_unavailable:
    case code::rpc_e_disconnected: {
      if (log.journal) return "the log of the service may say more: journalctl --user -t backhauld";
      if (!log.file.empty()) return "the log of the service may say more: " + log.file;
      return "check that backhaul is installed and that its service can start";
    }
    default: return "";
  }
}

std::string hint_for_job(const JobView& job) {
  const std::uint32_t code = job.error.code;
  const std::string id = short_id(job.id);
  switch (code) {
    case code::winhttp_secure_invalid_ca:
    case code::winhttp_secure_cert_cn_invalid:
    case code::winhttp_secure_cert_date_invalid:
      return "do not trust this server before you know why its certificate fails";
    default: break;
  }
  if (is_http_code(code) && http_status(code) == 403)
    return "the server refuses access to this address";
  if (is_http_code(code) && http_status(code) == 407)
    return "the proxy wants a user and a password, which cannot be given yet";
  if (is_address_wrong(code)) return "check the URL: the server does not have this file";
  const std::string what = cure(code);
  if (what.empty()) return "";
  if (job.state == JobState::transient_error)
    return what + "; it is tried again by itself, or at once with: backhaul start " + id;
  if (is_http_code(code) && http_status(code) == 401)
    return what + ": make the job again with http://USER:PASSWORD@HOST/…";
  if (is_http_code(code) && http_status(code) >= 500)
    return what + "; try later with: backhaul start " + id;
  if (code == code::bg_e_remote_file_changed || code == code::bg_e_invalid_server_response)
    return what + "; to give up what has arrived and begin again: backhaul start --anew " + id;
  return what + ", then: backhaul start " + id;
}

std::string hint_for_system() {
  return "--system asks for one service of the whole machine on the system bus; backhaul does not "
         "install one yet. Without --system you get the service of your own user";
}

std::string ways_to_end(const JobView& job) {
  const std::string id = short_id(job.id);
  const std::string files = std::to_string(job.files_done) + " of " + std::to_string(job.files_total) + " files";
  if (job.files_done == 0) return "the job is kept; give it up with: backhaul cancel " + id;
  return files + (job.files_done == 1 ? " is here; keep it" : " are here; keep them") +
         " and drop the rest with: backhaul complete " + id +
         "\nTo delete " + (job.files_done == 1 ? "that one" : "those") + " too: backhaul cancel " + id;
}

}  // namespace backhaul::cli
