// SPDX-License-Identifier: Apache-2.0
// The log front. base, core and ports never log; the engine and the adapters hand lines to a Log
// that main made. A failure is logged once, where it is handled.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"

namespace backhaul::base {

enum class LogLevel : std::uint8_t { error = 3, warning = 4, notice = 5, info = 6, debug = 7 };

class Log {
 public:
  virtual ~Log() = default;
  // `job` becomes the journal field BACKHAUL_JOB. Thread safe.
  virtual void write(LogLevel level, std::string_view text, std::optional<JobId> job = {}) = 0;
  virtual bool enabled(LogLevel level) const = 0;
};

class NullLog final : public Log {
 public:
  void write(LogLevel, std::string_view, std::optional<JobId>) override {}
  bool enabled(LogLevel) const override { return false; }
};

}  // namespace backhaul::base
