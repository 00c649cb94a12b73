// SPDX-License-Identifier: Apache-2.0
// The vocabulary: enumerations with BITS's own numbers, their words, and small plain values.
#ifndef BACKHAUL_TYPES_H
#define BACKHAUL_TYPES_H

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "backhaul/export.h"

namespace backhaul {

enum class JobType : std::uint32_t { download = 0, upload = 1, upload_reply = 2 };

enum class JobState : std::uint32_t {
  queued = 0,
  connecting = 1,
  transferring = 2,
  suspended = 3,
  error = 4,
  transient_error = 5,
  transferred = 6,
  acknowledged = 7,
  cancelled = 8
};

enum class Priority : std::uint32_t { foreground = 0, high = 1, normal = 2, low = 3 };

enum class ErrorContext : std::uint32_t {
  none = 0,
  unknown = 1,
  general_queue_manager = 2,
  queue_manager_notification = 3,
  local_file = 4,
  remote_file = 5,
  general_transport = 6,
  remote_application = 7,
  server_certificate_callback = 8
};

enum class AuthTarget : std::uint32_t { server = 1, proxy = 2 };
enum class AuthScheme : std::uint32_t { basic = 1, digest = 2, ntlm = 3, negotiate = 4, passport = 5 };

// Bits of JobInfo::notify_flags.
namespace notify {
constexpr std::uint32_t job_transferred = 0x01;
constexpr std::uint32_t job_error = 0x02;
constexpr std::uint32_t disable = 0x04;
constexpr std::uint32_t job_modification = 0x08;
constexpr std::uint32_t file_transferred = 0x10;
constexpr std::uint32_t file_ranges_transferred = 0x20;
}  // namespace notify

// Bits of JobInfo::cost_flags: the states of the network that a job may use (jobs.md §12). All that
// the network has have to be among them, or the job waits, in TRANSIENT_ERROR.
namespace cost {
constexpr std::uint32_t unrestricted = 0x01;  // unmetered, or nobody knows
constexpr std::uint32_t capped_usage_unknown = 0x02;  // metered
constexpr std::uint32_t below_cap = 0x04;
constexpr std::uint32_t near_cap = 0x08;
constexpr std::uint32_t overcap_charged = 0x10;
constexpr std::uint32_t overcap_throttled = 0x20;
constexpr std::uint32_t usage_based = 0x40;
constexpr std::uint32_t roaming = 0x80;
constexpr std::uint32_t ignore_congestion = 0x80000000U;
constexpr std::uint32_t transfer_always = 0x800000FFU;
constexpr std::uint32_t transfer_not_roaming = 0x8000007FU;
constexpr std::uint32_t transfer_no_surcharge = 0x8000006FU;
constexpr std::uint32_t transfer_standard = 0x80000067U;
constexpr std::uint32_t transfer_unrestricted = 0x80000021U;
}  // namespace cost
// Bits of JobInfo::security_flags: how the servers of a job are checked, and where redirects may lead.
namespace security {
constexpr std::uint32_t check_revocation = 0x0001;
constexpr std::uint32_t ignore_name = 0x0002;
constexpr std::uint32_t ignore_date = 0x0004;
constexpr std::uint32_t ignore_authority = 0x0008;
constexpr std::uint32_t ignore_usage = 0x0010;
constexpr std::uint32_t redirect_report = 0x0100;    // the file is called by where it led to
constexpr std::uint32_t redirect_disallow = 0x0200;  // not together with redirect_report
constexpr std::uint32_t redirect_downgrade = 0x0800;  // from https to http as well
}  // namespace security

// Bits of JobInfo::file_acl_flags: what the copy of a file of this machine takes over from it.
namespace acl {
constexpr std::uint32_t owner = 1;
constexpr std::uint32_t group = 2;
constexpr std::uint32_t dacl = 4;  // its permissions and its access list
constexpr std::uint32_t sacl = 8;  // nothing here: there are no lists for auditing
}  // namespace acl
// Bits of JobInfo::peer_caching_flags.
namespace peers {
constexpr std::uint32_t client = 1;           // may be fetched from peers
constexpr std::uint32_t server = 2;           // may be given to peers
constexpr std::uint32_t no_branch_cache = 4;
}  // namespace peers

// BITS's ways to a server: as the environment of the job's maker said, else the desktop; none; those of
// a list; what the network says.
enum class ProxyUsage : std::uint32_t { preconfigured = 0, none = 1, listed = 2, detected = 3 };

constexpr std::uint64_t size_unknown = UINT64_MAX;
constexpr std::uint32_t no_file = UINT32_MAX;  // an error that belongs to no file

// ACKNOWLEDGED or CANCELLED: the job has left the queue, nothing about it changes any more.
constexpr bool is_final(JobState state) {
  return state == JobState::acknowledged || state == JobState::cancelled;
}

// Lower-case words: "transient-error", "foreground", "upload-reply", "remote-file".
BACKHAUL_API const char* to_word(JobType type);
BACKHAUL_API const char* to_word(JobState state);
BACKHAUL_API const char* to_word(Priority priority);
BACKHAUL_API const char* to_word(ErrorContext context);
// False, and `value` untouched, when it is no such word.
BACKHAUL_API bool from_word(const std::string& word, JobState& value);
BACKHAUL_API bool from_word(const std::string& word, Priority& value);

// "server", "proxy"; "basic", "negotiate" and so on.
BACKHAUL_API const char* to_word(AuthTarget target);
BACKHAUL_API const char* to_word(AuthScheme scheme);
BACKHAUL_API bool from_word(const std::string& word, AuthTarget& value);
BACKHAUL_API bool from_word(const std::string& word, AuthScheme& value);

// Wall time; the epoch itself stands for "never" and "not known".
using Time = std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds>;
constexpr bool is_known(Time time) { return time.time_since_epoch().count() != 0; }

// Octets of a remote file.
struct FileRange {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;  // to_end_of_file: as far as the file goes
};
constexpr std::uint64_t to_end_of_file = UINT64_MAX;

// What to fetch and where to put it. The local name is an absolute path. Where ranges are given only
// they are fetched, and the local file is what they are one behind the other, in the order given
// (files.md §4); none: the whole file. At most 500; BG_E_OVERLAPPING_RANGES, BG_E_INVALID_RANGE.
struct FileSpec {
  FileSpec() = default;
  FileSpec(std::string remote_name, std::string local_name, std::vector<FileRange> wanted = {})
      : remote(std::move(remote_name)), local(std::move(local_name)), ranges(std::move(wanted)) {}

  std::string remote;
  std::string local;
  // Other addresses of the same file: tried in turn when this one fails, before the job errs.
  std::vector<std::string> mirrors{};
  // "sha256:HEX", also sha512, blake2b-512 and blake2s-256: what comes becomes a file only if all agree.
  std::vector<std::string> digests{};
  std::vector<FileRange> ranges{};
  // What the remote file must have: an address that has another one is not used.
  std::uint64_t expected_size = UINT64_MAX;
  // Of the file in pieces of this many bytes, "sha256:HEX" and so on, or "sha1:HEX" (RFC 5854): where some are
  // wrong only those are fetched again. At most 10,000, of one algorithm.
  std::uint64_t piece_length = 0;
  std::vector<std::string> piece_digests{};
  // A detached signature of the file and the key that has to have made it, as text: minisign, or OpenPGP in
  // ASCII armour. What they do not confirm never becomes a file.
  std::string signature{};
  std::string signature_key{};
  // The address of a torrent of the file, http or https: where swarms are switched on, other machines give its pieces.
  // Whoever names it vouches for nothing: without a digest of the file nobody is asked.
  std::string torrent{};
};

// Why a job is in ERROR or TRANSIENT_ERROR; code 0 outside these states.
struct ErrorInfo {
  std::uint32_t code = 0;
  ErrorContext context = ErrorContext::none;
  std::uint32_t file = no_file;
  std::string text;  // details for people ("HTTP 503 from example.org"); may be empty
};

// What a job is waiting for. kind is a stable word ("retry", "network", "owner-complete", …);
// "nothing", with an empty sentence, while the job moves.
struct Waiting {
  std::string kind;
  Time since{};
  Time until{};
  std::vector<std::string> arguments;
  std::string sentence;
};

// A link of the chain that explains why a job waits, nearest first. `subject`: "job", "before" (a job
// that is served before it), "world" (what the machine tells) or "policy" (what settings say).
struct Cause {
  std::string subject;
  std::string kind;      // a word as in Waiting::kind
  std::string job;       // id, of "before"; empty where it is somebody else's
  Time since{};
  Time until{};
  std::string sentence;
  std::string where;     // "file:line" of the setting, or who says so; may be empty
};

// The class to start when no live object is registered: an activatable bus name, and the path of
// its callback (of its class factory for the name of a CLSID). Empty name: none.
struct NotifyService {
  std::string name;
  std::string path;
};

// Program (absolute path) and its whole argument vector as one string, argv[0] first.
struct NotifyCommand {
  std::string program;
  std::string parameters;
};

// The lists go with ProxyUsage::listed alone: "[proto=][scheme://][user:password@]host[:port]" with
// blanks between them, proto http or https; and servers that are asked without a proxy: names, "*.name",
// "<local>" for names without a dot. What is read has no user and password.
struct ProxySettings {
  ProxyUsage usage = ProxyUsage::preconfigured;
  std::string list;
  std::string bypass;
};

// Who made or set something. The program is a hint for people, not always known and no proof.
struct Author {
  std::uint32_t uid = 0;
  std::string program;
  Time time{};  // the epoch: nobody knows, or nothing was set yet
};

// Who asks. They are sent only in answer to a challenge (401, 407) of the server that the address of the
// file names, or of the proxy, by the strongest scheme that was offered. Implicit ones, for NTLM and
// NEGOTIATE, are those of the user's session: a Kerberos ticket; user and password stay empty then.
// NEGOTIATE with a name and PASSPORT are taken and never used.
struct Credentials {
  AuthTarget target = AuthTarget::server;
  AuthScheme scheme = AuthScheme::basic;
  std::string user;      // up to 300 characters, for BASIC none of them a colon
  std::string password;  // up to 65,536; no control characters in either
  bool implicit = false;
  // User and password go to the service as a sealed memory file, which it asks this program for while the call is
  // under way (Job1.SetCredentialsFrom): no message of the bus has them in it, and its daemon never sees them.
  bool handed_over = false;
};

// Credentials that a job has. Nobody can read what they are.
struct CredentialsSet {
  AuthTarget target = AuthTarget::server;
  AuthScheme scheme = AuthScheme::basic;
  bool implicit = false;
  Author set_by;
};

// By which certificate a job says who it is: an absolute path or a pkcs11: URI; or one of a store, by its
// hash or by a part of its subject (Job1.SetClientCertificate has the whole of it). What is read has no
// pass phrase.
struct ClientCertificate {
  std::string certificate;  // empty: of a store, or none
  std::string key;          // empty: it is with the certificate
  std::string pass_phrase;  // of the key, or the PIN of the token
  std::uint32_t location = 0;  // 0 the user's stores, 1 the machine's
  std::string store;
  std::string hash;     // SHA-1, 40 hexadecimal digits
  std::string subject;  // its values, the last one first, with ", " between them
};

// An event that is due and was not heard yet. `wait` is a stable word: "nobody" (is registered for
// it), "turn", "answer", "retry", "start" (of its class), "session" (of its owner, whose bus would start it).
struct UnheardEvent {
  std::uint32_t kind = 0;  // 1 JobTransferred, 2 JobError, 4 FileTransferred
  std::uint64_t sequence = 0;
  std::string wait;
  std::uint32_t failed_attempts = 0;
  Time next{};  // of the next attempt, where one is set
};

// A line of the service's log of events: what became due, whoever heard it.
struct LoggedEvent {
  std::uint64_t sequence = 0;
  std::string job;         // id
  std::uint32_t kind = 0;  // as in UnheardEvent; 0: the job ended, as `state` says
  std::uint32_t file = no_file;
  std::uint32_t code = 0;  // of JobError
  Time time{};
  JobState state = JobState::suspended;  // of the end: acknowledged or cancelled
};

// A class registered through backhaul.
struct ClassInfo {
  std::string name;
  std::vector<std::string> exec;
  bool running = false;
};

// What may come over a network in a period, and what did (backhauld.conf(5), [Budget]).
struct BudgetInfo {
  std::string network;                       // as NetworkManager calls it, else its interface and gateway
  bool in_use = false;                       // by the machine now
  std::string period;                        // "day", "week" or "month"
  Time begin{}, end{};
  std::uint64_t limit = size_unknown;        // octets of all together; size_unknown: as many as like
  std::uint64_t used = 0;
  std::uint64_t owner_limit = size_unknown;  // of one account, or one confined application
  std::uint64_t owner_used = 0;              // by the caller's
  Time runs_out{};                           // at the present rate; the epoch: not before the end
  bool holds_foreground = false;             // jobs in the foreground are paused as well
  std::string where;                         // the line of the settings
};

// A key of the settings, as it is in force (backhauld.conf(5)).
struct PolicyInfo {
  std::string section, key;
  std::string value;      // as it would stand in a file; empty: nothing is said
  std::string where;      // "file:line"; empty: it is built in
  std::string role;       // "default", "bound" (of the machine), "user", or "asked": for by a call, and in no file
  std::string leeway;     // what it leaves to a user's own file: "tighter", "both", "any" or "none"
  bool at_start = false;  // another line takes effect when the service starts
  bool exempt = false;    // it does not bind the caller
};

// A file that is kept for neighbours.
struct CacheRecordInfo {
  std::string id, url;
  std::uint64_t size = 0;         // of the copy
  std::uint64_t remote_size = 0;  // of the file at its address
  std::string last_modified, etag;  // as its server wrote them; empty: it did not
  Time modified{};                // last_modified as a time, where it is one
  std::string digest;             // of the copy, "sha256:…"
  Time made{}, accessed{};        // … and used last
  bool validated = false;         // it may be given away
  bool busy = false;              // its copy is being made, or a neighbour is being given it
  std::vector<FileRange> ranges;  // that the copy has, in their order; none: the whole file
  std::string job;                // that fetched it, in the queue or not
  std::uint32_t file = 0;         // of that job
};

// A neighbour that is known and trusted.
struct PeerInfo {
  std::string name;     // for people
  std::string key;      // SHA-256 of its public key, in hexadecimal digits
  std::string address;  // host and port
  bool available = false;  // it would be asked now
  Time not_before{};       // it sent bytes that are not valid, and is not asked before then; the epoch: it is
};

// This machine among its neighbours.
struct PeerStanding {
  std::string own_key;  // as PeerInfo::key; empty: it has none yet
  std::string trust;    // who is one of them: "list", "ca" or "group"
  std::uint64_t bytes_from_peers = 0;  // since the service began, for all jobs
  std::uint64_t bytes_to_peers = 0;    // likewise, of files that are kept for them
};

// What is in force of the cache for neighbours.
struct PeerCacheSettings {
  std::uint32_t cache_percent = 0;  // of the file system that it lies on
  std::uint32_t content_age = 0;    // seconds without use
  std::uint32_t flags = 0;          // 1 neighbours may be asked, 2 files are kept for them and given to them
};

struct ErrorText {
  std::string text;
  std::string context_text;
};

struct JobFilter {
  std::vector<JobState> states;  // empty: all but the final ones
  std::string name_glob;         // empty: any name
  bool all_users = false;
};

}  // namespace backhaul

#endif
