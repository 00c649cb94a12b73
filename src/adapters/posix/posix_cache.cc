// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/posix_cache.h"

#include <utility>

#include "adapters/posix/cache_copy.h"

namespace backhaul::posix {
namespace {

// Nobody waits for a copy, so it takes no more of the disk than one at a time can.
constexpr MountThreadLimits one_at_a_time{.at_work = 1, .on_one_mount = 1, .of_owner = 2, .in_all = 8};

}  // namespace

PosixCache::PosixCache(loop::Loop& loop, ports::Inbox& inbox, Owners& owners, std::string folder)
    : inbox_(inbox), owners_(owners), folder_(std::move(folder)), threads_(loop, one_at_a_time) {}

PosixCache::~PosixCache() {
  for (const auto& [id, stopped] : making_) *stopped = true;
}

void PosixCache::look(std::vector<ports::KnownCopy> known) {
  threads_.submit({}, [this, folder = folder_, known = std::move(known)] {
    auto looked = look_at_cache(folder, known);
    return [this, looked = std::move(looked)]() mutable { inbox_.post(std::move(looked)); };
  });
}

void PosixCache::make(ports::CopyOrder order) {
  auto access = owners_.access_of(order.owner);
  if (!access) return inbox_.post(ports::CopyMade{order.id, std::move(access).error()});
  const auto stopped = std::make_shared<std::atomic<bool>>(false);
  making_.emplace(order.id, stopped);
  auto place = threads_.place_of(order.owner, order.part.local);
  threads_.submit(std::move(place), [this, access = *std::move(access), stopped, order = std::move(order)] {
    auto result = make_copy(folder_, order, directories_, access, *stopped);
    return [this, id = order.id, stopped, result = std::move(result)]() mutable { made(id, stopped, std::move(result)); };
  });
}

void PosixCache::made(base::RecordId id, const Stopped& stopped, base::Result<void> result) {
  making_.erase(id);
  if (*stopped) return remove(id);  // it may have been whole by then, and nobody waits for it
  ports::CopyMade event{id, {}};
  if (!result) event.error = std::move(result).error();
  inbox_.post(std::move(event));
}

void PosixCache::remove(base::RecordId id) {
  if (const auto one = making_.find(id); one != making_.end()) {
    *one->second = true;
    return;
  }
  threads_.submit({}, [folder = folder_, id]() -> loop::Callback {
    remove_copy(folder, id);
    return {};
  });
}

}  // namespace backhaul::posix
