// SPDX-License-Identifier: Apache-2.0
#include "core/part.h"

#include <algorithm>
#include <chrono>

#include "core/part_name.h"

namespace backhaul::core {
namespace {

// Times of files: vfat counts in steps of two seconds.
constexpr base::Microseconds time_step = std::chrono::seconds(2);

bool in_one_mount(const PartRecord& recorded, const PartFacts& found) {
  return recorded.mount != 0 && recorded.mount == found.mount;
}

bool has_time(const PartFacts& found, const std::optional<base::WallTime>& time) {
  return time && found.modified >= *time - time_step && found.modified <= *time + time_step;
}

// Bytes anywhere in it, or another file that got its number: whoever writes changes the time.
bool was_written(const PartRecord& recorded, const PartFacts& found,
                 const std::optional<base::WallTime>& published) {
  return in_one_mount(recorded, found) && recorded.last_write != 0 &&
         mark_of_write(found.modified) != recorded.last_write && !has_time(found, published);
}

}  // namespace

std::uint32_t mark_of_write(base::WallTime modified) {
  base::Fnv1a digest;
  const std::int64_t time = modified.time_since_epoch().count();
  digest.add(std::as_bytes(std::span(&time, 1)));
  return std::max(static_cast<std::uint32_t>(digest.value() >> 32), std::uint32_t{1});
}

Extent tail_extent(const Extents& stored) {
  const Extent last = stored.last();
  return {last.end - std::min(last.length(), tail_length), last.end};
}

bool lies_in_place(const Job& job) { return job.rare->high_performance; }

std::string place_of_part(const Job& job, const File& file) {
  if (lies_in_place(job)) return std::string(file.local);
  return part_path(file.local, file.job, file.index, file.epoch);
}

PartRecord recorded_part(const File& file) {
  return {.volume = file.device,
          .mount = file.mount,
          .inode = file.inode,
          .stored = file.stored,
          .tail = file.tail,
          .last_write = file.last_write};
}

PartVerdict compare_part(const PartRecord& recorded, const PartFacts& found,
                         const std::optional<base::WallTime>& published) {
  const std::uint64_t size = recorded.stored.end();
  const bool same_end = recorded.tail != 0 && recorded.tail == found.tail && found.size >= size;
  if (recorded.volume != found.volume) {
    if (size > 0 && !same_end) return PartVerdict::other_volume;
    return found.size > size ? PartVerdict::longer : PartVerdict::whole;
  }
  if (found.size < size) return PartVerdict::cut_short;
  // Without a digest the number is all there is.
  const bool number_counts = in_one_mount(recorded, found) || recorded.tail == 0;
  if (number_counts && recorded.inode != found.inode) return PartVerdict::replaced;
  if (recorded.tail != 0 && recorded.tail != found.tail) return PartVerdict::changed;
  if (was_written(recorded, found, published)) return PartVerdict::changed;
  return found.size > size ? PartVerdict::longer : PartVerdict::whole;
}

bool is_published_part(const PartRecord& recorded, const PartFacts& found,
                       const std::optional<base::WallTime>& published) {
  PartRecord known = recorded;
  known.last_write = 0;  // it may be somebody's since
  if (compare_part(known, found) != PartVerdict::whole) return false;
  return recorded.inode == found.inode || !published || has_time(found, published);
}

}  // namespace backhaul::core
