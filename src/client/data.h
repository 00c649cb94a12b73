// SPDX-License-Identifier: Apache-2.0
// What is behind the accessors of the public values, and how it comes off the wire.
#pragma once

#include <backhaul/job.h>
#include <backhaul/result.h>
#include <backhaul/types.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/setting_kind.h"
#include "bus/errors.h"
#include "bus/wire.h"

namespace backhaul {
namespace detail {

struct JobInfoData {
  std::string id;
  JobType type = JobType::download;
  JobState state = JobState::suspended;
  std::uint32_t owner = 0;
  std::uint64_t bytes_total = size_unknown, bytes_transferred = 0;
  std::uint32_t files_total = 0, files_transferred = 0, end_untold = 0, version_untold = 0;
  Time created{}, modified{}, transferred{}, expires{};
  std::uint32_t error_count = 0;
  ErrorInfo error;
  std::string error_protocol;
  Waiting waiting;
  std::uint32_t resumable = 2;
  std::uint64_t rate = 0, average_rate = 0, bytes_resumed = 0;
  std::chrono::microseconds path_delay{-1}, delay_added{-1};
  std::uint64_t path_capacity = size_unknown, capacity_left = size_unknown;
  std::chrono::seconds time_left{-1};
  bool started = false;
  std::string object_name, object_path;
  std::uint32_t object_level = 0;
  std::string validator_name, validator_path;
  NotifyService service;
  NotifyCommand command;
  ProxySettings proxy;
  Author created_by, object_set_by, service_set_by, command_set_by;
  std::string command_barred;
  std::vector<UnheardEvent> unheard;
  std::vector<CredentialsSet> credentials_set;
  Author custom_headers_set_by;
  bool custom_headers_write_only = false;
  ClientCertificate client_certificate;
  Author client_certificate_set_by;
#define BACKHAUL_JOB_SETTING(member, kind, Property, key, first, when, changes, bits, since, help) \
  setting_kind::kind::value member = base::keep<setting_kind::kind::value>(first);
#include "backhaul/job_settings.def"
};

struct FileInfoData {
  std::uint32_t index = no_file;
  std::string remote_name, local_name, temporary_name;
  std::uint64_t bytes_total = size_unknown, bytes_transferred = 0;
  bool transferred = false, completed = false, validated = false, end_untold = false, version_untold = false;
  std::vector<std::string> mirrors, digests;
  std::vector<FileRange> ranges;
  std::uint64_t expected_size = size_unknown, piece_length = 0;
  std::string signed_by;
  std::uint64_t bytes_from_peers = 0;
  std::vector<std::string> givers{};
};

struct JobSettingsData {
  bus::NewJob values;
  std::vector<bus::CredentialsTuple> handed_over;  // in no message
  bool bad_class = false;  // notify_class() got a text that is no CLSID
};

}  // namespace detail

namespace client {

bus::NewCertificate to_wire(const ClientCertificate& certificate);

Error to_public(const base::Error& error);
Error to_public(const bus::Failure& failure);
Error make_error(base::Code code, std::string text = {});
ErrorInfo to_public(const bus::ErrorTuple& error);
detail::JobInfoData to_public(const bus::JobProperties& properties);
LoggedEvent to_public(const bus::LoggedEvent& event);
detail::FileInfoData to_public(const bus::FileProperties& properties);
Time to_time(std::uint64_t microseconds);  // of the epoch
std::vector<FileRange> to_public(const std::vector<bus::RangeTuple>& ranges);
std::vector<bus::RangeTuple> to_wire(const std::vector<FileRange>& ranges);
std::vector<bus::NewFile> to_wire(const std::vector<FileSpec>& files);

}  // namespace client
}  // namespace backhaul
