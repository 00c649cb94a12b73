// SPDX-License-Identifier: Apache-2.0
// org.backhaul.Job1 and org.backhaul.File1: one table for every job and one for every file, found
// by their path, and the properties of all of them.
//
// Properties.Get, GetAll and Set are taken before sd-bus sees them: a read has to wait behind the
// sender's unanswered change, a Set is answered after its commit.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "adapters/dbus/requests.h"
#include "bus/bus.h"
#include "bus/names.h"
#include "bus/variant.h"
#include "bus/wire.h"

namespace backhaul::dbus {

class Jobs {
 public:
  explicit Jobs(Service& service) : service_(service) {}
  Jobs(const Jobs&) = delete;
  Jobs& operator=(const Jobs&) = delete;
  base::Result<void> publish();

 private:
  using Done = bus::Reply<>;
  using Status = bus::Reply<std::uint32_t>;
  using ErrorReply = bus::Reply<std::uint32_t, std::uint32_t, std::int32_t, std::string>;

  void add_files(Done reply, std::vector<bus::NewFile> files);
  void add_files_in(Done reply, bus::ObjectPath directory, std::vector<bus::NewFile> files);
  void start(Done reply);
  void start_anew(Done reply);
  void suspend(Done reply);
  void complete(Status reply);
  void cancel(Status reply);
  void take_ownership(Done reply);
  void set_notify_object(Done reply, bus::ObjectPath path, std::uint32_t level);
  void clear_notify_object(Done reply);
  void set_certificate_validator(Done reply, bus::ObjectPath path);
  void clear_certificate_validator(Done reply);
  void set_notify_service(Done reply, std::string name, bus::ObjectPath path);
  void set_notify_command(Done reply, std::string program, std::string parameters);
  void set_proxy(Done reply, std::uint32_t usage, std::string list, std::string bypass);
  void get_error(ErrorReply reply);
  // job_secrets.cc
  void set_credentials(Done reply, std::uint32_t target, std::uint32_t scheme, bus::CredentialsValue value);
  void set_credentials_from(Done reply, std::uint32_t target, std::uint32_t scheme, bus::ObjectPath secret);
  void remove_credentials(Status reply, std::uint32_t target, std::uint32_t scheme);
  void set_custom_headers(Done reply, base::Secret headers);
  void get_custom_headers(bus::Reply<base::Secret> reply);
  void make_custom_headers_write_only(Done reply);
  void set_client_certificate(Done reply, bus::NewCertificate value);
  void remove_client_certificate(Status reply);
  void list_files(bus::Reply<std::vector<bus::ListedFile>> reply, std::uint32_t first,
                  std::uint32_t limit);
  void explain(bus::Reply<std::vector<bus::CauseTuple>> reply);
  void set_properties(Done reply, bus::JobSettings settings);
  void replace_remote_prefix(Status reply, std::string from, std::string to);
  // Of a file.
  void set_validation_state(Done reply, bool valid);
  void set_remote_name(Done reply, std::string remote);
  void get_response_headers(bus::Reply<std::string> reply);
  void request_ranges(Done reply, std::vector<bus::RangeTuple> ranges);
  void set_position(Done reply, std::uint64_t offset);
  void get_filled_ranges(bus::Reply<std::vector<bus::RangeTuple>> reply);

  bool on_properties_call(const bus::Message& call);
  void get(const bus::Message& call);
  void get_all(const bus::Message& call);
  void set(const bus::Message& call);

  bus::JobProperties properties_of(const core::Job& job) const;
  struct FileOfJob {
    const core::Job* job;
    const core::File* file;
  };
  bus::FileProperties properties_of(const FileOfJob& found) const;
  base::Result<FileOfJob> find_file(const bus::FileRef& ref, const ports::Caller& caller) const;
  core::ObjectRegistration object_of(const bus::Message& call, bus::ObjectPath path) const;
  void change(Done reply, base::Result<ports::JobChange> change);

  Service& service_;
  bus::Slot job_table_;
  bus::Slot file_table_;
  bus::Slot properties_;
};

}  // namespace backhaul::dbus
