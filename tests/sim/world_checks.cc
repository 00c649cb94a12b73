// SPDX-License-Identifier: Apache-2.0
// What must hold of the deeds of the service at the moment it does them.
#include <algorithm>
#include <map>
#include <ranges>
#include <set>
#include <string>

#include "core/event_log.h"
#include "core/notify_ladder.h"
#include "core/random_access.h"
#include "tests/sim/world.h"

namespace backhaul::sim {

// Nothing is told that is not durable; the ladder begins with the object; four at once per user.
void World::check_notification(const ports::Notification& notification) {
  const SimStore::Row* row = store.find(notification.job);
  if (row == nullptr) return stage.fail("told of a job that is not stored");
  const core::Job& job = row->job;
  const std::string who = clients.name_of(job.id) + ": ";
  check_slots(notification.owner.uid, who);
  manners.about_to_tell(notification, job);
  check_event(notification, *row);
  if (const auto* object = std::get_if<ports::ObjectTarget>(&notification.target)) {
    if (!job.object || *job.object != object->object)
      stage.fail(who + "told to an object that is not registered");
    if (object->object.level < core::level_of(notification.kind))
      stage.fail(who + "an event for an object that does not answer it");
    return;
  }
  const auto& service = std::get<ports::ClassTarget>(notification.target).registration;
  if (job.notify_class != service) stage.fail(who + "told to a class that is not set");
  if (!job.object) return;
  const Program* program = bus.find(job.object->unique_name);
  if (job.object->bus_id == bus.id() && program != nullptr && program->alive)
    stage.fail(who + "told to the class although the object lives");
}

void World::check_event(const ports::Notification& notification, const SimStore::Row& row) {
  const core::Job& job = row.job;
  const std::string who = clients.name_of(job.id) + ": ";
  if (notification.kind == core::NotifyKind::job_modification) return;
  if (notification.kind == core::NotifyKind::file_ranges_transferred)
    return check_ranges(notification, row);
  const bool file = notification.kind == core::NotifyKind::file_transferred;
  const core::Pending& pending = *(file ? job.file_event : job.pending);
  if (pending.kind != notification.kind || pending.sequence != notification.sequence)
    stage.fail(who + "told of an event that is not due");
  if (job.intent != core::Intent::none) stage.fail(who + "told although it is being closed");
  check_logged(job, notification.kind, notification.sequence);
  if (notification.kind == core::NotifyKind::job_error && job.error != notification.error)
    stage.fail(who + "told of another error than the job has");
  if (!file) return;
  const auto it = row.files.find(notification.file);
  if (it == row.files.end() || it->second.event != notification.sequence ||
      it->second.state == core::FileState::waiting)
    return stage.fail(who + "told of a file that is not here");
  for (const auto& [index, earlier] : row.files)
    if (index < notification.file && earlier.event != 0 && earlier.event < notification.sequence)
      stage.fail(who + "told of a file before an earlier one");
}

// They are stored, in a file that somebody reads at random, and there is at least one.
void World::check_ranges(const ports::Notification& notification, const SimStore::Row& row) {
  const std::string who = clients.name_of(row.job.id) + ": ";
  const auto it = row.files.find(notification.file);
  if (it == row.files.end() || !core::tells_ranges(row.job, it->second))
    return stage.fail(who + "told of ranges of a file that nobody reads at random");
  if (notification.ranges.empty()) stage.fail(who + "told of no ranges");
  for (const core::Extent& extent : notification.ranges)
    if (!it->second.stored.covers(extent)) stage.fail(who + "told of a range that is not stored");
}

// What is on record of the cache is there, is what its origin had, and is offered only by somebody's word.
void World::check_cached(const core::CacheRecord& record) {
  const std::string who = "the copy of " + std::string(record.url);
  const InodeRef inode = disk.find_durable(SimCache::path_of(record.id));
  if (inode == nullptr || inode->durable != inode->cache.written() || inode->cache.size() != record.size)
    return stage.fail(who + " is on record and not durable");
  const auto number = inode->cache.version();
  const bool is_version = record.size == 0 ||
                          (number && inode->cache.is_of(*number, record.remote_size, inode->cache.written(), record.wanted));
  if ("sha256:" + inode->cache.digest(32) != record.digest || !is_version)
    stage.fail(who + " is not what its origin had");
  if (const SimStore::Row* row = store.find(record.job)) {
    const core::File& file = row->files.at(record.file);
    // The row of a job that is completed goes with this commit as it was.
    if (record.validated && !file.validated && row->job.intent != core::Intent::complete)
      stage.fail(who + " is offered, and nobody has said that it is valid");
    if (file.state == core::FileState::waiting) stage.fail(who + " is kept, and its file is not here");
  }
}

std::uint64_t World::check_command(const ports::Launch& launch) {
  const base::JobId& id = launch.job;
  const SimStore::Row* row = store.find(id);
  if (row == nullptr) {
    stage.fail("a program was run for a job that is not stored");
    return 0;
  }
  const core::Job& job = row->job;
  check_slots(launch.owner.uid, clients.name_of(id) + ": ");
  if (launch.owner != core::Owner{job.command->uid, {}})
    stage.fail(clients.name_of(id) + ": a program was run as somebody else than who set it");
  if (job.command != launch.command) stage.fail(clients.name_of(id) + ": another program was run");
  if (!flag_is_on(job.notify_flags, job.pending->kind))
    stage.fail(clients.name_of(id) + ": a program was run for nothing");
  if (notifier.is_telling(id, job.pending->sequence))
    stage.fail(clients.name_of(id) + ": a program was run for an event whose call has not returned");
  check_logged(job, job.pending->kind, job.pending->sequence);
  return job.pending->sequence;
}

// Asked is who is registered.
void World::check_question(const ports::CertificateQuestion& question) {
  const SimStore::Row* row = store.find(question.job);
  if (row == nullptr) return stage.fail("asked about a job that is not stored");
  if (!row->job.certificate_check || row->job.certificate_check->object != question.object)
    stage.fail(clients.name_of(question.job) + ": asked somebody who is not registered");
}

void World::accepted(const ports::CertificateQuestion& question) {
  accepted_.emplace(question.object.sequence, question.chain.front(), question.chain.back());
}

// Nothing is sent to a server that has not been accepted durably, and by whom is registered.
void World::check_request(const base::JobId& job, const core::ServerCertificate& server) {
  const SimStore::Row* row = store.find(job);
  if (row == nullptr) return stage.fail("a request for a job that is not stored");
  const auto& validator = row->job.certificate_check;
  if (!validator) return;
  if (!validator->accepted.contains(server) ||
      !accepted_.contains({validator->object.sequence, server.server, server.sha256}))
    stage.fail(clients.name_of(job) + ": a request to " + server.server +
               ", which nobody accepted");
}

void World::check_slots(std::uint32_t uid, const std::string& who) {
  if (notifier.under_way(uid) + launcher.under_way(uid) >= settings.notifications_per_user)
    stage.fail(who + "more calls at once than a user has slots");
}

// Whoever is told finds the event in the log, under the number that was told.
void World::check_logged(const core::Job& job, core::NotifyKind kind, std::uint64_t sequence) {
  const core::EventRecord* event = store.event(sequence);
  if (event == nullptr || event->job != job.id || event->kind != kind)
    stage.fail(clients.name_of(job.id) + ": told of event " + std::to_string(sequence) +
               ", which is not in the log");
}

// What the service shows of the log is what is stored.
void World::check_log() {
  if (store.in_flight()) return;
  const auto shown = engine_->events(0, UINT32_MAX, {base::PeerId::none, 0}).events;
  const auto& stored = store.events();
  const auto gone = core::excess(stored);
  const auto stays = [&](const core::EventRecord& event) {
    return !std::ranges::binary_search(gone, event.sequence);
  };
  if (!std::ranges::equal(stored | std::views::filter(stays), shown))
    stage.fail("the event log in memory and on the disk differ");
}

// The sums a client reads are those of the files it reads.
void World::check_counters(const base::JobId& id) {
  const auto found = engine_->find(id, {base::PeerId::none, 0});
  if (!found) return;
  core::FileCounters sum;
  for (std::uint32_t i = 0; i < (*found)->files.total; ++i) {
    const core::File& file = *engine_->file(**found, i);
    const bool done = file.state == core::FileState::transferred ||
                      file.state == core::FileState::completed;
    ++sum.total;
    sum.transferred += done ? 1 : 0;
    sum.end_untold += done && file.remote_identity.end_untold ? 1 : 0;
    sum.version_untold += done && core::is_version_untold(file) ? 1 : 0;
    sum.ranged += file.wanted.ranges().empty() ? 0 : 1;
    sum.bytes_stored += file.stored.total();
    if (file.size() == base::size_unknown)
      ++sum.size_unknown;
    else
      sum.bytes_known += file.size();
  }
  if (sum != (*found)->files) stage.fail(clients.name_of(id) + ": counters and files differ");
}

// What the service has heard of the machine, in so far as it is the same for every address.
bool World::is_barred(const core::Job& job) const {
  core::World heard{.network_up = true, .around = engine_->parts().conditions.world.around};
  heard.around.connectivity = core::Connectivity::full;
  return core::admit({.priority = job.priority, .cost_flags = job.rare->cost_flags}, heard, settings.policy,
                     clock.now().wall)
      .has_value();
}

// At most one background job uses the network, its large files one after another.
void World::check_after_turn() {
  std::set<base::JobId> background;
  std::map<base::JobId, std::size_t> of_job;
  std::map<std::string, std::size_t> of_server;
  for (const auto& request : transport.under_way()) {
    const auto found = engine_->find(request.part.job, {base::PeerId::none, 0});
    if (!found) {
      stage.fail("a transfer for a job that nobody finds");
      continue;
    }
    if (is_barred(**found)) stage.fail("a transfer that the world does not allow");
    if (!is_in_foreground(**found)) background.insert(request.part.job);
    if ((*found)->rare->urgency != core::Urgency::gentle && (*found)->rare->needed_by == base::WallTime{})
      stage.fail(clients.name_of(request.part.job) + ": urgent, and nobody needs it");
    if (++of_server[request.server] > settings.policy.limits.connections_per_server.value)
      stage.fail("more connections to " + request.server + " than one server gets");
    if (++of_job[request.part.job] > 16) stage.fail("more than 16 requests of one job");
  }
  if (++turns_ % 16 == 0)  // sums over everything: now and then
    for (const auto& [id, row] : store.rows()) {
      check_counters(id);
      clients.check_told(id);
    }
  if (turns_ % 16 == 1) check_log();
  manners.after_turn();
  // A change of priority can make a second one, until the next turn.
  if (background.size() < 2)
    crowded_since_.reset();
  else if (!crowded_since_)
    crowded_since_ = stage.timeline.now();
  else if (stage.timeline.now() - *crowded_since_ > std::chrono::seconds(1))
    stage.fail("two background jobs use the network");
}

}  // namespace backhaul::sim
