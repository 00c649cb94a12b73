// SPDX-License-Identifier: Apache-2.0
// The small ports: clocks, ids, network state, crash page, log.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/log.h"
#include "ports/accounts.h"
#include "ports/crash_page.h"
#include "ports/environment.h"
#include "ports/machine.h"
#include "ports/sealer.h"
#include "tests/sim/stage.h"

namespace backhaul::sim {

// The boot clock starts anew with every boot; the wall clock may be set.
class SimClock final : public ports::Clock {
 public:
  explicit SimClock(Stage& stage) : stage_(stage) {}
  base::Instant now() const override {
    return {base::BootTime(stage_.timeline.now() - boot_began_),
            base::WallTime(std::chrono::seconds(1'800'000'000) + stage_.timeline.now() + set_)};
  }
  const std::string& boot_id() const override { return boot_id_; }

  void boot() {
    boot_began_ = stage_.timeline.now() - std::chrono::seconds(10);
    boot_id_ = "boot-" + std::to_string(++boots_);
  }
  void set_wall(Microseconds ahead) { set_ += ahead; }
  void set_wall_to(base::WallTime time) { set_ += time - now().wall; }
  // When a time of the boot clock comes, on the timeline.
  Microseconds on_timeline(base::BootTime time) const {
    return std::max(stage_.timeline.now(), time.time_since_epoch() + boot_began_);
  }

 private:
  Stage& stage_;
  Microseconds boot_began_ = -std::chrono::seconds(10);
  Microseconds set_{};
  int boots_ = 1;
  std::string boot_id_ = "boot-1";
};

class SimRandom final : public ports::Random {
 public:
  explicit SimRandom(std::uint64_t seed) : prng_(seed) {}
  base::JobId new_job_id() override {
    base::JobId id;
    for (auto& byte : id.bytes) byte = static_cast<std::uint8_t>(prng_.next());
    return id;
  }
  std::uint64_t draw() override { return prng_.next(); }

 private:
  base::Prng prng_;  // its own, so that ids do not depend on how many dice were thrown
};

// What is sealed says for which place, and is not what it was.
class SimSealer final : public ports::Sealer {
 public:
  base::Result<base::Text> seal(const core::SecretPlace& place, const base::Secret& value) override {
    if (lost_) return base::Error(base::Code::E_FAIL, "there is no key");
    return base::Text(place.text() + ":" + turned(value.reveal()));
  }
  base::Result<base::Secret> open(const core::SecretPlace& place, std::string_view sealed) override {
    const std::string begin = place.text() + ":";
    if (lost_ || !sealed.starts_with(begin)) return base::Error(base::Code::BG_E_DATABASE_CORRUPT);
    return base::Secret(turned(sealed.substr(begin.size())));
  }
  void lose_key() { lost_ = true; }

 private:
  static std::string turned(std::string_view text) { return {text.rbegin(), text.rend()}; }
  bool lost_ = false;
};

class SimEnvironment final : public ports::Environment {
 public:
  explicit SimEnvironment(Stage& stage) : stage_(stage) {}
  bool network_up() const override { return up_; }
  core::Route route() const override { return route_; }
  void set(core::Route route) {
    route_ = std::move(route);
    stage_.timeline.in_service(stage_.draw(stage_.options.call),
                               [this] { stage_.post(ports::RouteChanged{route_}); });
  }
  void set(bool up) {
    if (up == up_) return;
    up_ = up;
    stage_.note(up ? "network up" : "network down");
    stage_.timeline.in_service(stage_.draw(stage_.options.call),
                               [this] { stage_.post(ports::NetworkChanged{up_}); });
  }

 private:
  Stage& stage_;
  bool up_ = true;
  core::Route route_{.interface = "eth0", .gateway = {}};
};

class SimMachine final : public ports::Machine {
 public:
  explicit SimMachine(Stage& stage) : stage_(stage) {}
  std::optional<core::Surroundings> surroundings() const override { return around_; }
  void keep_awake(bool awake) override {
    if (awake == awake_) stage_.fail("the machine is told twice whether to stay awake");
    awake_ = awake;
  }
  void let_sleep() override {
    // Whoever changed his mind a moment ago was not heard yet.
    if (!around_.going_to_sleep && stage_.timeline.now() - changed_ > std::chrono::seconds(1))
      stage_.fail("the machine is let sleep, and wants none");
    ++let_sleep_;
  }

  void follow_local_time(bool follow) override {
    follows_local_time_ = follow;
  }
  std::optional<bool> follows_local_time() const { return follows_local_time_; }  // unset: nobody said

  void set(const core::Surroundings& around) {
    if (around == around_) return;
    around_ = around;
    changed_ = stage_.timeline.now();
    stage_.note("the machine changes");
    stage_.timeline.in_service(stage_.draw(stage_.options.call),
                               [this] { stage_.post(ports::SurroundingsChanged{around_}); });
  }
  // The process that asked for it is gone, and its inhibitors with it.
  void process_ended() { awake_ = false; }
  bool awake() const { return awake_; }
  int let_sleep_count() const { return let_sleep_; }
  const core::Surroundings& now() const { return around_; }
  Microseconds changed() const { return changed_; }

 private:
  Stage& stage_;
  core::Surroundings around_;
  Microseconds changed_{};
  bool awake_ = false;
  int let_sleep_ = 0;
  std::optional<bool> follows_local_time_;
};

// Accounts that somebody watches, and what became of them.
class SimAccounts final : public ports::Accounts {
 public:
  explicit SimAccounts(Stage& stage) : stage_(stage) {}
  bool watch(const core::Account& account) override {
    const bool known = !watched_.insert(account).second;
    if (!known) tell();
    return known;
  }
  void forget(const core::Account& account) override { watched_.erase(account); }
  bool watches(const core::Account& account) const { return watched_.contains(account); }
  void lose(const core::Account& account) {
    lost_[account] = *core::stray(account, {});
    tell();
  }
  void bring_back(const core::Account& account) {
    lost_.erase(account);
    tell();
  }
  void process_ended() { watched_.clear(); }

 private:
  void tell() {
    stage_.timeline.in_service(stage_.draw(stage_.options.call),
                               [this] { stage_.post(ports::AccountsChanged{lost_}); });
  }
  Stage& stage_;
  std::set<core::Account> watched_;
  core::StrayAccounts lost_;
};

// The page outlives the process, as the real one does.
class SimCrashPage final : public ports::CrashPage {
 public:
  explicit SimCrashPage(Stage& stage) : stage_(stage) {}
  void begin(const base::JobId& job) override {
    stepping_ = job;
    const bool bad_luck =
        !stage_.healed && stage_.options.dies_in_step != 0 &&
        stage_.prng.below(100'000) < stage_.options.dies_in_step;
    if (bad_luck || (deadly_ && *deadly_ == job)) throw Died{};
  }
  void end() override { stepping_.reset(); }
  std::optional<base::JobId> poisoned() const override { return poisoned_; }

  // Every step of this job is the service's last.
  void make_deadly(std::optional<base::JobId> job) { deadly_ = job; }
  // The process ended; a new one will ask.
  void process_ended() {
    poisoned_ = stepping_ && before_ == stepping_ ? stepping_ : std::nullopt;
    before_ = stepping_;
    stepping_.reset();
  }

 private:
  Stage& stage_;
  std::optional<base::JobId> stepping_;
  std::optional<base::JobId> before_;
  std::optional<base::JobId> poisoned_;
  std::optional<base::JobId> deadly_;
};

class RecordingLog final : public base::Log {
 public:
  explicit RecordingLog(Stage& stage) : stage_(stage) {}
  void write(base::LogLevel level, std::string_view text, std::optional<base::JobId>) override {
    if (level <= show_) stage_.note("log: " + std::string(text));
  }
  bool enabled(base::LogLevel) const override { return true; }
  void show(base::LogLevel level) { show_ = level; }

 private:
  Stage& stage_;
  base::LogLevel show_ = base::LogLevel{0};  // nothing
};

}  // namespace backhaul::sim
