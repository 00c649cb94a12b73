// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/disk.h"

#include <algorithm>

#include "base/result.h"
#include "core/part_name.h"

namespace backhaul::sim {

core::PartFacts facts_of(const Inode& inode, std::uint64_t mount, const core::Extents& recorded) {
  return {.volume = inode.device,
          .mount = mount,
          .inode = inode.number,
          .size = inode.cache.size(),
          .tail = inode.cache.tail(recorded),
          .modified = inode.modified};
}

Directory* Disk::directory_of(const std::string& path) {
  auto it = directories.find(core::parent_directory(path));
  return it == directories.end() ? nullptr : &it->second;
}

InodeRef Disk::find(const std::string& path) const {
  auto it = names_.find(path);
  return it == names_.end() ? nullptr : it->second;
}

void Disk::apply(const NameChange& change, std::map<std::string, InodeRef>& names) {
  if (!change.removed.empty()) names.erase(change.removed);
  if (!change.added.empty()) names[change.added] = change.inode;
}

void Disk::change(NameChange change) {
  apply(change, names_);
  changes_.push_back(std::move(change));
}

InodeRef Disk::create(const std::string& path) {
  BH_ASSERT(!names_.contains(path));
  InodeRef inode(new Inode, [free = free_numbers_](Inode* gone) {
    free->insert(gone->number);
    delete gone;
  });
  inode->device = directory_of(path)->device;
  inode->number = free_numbers_->empty() ? ++last_number_
                                         : free_numbers_->extract(free_numbers_->begin()).value();
  change({core::parent_directory(path), "", path, inode});
  return inode;
}

void Disk::unlink(const std::string& path) {
  if (!names_.contains(path)) return;
  change({core::parent_directory(path), path, "", nullptr});
}

void Disk::rename(const std::string& from, const std::string& to) {
  InodeRef inode = find(from);
  BH_ASSERT(inode != nullptr);
  change({core::parent_directory(from), from, to, inode});
}

void Disk::sync_directory(const std::string& directory) {
  for (const NameChange& change : changes_)
    if (change.directory == directory) apply(change, durable_names_);
  std::erase_if(changes_, [&](const NameChange& c) { return c.directory == directory; });
}

void Disk::sync(Inode& inode, const core::Extents& written) {
  for (const core::Extent& extent : written.list()) inode.durable.add(extent);
}

void Disk::remount() {
  ++mount;
  if (!renumbers) return;
  std::set<Inode*> seen;
  for (const auto& [path, inode] : names_) seen.insert(inode.get());
  for (Inode* inode : seen) inode->number = ++last_number_;
}

InodeRef Disk::find_durable(std::uint64_t device, std::uint64_t number) const {
  for (const auto& [path, inode] : durable_names_)
    if (inode->device == device && inode->number == number) return inode;
  return nullptr;
}

InodeRef Disk::find_durable(const std::string& path) const {
  const auto it = durable_names_.find(path);
  return it == durable_names_.end() ? nullptr : it->second;
}

namespace {

// A disk writes in its own order: what came last may be there, and what came before it not.
core::Extents some_of(const core::Extents& written, base::Prng& prng) {
  core::Extents some;
  for (core::Extent rest : written.list())
    while (rest.length() > 0) {
      const core::Extent piece{rest.begin, rest.begin + 1 + prng.below(rest.length())};
      if (prng.chance(500)) some.add(piece);
      rest.begin = piece.end;
    }
  return some;
}

// In words: what is gone.
std::set<std::string_view> lose_what_is_not_durable(Inode& inode, base::Prng& prng) {
  const core::Extents lost = some_of(inode.cache.written().without(inode.durable), prng);
  inode.cache.keep(inode.cache.written().without(lost));
  inode.durable = inode.cache.written();
  if (lost.empty()) return {};
  if (!prng.chance(300)) return {"written bytes"};
  // A length that was recorded before its data: the blocks hold anything.
  for (const core::Extent& extent : lost.list())
    inode.cache.write(extent.begin, garbage, 0, extent.length());
  inode.durable = inode.cache.written();
  return {"written bytes", "written bytes and left others"};
}

}  // namespace

std::set<std::string_view> Disk::power_cut(base::Prng& prng) {
  std::set<std::string_view> gone;
  std::map<std::string, std::uint64_t> left;  // changes that survive, by directory
  for (const NameChange& change : changes_) ++left[change.directory];
  for (auto& [directory, count] : left) count = prng.below(count + 1);
  for (const NameChange& change : changes_)
    if (std::uint64_t& count = left[change.directory]; count > 0) {
      --count;
      apply(change, durable_names_);
    } else {
      gone.insert("a name");
    }
  changes_.clear();
  names_ = durable_names_;
  for (auto& [path, inode] : names_) gone.merge(lose_what_is_not_durable(*inode, prng));
  remount();
  return gone;
}

}  // namespace backhaul::sim
