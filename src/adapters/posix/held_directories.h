// SPDX-License-Identifier: Apache-2.0
// Directories that one account handed over as descriptors, kept open so that they stay what they are: renamed, or out
// of reach of any path. The last ones of each account only; another one, and each after a restart, is found by its
// path, if that still leads to the same. Any thread.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "adapters/posix/access.h"
#include "adapters/posix/descriptor.h"
#include "base/result.h"
#include "core/admission.h"
#include "core/held_directory.h"

namespace backhaul::posix {

inline constexpr std::size_t held_directories_max = 64;  // of one account

class HeldDirectories {
 public:
  // The longest unused ones make room.
  void hold(const core::HeldDirectory& which, Descriptor directory);
  // Null: it is not kept.
  std::shared_ptr<const Descriptor> find(const core::HeldDirectory& which);

 private:
  using Held = std::pair<core::HeldDirectory, std::shared_ptr<const Descriptor>>;

  std::mutex mutex_;
  std::deque<Held> held_;  // the last one used is the last
};

// Keeps a copy of a descriptor that somebody handed over: where it lies as far as can be told from here, and what
// stands for it in a row. Waits for no file system. E_INVALIDARG: it is no directory, or one that was deleted.
base::Result<core::Placed> hold_directory(HeldDirectories& held, int directory);
// As its owner, by `access`; moved_away: its path leads to another one, or nowhere.
Tried<Descriptor> open_held(Access& access, const core::HeldDirectory& which, const std::string& path);

}  // namespace backhaul::posix
