// SPDX-License-Identifier: Apache-2.0
// Whether the path of the queue still leads to it. Each commit asks that (Database::has_moved); a service that commits
// nothing hears it from the kernel. Where a folder further above is renamed the next commit is the first to notice.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>

#include "adapters/sqlite/descriptor.h"
#include "base/log.h"
#include "base/result.h"
#include "loop/loop.h"

namespace backhaul::sqlite {

// What it is when it does not.
base::Error moved_away(const std::string& path);

class PlaceWatch {
 public:
  // The database is there. `gone` runs once, when it is there no more, after that was logged.
  PlaceWatch(loop::Loop& loop, std::string path, base::Log& log, std::function<void()> gone);
  bool is_there() const;

 private:
  void heard();
  bool concerns_us() const;

  const std::string path_;
  const std::string name_;  // in its folder
  base::Log& log_;
  std::function<void()> gone_;
  dev_t volume_ = 0;
  ino_t inode_ = 0;
  Descriptor changes_;  // inotify; without it only commits ask
  std::optional<loop::Io> changed_;
};

}  // namespace backhaul::sqlite
