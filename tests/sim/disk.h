// SPDX-License-Identifier: Apache-2.0
// A simulated disk: what is in the page cache and what would be left after a power cut are two
// things. Changes of names become durable in order, when their directory is synced (or by luck).
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/code.h"
#include "base/random.h"
#include "core/part.h"
#include "tests/sim/content.h"

namespace backhaul::sim {

struct Inode {
  std::uint64_t device = 0;
  std::uint64_t number = 0;
  Content cache;
  core::Extents durable;  // bytes of it that a power cut leaves
  base::WallTime modified{};  // another one after each write
};
using InodeRef = std::shared_ptr<Inode>;

// What a look at a file tells of it (core/part.h); what is recorded says which end matters.
core::PartFacts facts_of(const Inode& inode, std::uint64_t mount, const core::Extents& recorded);

struct Directory {
  std::uint64_t device = 1;
  bool writable = true;
  bool silent = false;  // whoever looks at it waits
};

class Disk {
 public:
  Disk() { directories["/d"] = {}; }

  std::map<std::string, Directory> directories;
  bool full = false;
  std::uint64_t mount = 1;  // all directories are in it
  bool renumbers = false;   // every mount numbers the files anew, as vfat and FUSE do

  Directory* directory_of(const std::string& path);
  std::optional<base::Code> shortage;  // nothing can be opened: the service is short, or it is locked

  InodeRef find(const std::string& path) const;
  InodeRef create(const std::string& path);
  void unlink(const std::string& path);
  void rename(const std::string& from, const std::string& to);
  void sync_directory(const std::string& directory);
  void sync(Inode& inode, const core::Extents& written);
  void touch(Inode& inode) { inode.modified = base::from_epoch_us(++writes_); }

  // Every file that has a name, now.
  const std::map<std::string, InodeRef>& names() const { return names_; }
  // The file of these numbers, if it has a name that a power cut would not take.
  InodeRef find_durable(std::uint64_t device, std::uint64_t number) const;
  InodeRef find_durable(const std::string& path) const;
  // The volume is taken away and put back.
  void remount();
  // Undurable changes of names survive up to some point in time; of undurable data any
  // part does, perhaps beside something that was never written. In words: what is gone.
  std::set<std::string_view> power_cut(base::Prng& prng);

 private:
  struct NameChange {
    std::string directory;
    std::string removed;  // empty: none
    std::string added;    // empty: none
    InodeRef inode;
  };
  void change(NameChange change);
  static void apply(const NameChange& change, std::map<std::string, InodeRef>& names);

  std::map<std::string, InodeRef> names_;
  std::map<std::string, InodeRef> durable_names_;
  std::deque<NameChange> changes_;
  std::uint64_t last_number_ = 10;
  std::uint64_t writes_ = 0;
  // Numbers of files that are gone are given out again, as real file systems do. Shared with the
  // inodes, which may outlive the disk in a closure.
  std::shared_ptr<std::set<std::uint64_t>> free_numbers_ =
      std::make_shared<std::set<std::uint64_t>>();
};

}  // namespace backhaul::sim
