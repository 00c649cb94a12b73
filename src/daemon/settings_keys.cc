// SPDX-License-Identifier: Apache-2.0
#include "daemon/settings_keys.h"

#include <algorithm>
#include <array>
#include <limits>

namespace backhaul::daemon {
namespace {

using core::Leeway;
using enum KeyKind;

constexpr std::uint32_t million = 1'000'000;

constexpr SettingsKey number_key(std::string_view section, std::string_view name, Holds holds, std::string_view built_in,
                                 std::uint32_t Settings::*member, std::uint32_t least, std::uint32_t most,
                                 bool of_owners = false, bool for_others = false) {
  return {.section = section, .name = name, .leeway = Leeway::tighter, .holds = holds, .built_in = built_in,
          .kind = number, .number = member, .least = least, .most = most, .of_owners = of_owners,
          .for_others = for_others};
}

constexpr SettingsKey switch_key(std::string_view section, std::string_view name, Holds holds, bool Settings::*member,
                                 bool tighter, bool for_others = false) {
  return {.section = section, .name = name, .leeway = Leeway::tighter, .holds = holds, .built_in = "yes",
          .kind = yes_or_no, .yes_or_no = member, .tighter = tighter, .for_others = for_others};
}

constexpr SettingsKey key(std::string_view section, std::string_view name, Leeway leeway, Holds holds,
                          std::string_view built_in, KeyKind kind) {
  return {.section = section, .name = name, .leeway = leeway, .holds = holds, .built_in = built_in, .kind = kind};
}

constexpr SettingsKey world_key(std::string_view section, std::string_view name, Leeway leeway,
                                std::string_view built_in = {}) {
  return key(section, name, leeway, Holds::at_once, built_in, of_world);
}

using S = Settings;
constexpr auto at_once = Holds::at_once;
constexpr auto from_start = Holds::from_start;
constexpr auto bound = Leeway::tighter;
constexpr auto either = Leeway::both;

constexpr std::array table{
    number_key("Service", "ClassStartTimeoutSec", from_start, "60", &S::class_start_timeout_s, 1, 3600),
    key("Service", "LogLevel", Leeway::any, from_start, "info", level),
    number_key("Jobs", "InactivityTimeoutDays", at_once, "90", &S::inactivity_timeout_days, 1, 999),
    number_key("Jobs", "MaxDownloadTimeSec", at_once, "7776000", &S::max_download_time_s, 1,
               std::numeric_limits<std::uint32_t>::max()),
    number_key("Jobs", "MaxJobsPerMachine", at_once, "100000", &S::max_jobs_per_machine, 1, million, true),
    number_key("Jobs", "MaxJobsPerUser", at_once, "100000", &S::max_jobs_per_user, 1, million, true),
    number_key("Jobs", "MaxJobsPerApplication", at_once, "50000", &S::max_jobs_per_application, 1, million, true),
    key("Jobs", "ExemptApplications", bound, at_once, "", applications),
    key("Jobs", "ExemptUsers", Leeway::none, at_once, "", users),
    world_key("Jobs", "OnlyWhileLoggedOn", bound, "no"),
    number_key("Jobs", "MaxFilesPerJob", at_once, "100000", &S::max_files_per_job, 1, million, true),
    number_key("Jobs", "MaxRangesPerFile", at_once, "500", &S::max_ranges_per_file, 1, million, true),
    number_key("Jobs", "MaxMiBPerUser", at_once, "256", &S::max_mib_per_user, 1, million, true),
    key("Files", "AllowedRoots", Leeway::none, from_start, "", roots),
    switch_key("Notifications", "RunCommands", at_once, &S::run_commands, false),
    key("Notifications", "AllowedCommands", either, at_once, "", programs),
    switch_key("Secrets", "Keyring", from_start, &S::keyring, false),
    switch_key("Secrets", "SystemdCreds", from_start, &S::systemd_creds, false),
    SettingsKey{.section = "Scheduler", .name = "Mogwai", .leeway = Leeway::none, .holds = from_start, .built_in = "no",
                .kind = yes_or_no, .yes_or_no = &S::mogwai},
    number_key("Scheduler", "TimeSliceSec", at_once, "60", &S::time_slice_s, 1, 86'400),
    number_key("Scheduler", "MaxForegroundJobs", at_once, "32", &S::max_foreground_jobs, 1, 1000),
    number_key("Scheduler", "MaxConnectionsPerHost", at_once, "16", &S::max_connections_per_host, 1, 1000),
    key("Network", "AllowedOrigins", either, at_once, "", origins),
    key("Network", "UserAgent", Leeway::any, at_once, "", agent),
    key("Network", "DefaultProxy", Leeway::any, at_once, "", proxy),
    key("Network", "ProxyBypass", Leeway::any, at_once, "", bypass),
    key("Network", "SendImplicitCredentials", bound, at_once, "if-set", implicit),
    switch_key("Network", "YieldToOthers", from_start, &S::yield_to_others, true, true),
    number_key("Network", "QueueDelayMs", from_start, "5", &S::queue_delay_ms, 1, 1000, false, true),
    world_key("Network", "WaitForLogin", bound, "yes"),
    world_key("Network", "AskDuplicates", bound, "yes"),
    world_key("Cost", "Foreground", bound, "not-roaming"),
    world_key("Cost", "High", bound, "standard"),
    world_key("Cost", "Normal", bound, "standard"),
    world_key("Cost", "Low", bound, "standard"),
    world_key("Power", "OnBattery", bound, "run"),
    world_key("Power", "OnPowerSaver", bound, "foreground-only"),
    world_key("Peers", "Enable", bound, "no"),
    world_key("Peers", "Client", bound, "yes"),
    world_key("Peers", "Server", bound, "yes"),
    world_key("Peers", "CachePercent", bound, "1"),
    world_key("Peers", "ContentAgeDays", bound, "90"),
    world_key("Peers", "ServeBitsPerSec", bound, "30%"),
    world_key("Peers", "MaxServedClients", bound, "3"),
    world_key("Peers", "Port", bound, "2178"),
    world_key("Peers", "Trust", bound, "list"),
    world_key("Peers", "ContentTrust", bound, "digest"),
    world_key("Peers", "StaticPeers", bound),
    world_key("Peers", "Authority", bound),
    world_key("Peers", "GroupSecret", bound, "/etc/backhaul/peer-group"),
    world_key("Peers", "Discovery", bound, "dns-sd"),
    world_key("Peers", "PendingWaitSec", bound, "30"),
    world_key("Peers", "QueryOrigins", bound),
    world_key("Peers", "CacheHost", bound),
    world_key("Peers", "CacheHostFallbackDelaySec", bound, "5"),
    world_key("Peers", "CacheHostForegroundDelaySec", bound, "0"),
    world_key("Peers", "SiteProxy", bound),
    world_key("Peers", "Swarm", bound, "no"),
    world_key("Bandwidth", "LimitKbps", either, "unlimited"),
    world_key("Bandwidth", "From", either, "8"),
    world_key("Bandwidth", "To", either, "17"),
    world_key("Bandwidth", "LimitOutsideKbps", either, "unlimited"),
    world_key("Bandwidth", "IgnoreLimitsOnLan", either, "no"),
    world_key("Bandwidth.Work", "Days", either),
    world_key("Bandwidth.Work", "Hours", either),
    world_key("Bandwidth.Work", "HighKbps", either),
    world_key("Bandwidth.Work", "NormalKbps", either),
    world_key("Bandwidth.Work", "LowKbps", either),
    world_key("Bandwidth.NonWork", "HighKbps", either),
    world_key("Bandwidth.NonWork", "NormalKbps", either),
    world_key("Bandwidth.NonWork", "LowKbps", either),
    world_key("Bandwidth.Maintenance", "Days", either),
    world_key("Bandwidth.Maintenance", "Hours", either),
    world_key("Bandwidth.Maintenance", "HighKbps", either),
    world_key("Bandwidth.Maintenance", "NormalKbps", either),
    world_key("Bandwidth.Maintenance", "LowKbps", either),
    world_key("Budget", "Limit", either, "unlimited"),
    world_key("Budget", "LimitPerOwner", either, "unlimited"),
    world_key("Budget", "Period", either),
    world_key("Budget", "StartDay", either),
    world_key("Budget", "HoldForeground", either),
};

}  // namespace

std::span<const SettingsKey> settings_keys() { return table; }

const SettingsKey* find_key(std::string_view section, std::string_view name) {
  constexpr std::string_view budget = "Budget";
  if (section.starts_with("Budget.") && section.size() > budget.size() + 1) section = budget;
  const auto found = std::ranges::find_if(table, [&](const SettingsKey& one) {
    return one.section == section && one.name == name;
  });
  return found == table.end() ? nullptr : &*found;
}

}  // namespace backhaul::daemon
