// SPDX-License-Identifier: Apache-2.0
#include "engine/file_steps.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "core/demand.h"
#include "core/duplicates.h"
#include "core/hidden_users.h"
#include "core/http.h"
#include "core/mirrors.h"
#include "core/names.h"
#include "core/needed.h"
#include "core/request_options.h"
#include "engine/job_steps.h"
#include "engine/part_of.h"
#include "engine/readdressing.h"

namespace backhaul::engine {
namespace {

// It stands beside a part that is held and not whole; else nobody wants it.
std::optional<std::uint32_t> part_beside(const core::File& file) {
  if (!file.rare->fresh || file.stored.empty() || file.is_stored_whole()) return std::nullopt;
  return file.rare->fresh->epoch;
}

// Nothing is held of it: where a part of its epoch will be is not known.
void forget_part(core::File& file) {
  file.stored = {};
  file.device = file.inode = file.mount = file.tail = 0;
  file.last_write = 0;
  file.rare.set(&core::RareOfFile::neighbours, core::FileNeighbours{.origin_only = file.rare->neighbours->origin_only});
}

}  // namespace

core::Demand demand_of(const core::File& file) { return file.rare->demand ? *file.rare->demand : core::Demand(); }

void ask_again(core::File& file, const core::Extents& given_up) {
  file.rare.set(&core::RareOfFile::demand, core::asked_again(demand_of(file), given_up, file.remote_identity.size));
}

void begin_part(core::File& file, const ports::HeadReceived& event, bool again) {
  const auto& beside = file.rare->fresh;
  // A restart that did not get further than ever before was fruitless (three of them end it). Whoever stops the job, and
  // what ends this service, says nothing of the server.
  const std::uint64_t reached = std::max(file.stored.total(), beside ? beside->offset : 0);
  if (reached > file.high_water) {
    file.high_water = reached;
    file.rare.set(&core::RareOfFile::fruitless_restarts, 0U);
  } else if (again || file.rare->run_failed) {
    file.rare.set(&core::RareOfFile::fruitless_restarts, file.rare->fruitless_restarts + 1);
  }
  if (file.rare->run_failed) file.rare.set(&core::RareOfFile::run_failed, false);
  if (event.beside) {
    file.ranges_refused = true;
    file.rare.set(&core::RareOfFile::fresh, core::FreshPart{.epoch = event.epoch});
    return;
  }
  file.rare.set(&core::RareOfFile::fresh, {});
  file.epoch = event.epoch;
  forget_part(file);
}

void told_here(core::File& file) {
  file.moved = false;
  if (!file.rare->mirrors) return;
  core::Mirrors& mirrors = *file.rare.edit().mirrors;
  mirrors.told_by = mirrors.current;
}

void give_up_fresh(core::File& file) {
  if (file.rare->fresh)
    file.rare.set(&core::RareOfFile::fresh, core::FreshPart{.epoch = file.rare->fresh->epoch});
}

void drop_other_parts(Draft& draft, const base::JobId& id, std::uint32_t file) {
  drop_other_parts(draft, id, file, core::owner_of(*draft.job(id)));
}

void drop_other_parts(Draft& draft, const base::JobId& id, std::uint32_t file, const core::Owner& owner) {
  const core::File& row = *draft.file(id, file);
  draft.effect(effect::Sweep{{.job = id,
                              .owner = owner,
                              .keep = part_of(row),
                              .beside = part_beside(row),
                              .newest = row.last_epoch()}});
}

void fetch_anew(Draft& draft, const base::JobId& id, std::uint32_t index) {
  draft.edit_file(id, index, Weight::hard, [](core::File& row) {
    row.state = core::FileState::waiting;
    row.validated = false;
    forget_part(row);
    row.event = 0;
    row.epoch = row.last_epoch() + 1;
    row.rare.set(&core::RareOfFile::fresh, {});
  });
  if (draft.job(id)->event_file == index) file_event_heard(draft, id);
  drop_other_parts(draft, id, index);
}

void fetch_again(Draft& draft, const base::JobId& id, std::uint32_t index, const core::Extents& bytes) {
  draft.edit_file(id, index, Weight::hard, [&](core::File& row) {
    row.stored = row.stored.without(bytes);
    row.tail = 0;  // of an end that may be gone: what is here is proven once more at the end
    row.last_write = 0;  // and trimming writes to it, before anybody can say so
  });
}

// Two epochs on, because a transfer that is just being stopped may have begun the next one.
void begin_anew(Draft& draft, const base::JobId& id, std::uint32_t file) {
  const bool on_demand = draft.job(id)->rare->on_demand_mode;
  draft.edit_file(id, file, Weight::hard, [&](core::File& row) {
    row.epoch = row.last_epoch() + 2;
    if (on_demand && !row.stored.empty()) ask_again(row, row.stored);
    forget_part(row);
    row.rare.set(&core::RareOfFile::fruitless_restarts, 0U);
    row.high_water = 0;
    row.remote_identity = {};
    row.moved = false;
    begin_round(row);
    row.ranges_refused = false;
    row.rare.set(&core::RareOfFile::fresh, {});
    row.rare.set(&core::RareOfFile::doubts, {});
  });
  drop_other_parts(draft, id, file);
}

void begin_anew(Draft& draft, const base::JobId& id) {
  for (std::uint32_t i = 0; i < draft.file_count(id); ++i)
    if (draft.file(id, i)->state == core::FileState::waiting) begin_anew(draft, id, i);
  interrupt(draft, id);
}

void forgive_restarts(Draft& draft, const base::JobId& id) {
  for (std::uint32_t i = 0; i < draft.file_count(id); ++i) {
    const core::File& file = *draft.file(id, i);
    const bool in_a_round = file.rare->mirrors && file.rare->mirrors->failed != 0;
    const bool in_repair = file.rare->expected && file.rare->expected->bad != 0;
    if (file.rare->fruitless_restarts == 0 && !file.ranges_refused && !file.rare->doubts && !in_a_round && !in_repair)
      continue;
    draft.edit_file(id, i, Weight::hard, [](core::File& row) {
      row.rare.set(&core::RareOfFile::fruitless_restarts, 0U);
      row.ranges_refused = false;
      row.rare.set(&core::RareOfFile::doubts, {});
      if (row.rare->expected) row.rare.edit().expected->bad = 0;
      begin_round(row);
    });
  }
}

void note_answer(Draft& draft, const base::JobId& id, std::uint32_t file, std::string_view headers,
                 const std::string& remote) {
  const core::File& row = *draft.file(id, file);
  const bool told = !headers.empty() && row.response_headers != headers;
  // A user that a server wrote there is nobody's to keep; the one of the job goes by its mark.
  const std::string shown = core::without_user(remote);
  const std::string& kept = core::names_hidden_user(remote) ? remote : shown;
  const bool moved = !remote.empty() && row.remote != kept && core::check_remote(shown);
  if (!told && !moved) return;
  draft.edit_file(id, file, moved ? Weight::hard : Weight::soft, [&](core::File& changed) {
    if (told) changed.response_headers = headers;
    if (!moved) return;
    if (core::url_origin(kept) != core::url_origin(changed.remote))
      changed.rare.set(&core::RareOfFile::led_away, true);
    changed.remote = kept;
  });
}

void note_answer(Draft& draft, const base::JobId& id, std::uint32_t file, const ports::HeadReceived& head) {
  note_answer(draft, id, file, head.headers, head.remote);
  if (head.duplicates.empty()) return;
  const core::File& row = *draft.file(id, file);
  const auto duplicates = core::kept_duplicates(*draft.conditions.policy, *draft.job(id), row, head.duplicates);
  if (row.rare->duplicates == duplicates) return;
  draft.edit_file(id, file, Weight::soft,
                  [&](core::File& changed) { changed.rare.set(&core::RareOfFile::duplicates, duplicates); });
}

void note_failure(Draft& draft, const base::JobId& id, std::uint32_t file, core::Doubt doubt) {
  draft.edit_file(id, file, doubt == core::Doubt::none ? Weight::soft : Weight::hard, [&](core::File& row) {
    row.rare.set(&core::RareOfFile::run_failed, true);
    if (doubt == core::Doubt::none) return;
    core::Doubts doubts = row.rare->doubts ? *row.rare->doubts : core::Doubts{};
    if (doubt == core::Doubt::contradiction) {
      ++doubts.contradictions;
    } else {
      if (doubts.unproven++ == 0) doubts.unproven_since = draft.now().service;
    }
    row.rare.set(&core::RareOfFile::doubts, std::move(doubts));
  });
}

// A version that begins anew may be changed in turn before it is here, and is then no other answer; nor is a body that
// its end may still deny.
void settle_doubts(core::File& file, bool undecided) {
  const core::Rare<core::Doubts>& doubts = file.rare->doubts;
  if (!doubts) return;
  const bool kept = undecided && doubts->contradictions != 0;
  file.rare.set(&core::RareOfFile::doubts,
                kept ? core::Rare<core::Doubts>(core::Doubts{.contradictions = doubts->contradictions})
                     : core::Rare<core::Doubts>());
}

namespace {

// What the conversation with the server goes by.
core::RemoteRecord record_of(const Context& context, const core::Job& job, const core::File& file) {
  core::RemoteRecord record{.held = file.stored,
                            .wanted = file.wanted,
                            .demand = demand_of(file),
                            .given_out = job.rare->on_demand_mode,
                            .identity = file.remote_identity,
                            .fruitless_restarts = file.rare->fruitless_restarts,
                            .ranges_refused = file.ranges_refused,
                            .told_at = core::told_at(file)};
  if (const auto& expected = file.rare->expected) {
    record.expected_size = expected->size;
    record.has_pieces = !expected->pieces.empty();
  }
  if (file.rare->doubts) {
    record.contradictions = file.rare->doubts->contradictions;
    record.unproven = file.rare->doubts->unproven;
    if (record.unproven > 0)
      record.unproven_for = context.now().service - file.rare->doubts->unproven_since;
  }
  return record;
}

}  // namespace

ports::TransferRequest request_of(const Draft& draft, const base::JobId& id, const core::File& file,
                                  base::TransferId transfer, core::Source source) {
  const core::Job& job = *draft.job(id);
  return {.transfer = transfer,
          .job = id,
          .source = std::move(source),
          .record = record_of(draft.context(), job, file),
          .epoch = file.epoch,
          .next_epoch = file.last_epoch() + 1,
          .standing = core::standing_of(job),
          .options = core::request_options_of(job, draft.conditions.policy->requests),
          .owner = core::owner_of(job)};
}

}  // namespace backhaul::engine
