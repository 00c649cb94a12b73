// SPDX-License-Identifier: Apache-2.0
// The values that cross the bus, shared by the service and its clients. Every property name is
// written here and nowhere else; bus/*.xml is compared with the running service by a test.
//
// Times are microseconds since the epoch (0: never), unknown sizes 2^64-1, enumerations BITS's numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "base/setting_kind.h"
#include "base/vocabulary.h"
#include "bus/property_set.h"

namespace backhaul::bus {

struct ErrorTuple {  // (uuis)
  std::uint32_t code = 0;
  std::uint32_t context = 0;
  std::int32_t file = -1;  // -1: belongs to no file
  std::string text;

  template <class Self>
  static auto fields(Self& s) {
    return std::tie(s.code, s.context, s.file, s.text);
  }
  bool operator==(const ErrorTuple&) const = default;
};

struct WaitingTuple {  // (sttass)
  std::string kind = "nothing";
  std::uint64_t since = 0;
  std::uint64_t until = 0;
  std::vector<std::string> arguments;
  std::string sentence;

  template <class Self>
  static auto fields(Self& s) {
    return std::tie(s.kind, s.since, s.until, s.arguments, s.sentence);
  }
  bool operator==(const WaitingTuple&) const = default;
};

struct ObjectTuple {  // (ssu): Job1.NotifyObject
  std::string unique_name;
  std::string path;
  std::uint32_t level = 0;

  template <class Self>
  static auto fields(Self& s) {
    return std::tie(s.unique_name, s.path, s.level);
  }
  bool operator==(const ObjectTuple&) const = default;
};

// (ss): a bus name and a path, both empty where there is none, which no `o` can be. NotifyService and
// CertificateValidator, read as well as set.
struct AddressTuple {
  std::string name;
  std::string path;

  template <class Self>
  static auto fields(Self& s) {
    return std::tie(s.name, s.path);
  }
  bool operator==(const AddressTuple&) const = default;
};

struct CommandTuple {  // (ss)
  std::string program;
  std::string parameters;

  template <class Self>
  static auto fields(Self& s) {
    return std::tie(s.program, s.parameters);
  }
  bool operator==(const CommandTuple&) const = default;
};

struct ProxyTuple {  // (uss): Job1.Proxy
  std::uint32_t usage = 0;
  std::string list;
  std::string bypass;

  template <class Self>
  static auto fields(Self& s) {
    return std::tie(s.usage, s.list, s.bypass);
  }
  bool operator==(const ProxyTuple&) const = default;
};

struct AuthorTuple {  // (ust): uid, program, time
  std::uint32_t uid = 0;
  std::string program;
  std::uint64_t time = 0;

  template <class Self>
  static auto fields(Self& s) {
    return std::tie(s.uid, s.program, s.time);
  }
  bool operator==(const AuthorTuple&) const = default;
};

struct CredentialsSetTuple {  // (uubust): target, scheme, implicit, and who set them when
  std::uint32_t target = 0;
  std::uint32_t scheme = 0;
  bool implicit = false;
  std::uint32_t uid = 0;
  std::string program;
  std::uint64_t time = 0;

  template <class Self>
  static auto fields(Self& s) {
    return std::tie(s.target, s.scheme, s.implicit, s.uid, s.program, s.time);
  }
  bool operator==(const CredentialsSetTuple&) const = default;
};

// a{sv}: a client certificate. Location, Store, Hash and Subject: one of a store.
struct CertificateValue {
  std::optional<std::string> certificate;
  std::optional<std::string> key;
  std::optional<std::uint32_t> location;
  std::optional<std::string> store;
  std::optional<std::string> hash;
  std::optional<std::string> subject;

  template <class Self, class Visit>
  static void visit(Self& s, Visit&& v) {
    v("Certificate", s.certificate);
    v("Key", s.key);
    v("Location", s.location);
    v("Store", s.store);
    v("Hash", s.hash);
    v("Subject", s.subject);
  }
  bool operator==(const CertificateValue&) const = default;
};

// Argument of Job1.SetClientCertificate.
struct NewCertificate : CertificateValue {
  std::optional<base::Secret> pass_phrase;
  std::string rejected;

  template <class Self, class Visit>
  static void visit(Self& s, Visit&& v) {
    CertificateValue::visit(s, v);
    v("PassPhrase", s.pass_phrase);
  }
  bool operator==(const NewCertificate&) const = default;
};

struct RangeTuple {  // (tt)
  std::uint64_t offset = 0;
  std::uint64_t length = 0;  // 2^64-1: to the end of the file

  template <class Self>
  static auto fields(Self& s) {
    return std::tie(s.offset, s.length);
  }
  bool operator==(const RangeTuple&) const = default;
};

struct UnheardTuple {  // (utsut): kind, number, what it waits for, failed attempts, next attempt
  std::uint32_t kind = 0;
  std::uint64_t sequence = 0;
  std::string wait;
  std::uint32_t failed_attempts = 0;
  std::uint64_t next = 0;

  template <class Self>
  static auto fields(Self& s) {
    return std::tie(s.kind, s.sequence, s.wait, s.failed_attempts, s.next);
  }
  bool operator==(const UnheardTuple&) const = default;
};

// Every property of Job1.
struct JobProperties {
  std::string id;
  std::uint32_t type = 0;
  std::uint32_t state = 0;
  std::uint32_t owner = 0;  // uid
  std::uint64_t bytes_total = base::size_unknown;
  std::uint64_t bytes_transferred = 0;
  std::uint32_t files_total = 0;
  std::uint32_t files_transferred = 0;
  std::uint32_t end_untold = 0;
  std::uint32_t version_untold = 0;
  std::uint64_t created = 0, modified = 0, transferred = 0, expires = 0;
  std::uint32_t error_count = 0;
  ErrorTuple error;
  std::string error_protocol;
  WaitingTuple waiting;
  std::uint32_t resumable = 2;  // 0 no, 1 yes, 2 not known
  std::uint64_t rate = 0;       // octets a second
  std::uint64_t average_rate = 0;
  std::uint64_t time_left = base::size_unknown;  // seconds
  std::uint64_t bytes_resumed = 0;
  std::uint64_t path_delay = base::size_unknown;   // µs, as the next
  std::uint64_t delay_added = base::size_unknown;
  std::uint64_t path_capacity = base::size_unknown;  // octets a second, as the next
  std::uint64_t capacity_left = base::size_unknown;
  bool started = false;
  ObjectTuple notify_object;
  AddressTuple notify_service;
  CommandTuple notify_command;
  AddressTuple certificate_validator;
  ProxyTuple proxy;
  AuthorTuple created_by;
  AuthorTuple notify_object_set_by;
  AuthorTuple notify_service_set_by;
  AuthorTuple notify_command_set_by;
  std::string notify_command_barred;
  std::vector<UnheardTuple> notify_unheard;
  std::vector<CredentialsSetTuple> credentials_set;
  AuthorTuple custom_headers_set_by;
  bool custom_headers_write_only = false;
  CertificateValue client_certificate;
  AuthorTuple client_certificate_set_by;
#define BACKHAUL_JOB_SETTING(member, kind, Property, key, first, when, changes, bits, since, help) \
  base::setting_kind::kind::raw member = first;
#include "backhaul/job_settings.def"

  static Emits emits(std::string_view property) {
    for (const char* name : {"Id", "Type", "Created", "CreatedBy"})
      if (property == name) return Emits::constant;
    for (const char* name : {"BytesTotal", "BytesTransferred", "FilesTotal", "FilesTransferred",
                             "EndUntold", "VersionUntold", "Resumable", "Modified"})
      if (property == name) return Emits::name;
    for (const char* name : {"Expires", "Rate", "AverageRate", "TimeLeft", "BytesResumed", "PathDelay",
                             "DelayAdded", "PathCapacity", "CapacityLeft", "NotifyUnheard"})
      if (property == name) return Emits::nothing;
    if (property == "Waiting") return Emits::beside;  // its sentence counts the time
    return Emits::value;
  }
  template <class Self, class Visit>
  static void visit(Self& s, Visit&& v) {
    v("Id", s.id);
    v("Type", s.type);
    v("State", s.state);
    v("Owner", s.owner);
    v("BytesTotal", s.bytes_total);
    v("BytesTransferred", s.bytes_transferred);
    v("FilesTotal", s.files_total);
    v("FilesTransferred", s.files_transferred);
    v("EndUntold", s.end_untold);
    v("VersionUntold", s.version_untold);
    v("Created", s.created);
    v("Modified", s.modified);
    v("Transferred", s.transferred);
    v("Expires", s.expires);
    v("ErrorCount", s.error_count);
    v("Error", s.error);
    v("ErrorProtocol", s.error_protocol);
    v("Waiting", s.waiting);
    v("Resumable", s.resumable);
    v("Rate", s.rate);
    v("AverageRate", s.average_rate);
    v("TimeLeft", s.time_left);
    v("BytesResumed", s.bytes_resumed);
    v("PathDelay", s.path_delay);
    v("DelayAdded", s.delay_added);
    v("PathCapacity", s.path_capacity);
    v("CapacityLeft", s.capacity_left);
    v("Started", s.started);
    v("NotifyObject", s.notify_object);
    v("NotifyService", s.notify_service);
    v("NotifyCommand", s.notify_command);
    v("CertificateValidator", s.certificate_validator);
    v("Proxy", s.proxy);
    v("CreatedBy", s.created_by);
    v("NotifyObjectSetBy", s.notify_object_set_by);
    v("NotifyServiceSetBy", s.notify_service_set_by);
    v("NotifyCommandSetBy", s.notify_command_set_by);
    v("NotifyCommandBarred", s.notify_command_barred);
    v("NotifyUnheard", s.notify_unheard);
    v("CredentialsSet", s.credentials_set);
    v("CustomHeadersSetBy", s.custom_headers_set_by);
    v("CustomHeadersWriteOnly", s.custom_headers_write_only);
    v("ClientCertificate", s.client_certificate);
    v("ClientCertificateSetBy", s.client_certificate_set_by);
#define BACKHAUL_JOB_SETTING(member, kind, Property, key, first, when, changes, bits, since, help) \
    v(#Property, s.member);
#include "backhaul/job_settings.def"
  }
  bool operator==(const JobProperties&) const = default;
};

// Every property of Manager1.
struct ManagerProperties {
  std::string version;
  bool idle = true;

  static Emits emits(std::string_view property) {
    return property == "Version" ? Emits::constant : Emits::value;
  }
  template <class Self, class Visit>
  static void visit(Self& s, Visit&& v) {
    v("Version", s.version);
    v("Idle", s.idle);
  }
};

// a{sa{sv}}: the interfaces of a job, as ObjectManager tells them
using JobInterfaces = std::vector<std::pair<std::string, JobProperties>>;

// Every property of File1.
struct FileProperties {
  std::uint32_t index = 0;
  std::string remote_name;
  std::string local_name;
  std::string temporary_name;
  std::uint64_t bytes_total = base::size_unknown;
  std::uint64_t bytes_transferred = 0;
  std::uint64_t bytes_from_peers = 0;
  std::vector<std::string> givers;
  bool transferred = false, completed = false;
  bool end_untold = false;
  bool version_untold = false;
  bool validated = false;
  std::vector<std::string> mirrors;
  std::vector<std::string> digests;
  std::uint64_t expected_size = base::size_unknown;
  std::uint64_t piece_length = 0;
  std::string signed_by;
  std::vector<RangeTuple> ranges;

  static Emits emits(std::string_view property) {
    for (const char* name : {"Index", "LocalName", "Mirrors", "Digests", "ExpectedSize", "PieceLength", "SignedBy", "Ranges"})
      if (property == name) return Emits::constant;
    return Emits::nothing;
  }
  template <class Self, class Visit>
  static void visit(Self& s, Visit&& v) {
    v("Index", s.index);
    v("RemoteName", s.remote_name);
    v("LocalName", s.local_name);
    v("TemporaryName", s.temporary_name);
    v("BytesTotal", s.bytes_total);
    v("BytesTransferred", s.bytes_transferred);
    v("BytesFromPeers", s.bytes_from_peers);
    v("Givers", s.givers);
    v("Transferred", s.transferred);
    v("Completed", s.completed);
    v("EndUntold", s.end_untold);
    v("VersionUntold", s.version_untold);
    v("Validated", s.validated);
    v("Mirrors", s.mirrors);
    v("Digests", s.digests);
    v("ExpectedSize", s.expected_size);
    v("PieceLength", s.piece_length);
    v("SignedBy", s.signed_by);
    v("Ranges", s.ranges);
  }
  bool operator==(const FileProperties&) const = default;
};

// What Properties.Set may set, one property at a time.
struct WritableJobProperties {
#define BACKHAUL_JOB_SETTING(member, kind, Property, key, first, when, changes, bits, since, help) \
  std::optional<base::setting_kind::kind::raw> member;
#include "backhaul/job_settings.def"

  template <class Self, class Visit>
  static void visit(Self& s, Visit&& v) {
#define BACKHAUL_JOB_SETTING(member, kind, Property, key, first, when, changes, bits, since, help) \
    v(#Property, s.member);
#include "backhaul/job_settings.def"
  }
  bool operator==(const WritableJobProperties&) const = default;
};

// Argument of Job1.SetProperties.
struct JobSettings : WritableJobProperties {
  std::optional<AddressTuple> notify_service;
  std::optional<CommandTuple> notify_command;
  std::optional<ProxyTuple> proxy;
  std::optional<std::vector<std::string>> defaults;  // names of properties that become what they are in a new job
  std::string rejected;  // why a key was refused; empty: none was

  template <class Self, class Visit>
  static void visit(Self& s, Visit&& v) {
    WritableJobProperties::visit(s, v);
    v("Defaults", s.defaults);
    v("NotifyService", s.notify_service);
    v("NotifyCommand", s.notify_command);
    v("Proxy", s.proxy);
  }
  bool operator==(const JobSettings&) const = default;
};

// a{ss}: variables by their names
using Variables = std::vector<std::pair<std::string, std::string>>;

// Argument of Job1.SetCredentials. None of them: the implicit ones.
struct CredentialsValue {
  std::optional<base::Secret> user;
  std::optional<base::Secret> password;
  std::string rejected;

  template <class Self, class Visit>
  static void visit(Self& s, Visit&& v) {
    v("User", s.user);
    v("Password", s.password);
  }
};

struct CredentialsTuple {  // (uuss): target, scheme, user, password; both empty: the implicit ones
  std::uint32_t target = 1;
  std::uint32_t scheme = 1;
  base::Secret user;
  base::Secret password;

  template <class Self>
  static auto fields(Self& s) {
    return std::tie(s.target, s.scheme, s.user, s.password);
  }
  bool operator==(const CredentialsTuple&) const = default;
};

struct CredentialsFromTuple {  // (uuo): target, scheme, and the object of the caller that gives user and password
  std::uint32_t target = 1;
  std::uint32_t scheme = 1;
  ObjectPath secret;

  template <class Self>
  static auto fields(Self& s) {
    return std::tie(s.target, s.scheme, s.secret);
  }
  bool operator==(const CredentialsFromTuple&) const = default;
};

// Argument `job` of Manager1.Enqueue.
struct NewJob : JobSettings {
  std::optional<std::uint32_t> type;
  std::optional<Variables> proxy_environment;
  std::optional<std::vector<CredentialsTuple>> credentials;
  std::optional<std::vector<CredentialsFromTuple>> credentials_from;
  std::optional<base::Secret> custom_headers;
  std::optional<NewCertificate> client_certificate;
  std::optional<ObjectPath> directory;  // of the caller, with org.backhaul.Directory1: files are names in it

  template <class Self, class Visit>
  static void visit(Self& s, Visit&& v) {
    JobSettings::visit(s, v);
    v("Type", s.type);
    v("ProxyEnvironment", s.proxy_environment);
    v("Credentials", s.credentials);
    v("CredentialsFrom", s.credentials_from);
    v("CustomHeaders", s.custom_headers);
    v("ClientCertificate", s.client_certificate);
    v("Directory", s.directory);
  }
  bool operator==(const NewJob&) const = default;
};

struct FileOptions {
  std::optional<std::vector<std::string>> mirrors;
  std::optional<std::vector<std::string>> digests;
  std::optional<std::uint64_t> expected_size;
  std::optional<std::uint64_t> piece_length;
  std::optional<std::vector<std::string>> piece_digests;
  std::optional<std::string> signature, signature_key, torrent;
  std::string rejected;
  std::optional<std::vector<RangeTuple>> ranges;

  template <class Self, class Visit>
  static void visit(Self& s, Visit&& v) {
    v("Mirrors", s.mirrors);
    v("Digests", s.digests);
    v("ExpectedSize", s.expected_size);
    v("PieceLength", s.piece_length);
    v("PieceDigests", s.piece_digests);
    v("Signature", s.signature);
    v("SignatureKey", s.signature_key);
    v("Torrent", s.torrent);
    v("Ranges", s.ranges);
  }
  bool operator==(const FileOptions&) const = default;
};

struct NewFile {  // (ssa{sv})
  std::string remote;
  std::string local;
  FileOptions options;

  template <class Self>
  static auto fields(Self& s) {
    return std::tie(s.remote, s.local, s.options);
  }
  bool operator==(const NewFile&) const = default;
};

// Argument `filter` of Manager1.ListJobs.
struct ListFilter {
  std::optional<std::vector<std::uint32_t>> states;
  std::optional<std::string> name;  // glob
  std::optional<bool> all_users;
  std::string rejected;

  template <class Self, class Visit>
  static void visit(Self& s, Visit&& v) {
    v("States", s.states);
    v("Name", s.name);
    v("AllUsers", s.all_users);
  }
  bool operator==(const ListFilter&) const = default;
};

struct ListedJob {  // (oa{sv})
  ObjectPath path;
  JobProperties properties;

  template <class Self>
  static auto fields(Self& s) {
    return std::tie(s.path, s.properties);
  }
};

struct EventDetails {  // a{sv} of Manager1.Events
  std::optional<std::uint32_t> file;
  std::optional<std::uint32_t> code;
  std::optional<std::uint32_t> state;
  std::uint64_t time = 0;

  template <class Self, class Visit>
  static void visit(Self& s, Visit&& v) {
    v("File", s.file);
    v("Code", s.code);
    v("State", s.state);
    v("Time", s.time);
  }
};

struct LoggedEvent {  // (toua{sv})
  std::uint64_t sequence = 0;
  ObjectPath job;
  std::uint32_t kind = 0;
  EventDetails details;

  template <class Self>
  static auto fields(Self& s) {
    return std::tie(s.sequence, s.job, s.kind, s.details);
  }
};

struct ListedFile {  // (oa{sv})
  ObjectPath path;
  FileProperties properties;

  template <class Self>
  static auto fields(Self& s) {
    return std::tie(s.path, s.properties);
  }
};

struct CauseTuple {  // (sssttss): subject, kind, id of a job, since, until, sentence, where it is said
  std::string subject;
  std::string kind;
  std::string job;
  std::uint64_t since = 0;
  std::uint64_t until = 0;
  std::string sentence;
  std::string where;

  template <class Self>
  static auto fields(Self& s) {
    return std::tie(s.subject, s.kind, s.job, s.since, s.until, s.sentence, s.where);
  }
};

struct ListedClass {  // (sasb)
  std::string name;
  std::vector<std::string> exec;
  bool running = false;
  template <class Self>
  static auto fields(Self& s) {
    return std::tie(s.name, s.exec, s.running);
  }
  bool operator==(const ListedClass&) const = default;
};

}  // namespace backhaul::bus
