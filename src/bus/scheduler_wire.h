// SPDX-License-Identifier: Apache-2.0
// The values of the interfaces by which programs ask for leave to download (bus/com.endlessm.DownloadManager1.*.xml).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "bus/property_set.h"

namespace backhaul::bus {

struct WantedDownload {  // a{sv} of Schedule
  std::optional<std::uint32_t> priority;
  std::optional<bool> resumable;

  template <class Self, class Visit>
  static void visit(Self& s, Visit&& v) {
    v("priority", s.priority);
    v("resumable", s.resumable);
  }
};

struct SchedulerProperties {
  std::uint32_t entry_count = 0;
  std::uint32_t active_entry_count = 0;
  bool downloads_allowed = true;

  bool operator==(const SchedulerProperties&) const = default;
  static Emits emits(std::string_view) { return Emits::value; }
  template <class Self, class Visit>
  static void visit(Self& s, Visit&& v) {
    v("EntryCount", s.entry_count);
    v("ActiveEntryCount", s.active_entry_count);
    v("DownloadsAllowed", s.downloads_allowed);
  }
};

struct ScheduleEntryProperties {
  bool download_now = false;
  std::uint32_t priority = 0;
  bool resumable = false;

  static Emits emits(std::string_view) { return Emits::value; }
  template <class Self, class Visit>
  static void visit(Self& s, Visit&& v) {
    v("DownloadNow", s.download_now);
    v("Priority", s.priority);
    v("Resumable", s.resumable);
  }
};

struct WritableScheduleEntryProperties {
  std::optional<std::uint32_t> priority;
  std::optional<bool> resumable;

  template <class Self, class Visit>
  static void visit(Self& s, Visit&& v) {
    v("Priority", s.priority);
    v("Resumable", s.resumable);
  }
};

}  // namespace backhaul::bus
