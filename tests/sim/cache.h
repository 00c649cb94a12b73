// SPDX-License-Identifier: Apache-2.0
// The cache over the simulated disk: copies lie in a folder of their own, which nobody but the service writes to.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "ports/cache.h"
#include "tests/sim/disk.h"
#include "tests/sim/stage.h"

namespace backhaul::sim {

class SimCache final : public ports::Cache {
 public:
  SimCache(Stage& stage, Disk& disk);

  void look(std::vector<ports::KnownCopy> known) override;
  void make(ports::CopyOrder order) override;
  void remove(base::RecordId id) override;

  void service_died() { making_.clear(); }
  static std::string path_of(const base::RecordId& id) { return "/cache/" + base::to_hex(id); }

  std::uint64_t volume = 1'000'000;  // octets of its file system
  std::uint64_t made = 0;            // copies
  Microseconds looking{};            // so much longer it takes to look at the folder

 private:
  InodeRef part_of(const ports::CopyOrder& order) const;
  void copy(const ports::CopyOrder& order);
  void end(const ports::CopyOrder& order, std::optional<base::Error> error);

  Stage& stage_;
  Disk& disk_;
  std::set<base::RecordId> making_;  // that are still wanted
};

}  // namespace backhaul::sim
