// SPDX-License-Identifier: Apache-2.0
#include "core/job_change.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/cost.h"
#include "core/names.h"
#include "core/request_options.h"

namespace backhaul::core {
namespace {

using base::Code;
using base::Error;
using base::Result;

// A type for every setting, for which its judgement is found. One that has none takes every value.
namespace setting {
#define BACKHAUL_JOB_SETTING(member, kind, Property, key, first, when, changes, bits, since, help) \
  struct member : base::setting_kind::kind {};
#include "backhaul/job_settings.def"
}  // namespace setting

template <class Setting>
Result<typename Setting::kept> judge(Setting, const typename Setting::raw& value) {
  return base::keep<typename Setting::kept>(value);
}

Result<std::string> judge(setting::name, const std::string& value) {
  BH_CHECK(check_name(value));
  return value;
}

Result<std::string> judge(setting::description, const std::string& value) {
  BH_CHECK(check_description(value));
  return value;
}

Result<base::Priority> judge(setting::priority, std::uint32_t value) {
  if (value > 3)
    return Error(Code::E_NOTIMPL, "the priority is 0 to 3, not " + std::to_string(value));
  return static_cast<base::Priority>(value);
}

Result<std::uint32_t> judge(setting::notify_flags, std::uint32_t value) {
  if ((value & ~base::notify::all) != 0)
    return Error(Code::E_NOTIMPL, "unknown bits in the notify flags");  // N7
  return value;
}

Result<std::uint32_t> judge(setting::security_flags, std::uint32_t value) {
  return judge_security_flags(value);
}

Result<base::Method> judge(setting::http_method, const std::string& value) {
  return judge_method(value);
}

// A shorter one becomes that, without an error (jobs.md §9).
Result<base::Seconds> judge(setting::minimum_retry_delay, std::uint32_t value) {
  return std::max(base::Seconds(value), shortest_retry_delay);
}

Result<base::WallTime> judge(setting::needed_by, std::uint64_t value) {
  const auto latest = static_cast<std::uint64_t>(
      base::Microseconds(std::chrono::sys_days(std::chrono::year(10'000) / 1 / 1).time_since_epoch()).count());
  if (value >= latest)
    return Error(Code::E_INVALIDARG, "the moment at which the job is needed lies before 1970 or behind the year 9999");
  return base::keep<base::WallTime>(value);
}

// 0: what the policy says for its priority again (jobs.md §11, §12).
Result<std::uint32_t> judge(setting::cost_flags, std::uint32_t value) {
  if (value != 0 && !cost::is_mask(value))
    return Error(Code::E_INVALIDARG, "these cost flags name no state of a network, or have unknown bits");
  return value;
}

Result<std::uint64_t> judge(setting::maximum_download_size, std::uint64_t value) {
  if (value == 0)
    return Error(Code::BG_E_MAX_DOWNLOAD_SIZE_INVALID_VALUE, "the maximum size must be at least 1");
  return value;
}

Result<std::uint8_t> judge(setting::file_acl_flags, std::uint32_t value) {
  if ((value & ~acl::all) != 0) return Error(Code::E_INVALIDARG, "unknown bits in the ACL flags");
  return static_cast<std::uint8_t>(value);
}

Result<std::uint8_t> judge(setting::peer_caching_flags, std::uint32_t value) {
  constexpr std::uint32_t known = 0x7;  // from peers, to peers, no BranchCache
  if ((value & ~known) != 0)
    return Error(Code::E_INVALIDARG, "unknown bits in the peer caching flags");
  return static_cast<std::uint8_t>(value);
}

// When a setting may be set; the error names it.
namespace when {

struct any_time {
  static Result<void> check(const Job&, const char*) { return {}; }
};
struct before_files {
  static Result<void> check(const Job& job, const char* name) {
    if (job.files.total == 0) return {};
    return Error(Code::BG_E_READ_ONLY_PROPERTY_AFTER_ADDFILE,
                 std::string(name) + " cannot be set once the job has files");
  }
};
struct before_start {
  static Result<void> check(const Job& job, const char* name) {
    if (!job.started) return {};
    return Error(Code::BG_E_READ_ONLY_PROPERTY_AFTER_RESUME,
                 std::string(name) + " cannot be set once the job has been started");
  }
};

struct before_transferred {
  static Result<void> check(const Job& job, const char* name) {
    if (job.state != base::JobState::transferred) return {};
    return Error(Code::BG_E_INVALID_STATE,
                 std::string(name) + " cannot be set once all files are transferred");
  }
};

}  // namespace when

template <class Kept>
void put(Job& job, Kept Job::* member, Kept value) {
  job.*member = std::move(value);
}
template <class Kept>
void put(Job& job, Kept RareOfJob::* member, Kept value) {
  job.rare.set(member, std::move(value));
}

template <class When, class Setting>
Result<void> set(Job& job, auto member, const std::optional<typename Setting::raw>& value, const char* name) {
  if (!value) return {};
  BH_CHECK(When::check(job, name));
  BH_TRY(typename Setting::kept kept, judge(Setting(), *value));
  put(job, member, std::move(kept));
  return {};
}

// Dynamic content cannot be throttled or fetched in pieces (files.md §7, jobs.md §11). Whoever asks for
// it has the job in the foreground; it stays there.
Result<void> settle_dynamic_content(Job& job, const JobChange& change) {
  if (!job.rare->dynamic_content) return {};
  if (change.dynamic_content && !change.priority) job.priority = base::Priority::foreground;
  const char* clash = job.rare->on_demand_mode                               ? "OnDemandMode"
                      : job.files.ranged > 0                           ? "ranges of its files"
                      : job.priority != base::Priority::foreground ? "a priority but foreground"
                                                                       : nullptr;
  if (clash == nullptr) return {};
  return Error(Code::BG_E_UNSUPPORTED_JOB_CONFIGURATION,
               std::string("DynamicContent does not go with ") + clash);
}

Result<void> check_registrations(const JobChange& change) {
  if (change.notify_class && !change.notify_class->empty()) {
    BH_CHECK(check_bus_name(change.notify_class->name));
    BH_CHECK(check_object_path(change.notify_class->path));
  }
  if (change.command) BH_CHECK(check_command(change.command->program, change.command->parameters));
  return {};
}

// A job with another method is a foreground one (jobs.md §17), and its files come as wholes (§11).
Result<void> settle_http_method(Job& job, const JobChange& change) {
  if (job.rare->http_method.is_usual()) return {};
  const char* clash = job.rare->dynamic_content  ? "DynamicContent"
                      : job.rare->on_demand_mode ? "OnDemandMode"
                                                 : nullptr;
  if (clash != nullptr)
    return Error(Code::BG_E_NOT_SUPPORTED_WITH_CUSTOM_HTTP_METHOD,
                 std::string(clash) + " does not go with the method " + std::string(job.rare->http_method));
  if (job.priority == base::Priority::foreground) return {};
  if (change.priority)
    return Error(Code::BG_E_NOT_SUPPORTED_WITH_CUSTOM_HTTP_METHOD,
                 "a job with the method " + std::string(job.rare->http_method) + " is a foreground job");
  job.priority = base::Priority::foreground;
  return {};
}

}  // namespace

Result<Job> change_settings(Job job, const JobChange& change) {
  BH_CHECK(check_registrations(change));
#define BACKHAUL_JOB_SETTING(member, kind, Property, key, first, when_, changes, bits, since, help) \
  BH_CHECK((set<when::when_, setting::member>(job, &Job::member, change.member, #Property)));
#define BACKHAUL_RARE_JOB_SETTING(member, kind, Property, key, first, when_, changes, bits, since, help) \
  BH_CHECK((set<when::when_, setting::member>(job, &RareOfJob::member, change.member, #Property)));
#include "backhaul/job_settings.def"
  BH_CHECK(settle_http_method(job, change));
  if (change.proxy) {
    BH_TRY(ProxySettings proxy,
           judge_proxy(change.proxy->usage, change.proxy->list, change.proxy->bypass));
    job.rare.set(&RareOfJob::proxy, std::move(proxy));
  }
  BH_CHECK(settle_dynamic_content(job, change));
  return job;
}

SettingsDiffer settings_differ(const Job& a, const Job& b) {
  SettingsDiffer differ;
#define BACKHAUL_JOB_SETTING(member, kind, Property, key, first, when, changes, bits, since, help) \
  differ.changes = differ.changes || a.member != b.member;
#define BACKHAUL_RARE_JOB_SETTING(member, kind, Property, key, first, when, changes, bits, since, help) \
  differ.changes = differ.changes || a.rare->member != b.rare->member;
#include "backhaul/job_settings.def"
  differ.settings = differ.settings || a.rare->proxy != b.rare->proxy;
  return differ;
}

}  // namespace backhaul::core
