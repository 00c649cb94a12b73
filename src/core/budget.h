// SPDX-License-Identifier: Apache-2.0
// How many octets may come over a network in a period, and how many did. What was used is kept by the day of the
// calendar, so each day, and with it each period, is given once, whatever the clock on the wall does between, and
// another period or another start of it goes by the same figures. A budget that is used up pauses jobs and ends
// nothing.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "base/vocabulary.h"
#include "core/owner.h"

namespace backhaul::core {

using Day = std::chrono::sys_days;  // of the local calendar

enum class Period : std::uint8_t { day, week, month };

struct Budget {
  std::optional<std::uint64_t> limit;        // octets of all together; unset: as many as like
  std::optional<std::uint64_t> owner_limit;  // of each account and confined application
  Period period = Period::month;
  std::uint8_t first_weekday = 1;   // from Sunday (0) on
  std::uint8_t first_of_month = 1;  // 1 to 28, which every month has
  bool holds_foreground = false;    // somebody waits for those: they are counted, and paused only if that is said
  std::string where{};              // the line that says the limits

  bool none() const { return !limit && !owner_limit; }
  bool operator==(const Budget&) const = default;
};

// By what NetworkManager calls the connection, else by interface, with " via " and the gateway or without; empty:
// of each network that is not named.
using Budgets = std::map<std::string, Budget, std::less<>>;

// By which the machine reaches everything, as the kernel tells.
struct Route {
  std::string interface{};
  std::string gateway{};

  bool operator==(const Route&) const = default;
};

// Under which name its octets are kept.
std::string network_name(const std::string& connection, const Route& route);
// What it tells of the route.
Route route_of(const std::string& network_name);
// Null: there is none for it.
const Budget* budget_for(const Budgets& budgets, const std::string& connection, const Route& route);

// Octets that came, by network, day and owner.
class Ledger {
 public:
  using Owners = std::map<Owner, std::uint64_t>;
  using Days = std::map<Day, Owners>;

  void charge(const std::string& network, Day today, const Owner& owner, std::uint64_t octets);
  // As it was stored.
  void put(const std::string& network, Day day, const Owner& owner, std::uint64_t octets) {
    networks_[network][day][owner] = octets;
  }
  // The day that is charged. Where old days were dropped, one before all that are known was given long ago: it
  // is charged to the first of those.
  Day day_in_force(const std::string& network, Day today) const;
  std::uint64_t used(const std::string& network, Day from, Day end, const Owner* owner = nullptr) const;
  const std::map<std::string, Days>& networks() const { return networks_; }
  bool empty() const { return networks_.empty(); }
  bool operator==(const Ledger&) const = default;

  static constexpr std::size_t days_max = 100;
  static constexpr std::size_t networks_max = 64;

 private:
  std::map<std::string, Days> networks_;
};

// One entry of it; no octets: it is not there any more.
struct Usage {
  std::string network{};
  std::int32_t day = 0;  // since 1970-01-01
  Owner owner{};
  std::uint64_t octets = 0;

  bool operator==(const Usage&) const = default;
};
// What has to be stored so that `before` becomes `after`.
std::vector<Usage> difference(const Ledger& before, const Ledger& after);

// A budget at a moment.
struct BudgetStatus {
  std::string network{};
  Budget budget{};
  Day begin{}, end{};  // of the period; the end does not belong to it
  std::uint64_t used = 0;
  std::uint64_t owner_used = 0;
  bool in_use = false;            // it is the network of this moment
  base::WallTime since{}, until{};  // its begin and end by the clock on the wall
  base::WallTime runs_out{};      // at the rate that was asked for; epoch: not before the end

  // The least that is left of any limit; unset: there is none.
  std::optional<std::uint64_t> left() const;
  bool is_used_up() const { return left() == 0U; }
  bool operator==(const BudgetStatus&) const = default;
};

BudgetStatus status_of(const Budget& budget, const std::string& network, const Ledger& ledger, const Owner& owner,
                       base::WallTime now, std::chrono::seconds utc_offset);
// Until when it lasts: at this rate, or where nothing arrives at that of the period until now.
base::WallTime runs_out(const BudgetStatus& status, std::uint64_t rate, base::WallTime now);
// "12.0G of 20.0G are used in the month that ends with 2026-11-30".
std::string describe(const BudgetStatus& status);
std::string_view to_word(Period period);

}  // namespace backhaul::core
