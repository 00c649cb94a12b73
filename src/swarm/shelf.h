// SPDX-License-Identifier: Apache-2.0
// The objects that may be asked for, as the threads that serve them find them.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "swarm/pieces.h"
#include "swarm/torrents.h"

namespace backhaul::swarmd {

struct Object {
  Object(Torrent what, std::function<void(std::uint32_t)> ask, std::chrono::milliseconds limit)
      : torrent(std::move(what)), pieces(std::move(ask), limit) {}

  const Torrent torrent;
  Pieces pieces;
};

// Any thread.
class Shelf {
 public:
  std::shared_ptr<Object> find(std::string_view id) const {
    const std::scoped_lock lock(mutex_);
    const auto object = objects_.find(id);
    return object == objects_.end() ? nullptr : object->second;
  }
  void put(std::shared_ptr<Object> object) {
    const std::scoped_lock lock(mutex_);
    objects_.insert_or_assign(object->torrent.id, std::move(object));
  }
  // Whoever is being served from it is not any more.
  void remove(const std::string& id) {
    std::shared_ptr<Object> object;
    {
      const std::scoped_lock lock(mutex_);
      if (auto node = objects_.extract(id)) object = std::move(node.mapped());
    }
    if (object) object->pieces.close();
  }
  void clear() {
    for (const auto& object : all()) remove(object->torrent.id);
  }
  std::vector<std::shared_ptr<Object>> all() const {
    const std::scoped_lock lock(mutex_);
    std::vector<std::shared_ptr<Object>> objects;
    for (const auto& [id, object] : objects_) objects.push_back(object);
    return objects;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Object>, std::less<>> objects_;
};

}  // namespace backhaul::swarmd
