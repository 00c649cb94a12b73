// SPDX-License-Identifier: Apache-2.0
#include "client/data.h"

#include <utility>

#include "bus/names.h"

namespace backhaul::client {

Time to_time(std::uint64_t microseconds) {
  return Time(std::chrono::microseconds(static_cast<std::int64_t>(microseconds)));
}

namespace {

Author to_public(const bus::AuthorTuple& author) {
  return {author.uid, author.program, to_time(author.time)};
}

}  // namespace

Error to_public(const base::Error& error) {
  return {base::to_number(error.code), error.text.empty() ? base::describe(error.code) : error.text,
          static_cast<ErrorContext>(error.context)};
}

Error to_public(const bus::Failure& failure) { return to_public(failure.error()); }

Error make_error(base::Code code, std::string text) {
  return to_public(base::Error(code, std::move(text)));
}

ErrorInfo to_public(const bus::ErrorTuple& error) {
  return {error.code, static_cast<ErrorContext>(error.context),
          error.file < 0 ? no_file : static_cast<std::uint32_t>(error.file), error.text};
}

namespace {

void measure(const bus::JobProperties& p, detail::JobInfoData& data) {
  data.rate = p.rate;
  data.average_rate = p.average_rate;
  if (p.time_left != base::size_unknown) data.time_left = std::chrono::seconds(p.time_left);
  data.bytes_resumed = p.bytes_resumed;
  if (p.path_delay != base::size_unknown) data.path_delay = std::chrono::microseconds(p.path_delay);
  if (p.delay_added != base::size_unknown) data.delay_added = std::chrono::microseconds(p.delay_added);
  data.path_capacity = p.path_capacity;
  data.capacity_left = p.capacity_left;
}

}  // namespace

detail::JobInfoData to_public(const bus::JobProperties& p) {
  detail::JobInfoData data;
  data.id = p.id;
  data.type = static_cast<JobType>(p.type);
  data.state = static_cast<JobState>(p.state);
  data.owner = p.owner;
  data.bytes_total = p.bytes_total;
  data.bytes_transferred = p.bytes_transferred;
  data.files_total = p.files_total;
  data.files_transferred = p.files_transferred;
  data.end_untold = p.end_untold;
  data.version_untold = p.version_untold;
  data.created = to_time(p.created);
  data.modified = to_time(p.modified);
  data.transferred = to_time(p.transferred);
  data.expires = to_time(p.expires);
  data.error_count = p.error_count;
  data.error = to_public(p.error);
  data.error_protocol = p.error_protocol;
  data.waiting = {p.waiting.kind, to_time(p.waiting.since), to_time(p.waiting.until),
                  p.waiting.arguments, p.waiting.sentence};
  data.resumable = p.resumable;
  measure(p, data);
  data.started = p.started;
  data.object_name = p.notify_object.unique_name;
  data.object_path = p.notify_object.path;
  data.object_level = p.notify_object.level;
  data.validator_name = p.certificate_validator.name;
  data.validator_path = p.certificate_validator.path;
  data.service = {p.notify_service.name, p.notify_service.path};
  data.command = {p.notify_command.program, p.notify_command.parameters};
  data.proxy = {static_cast<ProxyUsage>(p.proxy.usage), p.proxy.list, p.proxy.bypass};
  data.created_by = to_public(p.created_by);
  data.object_set_by = to_public(p.notify_object_set_by);
  data.service_set_by = to_public(p.notify_service_set_by);
  data.command_set_by = to_public(p.notify_command_set_by);
  data.command_barred = p.notify_command_barred;
  for (const bus::UnheardTuple& event : p.notify_unheard)
    data.unheard.push_back({event.kind, event.sequence, event.wait, event.failed_attempts,
                            to_time(event.next)});
  for (const bus::CredentialsSetTuple& one : p.credentials_set)
    data.credentials_set.push_back({static_cast<AuthTarget>(one.target), static_cast<AuthScheme>(one.scheme),
                                    one.implicit, to_public(bus::AuthorTuple{one.uid, one.program, one.time})});
  data.custom_headers_set_by = to_public(p.custom_headers_set_by);
  data.custom_headers_write_only = p.custom_headers_write_only;
  const bus::CertificateValue& certificate = p.client_certificate;
  data.client_certificate = {.certificate = certificate.certificate.value_or(""),
                             .key = certificate.key.value_or(""),
                             .pass_phrase = {},
                             .location = certificate.location.value_or(0),
                             .store = certificate.store.value_or(""),
                             .hash = certificate.hash.value_or(""),
                             .subject = certificate.subject.value_or("")};
  data.client_certificate_set_by = to_public(p.client_certificate_set_by);
#define BACKHAUL_JOB_SETTING(member, kind, Property, key, first, when, changes, bits, since, help) \
  data.member = base::keep<detail::setting_kind::kind::value>(p.member);
#include "backhaul/job_settings.def"
  return data;
}

LoggedEvent to_public(const bus::LoggedEvent& event) {
  const auto job = bus::parse_job_path(event.job.value);
  return {event.sequence, job ? base::to_string(*job) : std::string(), event.kind,
          event.details.file.value_or(no_file), event.details.code.value_or(0),
          to_time(event.details.time), static_cast<JobState>(event.details.state.value_or(3))};
}

detail::FileInfoData to_public(const bus::FileProperties& p) {
  return {p.index,       p.remote_name,       p.local_name,  p.temporary_name, p.bytes_total,
          p.bytes_transferred, p.transferred, p.completed,   p.validated,
          p.end_untold,  p.version_untold,    p.mirrors,     p.digests,  to_public(p.ranges),
          p.expected_size, p.piece_length,   p.signed_by,
          p.bytes_from_peers, p.givers};
}

std::vector<FileRange> to_public(const std::vector<bus::RangeTuple>& ranges) {
  std::vector<FileRange> result;
  result.reserve(ranges.size());
  for (const bus::RangeTuple& range : ranges) result.push_back({range.offset, range.length});
  return result;
}

std::vector<bus::RangeTuple> to_wire(const std::vector<FileRange>& ranges) {
  std::vector<bus::RangeTuple> result;
  result.reserve(ranges.size());
  for (const FileRange& range : ranges) result.push_back({range.offset, range.length});
  return result;
}

std::vector<bus::NewFile> to_wire(const std::vector<FileSpec>& files) {
  std::vector<bus::NewFile> list;
  list.reserve(files.size());
  for (const FileSpec& file : files) {
    list.push_back({file.remote, file.local, {}});
    if (!file.mirrors.empty()) list.back().options.mirrors = file.mirrors;
    if (!file.digests.empty()) list.back().options.digests = file.digests;
    bus::FileOptions& options = list.back().options;
    if (!file.ranges.empty()) options.ranges = to_wire(file.ranges);
    if (file.expected_size != size_unknown) options.expected_size = file.expected_size;
    if (file.piece_length != 0) options.piece_length = file.piece_length;
    if (!file.piece_digests.empty()) options.piece_digests = file.piece_digests;
    if (!file.signature.empty()) options.signature = file.signature;
    if (!file.signature_key.empty()) options.signature_key = file.signature_key;
    if (!file.torrent.empty()) options.torrent = file.torrent;
  }
  return list;
}

}  // namespace backhaul::client
