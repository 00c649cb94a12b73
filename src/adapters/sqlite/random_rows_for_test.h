// SPDX-License-Identifier: Apache-2.0
// Jobs and files with every field drawn at random, extreme values and odd bytes included.
#pragma once

#include <cstdint>
#include <string>

#include "base/random.h"
#include "core/job.h"

namespace backhaul::sqlite::testing {

inline std::uint64_t any_u64(base::Prng& prng) {
  switch (prng.below(4)) {
    case 0: return UINT64_MAX - prng.below(3);
    case 1: return prng.below(3);
    case 2: return (1ULL << 63) - 1 + prng.below(3);
    default: return prng.next();
  }
}

inline std::uint32_t any_u32(base::Prng& prng) {
  return static_cast<std::uint32_t>(prng.chance(300) ? UINT32_MAX - prng.below(2) : prng.next());
}

inline std::string any_text(base::Prng& prng) {
  std::string text(prng.below(40), '\0');
  for (char& c : text) c = static_cast<char>(prng.next());
  return text;
}

template <class Time>
Time any_time(base::Prng& prng) {
  return Time(base::Microseconds(static_cast<base::Microseconds::rep>(any_u64(prng))));
}

inline base::ServiceTime any_service_time(base::Prng& prng) {
  return base::ServiceTime(base::Microseconds(static_cast<std::int64_t>(prng.below(1ULL << 55))));
}

template <class Enum>
Enum any_choice(base::Prng& prng, Enum last) {
  return static_cast<Enum>(prng.below(static_cast<std::uint64_t>(last) + 1));
}

inline base::JobId any_id(base::Prng& prng) {
  base::JobId id;
  for (auto& byte : id.bytes) byte = static_cast<std::uint8_t>(prng.next());
  return id;
}

inline std::optional<base::StoredDeadline> any_deadline(base::Prng& prng) {
  if (prng.chance(500)) return {};
  return base::StoredDeadline{any_u64(prng), any_time<base::BootTime>(prng),
                              any_time<base::WallTime>(prng),
                              base::Microseconds(static_cast<std::int64_t>(prng.next()))};
}

inline core::AcceptedServers any_servers(base::Prng& prng) {
  core::AcceptedServers servers;
  for (auto n = prng.below(4); n > 0; --n)
    servers.add({"host:" + std::to_string(any_u32(prng)), std::string(64, prng.chance(500) ? 'a' : '0')});
  return servers;
}

template <class Kind>
typename Kind::kept any_setting(base::Prng& prng) {
  using Raw = typename Kind::raw;
  if constexpr (std::is_same_v<Raw, std::string>)
    return typename Kind::kept(any_text(prng));
  else if constexpr (std::is_same_v<Kind, base::setting_kind::priority>)
    return any_choice(prng, base::Priority::low);
  else if constexpr (std::is_same_v<Raw, bool>)
    return prng.chance(500);
  else
    return base::keep<typename Kind::kept>(static_cast<Raw>(sizeof(Raw) == 4 ? any_u32(prng) : any_u64(prng)));
}

inline core::Author any_author(base::Prng& prng) {
  return core::Author{any_u32(prng), any_text(prng), any_time<base::WallTime>(prng)};
}

inline void any_way_and_identity(base::Prng& prng, core::Job& job) {
  core::RareOfJob& rare = job.rare.edit();
  if (prng.chance(500))
    rare.proxy = core::ProxySettings{any_choice(prng, core::ProxyUsage::detected), any_text(prng),
                                    any_text(prng)};
  if (prng.chance(500))
    rare.proxy_environment = core::ProxyEnvironment{any_text(prng), any_text(prng), any_text(prng),
                                                   any_text(prng)};
  if (prng.chance(500)) rare.takeover = core::Takeover{any_u32(prng), any_text(prng), prng.chance(500)};
  if (prng.chance(500)) {
    core::SecretsSet secrets;
    for (auto n = prng.below(4) + 1; n > 0; --n)
      secrets.put({any_choice(prng, core::SecretSlot::last_credentials), prng.chance(500), any_author(prng)});
    if (prng.chance(300)) secrets.make_headers_write_only();
    rare.secrets = std::move(secrets);
  }
}

inline core::Job any_job(base::Prng& prng) {
  core::Job job;
  job.id = any_id(prng);
  job.order = any_u64(prng);
  job.owner_uid = any_u32(prng);
  job.type = any_choice(prng, base::JobType::upload_reply);
  job.state = any_choice(prng, base::JobState::cancelled);
  job.intent = any_choice(prng, core::Intent::take);
  job.started = prng.chance(500);
#define BACKHAUL_JOB_SETTING(member, kind, Property, key, first, when, changes, bits, since, help) \
  job.member = any_setting<base::setting_kind::kind>(prng);
#define BACKHAUL_RARE_JOB_SETTING(member, kind, Property, key, first, when, changes, bits, since, help) \
  job.rare.edit().member = any_setting<base::setting_kind::kind>(prng);
#include "backhaul/job_settings.def"
  if (prng.chance(500))
    job.object = core::ObjectRegistration{any_text(prng), any_text(prng), any_text(prng),
                                          any_u32(prng),  any_u32(prng),  any_u64(prng)};
  if (prng.chance(500))
    job.certificate_check = core::CertificateCheck{{any_text(prng), any_text(prng), any_text(prng),
                                            any_u32(prng), any_u32(prng), any_u64(prng)},
                                           any_servers(prng)};
  job.notify_class = core::ClassRegistration{any_text(prng), any_text(prng)};
  job.command = core::CommandRegistration{any_text(prng), any_text(prng), any_u32(prng)};
  job.made_by = any_author(prng);
  if (prng.chance(500)) job.application = any_text(prng);
  job.rare.edit().account = any_text(prng);
  for (core::Rare<core::Author>* set_by :
       {&job.object_set_by, &job.class_set_by, &job.command_set_by})
    if (any_u32(prng) % 2 == 0) *set_by = any_author(prng);
  const auto any_pending = [&] {
    return core::Pending{any_choice(prng, core::NotifyKind::file_transferred), any_u64(prng),
                         any_choice(prng, core::Rung::command), any_u32(prng), any_deadline(prng),
                         any_u32(prng)};
  };
  any_way_and_identity(prng, job);
  job.pending = any_pending();
  job.file_event = any_pending();
  job.event_file = any_u32(prng);
  job.created = any_time<base::WallTime>(prng);
  job.modified = any_time<base::WallTime>(prng);
  job.transferred = any_time<base::WallTime>(prng);
  job.error_count = any_u32(prng);
  if (prng.chance(500))
    job.error = core::ErrorInfo{static_cast<base::Code>(any_u32(prng)),
                                any_choice(prng, base::ErrorContext::server_certificate_callback),
                                any_u32(prng), any_text(prng), prng.chance(500)};
  job.retry = any_deadline(prng);
  if (const auto until = any_deadline(prng))
    job.server_wish = core::ServerWish{any_text(prng), *until, prng.chance(500)};
  job.address_file = any_u32(prng);
  job.active = any_service_time(prng);
  if (prng.chance(500)) job.stuck = core::Stuck{any_service_time(prng)};
  job.time_used = base::Microseconds(static_cast<std::int64_t>(prng.next()));
  job.rare.edit().urgency = any_choice(prng, core::Urgency::beside);
  job.rare.edit().bytes_resumed = any_u64(prng);
  job.rare.edit().time_before = base::Microseconds(static_cast<std::int64_t>(prng.next()));
  job.files = {any_u32(prng), any_u32(prng), any_u32(prng), 0, any_u64(prng), any_u64(prng)};
  return job;
}

inline core::Extents any_extents(base::Prng& prng) {
  if (prng.chance(600)) return core::Extents::until(any_u64(prng));
  core::Extents extents;
  for (auto n = 1 + prng.below(5); n > 0; --n) {
    const std::uint64_t begin = any_u64(prng) / 4;
    extents.add({begin, begin + 1 + any_u64(prng) / 4});
  }
  return extents;
}

inline core::Wanted any_ranges(base::Prng& prng) {
  std::vector<core::WantedRange> ranges;
  std::uint64_t at = prng.below(1000);
  for (auto n = 1 + prng.below(5); n > 0; --n) {
    ranges.push_back({at, 1 + prng.below(1U << 30)});
    at += ranges.back().length + prng.below(1U << 30);
  }
  if (prng.chance(500)) ranges.push_back({at, core::to_end_of_file});
  std::swap(ranges.front(), ranges.back());
  return core::Wanted::of_ranges(std::move(ranges)).value();
}

inline core::Demand any_demand(base::Prng& prng) {
  core::Demand demand{.asked = {}, .position = prng.below(1U << 30)};
  for (auto n = prng.below(4); n > 0; --n) {
    const std::uint64_t begin = prng.below(1U << 30);
    demand.asked.push_back({begin, prng.chance(200) ? core::end_of_file : begin + 1 + prng.below(1000)});
  }
  return demand;
}

inline core::File any_file(base::Prng& prng, const base::JobId& job, std::uint32_t index) {
  core::File file;
  file.job = job;
  file.index = index;
  file.state = any_choice(prng, core::FileState::discarded);
  file.validated = prng.chance(500);
  file.epoch = any_u32(prng);
  file.stored = any_extents(prng);
  file.device = any_u64(prng);
  file.inode = any_u64(prng);
  file.mount = any_u64(prng);
  file.tail = any_u64(prng);
  file.last_write = any_u32(prng);
  file.high_water = any_u64(prng);
  file.event = any_u64(prng);
  file.remote_identity = {any_u64(prng), any_text(prng), any_text(prng),
                          any_choice(prng, core::Resumable::no), prng.chance(500), prng.chance(500),
                          prng.chance(500), any_text(prng), any_text(prng)};
  file.moved = prng.chance(500);
  file.ranges_refused = prng.chance(500);
  core::RareOfFile& rare = file.rare.edit();
  if (prng.chance(500))
    rare.fresh = core::FreshPart{any_u32(prng), any_u64(prng), any_u64(prng), any_u64(prng)};
  if (prng.chance(500))
    rare.doubts = core::Doubts{any_u32(prng), any_u32(prng), any_service_time(prng)};
  if (prng.chance(500)) {
    core::Mirrors mirrors{any_text(prng), any_u32(prng), any_u32(prng), any_u64(prng), {}};
    if (prng.chance(500))
      mirrors.passing = core::ErrorInfo{static_cast<base::Code>(any_u32(prng)),
                                        any_choice(prng, base::ErrorContext::server_certificate_callback),
                                        any_u32(prng), any_text(prng), prng.chance(500)};
    rare.mirrors = std::move(mirrors);
  }
  if (prng.chance(500)) rare.digests = any_text(prng);
  rare.fruitless_restarts = any_u32(prng);
  rare.led_away = prng.chance(500);
  if (prng.chance(300)) rare.received = any_text(prng);
  if (prng.chance(300)) rare.neighbours = core::FileNeighbours{any_extents(prng), any_text(prng), true};
  if (prng.chance(300))
    rare.expected = core::Expected{any_u64(prng), any_text(prng), any_u32(prng), any_text(prng), any_text(prng)};
  if (prng.chance(300)) rare.torrent = any_text(prng);
  if (prng.chance(300)) rare.duplicates = any_text(prng);
  if (prng.chance(300)) file.wanted = any_ranges(prng);
  file.response_headers = any_text(prng);
  if (prng.chance(300)) rare.demand = any_demand(prng);
  file.remote = any_text(prng);
  file.local = any_text(prng);
  if (prng.chance(500)) file.root = any_text(prng);
  return file;
}

}  // namespace backhaul::sqlite::testing
