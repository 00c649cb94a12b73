// SPDX-License-Identifier: Apache-2.0
// How much anybody may have of a queue, who is exempt from that, and which programs jobs may run: what an
// administrator lays down in numbers and lists (policies.md §1, §7). Pure.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "core/account.h"
#include "core/rule.h"
#include "core/schedule.h"

namespace backhaul::core {

struct Limits {
  Rule<std::uint32_t> jobs_per_machine{.value = 100'000};
  Rule<std::uint32_t> jobs_per_user{.value = 100'000};
  Rule<std::uint32_t> jobs_per_application{.value = 50'000};  // of one user; see core::Creator
  Rule<std::uint32_t> files_per_job{.value = 100'000};
  Rule<std::uint32_t> ranges_per_file{.value = 500};
  Rule<std::uint64_t> octets_per_user{.value = std::uint64_t{256} << 20};  // of rows (core/weight.h)
  std::set<std::string, std::less<>> exempt_applications{};  // by their names, of that limit alone
  std::set<std::uint32_t> exempt_users{};                    // beside root, of all six
  std::set<std::string, std::less<>> exempt_names{};         // likewise, by the names of accounts
  Rule<std::uint32_t> foreground_jobs{.value = 32};          // run at once; more wait for their turn
  Rule<std::uint32_t> connections_per_server{.value = core::connections_per_server};
  Rule<base::Microseconds> slice{.value = slice_length};
  Rule<base::Microseconds> inactivity_timeout{.value = std::chrono::hours(24) * 90};
  Rule<base::Microseconds> maximum_download_time{.value = std::chrono::hours(24) * 90};  // of jobs that say nothing else

  std::chrono::seconds usual_download_time() const {
    return std::chrono::duration_cast<std::chrono::seconds>(maximum_download_time.value);
  }
  // Neither bound by the limits nor counted in that of the machine. No other account is, whatever it does.
  bool exempts(const Account& account) const {
    return account.uid == 0 || exempt_users.contains(account.uid) ||
           (!account.name.empty() && exempt_names.contains(plain_name(account.name)));
  }
  bool operator==(const Limits&) const = default;
};

// "(MaxJobsPerUser, FILE:LINE)": the key that says so, and its line where somebody wrote one.
std::string by_rule(std::string_view key, std::string_view where);

// Which programs the notify commands of jobs may be.
struct CommandRules {
  Rule<bool> run{.value = true};  // false: none
  // The machine's and the user's: both hold. Without a line every program is allowed.
  std::array<Rule<std::vector<std::string>>, 2> listed{};

  bool operator==(const CommandRules&) const = default;
};

bool may_run(const CommandRules& rules, std::string_view program);

}  // namespace backhaul::core
