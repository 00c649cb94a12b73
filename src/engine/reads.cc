// SPDX-License-Identifier: Apache-2.0
// What clients may see: committed rows, live counts beside them, and the event log.
#include <algorithm>
#include <chrono>
#include <utility>

#include "core/admission.h"
#include "core/average_rate.h"
#include "core/names.h"
#include "engine/commands.h"
#include "engine/engine.h"

namespace backhaul::engine {

using base::Code;

base::Result<const core::Job*> Engine::find(const base::JobId& id,
                                            const ports::Caller& caller) const {
  return find_job(context_.table, id, caller);
}

const core::File* Engine::file(const core::Job& job, std::uint32_t index) const {
  const Entry* entry = context_.table.find(job.id);
  if (entry == nullptr || index >= entry->files.size()) return nullptr;
  return &entry->files[index];
}

std::uint64_t Engine::file_progress(const core::File& file) const {
  const Run* run = parts_.fetching.runs().find(file.job);
  if (run == nullptr || file.state != core::FileState::waiting) return file.stored.total();
  for (const Lane& lane : run->lanes) {
    if (lane.file != file.index || !lane.part_open) continue;
    if (lane.phase == LanePhase::closing) {
      // Told to stop, it is on its way to the disk: what a client saw before does not shrink meanwhile.
      const auto coming = ports_.files.coming(lane.transfer);
      if (coming && coming->epoch == file.epoch) return std::max(coming->octets, file.stored.total());
      continue;
    }
    if (ports::Sink* sink = ports_.files.sink(lane.transfer)) return sink->taken();
  }
  return file.stored.total();
}

ports::Progress Engine::progress(const core::Job& job) const {
  ports::Progress progress;
  progress.files_total = job.files.total;
  progress.files_transferred = job.files.transferred;
  progress.bytes_transferred = job.files.bytes_stored;
  progress.bytes_total = job.files.size_unknown == 0 ? job.files.bytes_known : base::size_unknown;
  const Entry* entry = context_.table.find(job.id);
  const Run* run = parts_.fetching.runs().find(job.id);
  if (entry == nullptr) return progress;
  if (run != nullptr) {
    for (const Lane& lane : run->lanes) {
      const core::File& file = entry->files[lane.file];
      progress.bytes_transferred += file_progress(file) - file.stored.total();
    }
  }
  measure(job, run, progress);
  const core::File* next = entry->next_file();
  if (next != nullptr && next->remote_identity.resumable != core::Resumable::unknown)
    progress.resumable = next->remote_identity.resumable == core::Resumable::yes;
  return progress;
}

// How fast it is, was, and when it will be here.
void Engine::measure(const core::Job& job, const Run* run, ports::Progress& progress) const {
  base::Microseconds moved = core::time_moved(job);
  if (run != nullptr && base::is_running(job.state)) {
    const core::Reading reading = ports_.transport.reading(job.id);
    progress.rate = reading.rate;
    progress.impact = reading.impact;
    moved += context_.clocks.this_moment().boot - run->accounted;
  }
  progress.average_rate = core::average_rate(progress.bytes_transferred, moved).value_or(0);
  const std::uint64_t left = progress.bytes_total - progress.bytes_transferred;
  if (progress.rate == 0 || progress.bytes_total == base::size_unknown ||
      progress.bytes_total < progress.bytes_transferred || left / progress.rate > UINT32_MAX)
    return;
  progress.left = std::chrono::seconds((left + progress.rate - 1) / progress.rate);
}

std::vector<core::BudgetStatus> Engine::budgets(const ports::Caller& caller) const {
  const core::World& world = parts_.conditions.world;
  const base::WallTime now = context_.clocks.this_moment().wall;
  const core::Owner owner = caller.owner();
  const std::string here = core::network_name(world.around.connection, world.route);
  std::uint64_t rate = 0;
  for (const auto& [id, run] : parts_.fetching.runs().all()) rate += ports_.transport.reading(id).rate;
  std::vector<core::BudgetStatus> found;
  const auto look = [&](const std::string& network, const core::Budget* budget, bool in_use) {
    if (budget == nullptr || budget->none()) return;
    core::BudgetStatus status = core::status_of(*budget, network, *world.spent, owner, now, world.around.utc_offset);
    status.in_use = in_use;
    status.runs_out = core::runs_out(status, in_use ? rate : 0, now);
    found.push_back(std::move(status));
  };
  for (const core::Budgets& budgets : parts_.conditions.policy->budgets) {
    look(here, core::budget_for(budgets, world.around.connection, world.route), true);
    for (const auto& [network, days] : world.spent->networks())
      if (network != here) look(network, core::budget_for(budgets, network, core::route_of(network)), false);
  }
  return found;
}

ports::PolicyInForce Engine::policy(const ports::Caller& caller) const {
  const core::Policy& policy = *parts_.conditions.policy;
  const core::PeerPreferences& asked = parts_.conditions.preferences;
  std::shared_ptr<const core::PolicyList> list = policy.list;
  if (list && asked != core::PeerPreferences()) {
    auto shown = std::make_shared<core::PolicyList>(*list);
    core::show_preferred(*shown, asked, policy.cache, policy.neighbours);
    list = std::move(shown);
  }
  return {.list = std::move(list), .exempt = policy.limits.exempts(core::account_of(caller.owner()))};
}

void Engine::read(base::PeerId peer, std::move_only_function<void()> answer) {
  answers_.read(peer, std::move(answer));
}

base::WallTime Engine::expires(const core::Job& job) const {
  if (base::is_final(job.state) || job.intent != core::Intent::none) return {};
  const Clocks& clocks = context_.clocks;
  const base::BootTime end = clocks.on_boot_clock(job.active) + parts_.conditions.policy->limits.inactivity_timeout.value;
  return clocks.on_wall_clock(end, clocks.this_moment());
}

// One that waits for an address goes on when somebody gives it one.
bool Engine::is_idle() const {
  using base::JobState;
  const Table& table = context_.table;
  for (const JobState state : {JobState::queued, JobState::connecting, JobState::transferring})
    if (!table.in(state).empty()) return false;
  return table.closing() == 0 && table.in(JobState::transient_error).size() == table.waiting_for_address();
}

ports::NotifyState Engine::notify_state(const core::Job& job) const {
  return parts_.telling.state(context_, job);
}

base::Result<std::optional<base::Secret>> Engine::custom_headers(const core::Job& job,
                                                                 const ports::Caller& caller) const {
  BH_CHECK(core::may_touch_secrets(core::owner_of(job), caller.owner()));
  if (job.rare->secrets && job.rare->secrets->headers_write_only())
    return base::Error(Code::E_ACCESSDENIED, "the headers are write-only");
  const core::SecretSlot slot = core::SecretSlot::headers;
  if (!job.rare->secrets || job.rare->secrets->find(slot) == nullptr || base::is_final(job.state))
    return std::optional<base::Secret>();
  const Shelves& shelves = parts_.keeping.shelves();
  const auto shelf = shelves.find(job.id);
  if (shelf == shelves.end() || !shelf->second.contains(slot))
    return base::Error(Code::BG_E_DATABASE_CORRUPT, "the headers were lost with the damaged queue");
  BH_TRY(base::Secret value, ports_.sealer.open({job.id, slot}, shelf->second.at(slot)));
  return std::optional(std::move(value));
}

base::Result<ports::JobPage> Engine::page(const ports::JobFilter& filter,
                                          const std::string& cursor, std::uint32_t limit,
                                          const ports::Caller& caller) const {
  if (filter.all_users) BH_CHECK(core::may_list_all(caller.owner(), caller.right));
  if (limit == 0 || limit > 1000)
    return base::Error(Code::E_INVALIDARG, "the limit is 1 to 1000 jobs a page");
  std::uint64_t from = 0;
  for (char c : cursor) {
    if (c < '0' || c > '9' || from > 100'000'000'000'000'000U)
      return base::Error(Code::E_INVALIDARG, "the cursor is not one of ours");
    from = from * 10 + static_cast<std::uint64_t>(c - '0');
  }
  const Owners& owners = context_.table.owners();
  Owners::InOrder jobs = filter.all_users              ? owners.all(from)
                         : caller.application.empty() ? owners.of_account(caller.uid, from)
                                                      : owners.of(caller.owner(), from);
  ports::JobPage page;
  for (const auto& [order, id] : jobs) {
    const core::Job& job = context_.table.find(id)->job;
    const bool listed = filter.states == 0
                            ? !base::is_final(job.state)
                            : (filter.states >> static_cast<unsigned>(job.state) & 1U) != 0;
    if (!listed) continue;
    // Who had the number of its owner before is somebody else.
    if (!filter.all_users && !core::may_touch(core::owner_of(job), caller.owner())) continue;
    if (!filter.name_glob.empty() && !core::glob_match(filter.name_glob, job.name)) continue;
    if (page.jobs.size() == limit) {
      page.next = std::to_string(order);
      break;
    }
    page.jobs.push_back(&job);
  }
  return page;
}

base::Result<base::JobId> Engine::last_job(const ports::Caller& caller) const {
  if (const auto job = history_.last_job(caller.owner())) return *job;
  return base::Error(Code::BG_E_NOT_FOUND, "no job was made that is still remembered");
}

ports::EventPage Engine::events(std::uint64_t since, std::uint32_t limit,
                                const ports::Caller& caller) const {
  return history_.page(since, limit, caller);
}

}  // namespace backhaul::engine
