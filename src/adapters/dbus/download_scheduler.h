// SPDX-License-Identifier: Apache-2.0
// The interface of Mogwai: programs that download by themselves register an entry for each download and go on while its
// DownloadNow is true. Who may is a rule of core/leave, by what the queue says. An entry is its maker's alone, nothing
// of it is kept over the end of either side, and each account has so many of them at most.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "adapters/dbus/requests.h"
#include "bus/bus.h"
#include "bus/scheduler_wire.h"
#include "core/leave.h"

namespace backhaul::dbus {

class DownloadScheduler {
 public:
  explicit DownloadScheduler(Service& service) : service_(service) {}
  DownloadScheduler(const DownloadScheduler&) = delete;
  DownloadScheduler& operator=(const DownloadScheduler&) = delete;

  base::Result<void> publish();
  void give_leave(const core::Leave& leave);
  void peer_gone(const std::string& unique_name);
  // There are entries, or somebody wants it to stay.
  bool is_needed() const { return !entries_.empty() || !holds_.empty(); }

 private:
  struct Entry {
    std::string maker;  // unique name
    std::uint32_t uid = 0;
    bus::ScheduleEntryProperties values{};
  };
  using Entries = std::map<std::uint64_t, Entry>;
  using Path = bus::ObjectPath;
  static constexpr std::size_t most_entries = 1024;
  static constexpr std::size_t most_of_account = 256;

  void schedule(bus::Reply<Path> reply, bus::WantedDownload wanted);
  void schedule_entries(bus::Reply<std::vector<Path>> reply, std::vector<bus::WantedDownload> wanted);
  void hold(bus::Reply<> reply, std::string reason);
  void release(bus::Reply<> reply);
  void remove(bus::Reply<> reply);

  bool on_properties_call(const bus::Message& call);
  bool get(const bus::Message& call);
  bool get_all(const bus::Message& call);
  bool set(const bus::Message& call);

  // Adds them; unset: there is no room for all.
  std::optional<std::vector<Path>> add(const std::vector<bus::WantedDownload>& wanted, const std::string& maker,
                                       std::uint32_t uid);
  // Of whoever calls; null: there is none, or it is somebody else's.
  Entry* called(const bus::Message& call);
  void evaluate();
  void tell(std::uint64_t number, const Entry& entry, const std::vector<std::string>& names);

  Service& service_;
  core::Leave leave_;
  std::uint64_t last_ = 0;
  Entries entries_;
  std::set<std::string> holds_;  // who wants it to stay
  bus::SchedulerProperties told_;
  bus::Slot scheduler_;
  bus::Slot of_entries_;
  bus::Slot properties_;
  bus::Slot properties_of_entries_;
};

}  // namespace backhaul::dbus
