// SPDX-License-Identifier: Apache-2.0
#include "client/past.h"

#include <backhaul/codes.h>

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "bus/names.h"
#include "bus/wire.h"
#include "client/connection.h"

namespace backhaul::client {
namespace {

constexpr std::uint32_t events_at_once = 1000;  // most that Events gives

std::optional<LoggedEvent> end_in_log(const detail::JobRecord& record) {
  std::optional<LoggedEvent> end;
  const auto walked = walk_events(record.connection, 0, [&](LoggedEvent event) {
    if (event.kind == 0 && event.job == record.text) end = std::move(event);
    return !end;
  });
  return walked && end && is_final(end->state) ? end : std::nullopt;
}

std::shared_ptr<const detail::JobInfoData> with_end(const detail::JobInfoData& last, const LoggedEvent& end) {
  if (end.state == JobState::acknowledged && end.code != code::s_ok) return nullptr;
  auto past = std::make_shared<detail::JobInfoData>(last);
  past->state = end.state;
  past->modified = end.time;
  past->waiting = {};
  past->rate = 0;
  past->object_name.clear();
  past->object_path.clear();
  past->object_level = 0;
  past->validator_name.clear();
  past->validator_path.clear();
  if (end.state == JobState::acknowledged) {
    past->files_transferred = past->files_total;
    if (past->bytes_total != size_unknown) past->bytes_transferred = past->bytes_total;
  }
  return past;
}

}  // namespace

base::Result<void> walk_events(detail::Connection& connection, std::uint64_t since,
                               const std::function<bool(LoggedEvent event)>& take) {
  for (;;) {
    const auto told = connection.call<std::vector<bus::LoggedEvent>, std::uint64_t>(
        Kind::read, bus::root_path, bus::manager_interface, "Events", since, events_at_once);
    if (!told) return told.error();
    for (const bus::LoggedEvent& one : std::get<0>(*told))
      if (!take(to_public(one))) return {};
    // A page may hold nothing of ours and yet not be the last.
    if (std::get<1>(*told) == since) return {};
    since = std::get<1>(*told);
  }
}

Past past_of(const detail::JobRecord& record) {
  const auto end = end_in_log(record);
  if (!end) return {};
  const auto last = record.last_info();
  return {end->state, last == nullptr ? nullptr : with_end(*last, *end)};
}

}  // namespace backhaul::client
