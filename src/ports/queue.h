// SPDX-License-Identifier: Apache-2.0
// Both directions between the engine and whoever serves clients. Inbound: Queue, implemented by the
// engine. Outbound: Clients, implemented by the dbus adapter, which alone knows which bus message a
// call id is.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/sum.h"
#include "base/text.h"
#include "core/admission.h"
#include "core/admit.h"
#include "core/budget.h"
#include "core/cause.h"
#include "core/event_record.h"
#include "core/job_change.h"
#include "core/leave.h"
#include "core/neighbours.h"
#include "core/owner.h"
#include "core/peer_cache.h"
#include "core/peer_preferences.h"
#include "core/policy_entry.h"
#include "core/reading.h"
#include "core/secrets.h"
#include "core/waiting.h"
#include "core/wanted.h"

namespace backhaul::ports {

struct Caller {
  base::PeerId peer{};
  std::uint32_t uid = 0;
  base::Text program{};  // a hint for people (core::Author)
  std::string application{};  // the confined one it belongs to (core/sandbox.h); empty: none
  std::optional<core::Right> right{};  // over the jobs of others, that it was given for this one call

  std::string account{};  // the name of its account; empty: nobody asked

  core::Owner owner() const { return {uid, application, account}; }
};

struct FileSpec {
  std::string remote;
  std::string local;
  std::vector<core::WantedRange> ranges{};  // in the order of the local file; none: the whole file
  std::vector<std::string> mirrors{};       // other addresses of the same file, in their order
  std::vector<std::string> digests{};       // "sha256:…" (core/digest.h): all of them have to agree
  std::uint64_t size = UINT64_MAX;          // that the remote file has to have
  std::uint64_t piece_length = 0;           // with the digests of its pieces (core/pieces.h)
  std::vector<std::string> piece_digests{};
  std::string signature{};                  // of the whole, by this key (core/signature.h)
  std::string key{};
  std::string torrent{};                    // its address, for those who exchange its pieces (core/site_sources.h)
  std::string held{};  // the directory of `local` was handed over (core/held_directory.h); empty: it is named by the path
};

using core::JobChange;

// Of what belongs to the owner alone: whoever takes a job over does not get it.
struct SecretsChange {
  std::vector<core::Credentials> credentials{};  // each in the place of those for its target and scheme
  std::optional<base::Secret> custom_headers{};  // empty: none any more; unset: as they are
  bool headers_write_only = false;               // from now on; false: as it is
  std::optional<core::CertificateWanted> certificate{};  // in the place of the one before; unset: as it is

  bool empty() const { return credentials.empty() && !custom_headers && !headers_write_only && !certificate; }
};

namespace command {
struct Enqueue {  // CreateJob is an Enqueue without files
  base::JobType type = base::JobType::download;
  JobChange properties;
  SecretsChange secrets;
  std::vector<FileSpec> files;
  bool start = false;
  core::ProxyEnvironment proxies{};  // of the caller
};
struct AddFiles {
  base::JobId job;
  std::vector<FileSpec> files;
};
struct Start {
  base::JobId job;
  bool anew = false;  // what is held of files that are not whole is given up
};
struct Suspend { base::JobId job; };
struct Complete { base::JobId job; };
struct Cancel { base::JobId job; };
struct TakeOwnership { base::JobId job; };
struct Change {
  base::JobId job;
  JobChange change;  // all or nothing
};
struct SetSecrets {
  base::JobId job;
  SecretsChange secrets;  // all or nothing
};
struct RemoveCredentials {  // S_FALSE: there were none
  base::JobId job;
  core::AuthTarget target = core::AuthTarget::server;
  core::AuthScheme scheme = core::AuthScheme::basic;
};
struct RemoveCertificate { base::JobId job; };  // S_FALSE: there was none
struct SetObject {
  base::JobId job;
  core::ObjectRegistration object;  // sequence is given by the engine
};
struct ClearObject { base::JobId job; };
struct SetCertificateCheck {
  base::JobId job;
  std::optional<core::ObjectRegistration> object;  // sequence is given by the engine; unset: none
};
struct RequestRanges {  // ahead of the rest of the file
  base::JobId job;
  std::uint32_t file = 0;
  std::vector<core::WantedRange> ranges;
};
struct SetPosition {  // the rest of the file comes from here on
  base::JobId job;
  std::uint32_t file = 0;
  std::uint64_t position = 0;
};
struct SetValidationState {
  base::JobId job;
  std::uint32_t file = 0;
  bool valid = false;
};
struct SetRemoteName {
  base::JobId job;
  std::uint32_t file = 0;
  std::string remote;
};
struct ReplaceRemotePrefix {  // the reply is how many files it changed
  base::JobId job;
  std::string from;
  std::string to;
};
// Of what is kept for neighbours, and of those (core/admission.h says who may).
struct DeleteRecord { base::RecordId id; };  // BG_E_NOT_FOUND; BG_E_BUSYCACHERECORD
struct DeleteRecordsOf { std::string url; };  // likewise; S_FALSE: there is none
struct ClearRecords {};
struct LookForPeers { bool anew = false; };  // anew: those that were found are forgotten before
struct Prefer { core::PeerPreferences wanted; };  // the reply is core::outcome
struct Administer {
  std::variant<DeleteRecord, DeleteRecordsOf, ClearRecords, LookForPeers, Prefer> what;
};
struct LayDown {  // what the settings say, read again
  std::shared_ptr<const core::Policy> policy;
  std::vector<std::string> warnings{};
};
}  // namespace command

struct CommandKinds {
  using Variant = std::variant<command::Enqueue, command::AddFiles, command::Start, command::Suspend,
                 command::Complete, command::Cancel, command::TakeOwnership, command::Change,
                 command::SetSecrets, command::RemoveCredentials, command::RemoveCertificate, command::SetObject,
                 command::ClearObject, command::SetCertificateCheck,
                 command::SetValidationState, command::SetRemoteName,
                 command::ReplaceRemotePrefix, command::RequestRanges, command::SetPosition,
                 command::Administer, command::LayDown>;
};
using CommandBody = base::Sum<CommandKinds>;

struct Command {
  base::CallId call{};
  Caller caller;
  CommandBody body;
};

struct Count {
  std::uint32_t number = 0;
};

// What a client is told: nothing but success, the new job, a success code that is not S_OK, or how many.
using ReplyValue = std::variant<std::monostate, base::JobId, base::Code, Count>;

// Names of changed properties, as a set (bus/org.backhaul.Job1.xml).
enum class Property : std::uint32_t {
  state = 1u << 0,
  progress = 1u << 1,  // BytesTotal, BytesTransferred, FilesTotal, FilesTransferred, EndUntold, VersionUntold
  error = 1u << 2,     // Error, ErrorCount
  settings = 1u << 3,  // Name, Description, Priority, time-outs, AutoComplete, who set which secrets
  notify = 1u << 4,    // NotifyFlags, NotifyObject, NotifyService, NotifyCommand, …Validator
  owner = 1u << 5,
  files = 1u << 6,     // a file was added, or has another address
};
using Properties = std::uint32_t;
constexpr Properties operator|(Property a, Property b) {
  return static_cast<Properties>(a) | static_cast<Properties>(b);
}
constexpr Properties operator|(Properties a, Property b) { return a | static_cast<Properties>(b); }
constexpr bool has(Properties set, Property p) { return (set & static_cast<Properties>(p)) != 0; }

class Clients {
 public:
  virtual ~Clients() = default;
  virtual void reply(base::CallId call, base::Result<ReplyValue> value) = 0;
  virtual void added(const base::JobId& job) = 0;
  // `urgent`: a state change, told at once; the rest at most twice a second per job, merged.
  virtual void changed(const base::JobId& job, Properties properties, bool urgent) = 0;
  virtual void removed(const base::JobId& job) = 0;
  // For downloads that programs do by themselves, and ask for it; until this is told, it is as it is made.
  virtual void give_leave(const core::Leave&) {}
};

struct Progress {  // live: outside the committed table, never behind it
  std::uint64_t bytes_total = base::size_unknown;
  std::uint64_t bytes_transferred = 0;
  std::uint32_t files_total = 0;
  std::uint32_t files_transferred = 0;
  std::optional<bool> resumable;  // of the current file; unset: not known
  std::uint64_t rate = 0;  // octets a second over the last seconds; 0: not known, or it stands still
  std::uint64_t average_rate = 0;  // … over all the time that it has moved; 0: not known
  std::optional<core::Impact> impact{};  // of its background transfers on others
  std::optional<std::chrono::seconds> left{};  // until every octet is here, at this rate
};

struct JobFilter {
  std::uint32_t states = 0;   // bit per JobState; 0: all but the final ones
  std::string name_glob;      // empty: any
  bool all_users = false;     // uid 0 only, else E_ACCESSDENIED
};

struct JobPage {
  std::vector<const core::Job*> jobs;  // valid until control returns to the loop
  std::string next;                    // cursor of the next page; empty: that was the last one
};

// Events after a number, oldest first, as far as the log reaches back.
struct EventPage {
  std::vector<core::EventRecord> events;
  std::uint64_t next = 0;  // ask with this next time; unchanged: nothing newer yet
};

// An event that was not heard yet, for people: what it waits for, and how often it was tried.
enum class NotifyWait : std::uint8_t {
  nobody,  // nobody is registered for it, or its flag is off
  turn,    // for one of the slots of its user
  answer,  // somebody is being told
  retry,   // for the next attempt
  start,   // for the next attempt to start its class, which failed for this job or another one
  session,  // likewise, and sooner for its owner to have a session, whose bus would start it
};
struct UnheardEvent {
  core::NotifyKind kind = core::NotifyKind::none;
  std::uint64_t sequence = 0;
  NotifyWait wait = NotifyWait::nobody;
  std::uint32_t failed_attempts = 0;
  base::WallTime next{};  // of retry, start and session; otherwise the epoch
};
// Why the command line of a job is not run.
enum class CommandBar : std::uint8_t {
  none,
  policy,   // the settings forbid command lines
  account,  // of whoever set it: a service, or on the service of the machine root or somebody else than the owner
};
struct NotifyState {
  std::vector<UnheardEvent> unheard;  // in the order in which they will be told
  CommandBar command_bar = CommandBar::none;
};

struct PolicyInForce {
  std::shared_ptr<const core::PolicyList> list;
  bool exempt = false;  // the limits of owners are not for the caller
};

// A record of what is kept for neighbours.
struct CachedRecord {
  const core::CacheRecord* record = nullptr;  // valid until control returns to the loop
  bool busy = false;                          // it is being copied, or given to a neighbour
};
struct CachePage {  // in the order in which they were made
  std::vector<CachedRecord> records;
  std::string next;  // cursor of the next page; empty: that was the last one
};
// A neighbour that is known and trusted.
struct KnownNeighbour {
  core::Neighbour who;
  bool available = true;
  base::WallTime until{};  // it is not asked before then; the epoch: it is
};

// What is in force among neighbours, who this machine is to them, and what came and went since the service began.
struct PeerStanding {
  core::PeerSettings settings{};
  std::string own_key{};  // empty: it has none yet
  core::NeighbourTrust trust = core::NeighbourTrust::list;
  std::uint64_t octets_taken = 0;
  std::uint64_t octets_given = 0;
};

class Queue {
 public:
  virtual ~Queue() = default;
  // The reply comes through Clients after the commit.
  virtual void submit(Command command) = 0;
  // Committed jobs, tombstones included. BG_E_NOT_FOUND, E_ACCESSDENIED. Pointers are valid until
  // control returns to the loop.
  virtual base::Result<const core::Job*> find(const base::JobId& id, const Caller& caller) const = 0;
  virtual const core::File* file(const core::Job& job, std::uint32_t index) const = 0;
  virtual base::Result<JobPage> page(const JobFilter& filter, const std::string& cursor,
                                     std::uint32_t limit, const Caller& caller) const = 0;
  virtual Progress progress(const core::Job& job) const = 0;
  // Bytes of one file that arrived (not only the durable ones).
  virtual std::uint64_t file_progress(const core::File& file) const = 0;
  virtual core::Waiting waiting(const core::Job& job) const = 0;
  // Why, as a chain: the job, those before it, the world, the policy.
  virtual std::vector<core::Cause> explain(const core::Job& job, const Caller& caller) const = 0;
  // In force, whether its owner set them or the policy does (core/cost.h).
  virtual std::uint32_t cost_flags(const core::Job& job) const = 0;
  // What may come over each network in its period, and what did, as far as it concerns the caller.
  virtual std::vector<core::BudgetStatus> budgets(const Caller& caller) const = 0;
  // What is laid down, as far as it concerns the caller.
  virtual PolicyInForce policy(const Caller& caller) const = 0;
  // When it is cancelled if nothing happens to it until then, and the service runs (jobs.md §9); the epoch:
  // it has ended, or ends.
  virtual base::WallTime expires(const core::Job& job) const = 0;
  // No job of anybody goes on by itself any more, and none is being completed or cancelled.
  virtual bool is_idle() const = 0;
  virtual NotifyState notify_state(const core::Job& job) const = 0;
  // Unset: there are none. E_ACCESSDENIED: they are write-only, or another's.
  virtual base::Result<std::optional<base::Secret>> custom_headers(const core::Job& job,
                                                                   const Caller& caller) const = 0;
  virtual EventPage events(std::uint64_t since, std::uint32_t limit,
                           const Caller& caller) const = 0;
  // The job that the caller made last, also when it has ended: its user or any of their applications,
  // or the confined application that it is. BG_E_NOT_FOUND.
  virtual base::Result<base::JobId> last_job(const Caller& caller) const = 0;
  // What is kept for neighbours. E_ACCESSDENIED (core/admission.h); BG_E_NOT_FOUND.
  virtual base::Result<CachePage> cached(const std::string& cursor, std::uint32_t limit, const Caller& caller) const = 0;
  virtual base::Result<CachedRecord> cached(const base::RecordId& id, const Caller& caller) const = 0;
  virtual base::Result<std::vector<KnownNeighbour>> neighbours(const Caller& caller) const = 0;
  // For everybody to see.
  virtual PeerStanding peer_standing() const = 0;
  // Runs `answer` now, or, if this peer has a change that was not answered yet, right after its
  // reply: a client reads its own writes.
  virtual void read(base::PeerId peer, std::move_only_function<void()> answer) = 0;
};

}  // namespace backhaul::ports

extern template class backhaul::base::Sum<backhaul::ports::CommandKinds>;
