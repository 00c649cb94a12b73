// SPDX-License-Identifier: Apache-2.0
// Job and File: handles by id, cheap to copy, usable from any thread. They hold nothing alive in the
// service, and stay valid when the service restarts: a call that is under way then fails with
// RPC_E_DISCONNECTED, the next one starts the service again. Snapshots (JobInfo, FileInfo) are
// immutable. After a job has ended its handle goes on answering with its last values.
#ifndef BACKHAUL_JOB_H
#define BACKHAUL_JOB_H

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "backhaul/export.h"
#include "backhaul/result.h"
#include "backhaul/setting_kind.h"
#include "backhaul/types.h"

namespace backhaul {

class Callback;
class CertificateValidator;
class Job;
namespace detail {
class Access;
class JobRecord;
struct JobInfoData;
struct FileInfoData;
struct JobSettingsData;
}  // namespace detail

// All properties of a file at one moment.
class BACKHAUL_API FileInfo {
 public:
  FileInfo();
  std::uint32_t index() const;
  const std::string& remote_name() const;
  const std::string& local_name() const;
  const std::string& temporary_name() const;  // where the bytes are until the job is completed
  std::uint64_t bytes_total() const;          // size_unknown until the server told
  std::uint64_t bytes_transferred() const;
  std::uint64_t bytes_from_peers() const;     // of what is safe, what came from others than the server
  // Who sent that: "neighbour", "swarm", "cache-host", "site-proxy", "duplicate" (another address that the server names).
  const std::vector<std::string>& givers() const;
  bool transferred() const;                   // every byte is here and safe
  bool completed() const;                     // available under its local name
  bool validated() const;
  bool end_untold() const;  // no size was told: only the end of the connection says that this is all
  // Its ranges came in several answers that tell no one version: only the size, and at most the date, say that they belong
  // together.
  bool version_untold() const;
  const std::vector<std::string>& mirrors() const;  // as given
  const std::vector<std::string>& digests() const;  // that are expected, "sha256:HEX"
  const std::vector<FileRange>& ranges() const;  // as they were given; none: the whole file
  std::uint64_t expected_size() const;           // size_unknown: nothing is expected
  std::uint64_t piece_length() const;            // of the pieces that have digests; 0: none have
  const std::string& signed_by() const;  // "minisign" with the number of its key, "openpgp"; empty: nobody

 private:
  friend class detail::Access;
  std::shared_ptr<const detail::FileInfoData> data_;
};

// The registered callback object. `own` is set when it is an object of this process.
struct NotifyObject {
  std::string bus_name;  // empty: none registered
  std::string path;
  std::uint32_t level = 0;
  std::shared_ptr<Callback> own;
};

// All properties of a job at one moment.
class BACKHAUL_API JobInfo {
 public:
  JobInfo();
  const std::string& id() const;  // lower-case UUID
  JobType type() const;
  JobState state() const;
  std::uint32_t owner() const;  // uid
  std::uint64_t bytes_total() const;
  std::uint64_t bytes_transferred() const;
  std::uint32_t files_total() const;
  std::uint32_t files_transferred() const;
  std::uint32_t end_untold() const;  // how many of these may not be whole: FileInfo::end_untold
  std::uint32_t version_untold() const;  // how many may be of several versions: FileInfo::version_untold
  Time created() const;
  Time modified() const;
  Time transferred() const;
  // When it is cancelled unless something happens to it before; the epoch: it has ended.
  Time expires() const;
  std::uint32_t error_count() const;
  const ErrorInfo& error() const;
  // The protocol by which the file of the error was fetched when it failed: "http", "file"; empty where it has to do with neither.
  const std::string& error_protocol() const;
  const Waiting& waiting() const;
  std::uint32_t resumable() const;  // of the current file. 0 no, 1 yes, 2 not known yet
  std::uint64_t rate() const;  // octets a second over the last seconds; 0: not known, or none arrive
  std::uint64_t average_rate() const;  // over all the time that it was CONNECTING or TRANSFERRING
  std::chrono::seconds time_left() const;  // at the present rate; negative: not known
  // Octets that were here already each time a transfer went on, added up.
  std::uint64_t bytes_resumed() const;
  // Of the path that its background transfers take, and of all of them together there: the round trip without
  // a queue, what the queue adds to it, what the path can carry and what they leave of that to others, in octets
  // a second. Negative, and size_unknown: not measured.
  std::chrono::microseconds path_delay() const;
  std::chrono::microseconds delay_added() const;
  std::uint64_t path_capacity() const;
  std::uint64_t capacity_left() const;
  bool started() const;  // start() succeeded once
  const std::string& notify_object_name() const;  // unique bus name; empty: none
  const std::string& notify_object_path() const;
  std::uint32_t notify_object_level() const;
  // The object that judges certificates. An empty name with a path: its process is gone.
  const std::string& certificate_validator_name() const;
  const std::string& certificate_validator_path() const;
  const NotifyService& notify_service() const;
  const NotifyCommand& notify_command() const;
  const ProxySettings& proxy() const;
  const Author& created_by() const;
  const Author& notify_object_set_by() const;  // or cleared; likewise the others
  const Author& notify_service_set_by() const;
  const Author& notify_command_set_by() const;
  // Why the command is not run: "policy", "account"; empty: it may run.
  const std::string& notify_command_barred() const;
  const std::vector<UnheardEvent>& notify_unheard() const;  // in the order in which they are told
  const std::vector<CredentialsSet>& credentials_set() const;
  const Author& custom_headers_set_by() const;  // with an unknown time: there are none
  bool custom_headers_write_only() const;
  const ClientCertificate& client_certificate() const;  // all empty: there is none
  const Author& client_certificate_set_by() const;
  // The settings, one for each row of backhaul/job_settings.def: `std::string name() const`,
  // `std::chrono::seconds minimum_retry_delay() const` and so on.
#define BACKHAUL_JOB_SETTING(member, kind, Property, key, first, when, changes, bits, since, help) \
  detail::setting_kind::kind::read member() const;
#include "backhaul/job_settings.def"

 private:
  friend class detail::Access;
  std::shared_ptr<const detail::JobInfoData> data_;
};

// Values to set, several at once: `JobSettings().name("nightly").priority(Priority::low)`. Numbers
// are passed on as they are; the service judges them.
class BACKHAUL_API JobSettings {
 public:
  JobSettings();
  JobSettings(const JobSettings&);
  JobSettings(JobSettings&&) noexcept;
  JobSettings& operator=(JobSettings) noexcept;
  ~JobSettings();

  JobSettings& type(JobType value);  // of a new job only, like the next three
  JobSettings& credentials(Credentials value);        // one more
  JobSettings& custom_headers(std::string value);     // as in Job::set_custom_headers
  JobSettings& client_certificate(ClientCertificate value);
  // One for each row of backhaul/job_settings.def: `name(std::string)`, `priority(Priority)`,
  // `minimum_retry_delay(std::chrono::seconds)`, `auto_complete(bool)` and so on.
#define BACKHAUL_JOB_SETTING(member, kind, Property, key, first, when, changes, bits, since, help) \
  JobSettings& member(detail::setting_kind::kind::value value);
#include "backhaul/job_settings.def"
  JobSettings& notify_service(NotifyService value);  // empty name: none
  JobSettings& notify_class(const std::string& clsid);  // {xxxxxxxx-xxxx-…}; all zero: none
  JobSettings& notify_command(NotifyCommand value);  // both empty: none
  JobSettings& proxy(ProxySettings value);
  // By its name on the bus, such as "MaximumDownloadTime": what it is in a new job of this service.
  JobSettings& back_to_default(const std::string& property);
  bool empty() const;

 private:
  friend class detail::Access;
  std::unique_ptr<detail::JobSettingsData> data_;
};

class BACKHAUL_API File {
 public:
  File();
  std::uint32_t index() const { return index_; }
  Job job() const;
  Result<FileInfo> info() const;  // one call
  // What the program found in FileInfo::temporary_name. False: the file is thrown away, the job
  // goes to ERROR and start() fetches it again. E_PENDING before every byte is here.
  Result<void> set_validation_state(bool valid);
  // Another address of the same file. What has arrived is kept where the file there is the same, else
  // it begins at byte 0; a file that is whole is not fetched again. A job that waits for an address
  // (Waiting::kind "address") goes on at once, one in ERROR with start().
  Result<void> set_remote_name(const std::string& remote);
  // The head of the last answer of its server, the status line first, a CR LF behind each line; empty
  // before any. At most 16 KiB; cookies and what only the receiver of an answer should have are left out.
  Result<std::string> response_headers() const;

  // Random access, for a whole file of a download whose server gives ranges and whose job
  // has no dynamic_content; else BG_E_RANDOM_ACCESS_NOT_SUPPORTED (files.md §8). With
  // JobSettings::on_demand_mode nothing else of it is fetched, and when all that was asked for is here
  // the job is SUSPENDED, or TRANSFERRED where that was everything. What arrives is told by
  // Callback::file_ranges_transferred.
  //
  // These octets come ahead of the rest, in this order; what is here or asked for already is not fetched
  // again. A job that does not run needs start(). BG_E_INVALID_RANGE: not inside the file.
  Result<void> request_ranges(const std::vector<FileRange>& ranges);
  // The rest comes from here on, and then what lies before it. BG_E_INVALID_RANGE: beyond the file.
  Result<void> set_position(std::uint64_t offset);
  // What of it is here, in FileInfo::temporary_name: merged, and sorted by offset.
  Result<std::vector<FileRange>> filled_ranges() const;

 private:
  friend class detail::Access;
  friend class Job;
  std::shared_ptr<detail::JobRecord> record_;
  std::uint32_t index_ = no_file;
};

class BACKHAUL_API Job {
 public:
  Job();  // no job: every call answers BG_E_NOT_FOUND
  explicit operator bool() const { return record_ != nullptr; }
  const std::string& id() const;  // lower-case UUID; empty for no job
  bool operator==(const Job& other) const { return id() == other.id(); }
  bool operator!=(const Job& other) const { return !(*this == other); }

  // All properties, one call. Of a job that the service has forgotten after its end: what was read last, with that end.
  Result<JobInfo> info() const;
  Result<JobState> state() const;
  // BG_E_ERROR_INFORMATION_UNAVAILABLE outside ERROR and TRANSIENT_ERROR.
  Result<ErrorInfo> error() const;

  // Why it does not move, or what it moves under: the whole chain, one call.
  Result<std::vector<Cause>> explain() const;

  Result<void> set(const JobSettings& settings);  // all or nothing, one call
  Result<void> add_files(const std::vector<FileSpec>& files);  // all or nothing, one call
  Result<void> add_file(std::string remote, std::string local);
  // Into a directory that this program has open, whatever its path means to others; the names of the
  // files are names in it. It is kept open, and looked for by its path after a restart (Job1.AddFilesIn).
  // The descriptor stays the program's. Without files it is handed over once more, for a job that does
  // not find it any more.
  Result<void> add_files_in(int directory, const std::vector<FileSpec>& files);
  // The addresses that begin so, case by case, begin otherwise: File::set_remote_name for all of them,
  // or for none. How many there were.
  Result<std::uint32_t> replace_remote_prefix(const std::string& from, const std::string& to);
  Result<void> start();    // BITS's Resume
  // Likewise, but what has arrived of files that are not whole is given up: they begin at byte 0.
  Result<void> start_anew();
  Result<void> suspend();
  // The value is a success code: S_OK, BG_S_PARTIAL_COMPLETE, BG_S_UNABLE_TO_DELETE_FILES.
  Result<std::uint32_t> complete();
  Result<std::uint32_t> cancel();
  Result<void> take_ownership();

  File file(std::uint32_t index) const;  // a handle; nothing is asked
  Result<std::vector<FileInfo>> files() const;  // in the order they were added
  Result<std::vector<FileInfo>> files(std::uint32_t first, std::uint32_t count) const;

  // The library holds a reference until the service does not need the object any more (see
  // Callback::released), or the call is refused. A successful call replaces the job's former
  // object, of whatever process, and delivers the event of the present state.
  Result<void> set_notify_object(std::shared_ptr<Callback> callback);
  Result<void> clear_notify_object();
  Result<NotifyObject> notify_object() const;
  // Who has the last word on the certificates of https servers (certificate_validator.h). Only in
  // SUSPENDED, ERROR and TRANSFERRED, else BG_E_READ_ONLY_WHEN_JOB_ACTIVE. It replaces the one
  // before and forgets what that one accepted. When this process ends the job stops at every server
  // that was not accepted, with BG_E_SERVER_CERT_VALIDATION_INTERFACE_REQUIRED.
  Result<void> set_certificate_validator(std::shared_ptr<CertificateValidator> validator);
  Result<void> clear_certificate_validator();
  Result<void> set_notify_service(const NotifyService& service);  // empty name: none
  Result<void> set_notify_class(const std::string& clsid);        // all zero: none
  Result<void> set_notify_command(const NotifyCommand& command);  // both empty: none

  // In the place of those for the same target and scheme. The password is kept sealed, and nothing gives it
  // back. Credentials::handed_over keeps it out of the messages of the bus. BG_E_USERNAME_TOO_LARGE,
  // BG_E_PASSWORD_TOO_LARGE. E_INVALIDARG: implicit ones for BASIC, DIGEST or PASSPORT. E_ACCESSDENIED:
  // the job is another user's, or implicit ones from within a sandbox.
  Result<void> set_credentials(const Credentials& credentials);
  Result<bool> remove_credentials(AuthTarget target, AuthScheme scheme);  // false: there were none
  // "Name: value" lines, each ended by a line feed, with or without a carriage return; empty: none any
  // more. They go with every request of the job; one that may hold credentials, by its name, goes to no
  // other server than the one of the file's address. Up to 16,383 characters: BG_E_STRING_TOO_LONG.
  // E_INVALIDARG: no such line, or a header that is the service's own (Range, Host, Content-Length, …).
  Result<void> set_custom_headers(const std::string& headers);
  Result<std::string> custom_headers() const;  // E_ACCESSDENIED: write-only
  // Nobody reads them any more, for ever. None of them goes to another server then.
  Result<void> make_custom_headers_write_only();
  // In the place of the one before; shown to no other server than the one of the file's address. The file is
  // read anew for each transfer. E_INVALIDARG; FILE_NOT_FOUND, CRYPT_E_NOT_FOUND; E_ACCESSDENIED: it cannot be
  // read, or the job is another user's; 0x80072F9A: its key is missing, or has another pass phrase.
  Result<void> set_client_certificate(const ClientCertificate& certificate);
  Result<bool> remove_client_certificate();  // false: there was none

  // Waits for a state that `until` accepts. The result is the snapshot that ended the wait, or the
  // latest one when the time is over; a negative limit is none. Nothing is polled.
  Result<JobInfo> wait(const std::function<bool(const JobInfo&)>& until,
                       std::chrono::milliseconds limit = std::chrono::milliseconds(-1)) const;
  // … for TRANSFERRED, ERROR or a final state.
  Result<JobInfo> wait(std::chrono::milliseconds limit = std::chrono::milliseconds(-1)) const;

 private:
  friend class detail::Access;
  friend class File;
  std::shared_ptr<detail::JobRecord> record_;
};

}  // namespace backhaul

#endif
