// SPDX-License-Identifier: Apache-2.0
#include "adapters/dbus/jobs.h"

#include <utility>

#include "adapters/dbus/handed_directories.h"
#include "adapters/dbus/job_calls.h"
#include "adapters/dbus/values.h"
#include "bus/names.h"
#include "core/random_access.h"

namespace backhaul::dbus {
namespace {

using base::Code;

constexpr std::uint32_t highest_level = 3;

bool is_job(std::string_view path) { return bus::parse_job_path(path).has_value(); }
bool is_file(std::string_view path) { return bus::parse_file_path(path).has_value(); }

// The table accepts paths of files only.
bus::FileRef file_of(const bus::Message& call) {
  const auto file = bus::parse_file_path(call.path());
  BH_ASSERT(file);
  return *file;
}

// Likewise about its file.
template <class Command, class... Out>
void file_command(Service& service, bus::Reply<Out...> reply, Command body) {
  const bus::FileRef ref = file_of(reply.call());
  body.job = ref.job;
  body.file = ref.index;
  submit_for_caller(service, std::move(reply), std::move(body));
}

}  // namespace

base::Result<void> Jobs::publish() {
  std::vector<bus::Row<Jobs>> rows = {
      bus::method<&Jobs::add_files>("AddFiles", "files\0"),
      bus::method<&Jobs::add_files_in>("AddFilesIn", "directory\0files\0"),
      bus::method<&Jobs::replace_remote_prefix>("ReplaceRemotePrefix", "from\0to\0count\0"),
      bus::method<&Jobs::start>("Start", ""),
      bus::method<&Jobs::start_anew>("StartAnew", ""),
      bus::method<&Jobs::suspend>("Suspend", ""),
      bus::method<&Jobs::complete>("Complete", "status\0"),
      bus::method<&Jobs::cancel>("Cancel", "status\0"),
      bus::method<&Jobs::take_ownership>("TakeOwnership", ""),
      bus::method<&Jobs::set_notify_object>("SetNotifyObject", "path\0level\0"),
      bus::method<&Jobs::clear_notify_object>("ClearNotifyObject", ""),
      bus::method<&Jobs::set_certificate_validator>("SetCertificateValidator", "path\0"),
      bus::method<&Jobs::clear_certificate_validator>("ClearCertificateValidator", ""),
      bus::method<&Jobs::set_notify_service>("SetNotifyService", "name\0path\0"),
      bus::method<&Jobs::set_notify_command>("SetNotifyCommand", "program\0parameters\0"),
      bus::method<&Jobs::set_proxy>("SetProxy", "usage\0list\0bypass\0"),
      bus::method<&Jobs::set_credentials>("SetCredentials", "target\0scheme\0credentials\0"),
      bus::method<&Jobs::set_credentials_from>("SetCredentialsFrom", "target\0scheme\0secret\0"),
      bus::method<&Jobs::remove_credentials>("RemoveCredentials", "target\0scheme\0status\0"),
      bus::method<&Jobs::set_custom_headers>("SetCustomHeaders", "headers\0"),
      bus::method<&Jobs::get_custom_headers>("GetCustomHeaders", "headers\0"),
      bus::method<&Jobs::make_custom_headers_write_only>("MakeCustomHeadersWriteOnly", ""),
      bus::method<&Jobs::set_client_certificate>("SetClientCertificate", "certificate\0"),
      bus::method<&Jobs::remove_client_certificate>("RemoveClientCertificate", "status\0"),
      bus::method<&Jobs::get_error>("GetError", "code\0context\0file\0text\0"),
      bus::method<&Jobs::list_files>("ListFiles", "first\0limit\0files\0"),
      bus::method<&Jobs::explain>("Explain", "causes\0"),
      bus::method<&Jobs::set_properties>("SetProperties", "properties\0"),
  };
  for (auto& row : bus::properties<Jobs, bus::JobProperties, bus::WritableJobProperties>())
    rows.push_back(row);
  BH_TRY(properties_, service_.bus.add_filter(bus::jobs_path, [this](const bus::Message& call) {
    return on_properties_call(call);
  }));
  BH_TRY(job_table_, service_.bus.add_fallback(bus::jobs_path, bus::job_interface,
                                               std::move(rows), *this, &is_job));
  auto file_rows = bus::properties<Jobs, bus::FileProperties>();
  file_rows.push_back(
      bus::method<&Jobs::set_validation_state>("SetValidationState", "valid\0"));
  file_rows.push_back(bus::method<&Jobs::set_remote_name>("SetRemoteName", "name\0"));
  file_rows.push_back(
      bus::method<&Jobs::get_response_headers>("GetResponseHeaders", "headers\0"));
  file_rows.push_back(bus::method<&Jobs::request_ranges>("RequestRanges", "ranges\0"));
  file_rows.push_back(bus::method<&Jobs::set_position>("SetPosition", "offset\0"));
  file_rows.push_back(bus::method<&Jobs::get_filled_ranges>("GetFilledRanges", "ranges\0"));
  BH_TRY(file_table_, service_.bus.add_fallback(bus::jobs_path, bus::file_interface,
                                                std::move(file_rows), *this, &is_file));
  return {};
}

// ---- methods ------------------------------------------------------------------------------------

void Jobs::add_files(Done reply, std::vector<bus::NewFile> files) {
  auto specs = file_specs(files);
  if (!specs) return reply.fail(specs.error());
  command(service_, std::move(reply), ports::command::AddFiles{{}, *std::move(specs)});
}

void Jobs::add_files_in(Done reply, bus::ObjectPath directory, std::vector<bus::NewFile> files) {
  auto specs = file_specs(files);
  if (!specs) return reply.fail(specs.error());
  ports::command::AddFiles body{job_of(reply.call()), *std::move(specs)};
  as_caller(service_, std::move(reply),
            [this, directory = std::move(directory.value), body = std::move(body)](
                Done known, const ports::Caller& caller) mutable {
              submit_into(service_, std::move(known), caller, directory, std::move(body));
            });
}

void Jobs::replace_remote_prefix(Status reply, std::string from, std::string to) {
  command(service_, std::move(reply),
          ports::command::ReplaceRemotePrefix{{}, std::move(from), std::move(to)});
}

void Jobs::start(Done reply) { command(service_, std::move(reply), ports::command::Start{}); }
void Jobs::start_anew(Done reply) {
  command(service_, std::move(reply), ports::command::Start{.job = {}, .anew = true});
}
void Jobs::suspend(Done reply) { command(service_, std::move(reply), ports::command::Suspend{}); }
void Jobs::complete(Status reply) {
  command(service_, std::move(reply), ports::command::Complete{});
}
void Jobs::cancel(Status reply) { command(service_, std::move(reply), ports::command::Cancel{}); }
void Jobs::take_ownership(Done reply) {
  command(service_, std::move(reply), ports::command::TakeOwnership{});
}
void Jobs::clear_notify_object(Done reply) {
  command(service_, std::move(reply), ports::command::ClearObject{});
}

// The sender's own, never from an argument.
core::ObjectRegistration Jobs::object_of(const bus::Message& call, bus::ObjectPath path) const {
  core::ObjectRegistration object;
  object.bus_id = service_.bus_id;
  object.unique_name = call.sender();
  object.path = std::move(path.value);
  return object;
}

void Jobs::set_notify_object(Done reply, bus::ObjectPath path, std::uint32_t level) {
  if (level == 0)
    return reply.fail({Code::E_NOINTERFACE, "the object answers no callback interface"});
  if (level > highest_level)
    return reply.fail({Code::E_INVALIDARG, "the level of a callback is 1, 2 or 3"});
  core::ObjectRegistration object = object_of(reply.call(), std::move(path));
  object.level = level;
  const base::JobId job = job_of(reply.call());
  as_caller(service_, std::move(reply), [this, job, object = std::move(object)](
                                            Done known, const ports::Caller& caller) mutable {
    object.uid = caller.uid;
    submit(service_, std::move(known), caller,
           ports::command::SetObject{job, std::move(object)});
  });
}

void Jobs::set_certificate_validator(Done reply, bus::ObjectPath path) {
  core::ObjectRegistration object = object_of(reply.call(), std::move(path));
  const base::JobId job = job_of(reply.call());
  as_caller(service_, std::move(reply), [this, job, object = std::move(object)](
                                            Done known, const ports::Caller& caller) mutable {
    object.uid = caller.uid;
    submit(service_, std::move(known), caller,
           ports::command::SetCertificateCheck{job, std::move(object)});
  });
}

void Jobs::clear_certificate_validator(Done reply) {
  command(service_, std::move(reply), ports::command::SetCertificateCheck{});
}

void Jobs::change(Done reply, base::Result<ports::JobChange> change) {
  if (!change) return reply.fail(change.error());
  command(service_, std::move(reply), ports::command::Change{{}, *std::move(change)});
}

void Jobs::set_notify_service(Done reply, std::string name, bus::ObjectPath path) {
  bus::JobSettings settings;
  settings.notify_service = bus::AddressTuple{std::move(name), std::move(path.value)};
  change(std::move(reply), job_change(settings));
}

void Jobs::set_notify_command(Done reply, std::string program, std::string parameters) {
  bus::JobSettings settings;
  settings.notify_command = bus::CommandTuple{std::move(program), std::move(parameters)};
  change(std::move(reply), job_change(settings));
}

void Jobs::set_proxy(Done reply, std::uint32_t usage, std::string list, std::string bypass) {
  bus::JobSettings settings;
  settings.proxy = bus::ProxyTuple{usage, std::move(list), std::move(bypass)};
  change(std::move(reply), job_change(settings));
}

void Jobs::set_properties(Done reply, bus::JobSettings settings) {
  change(std::move(reply), job_change(settings));
}

void Jobs::set_validation_state(Done reply, bool valid) {
  file_command(service_, std::move(reply), ports::command::SetValidationState{.valid = valid});
}

void Jobs::request_ranges(Done reply, std::vector<bus::RangeTuple> ranges) {
  file_command(service_, std::move(reply),
               ports::command::RequestRanges{.ranges = wanted_ranges(ranges)});
}

void Jobs::set_position(Done reply, std::uint64_t offset) {
  file_command(service_, std::move(reply), ports::command::SetPosition{.position = offset});
}

void Jobs::get_filled_ranges(bus::Reply<std::vector<bus::RangeTuple>> reply) {
  const bus::FileRef ref = file_of(reply.call());
  as_page_reader(service_, std::move(reply),
                 [this, ref](bus::Reply<std::vector<bus::RangeTuple>> known,
                             const ports::Caller& caller) {
                   const auto found = find_file(ref, caller);
                   if (!found) return known.fail(found.error());
                   if (auto may = core::may_access_at_random(*found->job, *found->file); !may)
                     return known.fail(may.error());
                   std::vector<bus::RangeTuple> ranges;
                   for (const core::Extent& extent : found->file->stored.list())
                     ranges.push_back({extent.begin, extent.length()});
                   known.send(ranges);
                 });
}

void Jobs::set_remote_name(Done reply, std::string remote) {
  file_command(service_, std::move(reply),
               ports::command::SetRemoteName{.job = {}, .file = 0, .remote = std::move(remote)});
}

void Jobs::get_response_headers(bus::Reply<std::string> reply) {
  as_reader(service_, std::move(reply),
            [this, ref = file_of(reply.call())](bus::Reply<std::string> known, const ports::Caller& caller) {
              auto found = find_file(ref, caller);
              if (!found) return known.fail(found.error());
              known.send(std::string(found->file->response_headers));
            });
}

void Jobs::get_error(ErrorReply reply) {
  const base::JobId id = job_of(reply.call());
  as_reader(service_, std::move(reply),
            [this, id](ErrorReply known, const ports::Caller& caller) {
              auto job = service_.queue.find(id, caller);
              if (!job) return known.fail(job.error());
              const bus::ErrorTuple error = error_tuple(shown_error(**job));
              if (error.code == base::to_number(Code::S_OK))
                return known.fail({Code::BG_E_ERROR_INFORMATION_UNAVAILABLE});
              known.send(error.code, error.context, error.file, error.text);
            });
}

void Jobs::list_files(bus::Reply<std::vector<bus::ListedFile>> reply, std::uint32_t first,
                      std::uint32_t limit) {
  if (limit == 0 || limit > largest_page)
    return reply.fail({Code::E_INVALIDARG, "a page has 1 to 1000 files"});
  const base::JobId id = job_of(reply.call());
  as_page_reader(service_, std::move(reply),
                 [this, id, first, limit](bus::Reply<std::vector<bus::ListedFile>> known,
                                          const ports::Caller& caller) {
              auto job = service_.queue.find(id, caller);
              if (!job) return known.fail(job.error());
              std::vector<bus::ListedFile> files;
              for (std::uint32_t n = 0; n < limit && first + n >= first; ++n) {
                const core::File* file = service_.queue.file(**job, first + n);
                if (file == nullptr) break;
                files.push_back({{bus::file_path(id, first + n)}, properties_of({*job, file})});
              }
              known.send(files);
            });
}

void Jobs::explain(bus::Reply<std::vector<bus::CauseTuple>> reply) {
  const base::JobId id = job_of(reply.call());
  as_reader(service_, std::move(reply),
            [this, id](bus::Reply<std::vector<bus::CauseTuple>> known, const ports::Caller& caller) {
              auto job = service_.queue.find(id, caller);
              if (!job) return known.fail(job.error());
              std::vector<bus::CauseTuple> causes;
              for (const core::Cause& cause : service_.queue.explain(**job, caller))
                causes.push_back(cause_tuple(cause));
              known.send(causes);
            });
}

bus::JobProperties Jobs::properties_of(const core::Job& job) const {
  return job_properties(job, service_.queue);
}

bus::FileProperties Jobs::properties_of(const FileOfJob& found) const {
  return file_properties(*found.job, *found.file, service_.queue.file_progress(*found.file));
}

base::Result<Jobs::FileOfJob> Jobs::find_file(const bus::FileRef& ref, const ports::Caller& caller) const {
  BH_TRY(const core::Job* job, service_.queue.find(ref.job, caller));
  const core::File* file = service_.queue.file(*job, ref.index);
  if (file == nullptr)
    return base::Error(Code::BG_E_NOT_FOUND,
                       "the job has no file " + std::to_string(ref.index));
  return FileOfJob{job, file};
}

}  // namespace backhaul::dbus
