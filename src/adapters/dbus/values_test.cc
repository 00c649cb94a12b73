// SPDX-License-Identifier: Apache-2.0
#include "adapters/dbus/values.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "bus/names.h"
#include "bus/variant.h"
#include "core/job.h"
#include "core/names.h"
#include "core/wanted.h"

namespace backhaul::dbus {
namespace {

using base::Code;
using ports::Property;

const base::JobId id = *base::parse_job_id("8c1b7e52-6a0d-4c3f-9e77-51d2a4b0c6f9");

TEST(JobProperties, CarryTheRow) {
  core::Job job;
  job.id = id;
  job.state = base::JobState::transferring;
  job.owner_uid = 1000;
  job.started = true;
  job.files.end_untold = 1;
  job.files.version_untold = 2;
  job.name = "n";
  job.created = base::from_epoch_us(5);
  job.object = core::ObjectRegistration{"b", ":1.7", "/cb", 2, 1000, 1};
  job.notify_class = core::ClassRegistration{"org.example.App", "/app"};
  job.certificate_check = core::CertificateCheck{{"b", ":1.8", "/v", 1, 1000, 2}, {}};
  const ports::Progress progress{100, 10, 3, 1, false};
  const auto p = job_properties(job, progress, {}, {});
  EXPECT_EQ(p.id, "8c1b7e52-6a0d-4c3f-9e77-51d2a4b0c6f9");
  EXPECT_EQ(p.state, 2U);
  EXPECT_EQ(p.bytes_total, 100U);
  EXPECT_EQ(p.bytes_transferred, 10U);
  EXPECT_EQ(p.files_total, 3U);
  EXPECT_EQ(p.files_transferred, 1U);
  EXPECT_EQ(p.end_untold, 1U);
  EXPECT_EQ(p.version_untold, 2U);
  EXPECT_EQ(p.created, 5U);
  EXPECT_EQ(p.transferred, 0U);
  EXPECT_EQ(p.resumable, 0U);
  EXPECT_TRUE(p.started);
  EXPECT_EQ(p.notify_object, (bus::ObjectTuple{":1.7", "/cb", 2}));
  EXPECT_EQ(p.notify_service, (bus::AddressTuple{"org.example.App", "/app"}));
  EXPECT_EQ(p.certificate_validator, (bus::AddressTuple{":1.8", "/v"}));
  EXPECT_EQ(p.waiting.kind, "nothing");
  EXPECT_EQ(p.waiting.sentence, "");
}

TEST(JobProperties, ShowAnErrorOnlyWhileTheJobIsInError) {
  core::Job job;
  job.error = core::ErrorInfo{base::http_code(404), base::ErrorContext::remote_file, 2, "HTTP 404"};
  job.state = base::JobState::error;
  EXPECT_EQ(job_properties(job, {}, {}, {}).error,
            (bus::ErrorTuple{0x80190194U, 5, 2, "HTTP 404"}));
  EXPECT_EQ(job_properties(job, {}, {}, {}).error_protocol, "http");
  job.error = core::ErrorInfo{base::Code::FILE_NOT_FOUND, base::ErrorContext::remote_file, 2, "none", true};
  EXPECT_EQ(job_properties(job, {}, {}, {}).error_protocol, "file");
  job.error = core::ErrorInfo{base::Code::DISK_FULL, base::ErrorContext::local_file, 2, "full", true};
  EXPECT_EQ(job_properties(job, {}, {}, {}).error_protocol, "") << "of the destination";
  job.error = core::ErrorInfo{base::http_code(404), base::ErrorContext::remote_file, 2, "HTTP 404"};
  job.state = base::JobState::queued;
  EXPECT_EQ(job_properties(job, {}, {}, {}).error_protocol, "");
  EXPECT_EQ(job_properties(job, {}, {}, {}).error, (bus::ErrorTuple{0, 0, -1, ""}));
}

TEST(FileProperties, FollowTheStateOfTheFile) {
  core::File file;
  file.job = id;
  file.local = "/tmp/x";
  file.state = core::FileState::transferred;
  EXPECT_TRUE(file_properties({}, file, 7).transferred);
  EXPECT_FALSE(file_properties({}, file, 7).completed);
  EXPECT_TRUE(file_properties({}, file, 7).temporary_name.starts_with("/tmp/.BIT"));
  EXPECT_EQ(file_properties({}, file, 7).bytes_transferred, 7U);
  EXPECT_EQ(file_properties({}, file, 7).bytes_total, base::size_unknown);
  core::Job fast;
  fast.rare.set(&core::RareOfJob::high_performance, true);
  EXPECT_EQ(file_properties(fast, file, 7).temporary_name, "/tmp/x");
  file.state = core::FileState::completed;
  EXPECT_TRUE(file_properties({}, file, 7).transferred);
  EXPECT_TRUE(file_properties({}, file, 7).completed);
  EXPECT_EQ(file_properties({}, file, 7).temporary_name, "");
}

// A digest or a signature of the whole says more than what no server told.
TEST(FileProperties, OfAnUntoldVersionSayWhatNothingProves) {
  core::File file;
  file.state = core::FileState::transferred;
  EXPECT_FALSE(file_properties({}, file, 0).version_untold);
  file.remote_identity.version_untold = true;
  EXPECT_TRUE(file_properties({}, file, 0).version_untold);
  core::FileCounters counters;
  core::count(counters, file);
  EXPECT_EQ(counters.version_untold, 1U);
  core::count(counters, file, false);
  EXPECT_EQ(counters.version_untold, 0U);
  core::File digested = file;
  digested.rare.edit().digests = "sha256:" + std::string(64, 'a');
  EXPECT_FALSE(file_properties({}, digested, 0).version_untold);
  core::File told = file;
  told.remote_identity.digest = "sha256:" + std::string(64, 'a');
  EXPECT_FALSE(file_properties({}, told, 0).version_untold);
  told.wanted = core::Wanted::of_ranges({{0, 10}, {20, 10}}).value();
  EXPECT_TRUE(file_properties({}, told, 0).version_untold) << "of ranges the digest of the whole says nothing";
}

TEST(Requests, UnknownKeysAndStatesAreRefused) {
  EXPECT_TRUE(check_keys(""));
  EXPECT_EQ(check_keys("Naem").error().code, Code::E_INVALIDARG);
  bus::NewFile file{"http://h/x", "/x", {}};
  file.options.mirrors = {"http://i/x"};
  file.options.digests = {"sha256:00"};
  file.options.ranges = {{5, 7}};
  file.options.expected_size = 20;
  file.options.piece_length = 10;
  file.options.piece_digests = {"sha1:00"};
  file.options.signature = "s";
  file.options.signature_key = "k";
  file.options.torrent = "http://h/x.torrent";
  const auto specs = file_specs({file});
  ASSERT_TRUE(specs);
  EXPECT_EQ(specs->front().mirrors, std::vector<std::string>{"http://i/x"});
  EXPECT_EQ(specs->front().digests, std::vector<std::string>{"sha256:00"});
  EXPECT_EQ(specs->front().ranges, (std::vector<core::WantedRange>{{5, 7}}));
  EXPECT_EQ(specs->front().size, 20U);
  EXPECT_EQ(specs->front().piece_length, 10U);
  EXPECT_EQ(specs->front().piece_digests, std::vector<std::string>{"sha1:00"});
  EXPECT_EQ(specs->front().signature + specs->front().key, "sk");
  EXPECT_EQ(specs->front().torrent, "http://h/x.torrent");
  file.options.ranges = std::vector<bus::RangeTuple>();
  EXPECT_EQ(file_specs({file}).error().code, Code::E_INVALIDARG);
  file.options.ranges.reset();
  file.options.rejected = "Checksum";
  EXPECT_EQ(file_specs({file}).error().code, Code::E_INVALIDARG);
  bus::ListFilter filter;
  filter.states = {0, 8};
  EXPECT_EQ(job_filter(filter)->states, 0x101U);
  filter.states = {9};
  EXPECT_EQ(job_filter(filter).error().code, Code::E_INVALIDARG);
}

TEST(Requests, SettingsBecomeAChange) {
  bus::JobSettings settings;
  settings.priority = 0;
  settings.notify_service = bus::AddressTuple{"", "/"};
  settings.notify_command = bus::CommandTuple{"/bin/x", "x y"};
  const auto change = job_change(settings);
  ASSERT_TRUE(change);
  EXPECT_EQ(change->priority, 0U);
  EXPECT_FALSE(change->name);
  ASSERT_TRUE(change->notify_class);
  EXPECT_TRUE(change->notify_class->empty());
  EXPECT_TRUE(change->notify_class->path.empty());  // "/" only stands for nothing
  EXPECT_EQ(change->command->program, "/bin/x");
}

TEST(Requests, WhatIsToBeAsInANewJobIsNamed) {
  bus::JobSettings settings;
  settings.priority = 3;
  settings.defaults = {"Priority", "Description", "MaximumDownloadTime", "MaximumDownloadSize", "HttpMethod",
                       "AutoComplete", "NotifyCommand", "NotifyService", "Proxy"};
  const auto change = job_change(settings);
  ASSERT_TRUE(change);
  EXPECT_EQ(change->priority, 3U) << "a value that is given counts";
  EXPECT_EQ(change->description, "");
  EXPECT_EQ(change->maximum_download_size, UINT64_MAX);
  EXPECT_EQ(change->http_method, "GET");
  EXPECT_EQ(change->auto_complete, false);
  EXPECT_TRUE(change->usual_download_time);
  EXPECT_FALSE(change->maximum_download_time);
  EXPECT_TRUE(change->command && change->notify_class && change->proxy);
  EXPECT_FALSE(change->no_progress_timeout);
  for (const char* none : {"Name", "State", "priority", ""}) {
    settings.defaults = {none};
    EXPECT_EQ(job_change(settings).error().code, base::Code::E_INVALIDARG) << none;
  }
}

TEST(Requests, AnAddressWithoutAnObjectPathIsRefusedByName) {
  bus::JobSettings settings;
  settings.notify_service = bus::AddressTuple{"org.example.App", "app"};
  const auto change = job_change(settings);
  ASSERT_FALSE(change);
  EXPECT_EQ(change.error().code, base::Code::E_INVALIDARG);
  EXPECT_EQ(change.error().text, "NotifyService: 'app' is not an object path");
}

TEST(PropertyNames, AreThoseOfTheContractAndToldOnce) {
  const auto all = property_names(~0U);
  const bus::JobProperties properties;
  for (const std::string& name : all) {
    EXPECT_TRUE(bus::has_entry(properties, name)) << name;
    EXPECT_EQ(std::ranges::count(all, name), 1) << name;
  }
  EXPECT_EQ(property_names(static_cast<ports::Properties>(Property::owner)),
            (std::vector<std::string>{"Owner", "Modified"}));
  EXPECT_TRUE(property_names(0).empty());
}

// The client names classes through src/bus, the service checks them through src/core.
TEST(ClassNames, AreTheSameOnBothSides) {
  for (const char* text : {"{8C1B7E52-6A0D-4C3F-9E77-51D2A4B0C6F9}",
                           "8c1b7e52-6a0d-4c3f-9e77-51d2a4b0c6f9", "org.example.App", ""}) {
    EXPECT_EQ(bus::class_bus_name(text), core::clsid_bus_name(text)) << text;
    EXPECT_EQ(bus::is_class_bus_name(text), core::is_clsid_name(text)) << text;
  }
  const std::string name = *bus::class_bus_name("8c1b7e52-6a0d-4c3f-9e77-51d2a4b0c6f9");
  EXPECT_TRUE(core::is_clsid_name(name));
  EXPECT_TRUE(bus::is_class_bus_name(name));
}

}  // namespace
}  // namespace backhaul::dbus
