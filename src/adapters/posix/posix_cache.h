// SPDX-License-Identifier: Apache-2.0
// ports::Cache in a folder of the service's own. The promises stand in the port; the work is in cache_copy.h.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "adapters/posix/access.h"
#include "adapters/posix/directory.h"
#include "adapters/posix/mount_threads.h"
#include "loop/loop.h"
#include "ports/cache.h"
#include "ports/events.h"

namespace backhaul::posix {

class PosixCache final : public ports::Cache {
 public:
  PosixCache(loop::Loop& loop, ports::Inbox& inbox, Owners& owners, std::string folder);
  ~PosixCache() override;

  void look(std::vector<ports::KnownCopy> known) override;
  void make(ports::CopyOrder order) override;
  void remove(base::RecordId id) override;

 private:
  using Stopped = std::shared_ptr<std::atomic<bool>>;
  void made(base::RecordId id, const Stopped& stopped, base::Result<void> result);

  ports::Inbox& inbox_;
  Owners& owners_;
  const std::string folder_;
  Directories directories_;
  std::unordered_map<base::RecordId, Stopped> making_;
  MountThreads threads_;  // last: its threads end before what they work on
};

}  // namespace backhaul::posix
