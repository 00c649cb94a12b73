// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/site_sources.h"

#include "core/site_sources.h"
#include "ports/events.h"

namespace backhaul::sim {

RemoteFile& SimSite::copy(RemoteFile& file, const std::string& address, const std::string& url) {
  file = {};
  file.url = address;
  file.versions = {origin_.find(url)->current()};
  file.latency = std::chrono::milliseconds(10);
  file.rate = 100'000;
  return file;
}

RemoteFile& SimSite::cache(const std::string& url) {
  const std::string address = core::cache_address(pattern, url);
  return copy(cached_[address], address, url);
}

RemoteFile& SimSite::seed(const std::string& url) {
  RemoteFile& file = seeded_[url];
  return copy(file, "http://localhost/" + std::to_string(seeded_.size()), url);
}

RemoteFile* SimSite::find(const core::Source& source) {
  const auto with_address = [&](std::map<std::string, RemoteFile>& all) -> RemoteFile* {
    for (auto& [key, file] : all)
      if (file.url == source.address) return &file;
    return nullptr;
  };
  switch (source.kind) {
    case core::SourceKind::cache_host: return with_address(cached_);
    case core::SourceKind::swarm: return with_address(seeded_);
    case core::SourceKind::site_proxy: return source.proxy == proxy ? with_address(shared_) : nullptr;
    default: return nullptr;
  }
}

void SimSite::join(base::TransferId transfer, const core::Swarmed& what) {
  stage_.port_call();
  ++joins;
  if (!joined_.insert(transfer).second) stage_.fail("a swarm is joined twice for one transfer");
  if (what.torrent.empty() || what.size == base::size_unknown) stage_.fail("a swarm is joined for what nobody described");
  const auto found = seeded_.find(what.url);
  const std::string prefix = "http://localhost";
  const std::string path = found == seeded_.end() ? std::string() : found->second.url.substr(prefix.size());
  stage_.timeline.in_service(swarm_latency, [this, transfer, path] {
    if (!joined_.contains(transfer)) return;
    base::Result<core::SwarmPlace> place = base::Error(base::Code::BG_E_NOT_FOUND, "there is no swarm here");
    if (!path.empty()) place = core::SwarmPlace{.socket = "/run/swarm", .path = path};
    stage_.post(ports::SwarmAnswered{.transfer = transfer, .place = std::move(place)});
  });
}

void SimSite::leave(base::TransferId transfer) {
  stage_.port_call();
  if (joined_.erase(transfer) == 0) stage_.fail("a swarm is left that was not joined");
}

}  // namespace backhaul::sim
