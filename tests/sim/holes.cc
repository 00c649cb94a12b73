// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/holes.h"

#include "core/part.h"

namespace backhaul::sim {

bool punch_hole(World& world, const base::JobId& job, std::uint32_t index, core::Extent hole) {
  BH_ASSERT(!world.running());
  SimStore::Row& row = world.store.edit(job);
  core::File& file = row.files.at(index);
  const InodeRef inode =
      world.disk.find(core::place_of_part(row.job, file));
  const core::PartRecord recorded = core::recorded_part(file);
  if (inode == nullptr ||
      core::compare_part(recorded, facts_of(*inode, world.disk.mount, recorded.stored)) !=
          core::PartVerdict::whole)
    return false;
  core::count(row.job.files, file, false);
  file.stored.remove(hole);
  file.tail = inode->cache.tail(file.stored);
  file.last_write = 0;  // as where the service gives up some of it
  core::count(row.job.files, file);
  return true;
}

void punch_some_holes(World& world, base::Prng& prng) {
  for (const auto& [id, row] : world.store.rows()) {
    if (row.job.intent != core::Intent::none || base::is_final(row.job.state)) continue;
    for (const auto& [index, file] : row.files) {
      if (file.state != core::FileState::waiting || file.stored.empty() || prng.chance(500)) continue;
      const std::uint64_t begin = prng.below(file.stored.end());
      const std::uint64_t end = begin + 1 + prng.below(file.stored.end() - begin);
      if (punch_hole(world, id, index, {begin, end}))
        world.stage.note("a hole in " + file.local + ": " + std::to_string(begin) + "-" +
                         std::to_string(end));
    }
  }
}

}  // namespace backhaul::sim
