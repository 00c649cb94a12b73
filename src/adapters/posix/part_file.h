// SPDX-License-Identifier: Apache-2.0
// One part on disk, as the workers see it. It is never used by two threads at a time: its sink has
// at most one order under way. Whatever fails spoils the part for good (see PartOrder).
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "adapters/posix/access.h"
#include "adapters/posix/buffers.h"
#include "adapters/posix/computation.h"
#include "adapters/posix/descriptor.h"
#include "adapters/posix/directory.h"
#include "adapters/posix/part_writer.h"
#include "core/digest.h"
#include "core/extents.h"
#include "ports/files.h"

namespace backhaul::posix {

class PartFile {
 public:
  struct Opened {
    core::Extents stored{};
    bool part_lost = false;
    ports::HeldSample held{};
  };
  PartFile(WriteRules rules, std::shared_ptr<Access> access) : access_(std::move(access)), writer_(rules) {}

  base::Result<Opened> open(Directories& directories, const ports::OpenPart& request);
  // A new, empty part of another epoch takes the place of this one, which stays where it is.
  base::Result<void> restart(const ports::OpenPart& request, std::uint32_t epoch, bool beside);
  base::Result<void> write(std::span<const Buffer> buffers);  // each at its place
  base::Result<void> take_over(const ports::CopiedRights& rights);
  base::Result<void> begin_write_back() { return writer_.begin_write_back(); }
  // The data; then tail() is that of written(). `last`: nothing is written any more, and last_write() is known.
  // `final`: it is whole as well, and what is to be in place is so.
  base::Result<void> sync(bool last, bool final);
  // Nothing was written since the last sync and nothing will be: last_write() is known.
  base::Result<void> leave();
  // Is there room for the rest of a file of this size?
  base::Result<void> check_room(std::uint64_t size) const;
  void close() { fd_.reset(); }
  // Reads the whole part again, which may be closed. E_ABORT after stop_digest(), in any thread.
  struct Digests {
    std::vector<core::Digest> whole;
    std::string pieces;  // core::Pieces::hex
    std::string forged;  // as in ports::PartDigested
  };
  base::Result<Digests> digest(const ports::DigestOrder& order) const;
  void stop_digest() { digest_stopped_ = true; }

  const core::Extents& written() const { return written_; }
  std::uint64_t device() const { return directory_->volume(); }
  std::uint64_t mount() const { return directory_->mount(); }
  std::uint64_t inode() const { return inode_; }
  std::uint64_t tail() const { return tail_; }
  std::uint32_t last_write() const { return last_write_; }  // its mark; 0 where nobody can say
  // Once it is whole: the SHA-256 of its bytes as they came, in hex. Empty: it was not to be taken, or they did not
  // come one behind the other since it was begun.
  const std::string& received() const { return received_; }
  // The directory, as long as it does not know this part durably.
  const std::shared_ptr<Directory>& directory() const { return directory_; }
  bool needs_directory_sync() const { return needs_directory_sync_; }
  void directory_synced() { needs_directory_sync_ = false; }

 private:
  base::Result<bool> open_recorded(const ports::OpenPart& request);
  base::Result<std::string> read(std::uint64_t from, std::uint64_t length);
  base::Result<ports::HeldSample> sample(const core::Extents& stored);
  base::Result<void> create(const ports::OpenPart& request);
  base::Result<void> take_place();
  void begin(const ports::OpenPart& request, core::Extents held);
  void take_digest(std::span<const Buffer> run);
  base::Result<void> check_ours();
  void note_ours();
  std::uint32_t mark_of_ours() const;

  const std::shared_ptr<Access> access_;  // of its owner
  PartWriter writer_;
  std::shared_ptr<Directory> directory_;
  std::string name_;  // in the directory
  std::string place_;  // the name that it takes by itself; empty: it has it, or Complete gives it
  bool takes_place_whole_ = false;  // and not with its first byte
  Descriptor fd_;
  std::uint64_t inode_ = 0;
  std::optional<base::WallTime> our_write_;  // the last time that it was written to, by us; unset: nobody can say
  core::Extents written_;  // what was held and what was written
  std::uint64_t tail_ = 0;
  std::uint32_t last_write_ = 0;
  std::optional<Computation> receiving_;  // of all of written()
  std::string received_;
  bool rights_changed_ = false;  // since the last sync
  bool needs_directory_sync_ = true;
  std::atomic<bool> digest_stopped_ = false;
};

// What a worker does for one part in one go, and how it went.
struct PartOrder {
  PartFile* file = nullptr;
  const ports::OpenPart* request = nullptr;
  std::uint32_t epoch = 0;
  bool restart = false;  // begin `epoch` first
  bool beside = false;   // … beside what is held
  std::vector<Buffer> buffers;
  std::optional<std::uint64_t> room_for;  // look first whether there is, for a file of this size
  std::optional<ports::CopiedRights> rights;  // taken over before the sync
  bool sync = false;
  bool final = false;  // the sync makes the whole file durable
  bool close = false;
  bool leave = false;  // closed without anything to sync
  ports::DigestOrder digest;  // alone in its order

  PartFile::Digests digests;
  std::optional<base::Error> error;
};

// Groups of small parts share the cost of their syncs: all are written, then all synced, then each
// directory once. An error stops the order it belongs to, not the others.
void carry_out(std::span<PartOrder> orders);

}  // namespace backhaul::posix
