// SPDX-License-Identifier: Apache-2.0
// The fixed names on the bus, and the two ways between an identity and its object path. Written
// once, so that the service and its clients cannot disagree.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"

namespace backhaul::bus {

inline constexpr char service_name[] = "org.backhaul.Backhaul1";
// Who speaks on the session bus of a user for the service of the machine: calls classes, and has no objects.
inline constexpr char messenger_name[] = "org.backhaul.Messenger1";
inline constexpr char root_path[] = "/org/backhaul/Backhaul1";
inline constexpr char jobs_path[] = "/org/backhaul/Backhaul1/job";
inline constexpr char peers_path[] = "/org/backhaul/Backhaul1/peers";
inline constexpr char class_path[] = "/org/backhaul/clsid";
inline constexpr char swarm_name[] = "org.backhaul.Swarm1";
inline constexpr char swarm_path[] = "/org/backhaul/Swarm1";

// Where programs ask for leave to download by themselves: names of Mogwai, which they were written for.
inline constexpr char scheduler_name[] = "com.endlessm.MogwaiSchedule1";
inline constexpr char scheduler_path[] = "/com/endlessm/DownloadManager1";
inline constexpr char schedule_entries_path[] = "/com/endlessm/DownloadManager1/entry";
inline constexpr char scheduler_interface[] = "com.endlessm.DownloadManager1.Scheduler";
inline constexpr char schedule_entry_interface[] = "com.endlessm.DownloadManager1.ScheduleEntry";

inline constexpr char manager_interface[] = "org.backhaul.Manager1";
inline constexpr char peers_interface[] = "org.backhaul.Peers1";
inline constexpr char swarm_interface[] = "org.backhaul.Swarm1";
inline constexpr char job_interface[] = "org.backhaul.Job1";
inline constexpr char file_interface[] = "org.backhaul.File1";
inline constexpr char callback_interface[] = "org.backhaul.Callback1";
inline constexpr char certificate_validator_interface[] = "org.backhaul.CertificateValidator1";
inline constexpr char class_factory_interface[] = "org.backhaul.ClassFactory1";
inline constexpr char directory_interface[] = "org.backhaul.Directory1";
inline constexpr char secret_interface[] = "org.backhaul.Secret1";

inline constexpr char daemon_name[] = "org.freedesktop.DBus";
inline constexpr char daemon_path[] = "/org/freedesktop/DBus";
inline constexpr char daemon_interface[] = "org.freedesktop.DBus";
inline constexpr char properties_interface[] = "org.freedesktop.DBus.Properties";
inline constexpr char object_manager_interface[] = "org.freedesktop.DBus.ObjectManager";

inline constexpr char error_prefix[] = "org.backhaul.Error.";
inline constexpr char class_name_prefix[] = "org.backhaul.clsid.g";

struct FileRef {
  base::JobId job;
  std::uint32_t index = 0;
  bool operator==(const FileRef&) const = default;
};

std::string job_path(const base::JobId& id);
std::string file_path(const base::JobId& id, std::uint32_t index);
// Only the one spelling that job_path and file_path write is a path of ours.
std::optional<base::JobId> parse_job_path(std::string_view path);
std::optional<FileRef> parse_file_path(std::string_view path);

// The bus name of a CLSID, given in any of its usual spellings: an element must not begin with a
// digit and dashes are unwelcome, hence org.backhaul.clsid.g<32 lower-case hex digits>.
std::optional<std::string> class_bus_name(std::string_view clsid);
bool is_class_bus_name(std::string_view name);
// 8c1b7e52-6a0d-4c3f-9e77-51d2a4b0c6f9 of such a name.
std::optional<std::string> clsid_of_bus_name(std::string_view name);

// A well-known bus name as the D-Bus specification defines it.
bool is_valid_bus_name(std::string_view name);

}  // namespace backhaul::bus
