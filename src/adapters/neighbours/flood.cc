// SPDX-License-Identifier: Apache-2.0
#include "adapters/neighbours/flood.h"

#include <algorithm>

namespace backhaul::neighbours {

// Whoever did nothing for longest has the fullest bucket, or nearly.
void Flood::make_room() {
  if (buckets_.size() < most_known) return;
  buckets_.erase(std::ranges::min_element(buckets_, {}, [](const auto& one) { return one.second.filled; }));
}

bool Flood::bears(const std::string& from, Clock::time_point now) {
  if (!buckets_.contains(from)) make_room();
  Bucket& bucket = buckets_.try_emplace(from, Bucket{.left = most_at_once, .filled = now}).first->second;
  const double passed = std::chrono::duration<double>(now - bucket.filled).count();
  bucket.left = std::min(most_at_once, bucket.left + passed * most_per_second);
  bucket.filled = now;
  if (bucket.left < 1) return false;
  bucket.left -= 1;
  return true;
}

}  // namespace backhaul::neighbours
