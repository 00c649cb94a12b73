// SPDX-License-Identifier: Apache-2.0
// The accessors of the snapshots and the builder of settings.
#include <backhaul/job.h>

#include <algorithm>
#include <type_traits>
#include <utility>

#include "bus/names.h"
#include "client/data.h"

namespace backhaul {
namespace {

// Shared by all values that were default constructed; never destroyed.
template <class Data>
std::shared_ptr<const Data> nothing() {
  static const auto* const empty = new std::shared_ptr<const Data>(std::make_shared<Data>());
  return *empty;
}

// What does not fit the wire becomes the nearest that does; a moment before 1970 is refused by the service, since 0
// would mean that there is none.
template <class Raw, class Value>
Raw to_raw(Value value) {
  if constexpr (requires { value.count(); })
    return static_cast<Raw>(std::clamp<std::int64_t>(value.count(), 0, UINT32_MAX));
  else if constexpr (std::is_same_v<Value, Time>)
    return static_cast<Raw>(value.time_since_epoch().count());
  else if constexpr (std::is_enum_v<Value>)
    return static_cast<Raw>(value);
  else
    return value;
}

constexpr char null_class[] = "00000000000000000000000000000000";

}  // namespace

FileInfo::FileInfo() : data_(nothing<detail::FileInfoData>()) {}
std::uint32_t FileInfo::index() const { return data_->index; }
const std::string& FileInfo::remote_name() const { return data_->remote_name; }
const std::string& FileInfo::local_name() const { return data_->local_name; }
const std::string& FileInfo::temporary_name() const { return data_->temporary_name; }
std::uint64_t FileInfo::bytes_total() const { return data_->bytes_total; }
std::uint64_t FileInfo::bytes_transferred() const { return data_->bytes_transferred; }
bool FileInfo::transferred() const { return data_->transferred; }
bool FileInfo::completed() const { return data_->completed; }
bool FileInfo::end_untold() const { return data_->end_untold; }
bool FileInfo::version_untold() const { return data_->version_untold; }
bool FileInfo::validated() const { return data_->validated; }
const std::vector<std::string>& FileInfo::mirrors() const { return data_->mirrors; }
const std::vector<std::string>& FileInfo::digests() const { return data_->digests; }
const std::vector<FileRange>& FileInfo::ranges() const { return data_->ranges; }
std::uint64_t FileInfo::expected_size() const { return data_->expected_size; }
std::uint64_t FileInfo::piece_length() const { return data_->piece_length; }
std::uint64_t FileInfo::bytes_from_peers() const { return data_->bytes_from_peers; }
const std::vector<std::string>& FileInfo::givers() const { return data_->givers; }
const std::string& FileInfo::signed_by() const { return data_->signed_by; }

JobInfo::JobInfo() : data_(nothing<detail::JobInfoData>()) {}
const std::string& JobInfo::id() const { return data_->id; }
JobType JobInfo::type() const { return data_->type; }
JobState JobInfo::state() const { return data_->state; }
std::uint32_t JobInfo::owner() const { return data_->owner; }
std::uint64_t JobInfo::bytes_total() const { return data_->bytes_total; }
std::uint64_t JobInfo::bytes_transferred() const { return data_->bytes_transferred; }
std::uint32_t JobInfo::files_total() const { return data_->files_total; }
std::uint32_t JobInfo::files_transferred() const { return data_->files_transferred; }
std::uint32_t JobInfo::end_untold() const { return data_->end_untold; }
std::uint32_t JobInfo::version_untold() const { return data_->version_untold; }
Time JobInfo::created() const { return data_->created; }
Time JobInfo::modified() const { return data_->modified; }
Time JobInfo::transferred() const { return data_->transferred; }
Time JobInfo::expires() const { return data_->expires; }
std::uint32_t JobInfo::error_count() const { return data_->error_count; }
const ErrorInfo& JobInfo::error() const { return data_->error; }
const std::string& JobInfo::error_protocol() const { return data_->error_protocol; }
const Waiting& JobInfo::waiting() const { return data_->waiting; }
std::uint32_t JobInfo::resumable() const { return data_->resumable; }
std::uint64_t JobInfo::rate() const { return data_->rate; }
std::uint64_t JobInfo::average_rate() const { return data_->average_rate; }
std::chrono::seconds JobInfo::time_left() const { return data_->time_left; }
std::uint64_t JobInfo::bytes_resumed() const { return data_->bytes_resumed; }
std::chrono::microseconds JobInfo::path_delay() const { return data_->path_delay; }
std::chrono::microseconds JobInfo::delay_added() const { return data_->delay_added; }
std::uint64_t JobInfo::path_capacity() const { return data_->path_capacity; }
std::uint64_t JobInfo::capacity_left() const { return data_->capacity_left; }
bool JobInfo::started() const { return data_->started; }
const std::string& JobInfo::notify_object_name() const { return data_->object_name; }
const std::string& JobInfo::notify_object_path() const { return data_->object_path; }
const std::string& JobInfo::certificate_validator_name() const { return data_->validator_name; }
const std::string& JobInfo::certificate_validator_path() const { return data_->validator_path; }
std::uint32_t JobInfo::notify_object_level() const { return data_->object_level; }
const NotifyService& JobInfo::notify_service() const { return data_->service; }
const NotifyCommand& JobInfo::notify_command() const { return data_->command; }
const ProxySettings& JobInfo::proxy() const { return data_->proxy; }
const Author& JobInfo::created_by() const { return data_->created_by; }
const Author& JobInfo::notify_object_set_by() const { return data_->object_set_by; }
const Author& JobInfo::notify_service_set_by() const { return data_->service_set_by; }
const Author& JobInfo::notify_command_set_by() const { return data_->command_set_by; }
const std::string& JobInfo::notify_command_barred() const { return data_->command_barred; }
const std::vector<UnheardEvent>& JobInfo::notify_unheard() const { return data_->unheard; }
const std::vector<CredentialsSet>& JobInfo::credentials_set() const { return data_->credentials_set; }
const Author& JobInfo::custom_headers_set_by() const { return data_->custom_headers_set_by; }
bool JobInfo::custom_headers_write_only() const { return data_->custom_headers_write_only; }
const ClientCertificate& JobInfo::client_certificate() const { return data_->client_certificate; }
const Author& JobInfo::client_certificate_set_by() const { return data_->client_certificate_set_by; }
#define BACKHAUL_JOB_SETTING(member, kind, Property, key, first, when, changes, bits, since, help) \
  detail::setting_kind::kind::read JobInfo::member() const { return data_->member; }
#include "backhaul/job_settings.def"

JobSettings::JobSettings() : data_(std::make_unique<detail::JobSettingsData>()) {}
JobSettings::JobSettings(const JobSettings& other)
    : data_(std::make_unique<detail::JobSettingsData>(*other.data_)) {}
JobSettings::JobSettings(JobSettings&& other) noexcept
    : data_(std::exchange(other.data_, std::make_unique<detail::JobSettingsData>())) {}
JobSettings& JobSettings::operator=(JobSettings other) noexcept {
  std::swap(data_, other.data_);
  return *this;
}
JobSettings::~JobSettings() = default;

JobSettings& JobSettings::type(JobType value) {
  data_->values.type = static_cast<std::uint32_t>(value);
  return *this;
}
JobSettings& JobSettings::credentials(Credentials value) {
  bus::CredentialsTuple one{static_cast<std::uint32_t>(value.target), static_cast<std::uint32_t>(value.scheme),
                            {}, {}};
  if (!value.implicit) {
    one.user = base::Secret::take(value.user);
    one.password = base::Secret::take(value.password);
    if (value.handed_over) {
      data_->handed_over.push_back(std::move(one));
      return *this;
    }
  }
  auto& all = data_->values.credentials;
  if (!all) all.emplace();
  all->push_back(std::move(one));
  return *this;
}
JobSettings& JobSettings::custom_headers(std::string value) {
  data_->values.custom_headers = base::Secret::take(value);
  return *this;
}
JobSettings& JobSettings::client_certificate(ClientCertificate value) {
  data_->values.client_certificate = client::to_wire(value);
  base::wipe(value.pass_phrase);
  return *this;
}
#define BACKHAUL_JOB_SETTING(member, kind, Property, key, first, when, changes, bits, since, help) \
  JobSettings& JobSettings::member(detail::setting_kind::kind::value value) { \
    data_->values.member = to_raw<base::setting_kind::kind::raw>(std::move(value)); \
    return *this; \
  }
#include "backhaul/job_settings.def"
JobSettings& JobSettings::notify_service(NotifyService value) {
  if (value.path.empty()) value.path = "/";
  data_->values.notify_service =
      value.name.empty() ? bus::AddressTuple{}
                         : bus::AddressTuple{std::move(value.name), std::move(value.path)};
  return *this;
}
JobSettings& JobSettings::notify_class(const std::string& clsid) {
  const auto name = bus::class_bus_name(clsid);
  data_->bad_class = !name;
  if (!name || name->ends_with(null_class)) return notify_service({});
  return notify_service({*name, bus::class_path});
}
JobSettings& JobSettings::notify_command(NotifyCommand value) {
  data_->values.notify_command =
      bus::CommandTuple{std::move(value.program), std::move(value.parameters)};
  return *this;
}
JobSettings& JobSettings::proxy(ProxySettings value) {
  data_->values.proxy = bus::ProxyTuple{static_cast<std::uint32_t>(value.usage), std::move(value.list),
                                        std::move(value.bypass)};
  return *this;
}
JobSettings& JobSettings::back_to_default(const std::string& property) {
  auto& names = data_->values.defaults;
  if (!names) names.emplace();
  names->push_back(property);
  return *this;
}
bool JobSettings::empty() const { return data_->values == bus::NewJob(); }

}  // namespace backhaul
