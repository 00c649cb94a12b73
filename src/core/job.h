// SPDX-License-Identifier: Apache-2.0
// Jobs and files as values. A job lives for weeks and across crashes, so everything about it is in
// these rows: no call stack, closure or pointer. The store writes them, the table steps them, the
// bus shows them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/code.h"
#include "base/ids.h"
#include "base/setting_kind.h"
#include "base/text.h"
#include "base/time.h"
#include "base/vocabulary.h"
#include "core/author.h"
#include "core/certificate.h"
#include "core/demand.h"
#include "core/extents.h"
#include "core/proxy.h"
#include "core/rare.h"
#include "core/secrets.h"
#include "core/wanted.h"

namespace backhaul::core {

// A server that asked to be left alone for a while (Retry-After). Kept with the job that was told, for
// every job that would go there, or for those of its owner.
struct ServerWish {
  std::string origin;  // core::url_origin
  base::StoredDeadline until;
  bool for_all = false;  // the answer spoke for all (core/request_options.h); settings may be others since then

  bool operator==(const ServerWish&) const = default;
};

// Why a job is in ERROR or TRANSIENT_ERROR. A snapshot: it stays until the job is TRANSFERRING. Of a
// TRANSFERRED job: what kept its files from their places when Complete tried last.
struct ErrorInfo {
  base::Code code = base::Code::S_OK;
  base::ErrorContext context = base::ErrorContext::none;
  std::uint32_t file = base::no_file;
  std::string text;  // details for people ("HTTP 503 from example.org"); may be empty
  bool of_this_machine = false;  // the remote file was one of this machine: no server had to do with it

  bool operator==(const ErrorInfo&) const = default;
};

// A callback object: it lives in a client and dies with it. Valid while the bus `bus_id` still
// knows `unique_name`, also over a restart of the service.
struct ObjectRegistration {
  std::string bus_id;
  std::string unique_name;
  std::string path;
  std::uint32_t level = 1;  // answers IBackgroundCopyCallback (1), …2 (2), …3 (3)
  std::uint32_t uid = 0;    // who registered it
  std::uint64_t sequence = 0;

  bool operator==(const ObjectRegistration&) const = default;
};

// The program wants a second opinion on the certificate of every https server (notifications.md
// §14). Kept like a callback object; but when the object is gone the demand stays, and the job goes
// only where it has been accepted before.
struct CertificateCheck {
  ObjectRegistration object;  // whom to ask; without a unique name: its process has left the bus
  AcceptedServers accepted;

  bool can_ask() const { return !object.unique_name.empty(); }
  bool operator==(const CertificateCheck&) const = default;
};

// A callback class: an activatable bus name, kept with the job. Empty name: none.
// `path` is the ClassFactory1 object when the name is a derived CLSID name
// (org.backhaul.clsid.g<32 hex>), otherwise the Callback1 object itself.
struct ClassRegistration {
  std::string name;
  std::string path;

  bool empty() const { return name.empty(); }
  bool operator==(const ClassRegistration&) const = default;
};

struct CommandRegistration {
  std::string program;     // absolute path; empty: none
  std::string parameters;  // the whole argument vector as one string, argv[0] included
  std::uint32_t uid = 0;   // who set it

  bool operator==(const CommandRegistration&) const = default;
};

enum class NotifyKind : std::uint8_t {
  none = 0,
  job_transferred = 1,
  job_error = 2,
  job_modification = 3,
  file_transferred = 4,
  file_ranges_transferred = 5,  // like a modification never remembered
};

enum class Rung : std::uint8_t { object = 0, notify_class = 1, command = 2 };

// An event that is due: written before anybody is called, cleared after the acknowledgement (at
// least once). kind none: nothing is due.
struct Pending {
  NotifyKind kind = NotifyKind::none;
  std::uint64_t sequence = 0;
  Rung rung = Rung::object;  // where the next attempt begins; rungs that do not exist are skipped
  std::uint32_t attempts = 0;
  std::optional<base::StoredDeadline> due;  // not before this; unset: at once
  std::uint32_t failed_starts = 0;  // of its class in a row, if that is what `due` waits for

  bool operator==(const Pending&) const = default;
};

// Complete, Cancel and TakeOwnership are durable intents: committed first, carried out, then their end.
enum class Intent : std::uint8_t { none = 0, complete = 1, cancel = 2, take = 3 };

// Of a job that is being taken over (Intent::take): who takes it. Once its parts are files of the new owner, the row
// says that it is theirs, and this is who had it: what is left is to delete what lies there of that one.
struct Takeover {
  std::uint32_t uid = 0;
  base::Text account;  // the name of that account, as in RareOfJob
  bool parts_taken = false;

  bool operator==(const Takeover&) const = default;
};

// Sums over the files of a job, kept in step with their rows.
struct FileCounters {
  std::uint32_t total = 0;
  std::uint32_t transferred = 0;    // complete and synced
  std::uint32_t size_unknown = 0;   // files whose size nobody knows yet
  std::uint32_t version_untold = 0;  // transferred, but of no one version that was told; follows from the rows
  std::uint64_t bytes_known = 0;    // sum of the known sizes, of what is wanted
  std::uint64_t bytes_stored = 0;   // sum of what is durable
  std::uint32_t end_untold = 0;     // transferred, but nobody told where they end; follows from the rows
  std::uint32_t ranged = 0;         // files of which ranges are wanted; follows from the rows

  bool operator==(const FileCounters&) const = default;
};

inline constexpr base::Seconds shortest_retry_delay{5};

// How a job that is needed by some moment is served (core/needed.h): as its priority says, like one of high
// priority, or beside the others like one in the foreground.
enum class Urgency : std::uint8_t { gentle = 0, high = 1, beside = 2 };

// No byte came since the first transient error.
struct Stuck {
  base::ServiceTime since{};

  bool operator==(const Stuck&) const = default;
};

// What few jobs have, and the settings that are seldom other than usual: together, so that all of it costs
// the others one pointer.
struct RareOfJob {
#define BACKHAUL_JOB_SETTING(member, kind, Property, key, first, when, changes, bits, since, help)
#define BACKHAUL_RARE_JOB_SETTING(member, kind, Property, key, first, when, changes, bits, since, help) \
  base::setting_kind::kind::kept member = base::keep<base::setting_kind::kind::kept>(first);
#include "backhaul/job_settings.def"

  Seldom<ProxySettings> proxy;
  Rare<ProxyEnvironment> proxy_environment;  // of whoever made it; dropped with the ownership
  Rare<SecretsSet> secrets;  // which there are; their values lie on a shelf of their own
  Urgency urgency = Urgency::gentle;
  base::Microseconds time_before{};  // what `time_used` was in all before the owner's Starts
  base::Text account;  // the name of its owner's account (core/account.h); empty: nobody asked
  std::uint64_t bytes_resumed = 0;  // held when a transfer went on: what would have been fetched again
  Rare<Takeover> takeover;

  bool operator==(const RareOfJob&) const = default;
};

struct Job {
  base::JobId id;
  std::uint64_t order = 0;  // creation sequence; first created, first served
  std::uint32_t owner_uid = 0;
  base::JobType type = base::JobType::download;
  base::JobState state = base::JobState::suspended;
  Intent intent = Intent::none;
  bool started = false;  // Resume succeeded once

  // Its settings, with their first values.
#define BACKHAUL_JOB_SETTING(member, kind, Property, key, first, when, changes, bits, since, help) \
  base::setting_kind::kind::kept member = base::keep<base::setting_kind::kind::kept>(first);
#define BACKHAUL_RARE_JOB_SETTING(member, kind, Property, key, first, when, changes, bits, since, help)
#include "backhaul/job_settings.def"

  std::uint32_t error_count = 0;
  Seldom<RareOfJob> rare;

  Author made_by;
  Rare<std::string> application;  // the confined one that made it (core/sandbox.h); none: its user

  Rare<ObjectRegistration> object;
  Rare<CertificateCheck> certificate_check;
  Seldom<ClassRegistration> notify_class;
  Seldom<CommandRegistration> command;
  Rare<Author> object_set_by, class_set_by, command_set_by;  // the last who set or cleared it
  Seldom<Pending> pending;     // JobTransferred or JobError
  Seldom<Pending> file_event;  // FileTransferred of the first file that owes one; before `pending`
  std::uint32_t event_file = base::no_file;  // that file
  std::uint32_t address_file = base::no_file;  // TRANSIENT_ERROR: it needs a new address before `retry`

  base::WallTime created{};
  base::WallTime modified{};
  base::WallTime transferred{};  // entry into TRANSFERRED; epoch: never
  base::ServiceTime active{};    // `modified` again, on the clock that inactivity goes by

  Rare<ErrorInfo> error;
  Rare<base::StoredDeadline> retry;  // end of the wait in TRANSIENT_ERROR
  Rare<ServerWish> server_wish;      // until the owner's Start or the next answer
  std::optional<Stuck> stuck;        // NoProgressTimeout runs
  base::Microseconds time_used{};  // CONNECTING + TRANSFERRING since the last Start, for MaximumDownloadTime

  FileCounters files;

  bool operator==(const Job&) const = default;
};

enum class FileState : std::uint8_t {
  waiting = 0,      // not (fully) transferred
  transferred = 1,  // every byte is in the part file and synced
  completed = 2,    // published under its local name
  discarded = 3,    // given up by a partial Complete or a Cancel
};

enum class Resumable : std::uint8_t { unknown = 0, yes = 1, no = 2 };

// Which version of the remote file the part belongs to: what its server told of it (core/judge.h).
struct RemoteIdentity {
  std::uint64_t size = base::size_unknown;
  base::Text last_modified;   // as the server wrote it; empty: not told
  base::Text etag;            // with quotes and W/ prefix as received; empty: not told
  Resumable resumable = Resumable::unknown;
  bool end_untold = false;    // neither a length nor chunks: only the end of the connection says "all"
  bool for_one = false;       // an answer that brought some of it was for whoever asked (core/peer_cache.h)
  bool version_untold = false;  // it was put together of answers that tell no one version: their sizes agree, and no tag does
  base::Text encoding{};      // Content-Encoding, which is stored as it comes; empty: none
  base::Text digest{};        // of all its bytes (core/digest.h); empty: not told

  bool operator==(const RemoteIdentity&) const = default;
};

// The whole file, fetched again beside the part because its server gives no rest of it. The part is
// given up only when every byte is in this one. When the part is whole first, or lost, the epoch alone
// stays, so that this one can be named, and deleted, when the job ends.
struct FreshPart {
  std::uint32_t epoch = 0;
  std::uint64_t offset = 0;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;

  bool operator==(const FreshPart&) const = default;
};

// Answers in a row that deny what is known of a file without proving another version.
struct Doubts {
  std::uint32_t contradictions = 0;
  std::uint32_t unproven = 0;          // without the validator that is on record
  base::ServiceTime unproven_since{};  // the first of those

  bool operator==(const Doubts&) const = default;
};

// Other addresses of a file, which are tried in turn with its own (core/mirrors.h). A round begins with
// the first failure; when every address has failed once, the job is told of it.
struct Mirrors {
  std::string addresses;      // one a line, which no address holds
  std::uint32_t current = 0;  // the one in use: 0 is the file's own, n the nth of these
  std::uint32_t told_by = 0;  // the one that told the identity of what is held
  std::uint64_t failed = 0;   // those that failed in this round, a bit each by their numbers
  Rare<ErrorInfo> passing;    // the first of these failures that may pass

  bool operator==(const Mirrors&) const = default;
};

// What the owner expects of a file beside its digests.
struct Expected {
  std::uint64_t size = base::size_unknown;  // of the remote file
  base::Text pieces;       // digests of its pieces (core/pieces.h); empty: none
  std::uint32_t bad = 0;   // so many of them were wrong and are fetched again from the same address
  base::Text signature{};  // of the whole (core/signature.h); empty: none
  base::Text key{};        // by which it has to be made

  bool operator==(const Expected&) const = default;
};

// What neighbours had to do with a file (core/neighbours.h).
struct FileNeighbours {
  Extents octets;            // of what is stored, that came from them
  base::Text givers;         // their keys, each with what it sent (core/neighbours.cc)
  bool origin_only = false;  // they are not asked: what one of them sent was wrong

  bool operator==(const FileNeighbours&) const = default;
};

// What few files have: together, so that all of it costs the others one pointer.
struct RareOfFile {
  Rare<FreshPart> fresh;
  Rare<Doubts> doubts;
  Rare<Mirrors> mirrors;
  Rare<std::string> digests;  // that its owner expects (core/digest.h)
  Rare<Expected> expected;
  Rare<std::string> torrent;  // where its owner says that one of it is (core/site_sources.h)
  Rare<std::string> duplicates;  // where its origin says that it lies as well (core/duplicates.h), one a line
  Rare<Demand> demand;        // somebody reads it at random
  std::uint32_t fruitless_restarts = 0;  // restarts that did not pass high_water, of runs that failed
  bool run_failed = false;  // its last run did, by its server or on the way; not stored: after a crash nobody knows
  bool led_away = false;      // to `remote`, another server than its owner named: nobody is told who asks
  base::Text received;        // SHA-256 of its bytes as they came; empty: not taken, or they came in several runs
  Seldom<FileNeighbours> neighbours;

  bool operator==(const RareOfFile&) const = default;
};

struct File {
  base::JobId job;
  std::uint32_t index = 0;  // AddFile order, from 0
  FileState state = FileState::waiting;
  bool validated = false;
  bool ranges_refused = false;  // asked for the rest its server refuses; asked for the whole it gives it
  bool moved = false;  // the identity of what is held was told at another address, which this one replaced
  std::uint32_t epoch = 0;      // number of the part: another remote version, another part
  std::uint32_t last_write = 0;  // mark of the last write to the part, while nobody writes to it (core/part.h); 0: not known
  Extents stored;               // durable bytes in the part of this epoch
  std::uint64_t device = 0;     // of the part file; 0/0: no part was made yet
  std::uint64_t inode = 0;
  std::uint64_t mount = 0;      // in which `inode` was read; 0: numbers mean nothing there
  std::uint64_t tail = 0;       // digest of the end of what is stored (core/part.h); 0: none
  std::uint64_t high_water = 0;
  std::uint64_t event = 0;  // number of the FileTransferred that is due; 0: none
  RemoteIdentity remote_identity;
  Seldom<RareOfFile> rare;
  Wanted wanted;
  base::Text remote;  // URL as given, set since, or where a redirect led whose report was asked for
  base::Text response_headers;  // of the last answer (ResponseHead::lines)
  base::Text local;   // absolute path
  Rare<std::string> root;  // the directory of `local` must lie beneath this; none: anywhere

  // Of the local file, once it is whole; base::size_unknown. As its server told, else as it is expected.
  std::uint64_t size() const {
    const bool told = remote_identity.size != base::size_unknown || !rare->expected;
    return wanted.local_size(told ? remote_identity.size : rare->expected->size);
  }
  bool is_stored_whole() const { return stored.is_prefix() && stored.prefix() == size(); }
  // Of the newest part.
  std::uint32_t last_epoch() const { return rare->fresh ? rare->fresh->epoch : epoch; }
  bool operator==(const File&) const = default;
};

// Pieces of it came in several answers that tell no one version, so they may be of several. A digest that is held against
// the whole would have told.
inline bool is_version_untold(const File& file) {
  const RemoteIdentity& identity = file.remote_identity;
  const bool proven = file.rare->digests || (file.rare->expected && !file.rare->expected->signature.empty()) ||
                      (file.wanted.whole() && identity.encoding.empty() && !identity.digest.empty());
  return identity.version_untold && !proven;
}

// Puts what one file contributes to the counters of its job in, or takes it out.
inline void count(FileCounters& counters, const File& file, bool in = true) {
  const auto apply = [in](auto& sum, auto amount) { in ? sum += amount : sum -= amount; };
  const bool done = file.state == FileState::transferred || file.state == FileState::completed;
  const std::uint64_t size = file.size();
  const bool sized = size != base::size_unknown;
  apply(counters.total, 1U);
  apply(counters.transferred, done ? 1U : 0U);
  apply(counters.size_unknown, sized ? 0U : 1U);
  apply(counters.bytes_known, sized ? size : 0U);
  apply(counters.bytes_stored, file.stored.total());
  apply(counters.end_untold, done && file.remote_identity.end_untold ? 1U : 0U);
  apply(counters.version_untold, done && is_version_untold(file) ? 1U : 0U);
  apply(counters.ranged, file.wanted.ranges().empty() ? 0U : 1U);
}

}  // namespace backhaul::core
