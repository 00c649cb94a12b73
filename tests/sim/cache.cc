// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/cache.h"

#include <utility>

#include "core/part_name.h"

namespace backhaul::sim {
namespace {

base::Error changed() { return {base::Code::BG_E_LOCAL_FILE_CHANGED, base::ErrorContext::local_file, "other bytes"}; }

}  // namespace

SimCache::SimCache(Stage& stage, Disk& disk) : stage_(stage), disk_(disk) { disk_.directories["/cache"] = {}; }

void SimCache::look(std::vector<ports::KnownCopy> known) {
  stage_.port_call();
  stage_.timeline.in_service(stage_.draw(stage_.options.disk) + looking, [this, known = std::move(known)] {
    ports::CacheLooked looked{.lost = {}, .volume = volume, .error = {}};
    std::set<std::string> kept;
    for (const ports::KnownCopy& one : known) {
      const InodeRef inode = disk_.find(path_of(one.id));
      if (inode == nullptr || inode->cache.size() != one.size)
        looked.lost.push_back(one.id);
      else
        kept.insert(path_of(one.id));
    }
    const auto names = disk_.names();
    for (const auto& [path, inode] : names)
      if (path.starts_with("/cache/") && !kept.contains(path)) disk_.unlink(path);
    stage_.post(std::move(looked));
  });
}

InodeRef SimCache::part_of(const ports::CopyOrder& order) const {
  const ports::PartRef& part = order.part;
  const InodeRef inode = disk_.find(core::part_path(part.local, order.job, part.index, part.epoch));
  return inode != nullptr ? inode : disk_.find(part.local);
}

void SimCache::make(ports::CopyOrder order) {
  stage_.port_call();
  if (!making_.insert(order.id).second) stage_.fail("a copy is made twice");
  stage_.timeline.in_service(stage_.draw(stage_.options.disk), [this, order = std::move(order)] { copy(order); });
}

void SimCache::copy(const ports::CopyOrder& order) {
  if (!making_.contains(order.id)) return;
  const InodeRef part = part_of(order);
  if (part == nullptr) return end(order, base::Error(base::Code::FILE_NOT_FOUND));
  if (part->cache.size() != order.size || "sha256:" + part->cache.digest(32) != order.digest)
    return end(order, changed());
  const std::string making = path_of(order.id) + ".new";
  const InodeRef inode = disk_.create(making);
  inode->cache = part->cache;
  stage_.timeline.in_service(stage_.draw(stage_.options.sync), [this, order, inode, making] {
    if (!making_.contains(order.id) || stage_.chance(stage_.options.write_fails)) {
      disk_.unlink(making);
      return end(order, base::Error(base::Code::WRITE_FAULT));
    }
    disk_.sync(*inode, inode->cache.written());
    disk_.rename(making, path_of(order.id));
    disk_.sync_directory("/cache");
    end(order, std::nullopt);
  });
}

void SimCache::end(const ports::CopyOrder& order, std::optional<base::Error> error) {
  if (making_.erase(order.id) == 0) return;
  if (!error) ++made;
  stage_.trace("copy " + base::to_hex(order.id) + (error ? " fails" : " is made"));
  stage_.post(ports::CopyMade{order.id, std::move(error)});
}

void SimCache::remove(base::RecordId id) {
  stage_.port_call();
  if (making_.erase(id) != 0) return;
  stage_.timeline.in_service(stage_.draw(stage_.options.disk), [this, id] { disk_.unlink(path_of(id)); });
}

}  // namespace backhaul::sim
