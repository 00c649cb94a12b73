// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/log_readers.h"

#include <string>

namespace backhaul::sim {

LogReaders::LogReaders(World& world, std::uint64_t seed) : world_(world), prng_(seed * 31 + 7) {
  for (const std::uint32_t uid : {0U, 1000U, 1001U})
    for (const std::uint32_t page : {1U, 3U, 10U}) readers_.push_back({uid, page, 0, {}});
}

void LogReaders::begin() {
  const auto wait = static_cast<std::int64_t>(1 + prng_.below(60'000'000));
  world_.stage.timeline.after(Microseconds(wait), [this] {
    if (world_.stage.healed) return;
    if (world_.running()) read(readers_[prng_.below(readers_.size())]);
    begin();
  });
}

// One page; false when there was nothing new.
bool LogReaders::read(Reader& reader) {
  const ports::EventPage page =
      world_.service().events(reader.since, reader.page, {base::PeerId::none, reader.uid});
  const std::string who = "a listener with pages of " + std::to_string(reader.page) + ": ";
  if (page.events.size() > reader.page) world_.stage.fail(who + "a page is too long");
  if (page.next < reader.since) world_.stage.fail(who + "is sent back");
  for (const core::EventRecord& event : page.events) {
    if (!reader.seen.empty() && event.sequence <= reader.seen.back())
      world_.stage.fail(who + "event " + std::to_string(event.sequence) + " comes behind event " +
                        std::to_string(reader.seen.back()));
    reader.seen.push_back(event.sequence);
  }
  const bool more = page.next != reader.since;
  world_.stage.met(page.events.size() == reader.page ? "a full page of the log"
                   : more                            ? "the newest page of the log"
                                                     : "nothing new in the log");
  reader.since = page.next;
  return more;
}

void LogReaders::read_to_the_end() {
  for (Reader& reader : readers_) {
    while (world_.stage.failures().empty() && read(reader)) {
    }
    std::vector<std::uint64_t> all;
    for (const core::EventRecord& event : world_.store.events())
      if (reader.uid == 0 || event.owner_uid == reader.uid) all.push_back(event.sequence);
    if (reader.seen != all)
      world_.stage.fail("a listener with pages of " + std::to_string(reader.page) + " saw " +
                        std::to_string(reader.seen.size()) + " of " + std::to_string(all.size()) +
                        " events");
  }
}

}  // namespace backhaul::sim
