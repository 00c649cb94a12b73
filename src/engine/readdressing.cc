// SPDX-License-Identifier: Apache-2.0
#include "engine/readdressing.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/admission.h"
#include "core/judge.h"
#include "core/mirrors.h"
#include "core/names.h"
#include "core/shown_url.h"
#include "engine/allowance.h"
#include "engine/conditions.h"
#include "engine/entrusting.h"
#include "engine/fetching.h"
#include "engine/job_steps.h"

namespace backhaul::engine {

using base::Code;

namespace {

base::Result<void> check_address(const Draft& draft, const core::Job& job, const std::string& remote) {
  BH_CHECK(core::may_fetch(core::owner_of(job).application, remote));
  BH_CHECK(core::check_remote(remote));
  return core::may_fetch_from(draft.conditions.policy->requests->origins, remote);
}

base::Result<void> is_download(const core::Job& job) {
  if (job.type == base::JobType::download) return {};
  return base::Error(Code::E_NOTIMPL, "only the addresses of downloads can be changed");
}

// All its bytes have arrived, or will have.
bool needs_no_address(const Lane& lane) {
  return lane.phase == LanePhase::syncing || lane.phase == LanePhase::verifying ||
         lane.phase == LanePhase::stored || lane.phase == LanePhase::closing;
}

void stop_transfer(Draft& draft, const base::JobId& id, std::uint32_t file) {
  const Run* running = draft.runs.find(id);
  if (running == nullptr || !running->active || !moves(draft, id)) return;
  const auto asks = [file](const Lane& lane) { return lane.file == file && !needs_no_address(lane); };
  if (std::ranges::none_of(running->lanes, asks)) return;
  Run& run = *draft.runs.edit(id);
  run.active = false;
  // At once, so that nothing that the former address still tells in this turn counts for the new one.
  for (Lane& lane : run.lanes)
    if (asks(lane)) close_lane(draft, lane);
  give_turn_back(draft, id);
}

void readdress(Draft& draft, const base::JobId& id, std::uint32_t index, const std::string& remote) {
  if (draft.file(id, index)->remote == remote && draft.job(id)->address_file != index) return;
  const bool waits = draft.file(id, index)->state == core::FileState::waiting;
  draft.edit_file(id, index, Weight::hard, [&](core::File& file) {
    file.remote = remote;
    file.rare.set(&core::RareOfFile::led_away, false);
    file.rare.set(&core::RareOfFile::duplicates, {});
    if (!waits) return;
    file.moved = true;
    file.rare.set(&core::RareOfFile::fruitless_restarts, 0U);
    file.high_water = 0;
    file.ranges_refused = false;
    file.rare.set(&core::RareOfFile::doubts, {});
    begin_round(file);
    if (file.rare->mirrors) file.rare.edit().mirrors->current = 0;
  });
  if (!waits) return;
  stop_transfer(draft, id, index);
  judge_anew(draft, id);
  if (draft.job(id)->address_file == index) BH_ASSERT(step(draft, id, core::JobEvent::unblocked));
}

// By how many octets the address becomes longer.
std::uint64_t growth(const core::File& file, const std::string& remote) {
  return remote.size() - std::min(remote.size(), file.remote.view().size());
}

// What is to stand there instead; unset: it does not begin so.
std::optional<std::string> replaced(const core::File& file, const core::HiddenUsers& users, const std::string& from,
                                    const std::string& to) {
  for (const std::string& address : {users.reveal(file.remote), core::without_user(file.remote)})
    if (address.starts_with(from)) return to + address.substr(from.size());
  return std::nullopt;
}

}  // namespace

base::Result<void> set_remote_name(Draft& draft, const base::JobId& id, std::uint32_t index,
                                   const std::string& remote, const ports::Caller& caller) {
  BH_CHECK(is_download(*draft.job(id)));
  if (draft.file(id, index) == nullptr)
    return base::Error(Code::BG_E_FILE_NOT_FOUND, "the job has no file " + std::to_string(index));
  BH_CHECK(check_address(draft, *draft.job(id), remote));
  BH_CHECK(take_octets(draft, id, growth(*draft.file(id, index), remote)));
  AddressHider hider(draft, id, caller);
  const std::string hidden = hider.hide(remote);
  BH_CHECK(hider.keep());
  readdress(draft, id, index, hidden);
  BH_ASSERT(step(draft, id, core::JobEvent::change));
  return {};
}

base::Result<std::uint32_t> replace_remote_prefix(Draft& draft, const base::JobId& id,
                                                  const std::string& from, const std::string& to,
                                                  const ports::Caller& caller) {
  BH_CHECK(is_download(*draft.job(id)));
  if (from.empty() || to.empty())
    return base::Error(Code::E_INVALIDARG, "both prefixes must have at least one character");
  const core::HiddenUsers users = hidden_users(draft, id);
  AddressHider hider(draft, id, caller);
  std::vector<std::pair<std::uint32_t, std::string>> changes;
  std::uint64_t octets = 0;
  for (std::uint32_t i = 0; i < draft.file_count(id); ++i) {
    const auto remote = replaced(*draft.file(id, i), users, from, to);
    if (!remote) continue;
    BH_CHECK(check_address(draft, *draft.job(id), *remote));
    octets += growth(*draft.file(id, i), *remote);
    BH_CHECK(check_octets(draft, id, octets));  // before they are all in memory
    changes.emplace_back(i, hider.hide(*remote));
  }
  if (changes.empty()) return std::uint32_t{0};
  BH_CHECK(take_octets(draft, id, octets));
  BH_CHECK(hider.keep());
  for (const auto& [index, remote] : changes) readdress(draft, id, index, remote);
  BH_ASSERT(step(draft, id, core::JobEvent::change));
  return static_cast<std::uint32_t>(changes.size());
}

Holds::Way take_way(Draft& draft, const base::JobId& id, std::uint32_t index) {
  const core::File& file = *draft.file(id, index);
  const Holds::Way way = draft.holds().way_to(draft.context(), draft.conditions.origins(), file);
  if (!way.until && !way.refused && way.address != core::address_in_use(file))
    draft.edit_file(id, index, Weight::hard,
                    [&way](core::File& row) { row.rare.edit().mirrors->current = way.address; });
  return way;
}

std::optional<core::ErrorInfo> after_failed_address(Draft& draft, const base::JobId& id,
                                                    const core::ErrorInfo& error, bool asks_for_time) {
  if (!draft.file(id, error.file)->rare->mirrors) return error;
  const bool passes = core::classify(error.code) != core::ErrorClass::fatal;
  const std::uint32_t in_use = core::address_in_use(*draft.file(id, error.file));
  draft.edit_file(id, error.file, Weight::hard, [&](core::File& row) {
    core::set_failed(row, in_use);
    core::Mirrors& mirrors = *row.rare.edit().mirrors;
    if (passes && !mirrors.passing) mirrors.passing = error;
  });
  const core::File& file = *draft.file(id, error.file);
  const core::AllowedOrigins& origins = draft.conditions.origins();
  const std::uint32_t behind = (in_use + 1) % core::address_count(file);
  const auto left = core::address_left(origins, file, behind);
  // What asked for no time may be better before a server that did may be asked.
  const bool sooner = file.rare->mirrors->passing && !asks_for_time &&
                      draft.holds().way_to(draft.context(), origins, file).until;
  const bool over = !left || sooner;
  const core::ErrorInfo told = passes || !file.rare->mirrors->passing ? error : *file.rare->mirrors->passing;
  const std::uint32_t next = left ? *left : core::allowed_address(origins, file, behind).value_or(in_use);
  draft.edit_file(id, error.file, Weight::hard, [&](core::File& row) {
    row.rare.edit().mirrors->current = next;
    if (next != in_use) row.ranges_refused = false;  // a habit of the one that failed; doubts count on, or no round were the last
    if (over) begin_round(row);
  });
  const std::string shown = core::shown_url(core::address(*draft.file(id, error.file)));
  draft.log(base::LogLevel::notice,
            "file " + std::to_string(error.file) + ": " + base::symbol(error.code) + " " + error.text +
                "; next is " + shown,
            id);
  if (over) return told;
  return std::nullopt;
}

void begin_round(core::File& file) {
  if (!file.rare->mirrors) return;
  core::Mirrors& mirrors = *file.rare.edit().mirrors;
  mirrors.failed = 0;
  mirrors.passing.reset();
}

// What a signed link says when its time is over, of a job that has bytes to lose.
bool asks_for_address(const Draft& draft, const base::JobId& id, const core::ErrorInfo& error) {
  const core::Job& job = *draft.job(id);
  if (job.rare->address_timeout == base::Seconds::zero() || job.files.bytes_stored == 0) return false;
  return error.code == base::http_code(401) || error.code == base::http_code(403) ||
         error.code == base::http_code(410);
}

void wait_for_address(Draft& draft, const base::JobId& id, std::uint32_t file) {
  if (draft.job(id)->state != base::JobState::transient_error) return;
  core::Job& job = draft.edit(id, Weight::hard);
  job.retry = draft.context().clocks.after(job.rare->address_timeout);
  job.address_file = file;
}

}  // namespace backhaul::engine
