// SPDX-License-Identifier: Apache-2.0
// What the clients were promised, kept by the clients themselves: every answered call holds, also
// over a crash; every event that was due is told or still due; what was acknowledged is not told
// again. A call without an answer may or may not have happened.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/sim/world.h"

namespace backhaul::sim {

class Ledger {
 public:
  explicit Ledger(World& world);

  void asked(const Call& call);
  void answered(const Call& call);
  void service_died();
  void power_cut() { refused_.clear(); }
  // From now on nothing can be written to the directory of all files, or again.
  void close_directory(bool closed) {
    closed_since_ = closed ? std::optional(world_.stage.timeline.now()) : std::nullopt;
  }
  // The service may give up jobs to which nothing happens.
  bool jobs_expire = false;
  // Holds the rows against everything promised so far.
  void check_rows();
  // Jobs that were promised and not given back.
  const std::map<base::JobId, std::uint32_t>& owners() const { return owners_; }

 private:
  enum class Property : std::uint8_t {
    name, description, priority, flags, retry_delay, no_progress, maximum_time, interval, service,
    command, object, owner, moving,
  };
  struct Wish {
    base::CallId call{};
    std::string value;
    bool promised = false;
  };
  struct Account {
    std::map<Property, std::vector<Wish>> wishes;  // in the order of asking
    std::uint32_t files_promised = 0;
    std::uint32_t files_asked = 0;
    bool ending_asked = false;     // somebody said Complete or Cancel
    bool ending_promised = false;  // and was told that it happened
    bool completes_itself = false;
    bool suspends_itself = false;  // it was on demand once: what was asked for may be here
    std::optional<Microseconds> made;  // when its creation was answered, as the service had run
  };

  void wish(const base::JobId& job, Property property, base::CallId call, std::string value);
  void wish_all(const base::JobId& job, base::CallId call, const ports::JobChange& change);
  void settle(Account& account, base::CallId call, bool accepted);
  bool is_open(base::CallId call) const;
  void check_job(const base::JobId& id, const Account& account);
  std::optional<std::string> value(const core::Job& job, Property property) const;

  void row_changed(const SimStore::Row* before, const SimStore::Row* after);
  void row_removed(const SimStore::Row& row);
  void check_directory(const Call& call) const;
  void check_registration(const core::Job& was, const core::Job& is);
  void check_given_up(const core::Job& was, const core::Job& is);
  void about_to_tell(const ports::Notification& notification);
  void acknowledged(const Delivered& delivered);
  bool is_superseded(const Delivered& delivered) const;
  void refused(const Delivered& delivered);

  using Event = std::pair<base::JobId, std::uint64_t>;

  World& world_;
  std::map<base::JobId, Account> accounts_;
  std::map<base::JobId, std::uint32_t> owners_;
  std::set<Event> acknowledged_;         // ever
  std::set<Event> surely_acknowledged_;  // since the service lives
  // Who refused last, and when; nothing that makes another attempt right happened since.
  std::map<Event, std::pair<std::string, Microseconds>> refused_;
  std::optional<Microseconds> closed_since_;
};

}  // namespace backhaul::sim
