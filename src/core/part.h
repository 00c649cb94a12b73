// SPDX-License-Identifier: Apache-2.0
// Is what lies in the place of a part what was received? Asked before a part is continued and before
// it is published: parts lie where others can delete, replace or cut them (files.md §3).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/fnv.h"
#include "base/time.h"
#include "core/extents.h"
#include "core/job.h"

namespace backhaul::core {

// How many of the last bytes of what is recorded are remembered, as a digest.
inline constexpr std::uint64_t tail_length = 64 * 1024;

// Whoever wants to deceive it may as well change the file once it is published.
class TailDigest {
 public:
  void add(std::span<const std::byte> bytes) { digest_.add(bytes); }
  std::uint64_t value() const { return std::max<std::uint64_t>(digest_.value(), 1); }  // 0: none was taken

 private:
  base::Fnv1a digest_;
};

// The moment of the last write to a part, as its file system tells it, in as little room as tells two apart. Never 0.
std::uint32_t mark_of_write(base::WallTime modified);

// Numbers of files are told apart by the mount they were read in: vfat and FUSE give them out anew
// with every mount. Mount 0: there they mean nothing for long. So do the numbers of volumes: NFS, FUSE and
// what hangs on a USB port get another one when they come back, and the bytes of the part are then what tells.
struct PartRecord {
  std::uint64_t volume = 0;
  std::uint64_t mount = 0;
  std::uint64_t inode = 0;
  Extents stored;          // durable bytes
  std::uint64_t tail = 0;  // digest of tail_extent(stored); 0: unknown
  // Its mark, of a part that nobody writes to: it is whole, or was closed in order. 0: unknown, or it was open when
  // the service ended, and then bytes may be in it that no record knows.
  std::uint32_t last_write = 0;
};
struct PartFacts {
  std::uint64_t volume = 0;
  std::uint64_t mount = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;  // length of the file
  std::uint64_t tail = 0;  // of the same bytes as the recorded one; 0: unknown
  base::WallTime modified{};
};

enum class PartVerdict : std::uint8_t {
  whole,
  longer,        // whole, with something behind it: may be continued after a trim
  other_volume,  // the directory leads elsewhere and has no such part: it may be where it was
  cut_short,
  replaced,  // another file
  changed,   // other bytes
};

// The bytes that the digest is of: the end of the last extent. What lies in a gap is nobody's business:
// a write that no record knows may have left anything there.
Extent tail_extent(const Extents& stored);

// Where it lies: under its own name beside the local one, or in the place of that one from the first byte on
// (jobs.md §11).
bool lies_in_place(const Job& job);
std::string place_of_part(const Job& job, const File& file);

PartRecord recorded_part(const File& file);
// `published`: the time that publishing gives it, which a crash may have left it with.
PartVerdict compare_part(const PartRecord& recorded, const PartFacts& found,
                         const std::optional<base::WallTime>& published = {});

// Does the file under the local name come from this part: was it published before a crash? Where its
// number cannot tell, the time that publishing gives it must fit too: an earlier version of the file
// may have the same size and the same end.
bool is_published_part(const PartRecord& recorded, const PartFacts& found,
                       const std::optional<base::WallTime>& published);

}  // namespace backhaul::core
