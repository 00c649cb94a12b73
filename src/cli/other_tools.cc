// SPDX-License-Identifier: Apache-2.0
#include "cli/other_tools.h"

#include <algorithm>
#include <cctype>
#include <span>

#include "cli/verbs.h"

namespace backhaul::cli {
namespace {

struct OtherWord {
  std::string_view typed, meant;
};

// In lower case.
constexpr OtherWord verbs_of_others[]{
    // systemctl, file managers, download programs
    {"resume", "start"},    {"continue", "start"},   {"restart", "start"},   {"retry", "start"},
    {"run", "start"},       {"pause", "suspend"},    {"stop", "suspend"},    {"halt", "suspend"},
    {"rm", "cancel"},       {"remove", "cancel"},    {"delete", "cancel"},   {"del", "cancel"},
    {"abort", "cancel"},    {"kill", "cancel"},      {"purge", "cancel"},    {"reset", "cancel --all"},
    {"ls", "list"},         {"jobs", "list"},        {"ps", "list"},         {"queue", "list"},
    {"info", "status"},     {"stat", "status"},      {"progress", "status"}, {"state", "status"},
    {"download", "get"},    {"fetch", "get"},        {"wget", "get"},        {"curl", "get"},
    {"finish", "complete"}, {"commit", "complete"},  {"acknowledge", "complete"},
    {"top", "monitor"},     {"watch", "monitor"},    {"follow", "wait"},     {"attach", "wait"},
    {"join", "wait"},       {"new", "create"},       {"make", "create"},     {"append", "add"},
    {"mv", "move"},         {"relocate", "move"},    {"rebase", "move"},     {"mirror", "move"},
    {"edit", "set"},        {"modify", "set"},       {"chown", "take"},      {"props", "show"},
    {"settings", "policy"}, {"config", "policy"},    {"limits", "policy"},   {"reload", "policy --reload"},
    {"torrent", "publish"}, {"seed", "publish"},     {"share", "publish"},
    {"why", "explain"},     {"reason", "explain"},   {"verify", "validate"},
    {"discover", "peers --discover"},                {"peer", "peers"},
    // bitsadmin
    {"transfer", "get"},
    {"addfile", "add"},
    {"addfileset", "add JOB -i LIST"},
    {"addfilewithranges", "add JOB URL FILE -r RANGES"},
    {"replaceremoteprefix", "move JOB OLD NEW"},
    {"listfiles", "files"},
    {"takeownership", "take"},
    {"rawreturn", "show JOB -p NAME --value"},
    {"examples", "help"},
    {"util", "version"},
    {"peercaching", "cache set peer-caching=WORD"},
    {"gettype", "show JOB -p type"},
    {"getstate", "show JOB -p state"},
    {"getowner", "show JOB -p owner"},
    {"getdisplayname", "show JOB -p name"},
    {"setdisplayname", "set JOB name=NAME"},
    {"getdescription", "show JOB -p description"},
    {"setdescription", "set JOB description=TEXT"},
    {"getpriority", "show JOB -p priority"},
    {"setpriority", "set JOB priority=WORD"},
    {"getbytestotal", "show JOB -p bytes-total"},
    {"getbytestransferred", "show JOB -p bytes-done"},
    {"getfilestotal", "show JOB -p files-total"},
    {"getfilestransferred", "show JOB -p files-done"},
    {"getcreationtime", "show JOB -p created"},
    {"getmodificationtime", "show JOB -p modified"},
    {"getcompletiontime", "show JOB -p transferred"},
    {"geterror", "show JOB -p error-text"},
    {"geterrorcount", "show JOB -p error-count"},
    {"getminretrydelay", "show JOB -p retry-delay"},
    {"setminretrydelay", "set JOB retry-delay=TIME"},
    {"getnoprogresstimeout", "show JOB -p no-progress-timeout"},
    {"setnoprogresstimeout", "set JOB no-progress-timeout=TIME"},
    {"getmaxdownloadtime", "show JOB -p max-download-time"},
    {"setmaxdownloadtime", "set JOB max-download-time=TIME"},
    {"getnotifyflags", "show JOB -p notify-flags"},
    {"setnotifyflags", "set JOB notify-flags=WORD"},
    {"getnotifyinterface", "show JOB -p notify-object"},
    {"getnotifycmdline", "show JOB -p notify-command"},
    {"setnotifycmdline", "set JOB notify-command=PROGRAM"},
    {"getproxyusage", "show JOB -p proxy"},
    {"getproxylist", "show JOB -p proxy"},
    {"getproxybypasslist", "show JOB -p no-proxy"},
    {"setproxysettings", "set JOB proxy=URL"},
    {"setcredentials", "credential set"},
    {"removecredentials", "credential clear"},
    {"getcustomheaders", "header show"},
    {"setcustomheaders", "header set"},
    {"makecustomheaderswriteonly", "header set JOB --write-only"},
    {"gethttpmethod", "show JOB -p method"},
    {"sethttpmethod", "set JOB method=METHOD"},
    {"getclientcertificate", "show JOB -p certificate"},
    {"setclientcertificatebyid", "certificate set JOB --hash SHA1"},
    {"setclientcertificatebyname", "certificate set JOB --subject TEXT"},
    {"removeclientcertificate", "certificate clear"},
    {"getsecurityflags", "show JOB -p security"},
    {"setsecurityflags", "set JOB security=WORD"},
    {"getvalidationstate", "files"},
    {"setvalidationstate", "validate"},
    {"gettemporaryname", "files JOB --temporary"},
    {"getaclflags", "show JOB -p file-acl"},
    {"setaclflag", "set JOB file-acl=WORD"},
    {"setaclflags", "set JOB file-acl=WORD"},
    {"getpeercachingflags", "show JOB -p peer-caching"},
    {"setpeercachingflags", "set JOB peer-caching=WORD"},
    {"getpeerstats", "files"},
    {"sethelpertoken", "set JOB helper-token=yes"},
    {"gethelpertokensid", "show JOB -p helper-token"},
    {"sethelpertokenflags", "set JOB helper-token-files=yes"},
    {"gethelpertokenflags", "show JOB -p helper-token-files,helper-token-network"},
    {"getieproxy", "policy"},
    {"setieproxy", "policy"},
    // BitsTransfer
    {"add-bitsfile", "add"},
    {"complete-bitstransfer", "complete"},
    {"get-bitstransfer", "list"},
    {"remove-bitstransfer", "cancel"},
    {"resume-bitstransfer", "start"},
    {"set-bitstransfer", "set"},
    {"start-bitstransfer", "get"},
    {"suspend-bitstransfer", "suspend"},
};

// What is not here yet, whatever it is called.
constexpr std::string_view words_of_uploads[]{"put",           "upload",           "send",
                                              "getreplydata",  "getreplyprogress", "getreplyfilename",
                                              "setreplyfilename", "reply"};

constexpr OtherWord keys_of_others[]{
    {"displayname", "name"},
    {"minretrydelay", "retry-delay"},
    {"retryinterval", "retry-delay"},
    {"retrytimeout", "no-progress-timeout"},
    {"max-time", "max-download-time"},
    {"costflags", "cost"},
    {"transferpolicy", "cost"},
    {"notify", "notify-flags"},
    {"notifycmdline", "notify-command"},
    {"notify-exec", "notify-command"},
    {"notify-name", "notify-service"},
    {"proxyusage", "proxy"},
    {"proxylist", "proxy"},
    {"proxysettings", "proxy"},
    {"proxybypass", "no-proxy"},
    {"httpmethod", "method"},
    {"securityflags", "security"},
    {"redirect", "security"},
    {"aclflags", "file-acl"},
    {"state", "suspend"},
    {"owner", "take"},
    {"header", "header set"},
    {"headers", "header set"},
    {"customheaders", "header set"},
    {"customheaderswriteonly", "header set"},
    {"credential", "credential set"},
    {"credentials", "credential set"},
    {"authentication", "credential set"},
    {"proxycredential", "credential set"},
    {"usestoredcredential", "credential set"},
    {"certificate", "certificate set"},
    {"clientcertificate", "certificate set"},
    {"replace-prefix", "move"},
};

constexpr OtherWord options_of_others[]{
    {"rawreturn", "value"},   {"asynchronous", "background"}, {"detach", "background"}, {"displayname", "name"},
    {"output-document", "output"}, {"url-prefix", "mirror"},  {"sha256", "checksum"},   {"password", "password-file"},
    {"retry-max-time", "set no-progress-timeout=TIME"},       {"dynamic", "set dynamic-content=yes"},
    {"timeout", "set max-download-time=TIME (in all) or --set no-progress-timeout=TIME (without progress)"},
    {"read-timeout", "set no-progress-timeout=TIME"},         {"connect-timeout", "set no-progress-timeout=TIME"},
};

// As the tables have it: bitsadmin has a slash in front and takes any case.
std::string as_in_tables(std::string_view word) {
  while (word.starts_with('/')) word.remove_prefix(1);
  std::string text(word);
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::string_view meaning_in(std::span<const OtherWord> table, std::string_view word) {
  const auto found = std::ranges::find(table, word, &OtherWord::typed);
  return found == table.end() ? std::string_view() : found->meant;
}

}  // namespace

std::string_view verb_meant_by(std::string_view word) {
  const std::string text = as_in_tables(word);
  if (const std::string_view meant = meaning_in(verbs_of_others, text); !meant.empty()) return meant;
  if (text == word) return {};
  for (const VerbRow& verb : verb_rows()) {
    const std::string_view first = verb.name.substr(0, verb.name.find(' '));
    if (!verb.hidden && first == text) return first;
  }
  return {};
}

std::string_view key_meant_by(std::string_view word) { return meaning_in(keys_of_others, as_in_tables(word)); }

std::string option_meant_by(std::string_view word) {
  const std::string typed = as_in_tables(word);
  if (const std::string_view meant = meaning_in(options_of_others, typed); !meant.empty()) return std::string(meant);
  const std::string_view other = meaning_in(keys_of_others, typed);
  const auto key = std::ranges::find(key_rows(), other.empty() ? std::string_view(typed) : other, &KeyRow::name);
  return key == key_rows().end() ? "" : "set " + std::string(key->name) + "=" + std::string(key->value);
}

std::string advice_on_verb(std::string_view word) {
  if (const std::string_view meant = verb_meant_by(word); !meant.empty())
    return "; did you mean \"" + std::string(meant) + "\"?" +
           (word.starts_with('/') ? " See man backhaul, COMING FROM BITSADMIN" : "");
  const bool of_uploads = std::ranges::find(words_of_uploads, as_in_tables(word)) != std::end(words_of_uploads);
  return of_uploads ? ": uploads are not supported yet" : "";
}

}  // namespace backhaul::cli
