// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/manners.h"

#include "core/mirrors.h"
#include "tests/sim/world.h"

namespace backhaul::sim {

bool flag_is_on(std::uint32_t flags, core::NotifyKind kind) {
  constexpr std::uint32_t disable = 0x04;
  if ((flags & disable) != 0) return false;
  switch (kind) {
    case core::NotifyKind::none: return false;
    case core::NotifyKind::job_transferred: return (flags & 0x01) != 0;
    case core::NotifyKind::job_error: return (flags & 0x02) != 0;
    case core::NotifyKind::job_modification: return (flags & 0x08) != 0;
    case core::NotifyKind::file_transferred: return (flags & 0x10) != 0;
    case core::NotifyKind::file_ranges_transferred: return (flags & 0x20) != 0;
  }
  return false;
}

bool is_in_foreground(const core::Job& job) {
  return job.priority == base::Priority::foreground || job.rare->urgency == core::Urgency::beside;
}

void Manners::asked(const Call& call) {
  if (const auto* start = std::get_if<ports::command::Start>(&call.body))
    started_[start->job] = world_.stage.timeline.now();
}

void Manners::row_changed(const SimStore::Row* before, const SimStore::Row* after) {
  const base::JobId& id = (after != nullptr ? after : before)->job.id;
  if (after == nullptr || !after->job.server_wish) {
    wishes_.erase(id);
    return;
  }
  const core::ServerWish& wish = *after->job.server_wish;
  if (before != nullptr && before->job.server_wish && before->job.server_wish->until == wish.until) return;
  wishes_[id] = {wish.origin, world_.stage.timeline.now(), world_.clock.on_timeline(wish.until.boot), {}};
  if (!wish.for_all) wishes_[id].owner = after->job.owner_uid;
}

// A server that asked for time is left alone by all but those whose owners said Start since then.
void Manners::about_to_open(const ports::OpenPart& request) {
  const SimStore::Row* row = world_.store.find(request.job);
  if (row == nullptr) return world_.stage.fail("a part is opened for a job that is not stored");
  const std::string origin = core::url_origin(core::address(row->files.at(request.index)));
  const Microseconds now = world_.stage.timeline.now();
  const auto started = started_.find(request.job);
  for (const auto& [told, wish] : wishes_) {
    if (wish.origin != origin || wish.until <= now) continue;
    if (wish.owner && *wish.owner != row->job.owner_uid) continue;
    if (started != started_.end() && started->second >= wish.since) continue;
    // The owner may have said it long ago, while an earlier wish was kept: then until the next answer.
    if (world_.service().parts().fetching.holds().insists(request.job)) continue;
    world_.stage.fail(world_.clients.name_of(request.job) + ": goes to " + origin + ", which asked for time");
  }
}

void Manners::about_to_tell(const ports::Notification& notification, const core::Job& job) {
  const std::string who = world_.clients.name_of(job.id);
  const auto* object = std::get_if<ports::ObjectTarget>(&notification.target);
  const core::Owner whose = object != nullptr ? core::Owner{object->object.uid, {}} : core::owner_of(job);
  if (notification.owner != whose) world_.stage.fail(who + ": told on the bus of somebody else");
  if (!flag_is_on(job.notify_flags, notification.kind))
    world_.stage.fail(who + ": told although the flag is off");
  if (notification.kind != core::NotifyKind::job_modification) {
    // Files come first, where whoever is told hears of them.
    const bool hears_files = object == nullptr || object->object.level >= 2;
    const bool of_the_end = notification.kind == core::NotifyKind::job_transferred ||
                            notification.kind == core::NotifyKind::job_error;
    if (of_the_end && hears_files &&
        job.file_event->kind != core::NotifyKind::none &&
        flag_is_on(job.notify_flags, core::NotifyKind::file_transferred))
      world_.stage.fail(who + ": told of its end before its files");
    return;
  }
  const Microseconds now = world_.stage.timeline.now();
  Microseconds& silent_until = silent_until_[job.id];
  if (now < silent_until) world_.stage.fail(who + ": told of a modification before its interval is over");
  silent_until = now + job.notification_interval;
}

void Manners::after_turn() {
  check_idle();
  check_quiet();
  check_foreground();
}

// Whoever ends because it is idle leaves nothing undone.
void Manners::check_idle() {
  if (!world_.service().idle()) return;
  std::string left;
  if (!world_.store.rows().empty()) left += " a job";
  if (world_.store.in_flight()) left += " a commit";
  if (world_.clients.open_calls() > 0) left += " a call";
  if (world_.notifier.telling() > 0) left += " a notification";
  if (world_.launcher.under_way() > 0) left += " a program";
  if (!world_.transport.under_way().empty()) left += " a transfer";
  if (!left.empty()) world_.stage.fail("it says that it is idle, and there is" + left);
}

// Whoever waits until no job goes on by itself finds the files in their places.
void Manners::check_quiet() {
  if (!world_.service().is_idle()) return;
  const engine::Table& table = world_.service().table();
  for (const auto& [order, id] : table.by_order()) {
    const core::Job& job = table.find(id)->job;
    if (job.intent != core::Intent::none && !is_final(job.state))
      world_.stage.fail(world_.clients.name_of(id) + ": still being closed, and no job is said to go on");
  }
}

// As many as are allowed are on the link; those that became so while they had a turn keep it until it ends for somebody
// else's, and so do those that have to fetch something again after all.
void Manners::check_foreground() {
  std::map<base::JobId, bool> now;
  const engine::Table& table = world_.service().table();
  for (const auto& [id, run] : world_.service().parts().fetching.runs().all())
    if (run.active)
      now[id] = is_in_foreground(table.find(id)->job) && !run.link_is_free(table.find(id)->files.size());
  std::size_t foreground = 0;
  for (const auto& [id, is_foreground] : now) {
    const auto before = runs_.find(id);
    if (is_foreground && before != runs_.end() && !before->second) promoted_.insert(id);
    if (is_foreground && !promoted_.contains(id)) ++foreground;
  }
  std::erase_if(promoted_, [&](const base::JobId& id) { return !now.contains(id); });
  runs_ = std::move(now);
  if (foreground > world_.settings.policy.limits.foreground_jobs.value)
    world_.stage.fail("more jobs in the foreground than there is room for");
}

void Manners::service_died() {
  silent_until_.clear();
  runs_.clear();
  promoted_.clear();
}

}  // namespace backhaul::sim
