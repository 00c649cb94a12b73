// SPDX-License-Identifier: Apache-2.0
#include "client/past.h"

#include <backhaul/codes.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "bus/names.h"
#include "bus/wire.h"
#include "client/connection.h"

namespace backhaul::client {
namespace {

constexpr std::uint32_t events_at_once = 1000;

std::optional<LoggedEvent> end_in_log(const detail::JobRecord& record) {
  std::uint64_t since = 0;
  for (;;) {
    const auto told = record.connection.call<std::vector<bus::LoggedEvent>, std::uint64_t>(
        Kind::read, bus::root_path, bus::manager_interface, "Events", since, events_at_once);
    if (!told) return std::nullopt;
    for (const bus::LoggedEvent& one : std::get<0>(*told)) {
      LoggedEvent event = to_public(one);
      if (event.kind == 0 && event.job == record.text) return event;
    }
    // A page may hold nothing of ours and yet not be the last.
    if (std::get<1>(*told) == since) return std::nullopt;
    since = std::get<1>(*told);
  }
}

}  // namespace

std::optional<JobState> end_of(const detail::JobRecord& record) {
  const auto end = end_in_log(record);
  return end && is_final(end->state) ? std::optional(end->state) : std::nullopt;
}

std::shared_ptr<const detail::JobInfoData> past_of(const detail::JobRecord& record) {
  const auto last = record.last_info();
  const auto end = last == nullptr ? std::nullopt : end_in_log(record);
  if (!end || !is_final(end->state)) return nullptr;
  if (end->state == JobState::acknowledged && end->code != code::s_ok) return nullptr;
  auto past = std::make_shared<detail::JobInfoData>(*last);
  past->state = end->state;
  past->modified = end->time;
  past->waiting = {};
  past->rate = 0;
  past->object_name.clear();
  past->object_path.clear();
  past->object_level = 0;
  past->validator_name.clear();
  past->validator_path.clear();
  if (end->state == JobState::acknowledged) {
    past->files_transferred = past->files_total;
    if (past->bytes_total != size_unknown) past->bytes_transferred = past->bytes_total;
  }
  return past;
}

}  // namespace backhaul::client
