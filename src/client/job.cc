// SPDX-License-Identifier: Apache-2.0
// Job and File: every method is one call of the contract. A job that has ended answers from what
// was learned last; changing it is refused as the service would.
#include <backhaul/codes.h>
#include <backhaul/job.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "bus/names.h"
#include "bus/wire.h"
#include "client/access.h"
#include "client/connection.h"
#include "client/data.h"
#include "client/handover.h"
#include "client/job_calls.h"
#include "client/past.h"

namespace backhaul {
namespace client {

Error public_error(const detail::JobRecord& record, base::Error error, bool change) {
  if (error.code == base::Code::RPC_SERVER_UNAVAILABLE) error.code = base::Code::RPC_E_DISCONNECTED;
  // The service has forgotten a job that we know to be over.
  const bool forgotten = error.code == base::Code::BG_E_NOT_FOUND;
  if (change && forgotten && (record.final_info() != nullptr || past_of(record).end))
    error = base::Error(base::Code::BG_E_INVALID_STATE);
  return to_public(error);
}

Error no_job() { return make_error(base::Code::BG_E_NOT_FOUND, "this is no job"); }

}  // namespace client

namespace {

using base::Code;
using client::Kind;
using client::make_error;
using client::no_job;
using client::public_error;
using client::to_public;
using detail::Access;
using detail::JobRecord;

constexpr std::uint32_t page = 1000;  // most that ListFiles gives at once

std::shared_ptr<const detail::JobInfoData> data_of(const bus::JobProperties& properties) {
  return std::make_shared<detail::JobInfoData>(to_public(properties));
}

FileInfo info_of(const bus::FileProperties& properties) {
  return Access::info(std::make_shared<detail::FileInfoData>(to_public(properties)));
}

std::vector<FileInfo> infos_of(const std::vector<bus::ListedFile>& listed) {
  std::vector<FileInfo> files;
  for (const bus::ListedFile& file : listed) files.push_back(info_of(file.properties));
  return files;
}

// What Complete and Cancel answer, and a last look at the job: the service forgets it some time.
struct Ended {
  std::uint32_t status = 0;
  std::shared_ptr<const detail::JobInfoData> info;
  std::vector<FileInfo> files;
};

// Keeps the promise when the last of its holders is gone.
struct LastLook {
  explicit LastLook(client::Answer<base::Result<Ended>>::Promise p) : promise(std::move(p)) {}
  ~LastLook() { promise.set(std::move(ended)); }
  client::Answer<base::Result<Ended>>::Promise promise;
  Ended ended;
};

void look_again(client::Session& session, JobRecord& record,
                const std::shared_ptr<LastLook>& look) {
  const detail::Connection& connection = record.connection;
  session.bus()
      .call_async<bus::JobProperties>(
          connection.target(record.path, bus::properties_interface, "GetAll"),
          [look](auto outcome) {
            if (outcome) look->ended.info = data_of(std::get<0>(*outcome));
          },
          std::string(bus::job_interface))
      .detach();
  session.bus()
      .call_async<std::vector<bus::ListedFile>>(
          connection.target(record.path, bus::job_interface, "ListFiles"),
          [look](auto outcome) {
            if (outcome) look->ended.files = infos_of(std::get<0>(*outcome));
          },
          std::uint32_t{0}, page)
      .detach();
}

base::Result<Ended> end_job(JobRecord& record, const char* member) {
  using Promise = client::Answer<base::Result<Ended>>::Promise;
  detail::Connection& connection = record.connection;
  const auto attempt = [&](client::Session& session, Promise promise) {
    session.bus()
        .call_async<std::uint32_t>(
            connection.target(record.path, bus::job_interface, member),
            [&session, &record, promise = std::move(promise)](auto outcome) mutable {
              if (!outcome) return promise.set(outcome.error().error());
              session.exports().end_job(record.path);
              const auto look = std::make_shared<LastLook>(std::move(promise));
              look->ended.status = std::get<0>(*outcome);
              look_again(session, record, look);
            })
        .detach();
  };
  return connection.insist(Kind::change, [&] { return connection.ask<Ended>(attempt); });
}

Result<std::uint32_t> end_job(const std::shared_ptr<JobRecord>& record, const char* member,
                              JobState state) {
  if (record == nullptr) return no_job();
  auto ended = end_job(*record, member);
  if (!ended) return public_error(*record, ended.error(), true);
  auto info = std::make_shared<detail::JobInfoData>();
  if (ended->info == nullptr) ended->info = record->last_info();
  if (ended->info != nullptr) *info = *ended->info;
  info->id = record->text;
  info->state = state;
  record->set_final_files(std::move(ended->files));
  record->set_final(std::move(info));
  return ended->status;
}

}  // namespace

File::File() = default;

Job File::job() const { return Access::job(record_); }

Result<FileInfo> File::info() const {
  if (record_ == nullptr) return make_error(Code::BG_E_FILE_NOT_FOUND);
  if (client::in_forked_child()) return make_error(Code::RPC_E_DISCONNECTED);
  const auto& files = record_->final_info() ? record_->final_files() : std::vector<FileInfo>();
  if (index_ < files.size()) return files[index_];
  auto properties = record_->connection.properties<bus::FileProperties>(
      bus::file_path(record_->id, index_), bus::file_interface);
  if (!properties) return public_error(*record_, properties.error(), false);
  return info_of(*properties);
}

namespace {

template <class In>
Result<void> change_file(const std::shared_ptr<JobRecord>& record, std::uint32_t index,
                         const char* member, const In& argument) {
  if (record == nullptr) return make_error(Code::BG_E_FILE_NOT_FOUND);
  auto result = record->connection.call<>(Kind::change, bus::file_path(record->id, index),
                                          bus::file_interface, member, argument);
  if (!result) return public_error(*record, result.error(), true);
  return {};
}

}  // namespace

Result<void> File::set_validation_state(bool valid) {
  return change_file(record_, index_, "SetValidationState", valid);
}

Result<void> File::set_remote_name(const std::string& remote) {
  return change_file(record_, index_, "SetRemoteName", remote);
}

namespace {

bool is_forgotten(const JobRecord& record, const base::Error& error) {
  return error.code == Code::BG_E_NOT_FOUND && record.final_info() != nullptr;
}

// As it was when its job ended.
Result<std::vector<FileRange>> filled_at_end(const File& file) {
  const Result<FileInfo> last = file.info();
  if (!last) return last.error();
  if (!last->ranges().empty()) return make_error(Code::BG_E_RANDOM_ACCESS_NOT_SUPPORTED);
  if (!last->transferred()) return std::vector<FileRange>();
  return std::vector<FileRange>{{0, last->bytes_total()}};
}

}  // namespace

Result<std::string> File::response_headers() const {
  if (record_ == nullptr) return make_error(Code::BG_E_FILE_NOT_FOUND);
  auto result = record_->connection.call<std::string>(Kind::read, bus::file_path(record_->id, index_),
                                                      bus::file_interface, "GetResponseHeaders");
  if (!result && is_forgotten(*record_, result.error())) return std::string();
  if (!result) return public_error(*record_, result.error(), false);
  return std::get<0>(*std::move(result));
}

Result<void> File::request_ranges(const std::vector<FileRange>& ranges) {
  return change_file(record_, index_, "RequestRanges", client::to_wire(ranges));
}

Result<void> File::set_position(std::uint64_t offset) {
  return change_file(record_, index_, "SetPosition", offset);
}

Result<std::vector<FileRange>> File::filled_ranges() const {
  if (record_ == nullptr) return make_error(Code::BG_E_FILE_NOT_FOUND);
  auto result = record_->connection.call<std::vector<bus::RangeTuple>>(
      Kind::read, bus::file_path(record_->id, index_), bus::file_interface, "GetFilledRanges");
  if (!result && is_forgotten(*record_, result.error())) return filled_at_end(*this);
  if (!result) return public_error(*record_, result.error(), false);
  return to_public(std::get<0>(*result));
}

Job::Job() = default;

const std::string& Job::id() const {
  static const auto* const none = new std::string;
  return record_ == nullptr ? *none : record_->text;
}

namespace {

// `end`: how it ended, where that is all that is known and somebody wants to know it; null: nobody does.
Result<JobInfo> look_at(const std::shared_ptr<JobRecord>& record, std::optional<JobState>* end) {
  if (record == nullptr) return no_job();
  if (client::in_forked_child()) return make_error(Code::RPC_E_DISCONNECTED);
  if (auto known = record->final_info()) return Access::info(std::move(known));
  auto properties = record->connection.properties<bus::JobProperties>(record->path, bus::job_interface);
  const bool forgotten = !properties && properties.error().code == Code::BG_E_NOT_FOUND;
  if (forgotten && (end != nullptr || record->last_info() != nullptr)) {
    client::Past past = client::past_of(*record);
    if (end != nullptr) *end = past.end;
    if (past.info != nullptr) {
      record->saw(past.info);
      return Access::info(std::move(past.info));
    }
  }
  if (!properties) return public_error(*record, properties.error(), false);
  auto data = data_of(*properties);
  record->saw(data);
  return Access::info(std::move(data));
}

}  // namespace

Result<JobInfo> Job::info() const { return look_at(record_, nullptr); }

Result<JobState> Job::state() const {
  std::optional<JobState> end;
  const auto now = look_at(record_, &end);
  if (now) return now->state();
  return end ? Result<JobState>(*end) : Result<JobState>(now.error());
}

Result<ErrorInfo> Job::error() const {
  if (record_ == nullptr) return no_job();
  if (!client::in_forked_child() && record_->final_info())
    return make_error(Code::BG_E_ERROR_INFORMATION_UNAVAILABLE);
  auto result = client::call_job<std::uint32_t, std::uint32_t, std::int32_t, std::string>(
      *record_, Kind::read, "GetError");
  if (!result) return public_error(*record_, result.error(), false);
  const auto& [code, context, file, text] = *result;
  return to_public(bus::ErrorTuple{code, context, file, text});
}

Result<void> Job::set(const JobSettings& settings) {
  const detail::JobSettingsData& data = Access::data(settings);
  if (data.bad_class) return make_error(Code::CO_E_CLASSSTRING);
  return client::change_job(record_, "SetProperties", data.values);
}

Result<void> Job::add_files(const std::vector<FileSpec>& files) {
  return client::change_job(record_, "AddFiles", client::to_wire(files));
}

Result<void> Job::add_files_in(int directory, const std::vector<FileSpec>& files) {
  if (record_ == nullptr) return no_job();
  auto result = client::add_files_in(record_->connection, record_->path, directory, client::to_wire(files));
  if (!result) return public_error(*record_, result.error(), true);
  return {};
}

Result<void> Job::add_file(std::string remote, std::string local) {
  return add_files({FileSpec(std::move(remote), std::move(local))});
}

Result<std::uint32_t> Job::replace_remote_prefix(const std::string& from, const std::string& to) {
  if (record_ == nullptr) return no_job();
  auto result = client::call_job<std::uint32_t>(*record_, Kind::change, "ReplaceRemotePrefix", from, to);
  if (!result) return public_error(*record_, result.error(), true);
  return std::get<0>(*result);
}

Result<void> Job::start() { return client::change_job(record_, "Start"); }
Result<void> Job::start_anew() { return client::change_job(record_, "StartAnew"); }
Result<void> Job::suspend() { return client::change_job(record_, "Suspend"); }
Result<void> Job::take_ownership() { return client::change_job(record_, "TakeOwnership"); }

Result<std::uint32_t> Job::complete() { return end_job(record_, "Complete", JobState::acknowledged); }
Result<std::uint32_t> Job::cancel() { return end_job(record_, "Cancel", JobState::cancelled); }

File Job::file(std::uint32_t index) const {
  File file;
  file.record_ = record_;
  file.index_ = index;
  return file;
}

Result<std::vector<Cause>> Job::explain() const {
  if (record_ == nullptr) return no_job();
  auto told = client::call_job<std::vector<bus::CauseTuple>>(*record_, Kind::read, "Explain");
  if (!told) return public_error(*record_, told.error(), false);
  std::vector<Cause> causes;
  for (bus::CauseTuple& cause : std::get<0>(*told))
    causes.push_back({std::move(cause.subject), std::move(cause.kind), std::move(cause.job),
                      client::to_time(cause.since), client::to_time(cause.until),
                      std::move(cause.sentence), std::move(cause.where)});
  return causes;
}

Result<std::vector<FileInfo>> Job::files() const { return files(0, UINT32_MAX); }

Result<std::vector<FileInfo>> Job::files(std::uint32_t first, std::uint32_t count) const {
  if (record_ == nullptr) return no_job();
  if (client::in_forked_child()) return make_error(Code::RPC_E_DISCONNECTED);
  std::vector<FileInfo> files;
  if (const auto over = record_->final_info()) {
    const auto known = record_->final_files();
    if (!known.empty() && known.size() >= over->files_total) {
      for (std::size_t i = first; i < known.size() && files.size() < count; ++i)
        files.push_back(known[i]);
      return files;
    }
  }
  while (count > 0) {
    const std::uint32_t limit = std::min(count, page);
    auto listed =
        client::call_job<std::vector<bus::ListedFile>>(*record_, Kind::read, "ListFiles", first, limit);
    if (!listed) return public_error(*record_, listed.error(), false);
    const auto infos = infos_of(std::get<0>(*listed));
    files.insert(files.end(), infos.begin(), infos.end());
    if (infos.size() < limit) break;
    first += limit;
    count -= limit;
  }
  return files;
}

}  // namespace backhaul
