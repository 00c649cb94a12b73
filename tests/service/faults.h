// SPDX-License-Identifier: Apache-2.0
// What can go wrong on demand. The test owns a folder (BACKHAUL_TEST_FAULTS); a fault is there as
// long as its file is:
//   crash-at     the process kills itself inside the next step of the job whose id is in the file,
//                but for the step that sets it aside
//   store-full   every commit fails with DISK_FULL
#pragma once

#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "base/result.h"
#include "loop/loop.h"
#include "ports/crash_page.h"
#include "ports/environment.h"
#include "ports/store.h"

namespace backhaul::test_service {

class Faults {
 public:
  explicit Faults(const char* folder) : folder_(folder != nullptr ? folder : "") {}
  // What is in the file of this fault; unset: there is none now.
  std::optional<std::string> find(const std::string& name) const {
    std::ifstream file(folder_ + "/" + name);
    std::string text;
    if (folder_.empty() || !file) return std::nullopt;
    std::getline(file, text);
    return text;
  }

 private:
  std::string folder_;
};

class FaultyPage final : public ports::CrashPage {
 public:
  FaultyPage(ports::CrashPage& real, const Faults& faults) : real_(real), faults_(faults) {}
  void begin(const base::JobId& job) override {
    real_.begin(job);
    if (!poisoned() && faults_.find("crash-at") == base::to_hex(job)) raise(SIGKILL);
  }
  void end() override { real_.end(); }
  std::optional<base::JobId> poisoned() const override { return real_.poisoned(); }

 private:
  ports::CrashPage& real_;
  const Faults& faults_;
};

class FaultyStore final : public ports::Store {
 public:
  FaultyStore(loop::Loop& loop, ports::Store& real, const Faults& faults)
      : real_(real), faults_(faults), poster_(loop) {}
  base::Result<ports::Snapshot> load() override { return real_.load(); }
  void commit(ports::Batch batch,
              std::move_only_function<void(base::Result<void>)> done) override {
    if (!faults_.find("store-full")) return real_.commit(std::move(batch), std::move(done));
    poster_.post([done = std::move(done)]() mutable {
      done(base::Error(base::Code::DISK_FULL, "the test says that the disk is full"));
    });
  }

 private:
  ports::Store& real_;
  const Faults& faults_;
  loop::Poster poster_;
};

// Runs `factor` times as fast as the real one from the moment it was made.
class ScaledClock final : public ports::Clock {
 public:
  ScaledClock(const ports::Clock& real, double factor)
      : real_(real), factor_(factor), start_(real.now()) {}
  base::Instant now() const override {
    const auto passed = scaled(real_.now().boot - start_.boot, factor_);
    return {start_.boot + passed, start_.wall + passed};
  }
  const std::string& boot_id() const override { return real_.boot_id(); }
  base::BootTime to_real(base::BootTime scaled_time) const {
    return start_.boot + scaled(scaled_time - start_.boot, 1 / factor_);
  }

 private:
  static base::Microseconds scaled(base::Microseconds time, double factor) {
    return base::Microseconds(
        static_cast<std::int64_t>(static_cast<double>(time.count()) * factor));
  }

  const ports::Clock& real_;
  const double factor_;
  const base::Instant start_;
};

}  // namespace backhaul::test_service
