// SPDX-License-Identifier: Apache-2.0
// The lines of the event log, and which of them go.
#include <cstdint>
#include <vector>

#include "adapters/sqlite/rows.h"
#include "adapters/sqlite/sqlite_store.h"
#include "core/event_log.h"

namespace backhaul::sqlite {
namespace {

// The event log is cut to its length now and then, not at every line.
constexpr std::size_t trim_events_after = 1000;

}  // namespace

base::Result<void> SqliteStore::write_events(const ports::Batch& batch) {
  Statement& put_event = connection_->put_event;
  for (const core::EventRecord& event : batch.events) {
    bind_event(put_event, event);
    BH_CHECK(put_event.run());
  }
  events_since_trim_ += batch.events.size();
  if (events_since_trim_ < trim_events_after) return {};
  events_since_trim_ = 0;
  return trim_events();
}

// From the rows, and not from what was noted of them: a transaction that failed has left nothing there.
base::Result<void> SqliteStore::trim_events() {
  Statement& list = connection_->list_events;
  std::vector<core::LoggedLine> lines;
  for (;;) {
    BH_TRY(const bool more, list.step());
    if (!more) break;
    std::int64_t sequence = 0;
    std::int64_t uid = 0;
    // Any other row was written by somebody else while the service ran; the next start deals with it.
    if (list.read(0, sequence) && list.read(1, uid) && sequence > 0)
      lines.push_back({static_cast<std::uint64_t>(sequence), static_cast<std::uint32_t>(uid)});
  }
  list.reset();
  Statement& remove = connection_->remove_event;
  for (const std::uint64_t sequence : core::excess(lines)) {
    remove.bind(1, static_cast<std::int64_t>(sequence));
    BH_CHECK(remove.run());
  }
  return {};
}

}  // namespace backhaul::sqlite
