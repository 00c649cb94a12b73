// SPDX-License-Identifier: Apache-2.0
// FileRangesTransferred: what has arrived of files that are read at random and was not told yet. Best
// effort as modifications are, one file a call, at most one on its way to one callee; what arrives
// meanwhile goes with the next. Of what was told before the service went down nothing is known: it is
// told again.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "core/job.h"

namespace backhaul::engine {

class RangeNews {
 public:
  base::BootTime not_before{};

  // What is stored of a file now; what was told of a part that was given up counts no more.
  void saw(const core::File& file) {
    core::Extents& told = told_[file.index];
    told = told.common(file.stored);
    if (file.stored.without(told).empty())
      due_.erase(file.index);
    else
      due_.insert(file.index);
  }
  void forget(std::uint32_t file) {
    told_.erase(file);
    due_.erase(file);
  }
  bool is_due() const { return !due_.empty(); }
  // Files take turns.
  std::uint32_t next_file() const {
    const auto next = due_.upper_bound(last_);
    return next == due_.end() ? *due_.begin() : *next;
  }
  // What is to be told of it; it counts as told.
  std::vector<core::Extent> tell(const core::File& file) {
    const core::Extents news = file.stored.without(told_[file.index]);
    told_[file.index] = file.stored;
    due_.erase(file.index);
    last_ = file.index;
    return news.list();
  }
  bool operator==(const RangeNews&) const = default;

 private:
  std::map<std::uint32_t, core::Extents> told_;
  std::set<std::uint32_t> due_;
  std::uint32_t last_ = UINT32_MAX;
};

}  // namespace backhaul::engine
