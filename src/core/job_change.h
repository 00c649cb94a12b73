// SPDX-License-Identifier: Apache-2.0
// What the owner of a job may set, and the judgement of it: the one place that says which values are
// good, which are brought into range, and when it is too late for one (jobs.md §4, §9, §11).
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/setting_kind.h"
#include "core/job.h"

namespace backhaul::core {

// As somebody asked for it: nothing is judged yet. What is unset stays as it is.
struct JobChange {
#define BACKHAUL_JOB_SETTING(member, kind, Property, key, first, when, changes, bits, since, help) \
  std::optional<base::setting_kind::kind::raw> member;
#include "backhaul/job_settings.def"
  struct Proxy {
    std::uint32_t usage = 0;
    std::string list, bypass;
  };
  std::optional<Proxy> proxy;
  std::optional<ClassRegistration> notify_class;  // empty name: clear
  std::optional<CommandRegistration> command;  // both empty: clear; who set it is the engine's to say
  bool usual_download_time = false;  // maximum_download_time becomes what new jobs have: that is the policy's to say
};

// The job with everything of it set but `service` and `command`; those are judged as well.
base::Result<Job> change_settings(Job job, const JobChange& change);

// Its files are more than it may fetch (jobs.md §11): what their servers told together, or what came of
// those that tell nothing. On demand no more of them is fetched than is asked for.
inline bool is_over_size(const Job& job) {
  const std::uint64_t known = job.rare->on_demand_mode ? 0 : job.files.bytes_known;
  return std::max(known, job.files.bytes_stored) > job.rare->maximum_download_size;
}

// Which settings are not equal, by the group that a change of them is announced under.
struct SettingsDiffer {
  bool settings = false;
  bool notify = false;
};
SettingsDiffer settings_differ(const Job& a, const Job& b);

}  // namespace backhaul::core
