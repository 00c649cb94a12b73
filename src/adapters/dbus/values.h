// SPDX-License-Identifier: Apache-2.0
// Rows of the queue as values of the bus, and requests of the bus as changes of the queue.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "adapters/dbus/handed_credentials.h"
#include "base/result.h"
#include "base/time.h"
#include "bus/policy_wire.h"
#include "bus/wire.h"
#include "core/job.h"
#include "core/policy_entry.h"
#include "core/waiting.h"
#include "ports/queue.h"

namespace backhaul::dbus {

// Rows of one answer: ListJobs, ListFiles, Events, GetManagedObjects.
inline constexpr std::uint32_t largest_page = 1000;

base::WallTime wall_now();

bus::ErrorTuple error_tuple(const core::ErrorInfo& error);
bus::CauseTuple cause_tuple(const core::Cause& cause);
bus::BudgetEntry budget_entry(const core::BudgetStatus& status);
// `exempt`: the limits of owners are not for whoever asks.
bus::PolicyEntry policy_entry(const core::PolicyEntry& entry, bool exempt);
// The error that is shown: nothing outside ERROR and TRANSIENT_ERROR, though the row keeps it.
core::ErrorInfo shown_error(const core::Job& job);
bus::JobProperties job_properties(const core::Job& job, const ports::Progress& progress,
                                  const core::Waiting& waiting, base::WallTime now);
void show_notify_state(bus::JobProperties& properties, const ports::NotifyState& state);
// All of them, as the queue knows them now.
bus::JobProperties job_properties(const core::Job& job, const ports::Queue& queue);
bus::FileProperties file_properties(const core::Job& job, const core::File& file, std::uint64_t bytes_transferred);

// E_INVALIDARG naming the first key that is unknown, or whose value cannot be taken.
base::Result<void> check_keys(const std::string& rejected);
base::Result<ports::JobChange> job_change(const bus::JobSettings& settings);
ports::JobChange job_change(const bus::WritableJobProperties& settings);
base::Result<core::ProxyEnvironment> proxy_environment(const bus::Variables& variables);
// Taken out of it.
base::Result<ports::SecretsChange> secrets_change(bus::NewJob& job);
// Whose user and password are asked for.
base::Result<std::vector<CredentialsWanted>> credentials_wanted(std::vector<bus::CredentialsFromTuple> all);
base::Result<core::CertificateWanted> certificate_wanted(bus::NewCertificate& value);
std::vector<core::WantedRange> wanted_ranges(const std::vector<bus::RangeTuple>& ranges);
base::Result<std::vector<ports::FileSpec>> file_specs(const std::vector<bus::NewFile>& files);
base::Result<ports::JobFilter> job_filter(const bus::ListFilter& filter);

// The properties of Job1 that may have changed.
std::vector<std::string> property_names(ports::Properties changed);
// The same as PropertiesChanged tells them.
struct ChangedNames {
  std::vector<std::string> all;  // as in JobChanged
  std::vector<std::string> with_value;
  std::vector<std::string> invalidated;
};
ChangedNames changed_names(ports::Properties changed);

}  // namespace backhaul::dbus
