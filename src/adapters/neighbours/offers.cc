// SPDX-License-Identifier: Apache-2.0
#include "adapters/neighbours/offers.h"

#include <algorithm>
#include <utility>

#include "core/digest.h"
#include "os/hash.h"
#include "os/sha256.h"

namespace backhaul::neighbours {
namespace {

std::string base64_of_hex(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string octets;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    octets += static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1]));
  return os::base64(octets);
}

}  // namespace

std::string repr_digest(std::string_view digest) {
  const auto parsed = core::parse_digest(digest);
  if (!parsed) return {};
  if (parsed->algorithm == core::DigestAlgorithm::sha256) return "sha-256=:" + base64_of_hex(parsed->hex) + ":";
  if (parsed->algorithm == core::DigestAlgorithm::sha512) return "sha-512=:" + base64_of_hex(parsed->hex) + ":";
  return {};
}

bool Offers::Object::answers(const ObjectRequest& request) const {
  return name == request.object && size == request.size && (request.etag.empty() || etag == request.etag) &&
         (request.last_modified.empty() || last_modified == request.last_modified) &&
         is_same_range(wanted, request.wanted, size);
}

void Offers::offer(const core::CacheRecord& record) {
  OfferedCopy offered{.object = {.name = os::sha256(record.url.view()),
                                 .size = record.remote_size,
                                 .etag = record.etag,
                                 .last_modified = record.last_modified,
                                 .wanted = record.wanted},
                      .copy = {.id = record.id,
                               .size = record.size,
                               .etag = record.etag,
                               .last_modified = record.last_modified,
                               .digest = repr_digest(record.digest)}};
  withdraw(record.id);
  const std::scoped_lock lock(mutex_);
  by_name_.emplace(offered.object.name, record.id);
  records_.emplace(record.id, std::move(offered));
}

void Offers::withdraw(const base::RecordId& id) {
  const std::scoped_lock lock(mutex_);
  const auto known = records_.find(id);
  if (known == records_.end()) return;
  const auto [first, last] = by_name_.equal_range(known->second.object.name);
  by_name_.erase(std::find_if(first, last, [&](const auto& one) { return one.second == id; }));
  records_.erase(known);
}

void Offers::coming(base::TransferId transfer, const core::Coming& what) {
  const core::Sought& sought = what.sought;
  Arriving arriving{.object = {.name = os::sha256(sought.url),
                               .size = sought.size,
                               .etag = sought.etag,
                               .last_modified = sought.last_modified,
                               .wanted = sought.wanted},
                    .far = {.offset = what.offset}};
  const std::scoped_lock lock(mutex_);
  coming_.insert_or_assign(transfer, std::move(arriving));
}

void Offers::came(base::TransferId transfer) {
  const std::scoped_lock lock(mutex_);
  coming_.erase(transfer);
}

Offered Offers::find(const ObjectRequest& request) const {
  const std::scoped_lock lock(mutex_);
  const auto [first, last] = by_name_.equal_range(request.object);
  for (auto one = first; one != last; ++one)
    if (const OfferedCopy& offered = records_.at(one->second); offered.object.answers(request)) return offered.copy;
  const OnItsWay* farthest = nullptr;
  for (const auto& [transfer, arriving] : coming_)
    if (arriving.object.answers(request) && (farthest == nullptr || farthest->offset < arriving.far.offset))
      farthest = &arriving.far;
  if (farthest == nullptr) return std::monostate();
  return *farthest;
}

std::optional<Copy> Offers::find(const base::RecordId& id) const {
  const std::scoped_lock lock(mutex_);
  const auto known = records_.find(id);
  if (known == records_.end()) return std::nullopt;
  return known->second.copy;
}

}  // namespace backhaul::neighbours
