// SPDX-License-Identifier: Apache-2.0
// What clients may see: committed rows, live counts beside them, and the event log.
#include <algorithm>
#include <utility>

#include "core/admission.h"
#include "core/names.h"
#include "engine/engine.h"

namespace backhaul::engine {

using base::Code;

namespace {

std::string_view text_of(const core::Rare<std::string>& rare) {
  return rare ? std::string_view(*rare) : std::string_view();
}

}  // namespace

base::Result<void> Engine::may_touch(const core::Job& job, const ports::Caller& caller) {
  return core::may_touch({job.owner_uid, text_of(job.application)},
                         {caller.uid, caller.application});
}

base::Result<const core::Job*> Engine::find(const base::JobId& id,
                                            const ports::Caller& caller) const {
  const Entry* entry = table_.find(id);
  if (entry == nullptr) return base::Error(Code::BG_E_NOT_FOUND, "no job " + to_string(id));
  BH_CHECK(may_touch(entry->job, caller));
  return &entry->job;
}

const core::File* Engine::file(const core::Job& job, std::uint32_t index) const {
  const Entry* entry = table_.find(job.id);
  if (entry == nullptr || index >= entry->files.size()) return nullptr;
  return &entry->files[index];
}

std::uint64_t Engine::file_progress(const core::File& file) const {
  const Run* run = runs_.find(file.job);
  if (run == nullptr || file.state != core::FileState::waiting) return file.offset;
  for (const Lane& lane : run->lanes) {
    if (lane.file != file.index || !lane.part_open || lane.phase == LanePhase::closing) continue;
    if (ports::Sink* sink = ports_.files.sink(lane.transfer)) return sink->position();
  }
  return file.offset;
}

ports::Progress Engine::progress(const core::Job& job) const {
  ports::Progress progress;
  progress.files_total = job.files.total;
  progress.files_transferred = job.files.transferred;
  progress.bytes_transferred = job.files.bytes_stored;
  progress.bytes_total = job.files.size_unknown == 0 ? job.files.bytes_known : base::size_unknown;
  const Entry* entry = table_.find(job.id);
  const Run* run = runs_.find(job.id);
  if (entry == nullptr) return progress;
  if (run != nullptr) {
    if (base::is_running(job.state)) progress.rate = run->meter.rate(ports_.clock.now().boot);
    for (const Lane& lane : run->lanes) {
      const core::File& file = entry->files[lane.file];
      progress.bytes_transferred += file_progress(file) - file.offset;
    }
  }
  for (const core::File& file : entry->files) {
    if (file.state != core::FileState::waiting) continue;
    if (file.remote_identity.resumable != core::Resumable::unknown)
      progress.resumable = file.remote_identity.resumable == core::Resumable::yes;
    break;
  }
  return progress;
}

void Engine::read(base::PeerId peer, std::move_only_function<void()> answer) {
  if (unanswered_.contains(peer))
    held_reads_.emplace(peer, std::move(answer));
  else
    answer();
}

base::Result<ports::JobPage> Engine::page(const ports::JobFilter& filter,
                                          const std::string& cursor, std::uint32_t limit,
                                          const ports::Caller& caller) const {
  if (filter.all_users && (caller.uid != 0 || !caller.application.empty()))
    return base::Error(Code::E_ACCESSDENIED, "only root may list the jobs of all users");
  if (limit == 0 || limit > 1000)
    return base::Error(Code::E_INVALIDARG, "the limit is 1 to 1000 jobs a page");
  std::uint64_t from = 0;
  for (char c : cursor) {
    if (c < '0' || c > '9' || from > 100'000'000'000'000'000U)
      return base::Error(Code::E_INVALIDARG, "the cursor is not one of ours");
    from = from * 10 + static_cast<std::uint64_t>(c - '0');
  }
  ports::JobPage page;
  for (auto it = table_.by_order().lower_bound(from); it != table_.by_order().end(); ++it) {
    const core::Job& job = table_.find(it->second)->job;
    const bool listed = filter.states == 0
                            ? !base::is_final(job.state)
                            : (filter.states >> static_cast<unsigned>(job.state) & 1U) != 0;
    if (!listed || (!filter.all_users && job.owner_uid != caller.uid)) continue;
    if (!may_touch(job, caller)) continue;
    if (!filter.name_glob.empty() && !core::glob_match(filter.name_glob, job.name)) continue;
    if (page.jobs.size() == limit) {
      page.next = std::to_string(it->first);
      break;
    }
    page.jobs.push_back(&job);
  }
  return page;
}

base::Result<base::JobId> Engine::last_job(const ports::Caller& caller) const {
  const auto found = last_made_.find(caller.uid);
  if (found == last_made_.end())
    return base::Error(Code::BG_E_NOT_FOUND, "no job was made that is still remembered");
  return found->second.id;
}

ports::EventPage Engine::events(std::uint64_t since, std::uint32_t limit,
                                const ports::Caller& caller) const {
  ports::EventPage page;
  page.next = since;
  auto it = std::upper_bound(
      events_.begin(), events_.end(), since,
      [](std::uint64_t number, const core::EventRecord& event) { return number < event.sequence; });
  for (; it != events_.end() && page.events.size() < limit; ++it) {
    page.next = it->sequence;
    if (core::may_touch({it->owner_uid, text_of(it->application)},
                        {caller.uid, caller.application}))
      page.events.push_back(*it);
  }
  return page;
}

}  // namespace backhaul::engine
