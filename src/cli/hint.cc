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

// What has to be put right in the world, and what to do then. One table for calls that fail and for jobs
// in error.
enum class Then : std::uint8_t {
  start,         // it goes on once that is done
  later,         // only time helps
  anew,          // what has arrived does not fit: begin again
  nothing,       // another job, or none
  any_network,   // it may use the one that there is
  credentials,   // say who asks
  proxy_credentials,
};
struct Cure {
  std::uint32_t code;
  const char* what;  // "% ": the command that is typed
  Then then = Then::start;
  bool of_calls = false;       // helps as well when a call fails with it
  const char* elsewhere = "";  // what helps too where no job is there yet, whose files have their places for ever
};
constexpr Cure cures[] = {
    {code::disk_full, "free some space", Then::start, true},
    {code::path_not_found, "create the directory", Then::start, true},
    {code::write_protect, "mount the file system so that it can be written to", Then::start, true,
     "choose a directory of another one"},
    {code::file_too_large, "raise the limit on the size of files, if it is not that of the file system", Then::start, true,
     "choose another volume"},
    {code::bad_file_type, "remove what stands there", Then::start, true, "choose another name"},
    {code::e_accessdenied, "see that you may write to the file and its directory", Then::start, false,
     "choose a directory in which you may make files"},
    {code::write_fault, "check the disk: its file system tells of errors in reading or writing", Then::start, true},
    {code::winhttp_name_not_resolved, "check the host name and the network"},
    {code::winhttp_cannot_connect, "check host and port"},
    {code::bg_e_local_file_changed,
     "it is fetched again from its first byte; find out who else writes to that directory"},
    {code::bg_e_remote_file_changed, "the file on the server is another one now", Then::anew},
    {http_code(416), "for the server the file ends before what has arrived of it", Then::anew},
    {code::bg_e_validation_failed,
     "check the digest or the signature, or give the file another address with \"% move\""},
    {code::winhttp_secure_invalid_ca, "do not trust this server before you know why its certificate fails",
     Then::nothing},
    {code::winhttp_secure_cert_cn_invalid,
     "do not trust this server before you know why its certificate fails", Then::nothing},
    {code::winhttp_secure_cert_date_invalid,
     "do not trust this server before you know why its certificate fails", Then::nothing},
    {code::winhttp_secure_failure,
     "the server does not speak TLS at this port, or no version that is known here; try http://", Then::nothing},
    {code::winhttp_redirect_failed,
     "check the URL: where the server leads from there is no file; another address is given with \"% move\""},
    {http_code(401), "the server wants a user and a password, or others than it was given", Then::credentials},
    {http_code(403), "the server refuses access to this address", Then::nothing},
    {http_code(404), "check the URL: the server does not have this file; another address is given with \"% move\"",
     Then::nothing},
    {http_code(407), "the proxy wants a user and a password, or others than it was given", Then::proxy_credentials},
    {http_code(408), "the server has trouble", Then::later},
    {http_code(410), "check the URL: the server does not have this file any more; another address is given with \"% move\"",
     Then::nothing},
    {http_code(429), "the server was asked too often", Then::later},
    {code::bg_e_blocked_by_cost_transfer_policy,
     "it goes on by itself with another network", Then::any_network},
    {code::bg_e_not_found, "see \"% list\" for the jobs there are", Then::nothing, true},
};
// Of a file of this machine that was to be copied. What its destination would have with the same code is in the table
// above.
constexpr Cure cures_of_sources[] = {
    {code::bad_file_type, "only ordinary files are copied: give it another address with \"% move\""},
    {code::file_not_found, "check the path of the source, or give it another address with \"% move\""},
    {code::path_not_found, "check the path of the source, or give it another address with \"% move\""},
    {code::e_accessdenied, "see that you may read the source, or choose another one with \"% move\""},
    {code::write_fault, "check the disk that the source lies on: its file system tells of errors in reading"},
};
constexpr Cure broken{code::winhttp_invalid_server_response,
                      "the server, or something on the way to it, does not answer by the rules of HTTP; "
                      "the file can be given another address with \"% move\""};
constexpr Cure misfit{code::bg_e_invalid_server_response, "the server's answers do not fit what has arrived", Then::anew};
// What is set for a job goes to the servers of its addresses, as its owner gave them.
constexpr Cure stranger{0, "credentials go to the server of the file's own address alone, and it is another one that wants "
                           "them; if you mean that one, give the file its address there with \"% move\" and set them",
                        Then::credentials};
constexpr Cure other_answer{0, "check the URL: what the server answers there is no file", Then::nothing};
constexpr Cure trouble{0, "the server has trouble", Then::later};

const Cure* cure_of(std::uint32_t code, ErrorContext context) {
  if (context == ErrorContext::remote_file)
    for (const Cure& cure : cures_of_sources)
      if (cure.code == code) return &cure;
  for (const Cure& cure : cures)
    if (cure.code == code) return &cure;
  if (!is_http_code(code)) return nullptr;
  return http_status(code) >= 500 ? &trouble : http_status(code) < 400 ? &other_answer : nullptr;
}

// No field of an error tells whose server it was: the service says so in its words (core/answers, challenged).
const Cure* cure_of(const JobView& job) {
  const ErrorInfo& error = job.error;
  // Where nothing has arrived there is nothing that it could fit, and where something has, that is what it does not.
  if (error.code == misfit.code || error.code == broken.code) return job.bytes_done == 0 ? &broken : &misfit;
  const bool elsewhere = error.text.find(", and no credentials go there") != std::string::npos;
  return error.code == http_code(401) && elsewhere ? &stranger : cure_of(error.code, error.context);
}

std::string told(const Cure& cure, const Command& command) {
  std::string text = cure.what;
  if (const std::size_t at = text.find("% "); at != std::string::npos) text.replace(at, 2, command(""));
  return text;
}

}  // namespace

LogPlace log_place(bool of_machine) {
  LogPlace place;
  place.journal = access("/run/systemd/journal/socket", F_OK) == 0;
  place.of_machine = of_machine;
  if (of_machine) return place;  // nobody but its account reads its files
  std::string state = variable("XDG_STATE_HOME");
  if (!state.starts_with('/')) state = variable("HOME") + "/.local/state";
  place.file = state + "/backhaul/backhauld.log";
  if (access(place.file.c_str(), F_OK) != 0) place.file.clear();
  return place;
}

static std::string to_read_journal(const LogPlace& log) {
  return std::string("journalctl ") + (log.of_machine ? "" : "--user ") + "-t backhauld";
}

std::string where_it_is_logged(const LogPlace& log) {
  if (log.journal) return "; why: " + to_read_journal(log);
  return log.file.empty() ? "" : "; why: " + log.file;
}

std::string hint_for_call(std::uint32_t code, const LogPlace& log, const Command& command, const std::string& job) {
  switch (code) {
    case code::bg_e_empty: return job.empty() ? "" : "add a file: " + command("add " + short_id(job) + " URL");
    // It may have done what it was asked, and nobody heard of it.
    case code::rpc_e_disconnected:
      return "the service ended while it was asked, and comes back by itself; look whether it was done (" +
             command("list") + ") before you ask again";
    case code::rpc_server_unavailable: {
      if (log.journal) return "the log of the service may say more: " + to_read_journal(log);
      if (!log.file.empty()) return "the log of the service may say more: " + log.file;
      return "check that backhaul is installed and that its service can start";
    }
    default: break;
  }
  const Cure* const cure = cure_of(code, ErrorContext::none);
  if (cure == nullptr || !cure->of_calls) return {};
  const bool may_choose = job.empty() && *cure->elsewhere != '\0';
  return told(*cure, command) + (may_choose ? std::string(", or ") + cure->elsewhere : "");
}

std::string hint_for_new_files(std::uint32_t code, const LogPlace& log, const Command& command, std::uint32_t uid) {
  if (code == code::e_accessdenied && log.of_machine && uid == 0)
    return "files of root go only below AllowedRoots of backhauld.conf(5), which is empty by default";
  if (code == code::e_accessdenied) return cure_of(code, ErrorContext::none)->elsewhere;
  return hint_for_call(code, log, command);
}

std::string hint_for_job(const JobView& job, const Command& command) {
  const Cure* const cure = cure_of(job);
  if (cure == nullptr) return {};
  const std::string id = short_id(job.id);
  const std::string what = told(*cure, command);
  const std::string start = command("start " + id);
  if (cure->then == Then::nothing) return what;
  if (cure->then == Then::any_network) return what + "; to use this one as well: " + command("set " + id + " cost=always");
  const std::string anew = "; to give up what has arrived and begin again: " + command("start --anew " + id);
  if (job.state == JobState::transient_error)
    return what + "; it is tried again by itself" +
           (cure->then == Then::anew ? anew : ", or at once with: " + start);
  switch (cure->then) {
    case Then::credentials:
      return what + ": " + command("credential set " + id + " --login NAME") + ", then: " + start;
    case Then::proxy_credentials:
      return what + ": " + command("credential set " + id + " --target proxy --login NAME") + ", then: " + start;
    case Then::later: return what + "; try later with: " + start;
    case Then::anew: return what + anew;
    default:
      return what + ", then: " + start + (*cure->elsewhere != '\0' ? "; for another place it takes another job" : "");
  }
}

std::string hint_for_other_user() {
  return "everybody has a service of their own: without --bus you get yours, and root gets that of "
         "another user with --user-of NAME";
}

std::string hint_for_address() { return "check the address after --bus; without --bus the service is looked for"; }

std::string hint_for_system(const LogPlace& log) {
  const std::string hint =
      "--system asks for the one service of the whole machine, on the system bus, where it is installed. "
      "With --user you get the service of your own user";
  return log.journal ? hint + ". Why one that is installed does not start: " + to_read_journal(log) : hint;
}

// A job stops at its first error, as in BITS: what comes behind the file that failed was not asked for.
static std::string how_far(const JobView& job) {
  const std::uint32_t failed = job.error.file == no_file || job.files_done == job.files_total ? 0 : 1;
  const std::uint32_t open = job.files_total - job.files_done - failed;
  std::string text = std::to_string(job.files_done) + " of " + count_of_files(job.files_total) +
                     (job.files_done == 1 ? " is here" : " are here");
  if (failed > 0) text += ", 1 failed";
  if (open > 0)
    text += ", " + std::to_string(open) + (open == 1 ? " was" : " were") +
            " not fetched yet, since a job stops at its first error";
  return text;
}

std::string ways_to_end(const JobView& job, const Command& command) {
  const std::string id = short_id(job.id);
  std::string text = job.files_total > 1 ? how_far(job) + "\n" : "";
  if (job.files_done == 0) return text + "The job is kept; give it up with: " + command("cancel " + id);
  return text + "Keep what is here and drop the rest with: " + command("complete " + id) +
         "\nDelete what is here too with: " + command("cancel " + id);
}

std::string same_path_line(const JobView& job, const std::string& path, const Command& command) {
  const bool halted = job.state == JobState::suspended || job.state == JobState::error;
  const char* const verb = !way_to_complete(job, command).empty() ? "complete " : halted ? "start --wait " : "wait ";
  return "backhaul: job " + short_id(job.id) + " (" + to_word(job.state) + ") fetches to " + path +
         " as well, and the file that is put there last stays; to go on with that job instead: " +
         command(verb + short_id(job.id));
}

}  // namespace backhaul::cli
