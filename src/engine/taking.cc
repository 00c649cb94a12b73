// SPDX-License-Identifier: Apache-2.0
#include "engine/taking.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "core/account.h"
#include "core/admission.h"
#include "core/damage.h"
#include "core/part.h"
#include "engine/changing.h"
#include "engine/file_steps.h"
#include "engine/job_steps.h"
#include "engine/part_of.h"

namespace backhaul::engine {
namespace {

// Nothing of it was published or given up.
bool is_unpublished(const core::File& file) {
  return !core::is_lost(file) &&
         (file.state == core::FileState::waiting || file.state == core::FileState::transferred);
}

bool has_part(const core::File& file) {
  return file.device != 0 || file.inode != 0 || !file.stored.empty() || file.last_epoch() > 0;
}

// What stands under the local name already cannot be replaced by somebody else where others may write.
bool is_copied(const core::Job& job, const core::File& file) {
  const bool holds_something = !file.stored.empty() || file.state == core::FileState::transferred;
  return is_unpublished(file) && holds_something && !core::lies_in_place(job);
}

// Behind those that a transfer which was just stopped may have begun.
std::uint32_t epoch_of_copy(const core::File& file) { return file.last_epoch() + 2; }

bool has_parts(const Draft& draft, const base::JobId& id) {
  if (draft.runs.find(id) != nullptr) return true;
  for (std::uint32_t i = 0; i < draft.file_count(id); ++i)
    if (const core::File& file = *draft.file(id, i); is_unpublished(file) && has_part(file)) return true;
  return false;
}

void give_to(Draft& draft, const base::JobId& id, const core::Owner& owner) {
  draft.set_owner(id, owner);
  watch(draft, owner);
}

// The one of the row, or whoever else has to do with it.
core::Owner other_owner(const core::Job& job) {
  core::Owner owner = core::owner_of(job);
  owner.uid = job.rare->takeover->uid;
  owner.account = std::string(job.rare->takeover->account.view());
  return owner;
}

void note_takeover(Draft& draft, const base::JobId& id, const core::Owner& other, bool parts_taken) {
  draft.edit(id, Weight::hard)
      .rare.set(&core::RareOfJob::takeover, core::Takeover{other.uid, base::Text(other.account), parts_taken});
}

void use_copy(Draft& draft, const base::JobId& id, const ports::CopiedPart& copy) {
  draft.edit_file(id, copy.index, Weight::hard, [&](core::File& row) {
    row.epoch = copy.epoch;
    row.device = copy.device;
    row.inode = copy.inode;
    row.mount = copy.mount;
    row.tail = copy.tail;
    row.last_write = copy.last_write;
    row.rare.set(&core::RareOfFile::fresh, {});
  });
}

void give_up_part(Draft& draft, const base::JobId& id, std::uint32_t file) {
  if (draft.file(id, file)->state == core::FileState::transferred) fetch_anew(draft, id, file);
  begin_anew(draft, id, file);
}

}  // namespace

base::Result<core::JobEvent> take_ownership(Draft& draft, const base::JobId& id, const ports::Caller& caller,
                                            Knowledge& known) {
  BH_CHECK(core::may_take(caller.owner(), caller.right));
  const core::Owner owner = caller.owner();
  const bool is_another = draft.job(id)->owner_uid != caller.uid;
  if (is_another) BH_CHECK(check_new_owner(draft, id, owner, known));
  const bool copies = is_another && has_parts(draft, id);
  if (copies)
    note_takeover(draft, id, owner, false);
  else
    give_to(draft, id, owner);
  core::Job& job = draft.edit(id, Weight::hard);
  job.command = {};  // it would run as the former owner (N115)
  job.rare.set(&core::RareOfJob::proxy_environment, {});  // and these passwords are the former owner's
  job.command_set_by = author(draft, caller);
  // What was asked of the former owner's jobs alone.
  if (job.server_wish && !job.server_wish->for_all) job.server_wish.reset();
  drop_secrets(draft, id);  // jobs.md §8
  return copies ? core::JobEvent::take : core::JobEvent::change;
}

bool is_in_doubt(const Draft& draft, const core::Owner& owner) {
  return draft.conditions.stray_account(owner) != nullptr ||
         (core::is_watched(owner) && !draft.conditions.accounts_known);
}

ports::HandOverRequest hand_over_request(const Draft& draft, const base::JobId& id) {
  const core::Job& job = *draft.job(id);
  ports::HandOverRequest request{.job = id, .from = core::owner_of(job), .to = other_owner(job), .parts = {}};
  for (std::uint32_t i = 0; i < draft.file_count(id); ++i) {
    const core::File& file = *draft.file(id, i);
    if (!is_copied(job, file)) continue;
    request.parts.push_back({.part = part_of(file), .recorded = core::recorded_part(file), .epoch = epoch_of_copy(file)});
  }
  return request;
}

void take_parts(Draft& draft, const ports::HandedOver& event) {
  const base::JobId& id = event.job;
  const core::Owner former = core::owner_of(*draft.job(id));
  const core::Owner owner = other_owner(*draft.job(id));
  for (std::uint32_t i = 0; i < draft.file_count(id); ++i) {
    if (!is_unpublished(*draft.file(id, i))) continue;
    const auto copy = std::ranges::lower_bound(event.parts, i, {}, &ports::CopiedPart::index);
    const bool was_asked_for = copy != event.parts.end() && copy->index == i;
    if (was_asked_for && !copy->error) {
      use_copy(draft, id, *copy);
      continue;
    }
    if (was_asked_for)
      draft.log(base::LogLevel::warning, "TakeOwnership: " + copy->error->text + " The file is fetched again.", id);
    give_up_part(draft, id, i);
  }
  give_to(draft, id, owner);
  note_takeover(draft, id, former, true);
}

ports::DiscardRequest former_parts(const Draft& draft, const base::JobId& id) {
  const core::Job& job = *draft.job(id);
  ports::DiscardRequest request{.job = id, .owner = other_owner(job), .parts = {}};
  request.owner_in_doubt = is_in_doubt(draft, request.owner);
  for (std::uint32_t i = 0; i < draft.file_count(id); ++i) {
    const core::File& file = *draft.file(id, i);
    if (!is_unpublished(file)) continue;
    for (std::uint32_t epoch = 0; epoch < file.epoch; ++epoch) request.parts.push_back(part_of(file, epoch));
  }
  return request;
}

void sweep_as_owner(Draft& draft, const base::JobId& id) {
  for (std::uint32_t i = 0; i < draft.file_count(id); ++i)
    if (is_unpublished(*draft.file(id, i))) drop_other_parts(draft, id, i);
}

void fetch_what_is_missing(Draft& draft, const base::JobId& id) {
  const core::Job* job = draft.job(id);
  if (job->state == base::JobState::transferred && job->files.transferred < job->files.total)
    BH_ASSERT(step(draft, id, core::JobEvent::start));
}

void give_up_taking(Draft& draft, const base::JobId& id) {
  const core::Owner other = other_owner(*draft.job(id));
  for (std::uint32_t i = 0; i < draft.file_count(id); ++i)
    if (is_unpublished(*draft.file(id, i))) drop_other_parts(draft, id, i, other);
  draft.edit(id, Weight::hard).rare.set(&core::RareOfJob::takeover, {});
}

}  // namespace backhaul::engine
