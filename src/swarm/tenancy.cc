// SPDX-License-Identifier: Apache-2.0
#include "swarm/tenancy.h"

#include <algorithm>
#include <utility>

namespace backhaul::swarmd {

std::optional<std::vector<std::string>> Tenancy::join(const std::string& id, std::uint64_t size) {
  if (const auto known = tenants_.find(id); known != tenants_.end()) {
    ++known->second.readers;
    return std::vector<std::string>{};
  }
  std::uint64_t used = 0;
  std::vector<std::pair<base::BootTime, std::string>> free;
  for (const auto& [other, tenant] : tenants_) {
    used += tenant.size;
    if (tenant.readers == 0) free.emplace_back(tenant.since, other);
  }
  std::sort(free.begin(), free.end());
  if (size > rules_.room) return std::nullopt;
  std::vector<std::string> leave;
  for (const auto& [since, other] : free) {
    if (used <= rules_.room - size) break;
    used -= tenants_.at(other).size;
    leave.push_back(other);
  }
  if (used > rules_.room - size) return std::nullopt;
  for (const std::string& other : leave) tenants_.erase(other);
  tenants_[id] = Tenant{.size = size, .readers = 1};
  return leave;
}

void Tenancy::leave(const std::string& id, base::BootTime now) {
  const auto tenant = tenants_.find(id);
  if (tenant == tenants_.end() || tenant->second.readers == 0) return;
  if (--tenant->second.readers == 0) tenant->second.since = now;
}

void Tenancy::completed(const std::string& id, base::BootTime now) {
  const auto tenant = tenants_.find(id);
  if (tenant == tenants_.end()) return;
  tenant->second.complete = true;
  tenant->second.since = now;
}

void Tenancy::remove(const std::string& id, base::BootTime now) {
  if (tenants_.erase(id) != 0 && tenants_.empty()) empty_since_ = now;
}

std::uint32_t Tenancy::readers(const std::string& id) const {
  const auto tenant = tenants_.find(id);
  return tenant == tenants_.end() ? 0 : tenant->second.readers;
}

bool Tenancy::is_complete(const std::string& id) const {
  const auto tenant = tenants_.find(id);
  return tenant != tenants_.end() && tenant->second.complete;
}

bool Tenancy::fetches() const {
  return std::any_of(tenants_.begin(), tenants_.end(), [](const auto& one) { return !one.second.complete; });
}

base::BootTime Tenancy::end_of(const Tenant& tenant) const {
  if (tenant.readers > 0) return base::never;
  return tenant.since + (tenant.complete ? rules_.seeding : rules_.grace);
}

std::vector<std::string> Tenancy::due(base::BootTime now) const {
  std::vector<std::string> ids;
  for (const auto& [id, tenant] : tenants_)
    if (end_of(tenant) <= now) ids.push_back(id);
  return ids;
}

base::BootTime Tenancy::next() const {
  if (tenants_.empty()) return empty_since_ + rules_.idle;
  base::BootTime earliest = base::never;
  for (const auto& [id, tenant] : tenants_) earliest = std::min(earliest, end_of(tenant));
  return earliest;
}

}  // namespace backhaul::swarmd
