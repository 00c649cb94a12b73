// SPDX-License-Identifier: Apache-2.0
#include "adapters/dbus/values.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

#include "core/damage.h"
#include "core/digest.h"
#include "core/error_text.h"
#include "core/hidden_users.h"
#include "core/http.h"
#include "core/mirrors.h"
#include "core/neighbours.h"
#include "core/part.h"
#include "core/pieces.h"
#include "core/shown_url.h"
#include "core/signature.h"
#include "core/site_sources.h"
#include "core/text.h"

namespace backhaul::dbus {
namespace {

using ports::Property;

struct Group {
  Property property;
  const char* name;
};

constexpr Group groups[] = {
    {Property::state, "State"},
    {Property::state, "Waiting"},
    {Property::state, "Transferred"},
    {Property::state, "Started"},
    {Property::state, "Error"},  // shown in the states of an error only
    {Property::state, "ErrorProtocol"},
    {Property::progress, "BytesTotal"},
    {Property::progress, "BytesTransferred"},
    {Property::progress, "FilesTotal"},
    {Property::progress, "FilesTransferred"},
    {Property::progress, "EndUntold"},
    {Property::progress, "VersionUntold"},
    {Property::progress, "Resumable"},
    {Property::error, "Error"},
    {Property::error, "ErrorProtocol"},
    {Property::error, "ErrorCount"},
    {Property::error, "Waiting"},
#define BACKHAUL_JOB_SETTING(member, kind, Name, key, first, when, changes, bits, since, help) \
  {Property::changes, #Name},
#include "backhaul/job_settings.def"
    {Property::settings, "Proxy"},
    {Property::settings, "Waiting"},  // of another priority, for another turn
    {Property::notify, "NotifyObject"},
    {Property::notify, "NotifyService"},
    {Property::notify, "NotifyCommand"},
    {Property::notify, "CertificateValidator"},
    {Property::notify, "NotifyObjectSetBy"},
    {Property::notify, "NotifyServiceSetBy"},
    {Property::notify, "NotifyCommandSetBy"},
    {Property::notify, "NotifyCommandBarred"},
    {Property::settings, "CredentialsSet"},
    {Property::settings, "CustomHeadersSetBy"},
    {Property::settings, "CustomHeadersWriteOnly"},
    {Property::settings, "ClientCertificate"},
    {Property::settings, "ClientCertificateSetBy"},
    {Property::owner, "Owner"},
    {Property::files, "FilesTotal"},
    {Property::files, "BytesTotal"},
    {Property::files, "Resumable"},
    {Property::files, "Waiting"},
};

bus::AuthorTuple author_tuple(const core::Author& author) {
  return {author.uid, author.program, base::to_epoch_us(author.time)};
}

// Nobody, or nobody knows: all zero.
bus::AuthorTuple author_tuple(const core::Rare<core::Author>& author) {
  return author ? author_tuple(*author) : bus::AuthorTuple{};
}

bus::CertificateValue certificate_value(const core::ClientCertificate& certificate) {
  const auto told = [](const std::string& text) {
    return text.empty() ? std::nullopt : std::optional<std::string>(text);
  };
  bus::CertificateValue value;
  value.certificate = certificate.certificate;
  value.key = told(certificate.key);
  if (!certificate.store.empty()) value.location = certificate.location;
  value.store = told(certificate.store);
  value.hash = told(certificate.hash);
  value.subject = told(certificate.subject);
  return value;
}

// The values are nobody's to read.
void show_secrets(bus::JobProperties& properties, const core::SecretsSet& set) {
  properties.custom_headers_write_only = set.headers_write_only();
  if (const auto* certificate = set.certificate()) properties.client_certificate = certificate_value(*certificate);
  for (const core::SecretRecord& record : set.all()) {
    const bus::AuthorTuple by = author_tuple(record.set_by);
    if (record.slot == core::SecretSlot::headers)
      properties.custom_headers_set_by = by;
    else if (record.slot == core::SecretSlot::certificate)
      properties.client_certificate_set_by = by;
    else if (core::is_credentials(record.slot))
      properties.credentials_set.push_back({static_cast<std::uint32_t>(core::target_of(record.slot)),
                                            static_cast<std::uint32_t>(core::scheme_of(record.slot)),
                                            record.implicit, by.uid, by.program, by.time});
  }
}

const char* word_of(ports::NotifyWait wait) {
  switch (wait) {
    case ports::NotifyWait::nobody: return "nobody";
    case ports::NotifyWait::turn: return "turn";
    case ports::NotifyWait::answer: return "answer";
    case ports::NotifyWait::retry: return "retry";
    case ports::NotifyWait::start: return "start";
    case ports::NotifyWait::session: return "session";
  }
  return "";
}

const char* word_of(ports::CommandBar bar) {
  switch (bar) {
    case ports::CommandBar::none: return "";
    case ports::CommandBar::policy: return "policy";
    case ports::CommandBar::account: return "account";
  }
  return "";
}

std::uint32_t number_of(const std::optional<bool>& resumable) {
  return resumable ? (*resumable ? 1 : 0) : 2;
}

}  // namespace

base::WallTime wall_now() {
  return std::chrono::time_point_cast<base::Microseconds>(std::chrono::system_clock::now());
}

bus::ErrorTuple error_tuple(const core::ErrorInfo& error) {
  const std::int32_t file =
      error.file == base::no_file ? -1 : static_cast<std::int32_t>(error.file);
  return {base::to_number(error.code), static_cast<std::uint32_t>(error.context), file,
          error.text};
}

bus::CauseTuple cause_tuple(const core::Cause& cause) {
  return {std::string(core::to_word(cause.subject)),
          cause.kind,
          cause.job ? base::to_string(*cause.job) : std::string(),
          base::to_epoch_us(cause.since),
          base::to_epoch_us(cause.until),
          cause.sentence,
          cause.where};
}

core::ErrorInfo shown_error(const core::Job& job) {
  const bool in_error =
      job.state == base::JobState::error || job.state == base::JobState::transient_error;
  return job.error && (in_error || core::is_revived(job)) ? *job.error : core::ErrorInfo{};
}

bus::PolicyEntry policy_entry(const core::PolicyEntry& entry, bool exempt) {
  return {.section = entry.section,
          .key = entry.key,
          .value = entry.value,
          .where = entry.where,
          .role = std::string(core::role_of(entry)),
          .leeway = std::string(core::to_word(entry.leeway)),
          .at_start = entry.at_start,
          .exempt = exempt && entry.of_owners};
}

bus::BudgetEntry budget_entry(const core::BudgetStatus& status) {
  const auto moment = [](base::WallTime time) { return base::to_epoch_us(time); };
  bus::BudgetEntry entry{.network = status.network,
                         .in_use = status.in_use,
                         .period = std::string(core::to_word(status.budget.period)),
                         .begin = moment(status.since),
                         .end = moment(status.until),
                         .limit = status.budget.limit,
                         .used = status.used,
                         .owner_limit = status.budget.owner_limit,
                         .owner_used = status.owner_used,
                         .runs_out = {},
                         .holds_foreground = status.budget.holds_foreground,
                         .where = status.budget.where};
  if (status.runs_out != base::WallTime{}) entry.runs_out = moment(status.runs_out);
  return entry;
}

bus::JobProperties job_properties(const core::Job& job, const ports::Progress& progress,
                                  const core::Waiting& waiting, base::WallTime now) {
  bus::JobProperties p;
  p.id = base::to_string(job.id);
  p.type = static_cast<std::uint32_t>(job.type);
  p.state = static_cast<std::uint32_t>(job.state);
  p.owner = job.owner_uid;
  p.bytes_total = progress.bytes_total;
  p.bytes_transferred = progress.bytes_transferred;
  p.files_total = progress.files_total;
  p.files_transferred = progress.files_transferred;
  p.end_untold = job.files.end_untold;
  p.version_untold = job.files.version_untold;
  p.created = base::to_epoch_us(job.created);
  p.modified = base::to_epoch_us(job.modified);
  p.transferred = base::to_epoch_us(job.transferred);
  p.error_count = job.error_count;
  const core::ErrorInfo error = shown_error(job);
  p.error = error_tuple(error);
  p.error_protocol = core::protocol_text(error);
  p.waiting = {std::string(core::to_word(waiting.kind)), base::to_epoch_us(waiting.since),
               base::to_epoch_us(waiting.until), waiting.arguments,
               waiting.kind == core::WaitingKind::nothing ? "" : core::render(waiting, now)};
  p.resumable = number_of(progress.resumable);
  p.rate = progress.rate;
  p.average_rate = progress.average_rate;
  if (progress.left) p.time_left = static_cast<std::uint64_t>(progress.left->count());
  p.bytes_resumed = job.rare->bytes_resumed;
  if (progress.impact) {
    p.path_delay = static_cast<std::uint64_t>(progress.impact->path_delay.count());
    p.delay_added = static_cast<std::uint64_t>(std::max<std::int64_t>(progress.impact->delay_added.count(), 0));
    if (const auto left = progress.impact->left()) {
      p.path_capacity = progress.impact->capacity;
      p.capacity_left = *left;
    }
  }
  p.started = job.started;
  if (job.object && !base::is_final(job.state))
    p.notify_object = {job.object->unique_name, job.object->path, job.object->level};
  p.notify_service = {job.notify_class->name, job.notify_class->path};
  p.notify_command = {job.command->program, job.command->parameters};
  if (job.certificate_check)
    p.certificate_validator = {job.certificate_check->object.unique_name,
                               job.certificate_check->object.path};
  p.proxy = {static_cast<std::uint32_t>(job.rare->proxy->usage), core::shown_proxies(job.rare->proxy->list),
             std::string(job.rare->proxy->bypass)};
  p.created_by = author_tuple(job.made_by);
  p.notify_object_set_by = author_tuple(job.object_set_by);
  p.notify_service_set_by = author_tuple(job.class_set_by);
  p.notify_command_set_by = author_tuple(job.command_set_by);
  if (job.rare->secrets) show_secrets(p, *job.rare->secrets);
#define BACKHAUL_JOB_SETTING(member, kind, Property, key, first, when, changes, bits, since, help) \
  p.member = base::to_raw<base::setting_kind::kind::raw>(job.member);
#define BACKHAUL_RARE_JOB_SETTING(member, kind, Property, key, first, when, changes, bits, since, help) \
  p.member = base::to_raw<base::setting_kind::kind::raw>(job.rare->member);
#include "backhaul/job_settings.def"
  return p;
}

void show_notify_state(bus::JobProperties& properties, const ports::NotifyState& state) {
  properties.notify_command_barred = word_of(state.command_bar);
  for (const ports::UnheardEvent& event : state.unheard)
    properties.notify_unheard.push_back({static_cast<std::uint32_t>(event.kind), event.sequence,
                                         word_of(event.wait), event.failed_attempts,
                                         base::to_epoch_us(event.next)});
}

bus::JobProperties job_properties(const core::Job& job, const ports::Queue& queue) {
  bus::JobProperties properties =
      job_properties(job, queue.progress(job), queue.waiting(job), wall_now());
  // Those in force, and not whether anybody set them.
  properties.cost_flags = queue.cost_flags(job);
  properties.expires = base::to_epoch_us(queue.expires(job));
  show_notify_state(properties, queue.notify_state(job));
  return properties;
}

namespace {

// Of a server without user and password; the name of a file of this machine may hold an '@'.
std::string shown_address(const std::string& address) {
  const std::string scheme = core::url_scheme(address);
  return scheme == "http" || scheme == "https" ? core::without_user(address) : address;
}

}  // namespace

bus::FileProperties file_properties(const core::Job& job, const core::File& file, std::uint64_t bytes_transferred) {
  using core::FileState;
  bus::FileProperties p;
  p.index = file.index;
  p.remote_name = shown_address(std::string(file.remote));
  p.local_name = file.local;
  const bool has_part = file.state == FileState::waiting || file.state == FileState::transferred;
  if (has_part && !core::is_lost(file))
    p.temporary_name = core::place_of_part(job, file);
  p.bytes_total = file.size();
  p.bytes_transferred = bytes_transferred;
  // Of a part that is begun anew beside the one that is held fewer have come yet.
  p.bytes_from_peers = std::min(core::octets_from_neighbours(file), bytes_transferred);
  p.givers = core::kinds_of_givers(file);
  p.transferred = file.state == FileState::transferred || file.state == FileState::completed;
  p.completed = file.state == FileState::completed;
  p.end_untold = file.remote_identity.end_untold;
  p.version_untold = core::is_version_untold(file);
  p.validated = file.validated;
  if (file.rare->mirrors)
    for (const std::string& mirror : core::addresses(*file.rare->mirrors)) p.mirrors.push_back(shown_address(mirror));
  if (file.rare->digests)
    for (const core::Digest& digest : core::parse_digest_list(*file.rare->digests))
      p.digests.push_back(core::to_text(digest));
  if (const auto& expected = file.rare->expected) {
    p.expected_size = expected->size;
    p.piece_length = core::piece_length(expected->pieces);
    p.signed_by = core::key_name(*expected);
  }
  for (const core::WantedRange& range : file.wanted.ranges())
    p.ranges.push_back({range.offset, range.length});
  return p;
}

base::Result<void> check_keys(const std::string& rejected) {
  if (rejected.empty()) return {};
  return {base::Code::E_INVALIDARG, rejected};
}

ports::JobChange job_change(const bus::WritableJobProperties& settings) {
  ports::JobChange change;
#define BACKHAUL_JOB_SETTING(member, kind, Property, key, first, when, changes, bits, since, help) \
  change.member = settings.member;
#include "backhaul/job_settings.def"
  return change;
}

namespace {

// Of one that is set as well the value that is given counts. A job has no usual name.
base::Result<void> put_usual(const std::string& property, ports::JobChange& change) {
  if (property == "MaximumDownloadTime") {  // the settings of the service say it
    change.usual_download_time = !change.maximum_download_time;
    return {};
  }
#define BACKHAUL_JOB_SETTING(member, kind, Property, key, first, when, changes, bits, since, help)                  \
  if (property == #Property && property != "Name") {                                                                \
    if (!change.member) change.member = static_cast<base::setting_kind::kind::raw>(first);                          \
    return {};                                                                                                      \
  }
#include "backhaul/job_settings.def"
  if (property == "NotifyService") change.notify_class = change.notify_class.value_or(core::ClassRegistration{});
  else if (property == "NotifyCommand") change.command = change.command.value_or(core::CommandRegistration{});
  else if (property == "Proxy") change.proxy = change.proxy.value_or(ports::JobChange::Proxy{});
  else return base::Error(base::Code::E_INVALIDARG, "Defaults: there is none of '" + property + "'");
  return {};
}

}  // namespace

base::Result<ports::JobChange> job_change(const bus::JobSettings& settings) {
  BH_CHECK(check_keys(settings.rejected));
  ports::JobChange change = job_change(static_cast<const bus::WritableJobProperties&>(settings));
  if (const auto& service = settings.notify_service) {
    const bool clears = service->name.empty();
    if (!clears && !bus::lenient::is_object_path(service->path))
      return base::Error(base::Code::E_INVALIDARG,
                         "NotifyService: '" + service->path + "' is not an object path");
    change.notify_class = clears ? core::ClassRegistration{}
                            : core::ClassRegistration{service->name, service->path};
  }
  // Who set it is filled in by the engine, which knows the caller.
  if (const auto& command = settings.notify_command)
    change.command = core::CommandRegistration{command->program, command->parameters};
  if (const auto& proxy = settings.proxy)
    change.proxy = ports::JobChange::Proxy{proxy->usage, proxy->list, proxy->bypass};
  if (settings.defaults)
    for (const std::string& property : *settings.defaults) BH_CHECK(put_usual(property, change));
  return change;
}

// Names as programs know them; others say nothing about proxies.
base::Result<core::ProxyEnvironment> proxy_environment(const bus::Variables& variables) {
  core::ProxyEnvironment environment;
  for (const auto& [name, value] : variables) {
    if (value.size() > core::proxy_variable_max)
      return base::Error(base::Code::E_INVALIDARG, "ProxyEnvironment: " + name + " is too long");
    if (name == "http_proxy") environment.http = value;
    else if (name == "https_proxy") environment.https = value;
    else if (name == "all_proxy") environment.all = value;
    else if (name == "no_proxy") environment.bypass = value;
    else return base::Error(base::Code::E_INVALIDARG, "ProxyEnvironment: there is no variable " + name);
  }
  return environment;
}

base::Result<core::CertificateWanted> certificate_wanted(bus::NewCertificate& value) {
  BH_CHECK(check_keys(value.rejected));
  core::CertificateWanted wanted;
  wanted.certificate = std::move(value.certificate).value_or("");
  wanted.key = std::move(value.key).value_or("");
  wanted.pass_phrase = std::move(value.pass_phrase).value_or(base::Secret());
  if (value.location || value.store || value.hash || value.subject)
    wanted.stored = core::StoredCertificate{.location = value.location.value_or(0),
                                            .store = std::move(value.store).value_or("MY"),
                                            .hash = core::to_lower(value.hash.value_or("")),
                                            .subject = std::move(value.subject).value_or("")};
  return wanted;
}

base::Result<ports::SecretsChange> secrets_change(bus::NewJob& job) {
  ports::SecretsChange change{.credentials = {}, .custom_headers = std::move(job.custom_headers)};
  if (job.client_certificate) {
    BH_TRY(change.certificate, certificate_wanted(*job.client_certificate));
  }
  if (!job.credentials) return change;
  for (bus::CredentialsTuple& one : *job.credentials) {
    core::Credentials credentials;
    BH_TRY(credentials.target, core::auth_target(one.target));
    BH_TRY(credentials.scheme, core::auth_scheme(one.scheme));
    if (!one.user.empty() || !one.password.empty()) {
      credentials.user = std::move(one.user);
      credentials.password = std::move(one.password);
    }
    change.credentials.push_back(std::move(credentials));
  }
  return change;
}

base::Result<std::vector<CredentialsWanted>> credentials_wanted(std::vector<bus::CredentialsFromTuple> all) {
  if (all.size() > HandedCredentials::most)
    return base::Error(base::Code::E_INVALIDARG,
                       "no more than " + std::to_string(HandedCredentials::most) + " credentials are handed over");
  std::vector<CredentialsWanted> wanted;
  for (bus::CredentialsFromTuple& one : all) {
    CredentialsWanted credentials;
    BH_TRY(credentials.target, core::auth_target(one.target));
    BH_TRY(credentials.scheme, core::auth_scheme(one.scheme));
    credentials.object = std::move(one.secret.value);
    wanted.push_back(std::move(credentials));
  }
  return wanted;
}

std::vector<core::WantedRange> wanted_ranges(const std::vector<bus::RangeTuple>& ranges) {
  std::vector<core::WantedRange> wanted;
  wanted.reserve(ranges.size());
  for (const bus::RangeTuple& range : ranges) wanted.push_back({range.offset, range.length});
  return wanted;
}

base::Result<std::vector<ports::FileSpec>> file_specs(const std::vector<bus::NewFile>& files) {
  std::vector<ports::FileSpec> specs;
  specs.reserve(files.size());
  for (const bus::NewFile& file : files) {
    BH_CHECK(check_keys(file.options.rejected));
    specs.push_back({.remote = file.remote,
                     .local = file.local,
                     .ranges = {},
                     .mirrors = file.options.mirrors.value_or(std::vector<std::string>()),
                     .digests = file.options.digests.value_or(std::vector<std::string>()),
                     .size = file.options.expected_size.value_or(base::size_unknown),
                     .piece_length = file.options.piece_length.value_or(0),
                     .piece_digests = file.options.piece_digests.value_or(std::vector<std::string>()),
                     .signature = file.options.signature.value_or(std::string()),
                     .key = file.options.signature_key.value_or(std::string()),
                     .torrent = file.options.torrent.value_or(std::string())});
    if (!file.options.ranges) continue;
    specs.back().ranges = wanted_ranges(*file.options.ranges);
    if (specs.back().ranges.empty())
      return base::Error(base::Code::E_INVALIDARG, "Ranges: there is none in it");
  }
  return specs;
}

base::Result<ports::JobFilter> job_filter(const bus::ListFilter& filter) {
  BH_CHECK(check_keys(filter.rejected));
  ports::JobFilter result;
  if (filter.states) {
    for (std::uint32_t state : *filter.states) {
      if (state >= static_cast<std::uint32_t>(base::job_state_count))
        return base::Error(base::Code::E_INVALIDARG,
                           "there is no job state " + std::to_string(state));
      result.states |= 1U << state;
    }
  }
  result.name_glob = filter.name.value_or("");
  result.all_users = filter.all_users.value_or(false);
  return result;
}

std::vector<std::string> property_names(ports::Properties changed) {
  std::vector<std::string> names;
  for (const Group& group : groups) {
    if (!ports::has(changed, group.property)) continue;
    bool there = false;
    for (const std::string& name : names) there = there || name == group.name;
    if (!there) names.emplace_back(group.name);
  }
  if (!names.empty()) names.emplace_back("Modified");
  return names;
}

ChangedNames changed_names(ports::Properties changed) {
  ChangedNames result;
  result.all = property_names(changed);
  for (const std::string& name : result.all) {
    switch (bus::JobProperties::emits(name)) {
      case bus::Emits::value:
      case bus::Emits::beside: result.with_value.push_back(name); break;
      case bus::Emits::name: result.invalidated.push_back(name); break;
      case bus::Emits::constant:
      case bus::Emits::nothing: break;
    }
  }
  return result;
}

}  // namespace backhaul::dbus
