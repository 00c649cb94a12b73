// SPDX-License-Identifier: Apache-2.0
// A log that only remembers, each line with its level in front.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "base/log.h"

namespace backhaul::test {

class RecordingLog final : public base::Log {
 public:
  void write(base::LogLevel level, std::string_view text, std::optional<base::JobId>) override {
    const std::scoped_lock lock(mutex_);
    lines_.push_back(std::to_string(static_cast<int>(level)) + " " + std::string(text));
  }
  bool enabled(base::LogLevel) const override { return true; }
  std::string text() const {
    const std::scoped_lock lock(mutex_);
    std::string all;
    for (const std::string& line : lines_) all += line + "\n";
    return all;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

}  // namespace backhaul::test
