// SPDX-License-Identifier: Apache-2.0
// What must hold of every durable row (design: nothing is lost, nothing transient is stored, file
// data first and then the offset).
#include <algorithm>

#include "core/digest.h"
#include "core/judge.h"
#include "core/mirrors.h"
#include "core/notify_ladder.h"
#include "core/part.h"
#include "core/part_name.h"
#include "core/pieces.h"
#include "core/shares.h"
#include "tests/sim/origin.h"
#include "tests/sim/store.h"

namespace backhaul::sim {

using base::JobState;
using core::FileState;

std::string RowChecks::name(const core::Job& job) const {
  return job.name.empty() ? base::to_hex(job.id) : std::string(job.name);
}

namespace {

// Whatever comes of it.
bool is_judged_at_its_end(const core::File& file) {
  const auto& more = file.rare->expected;
  const bool expected = more && !(more->pieces.empty() && more->signature.empty());
  return file.rare->digests || !file.remote_identity.digest.empty() || expected;
}

bool has_digests(const Content& content, const std::string& expected) {
  return std::ranges::all_of(core::parse_digest_list(expected), [&](const core::Digest& digest) {
    return content.digest(core::digest_bytes(digest.algorithm)) == digest.hex;
  });
}

bool has_pieces(const Content& content, const core::File& file) {
  const auto pieces = file.rare->expected ? core::parse_pieces(file.rare->expected->pieces) : std::nullopt;
  return !pieces || content.pieces(pieces->size) == pieces->hex;
}

}  // namespace

void RowChecks::check(const SimStore::Row* before, const SimStore::Row* after) {
  if (after == nullptr) return;
  check_job(*after);
  if (before != nullptr) check_step(*before, *after);
  // Set aside after two crashes while it was being closed: parts may be gone already.
  if (before != nullptr && before->job.intent != core::Intent::none && after->job.error &&
      after->job.intent == core::Intent::none && after->job.error->code == base::Code::E_UNEXPECTED)
    for (const auto& [index, file] : after->files) exempt({after->job.id, index});
  // While it is completed or cancelled the parts are being renamed or removed.
  const bool closing = after->job.intent == core::Intent::complete || after->job.intent == core::Intent::cancel;
  if (closing || base::is_final(after->job.state)) return;
  for (const auto& [index, file] : after->files)
    if (before == nullptr || !before->files.contains(index) || before->files.at(index) != file)
      check_file(after->job, file);
}

void RowChecks::check_job(const SimStore::Row& row) {
  const core::Job& job = row.job;
  std::uint32_t expected = 0;
  for (const auto& [index, file] : row.files)
    if (index != expected++ || file.index != index) stage_.fail(name(job) + ": a file is missing");
  if (job.retry && job.state != JobState::transient_error)
    stage_.fail(name(job) + ": a retry is due outside TRANSIENT_ERROR");
  if (job.pending->kind != core::NotifyKind::none && job.pending->kind != core::due_kind(job))
    stage_.fail(name(job) + ": an event is due that its state does not owe");
  check_file_event(row);
  if (base::is_final(job.state) && job.intent != core::Intent::none)
    stage_.fail(name(job) + ": an intent in a final state");
  if (job.error && core::classify(job.error->code) == core::ErrorClass::shortage)
    stage_.fail(name(job) + ": the service's own shortage became an error of the job");
  if (job.state == JobState::transferred && !job.started)
    stage_.fail(name(job) + ": transferred, but never started");
  if (job.minimum_retry_delay < core::shortest_retry_delay)
    stage_.fail(name(job) + ": the retry delay is below its floor");
}

// One file's event is due; the others wait behind it.
void RowChecks::check_file_event(const SimStore::Row& row) {
  const core::Job& job = row.job;
  if (!core::owes_file_events(job)) return;
  const auto due = row.files.find(job.event_file);
  if (due != row.files.end() ? due->second.event != job.file_event->sequence || due->second.event == 0
                             : job.file_event->kind != core::NotifyKind::none)
    stage_.fail(name(job) + ": the event of another file is due");
  if (due == row.files.end() && std::any_of(row.files.begin(), row.files.end(), [](const auto& entry) {
        return entry.second.event != 0;
      }))
    stage_.fail(name(job) + ": the event of a file is not due");
}

void RowChecks::check_step(const SimStore::Row& before, const SimStore::Row& after) {
  const std::string who = name(after.job);
  if (before.job.id != after.job.id || before.job.order != after.job.order ||
      before.job.type != after.job.type || before.job.created != after.job.created)
    stage_.fail(who + ": what never changes has changed");
  if (base::is_final(before.job.state) && before.job.state != after.job.state)
    stage_.fail(who + ": left a final state");
  if (before.job.started && !after.job.started) stage_.fail(who + ": started is forgotten");
  if (before.job.error_count > after.job.error_count) stage_.fail(who + ": errors are forgotten");
  check_intent(before.job, after.job);
  if (after.files.size() < before.files.size()) stage_.fail(who + ": a file is gone");
  for (const auto& [index, was] : before.files) {
    const core::File& is = after.files.at(index);
    const std::string file = who + "[" + std::to_string(index) + "]";
    if (was.local != is.local) stage_.fail(file + ": has another name");
    if (was.remote != is.remote) moved_.insert({after.job.id, index});
    if (is.epoch < was.epoch) stage_.fail(file + ": an epoch went back");
    const bool refused = was.state == FileState::transferred && is.epoch > was.epoch;
    if (was.state != FileState::waiting && is.state == FileState::waiting && !refused)
      stage_.fail(file + ": went back to waiting");
    if (was.state == FileState::completed && is.state != was.state)
      stage_.fail(file + ": is not completed any more");
    const bool same_part = was.epoch == is.epoch && was.inode == is.inode &&
                           was.device == is.device && was.device != 0;
    const bool deleted = exempt_.contains({after.job.id, index});
    const core::Extents gone = was.stored.without(is.stored);
    if (same_part && !gone.empty() && !deleted && is.state != FileState::discarded && !were_wrong(was, gone))
      stage_.fail(file + ": what was stored is not any more");
  }
}

// Of pieces that are not what is expected, or not whole.
bool RowChecks::were_wrong(const core::File& file, const core::Extents& bytes) const {
  const auto pieces = file.rare->expected ? core::parse_pieces(file.rare->expected->pieces) : std::nullopt;
  const InodeRef inode = disk_.find_durable(file.device, file.inode);
  if (!pieces || inode == nullptr) return false;
  const core::Pieces there{pieces->size, inode->cache.pieces(pieces->size)};
  for (const core::Extent& gone : bytes.list())
    for (std::uint64_t at = gone.begin; at < gone.end;) {
      core::Extents whole;
      whole.add(core::piece_around(at, pieces->size.length, file.size()));
      const std::uint64_t number = at / pieces->size.length;
      at = whole.end();
      const bool is_whole = whole.without(inode->cache.written()).empty();
      if (is_whole && number < pieces->count() && there.digest(number) == pieces->digest(number)) return false;
    }
  return true;
}

// Whatever is asked of a job that is being closed waits for the end of that.
void RowChecks::check_intent(const core::Job& was, const core::Job& is) {
  if (was.intent == core::Intent::none || is.intent == core::Intent::none) return;
  if (was.intent != is.intent) stage_.fail(name(is) + ": one intent became another");
  const bool restarted = base::is_running(was.state) && is.state == JobState::queued;
  if (was.state != is.state && !restarted)
    stage_.fail(name(is) + ": its state changed while it was being closed");
}

void RowChecks::check_file(const core::Job& job, const core::File& file) {
  const std::string who = file.local + " (file " + std::to_string(file.index) + ", epoch " +
                          std::to_string(file.epoch) + ", " + std::to_string(file.stored.total()) +
                          " bytes in inode " + std::to_string(file.inode) + ")";
  const std::uint64_t size = file.size();
  if (file.state == FileState::completed || file.state == FileState::discarded) return;
  if (size != base::size_unknown && file.stored.end() > size)
    stage_.fail(who + ": more bytes than the file has");
  if (file.state == FileState::transferred && !file.is_stored_whole())
    stage_.fail(who + ": transferred, but not whole");
  if (file.stored.empty()) exempt_.erase({file.job, file.index});  // begun again
  if (exempt_.contains({file.job, file.index})) return;
  check_fresh(file, who);
  if (file.rare->demand)
    for (const core::Extent& asked : file.rare->demand->asked)
      if (file.stored.first_gap(asked) != asked) stage_.fail(who + ": what is here is asked for still");
  if (file.stored.empty() && file.state == FileState::waiting) return;
  const bool renumbered = disk_.renumbers && file.mount != disk_.mount;
  const InodeRef inode =
      renumbered ? disk_.find_durable(core::place_of_part(job, file))
                 : disk_.find_durable(file.device, file.inode);
  if (inode == nullptr) return stage_.fail(who + ": the recorded part does not exist durably");
  if (!file.stored.without(inode->durable).empty())
    return stage_.fail(who + ": recorded more than is durable");
  if (file.stored.empty()) return;
  Content content = inode->cache;
  content.keep(file.stored);
  if (file.state == FileState::waiting && is_judged_at_its_end(file)) return;
  if (file.rare->digests && !has_digests(content, *file.rare->digests))
    return stage_.fail(who + ": transferred, and not what was expected");
  if (!has_pieces(content, file)) return stage_.fail(who + ": transferred with a wrong piece");
  const auto number = content.version();
  if (!number) return stage_.fail(who + ": the part is not of one version");
  const Version& version = *origin_.version(*number);
  if (!content.is_of(version.number, version.size, file.stored, file.wanted))
    stage_.fail(who + ": bytes do not lie where they belong");
  const std::uint64_t remote_size = file.remote_identity.size;
  if (remote_size != base::size_unknown && remote_size != version.size)
    stage_.fail(who + ": the part is of another size than recorded");
  const bool told_elsewhere = file.rare->mirrors || moved_.contains({file.job, file.index});
  if (!file.remote_identity.last_modified.empty() && !told_elsewhere &&
      file.remote_identity.last_modified != version.last_modified)
    stage_.fail(who + ": the part is of another version than recorded");
  if (file.state == FileState::transferred &&
      file.stored.total() != file.wanted.local_size(version.size))
    stage_.fail(who + ": transferred, but a part of the version only");
}

// The part beside it is as good as its record; where the file is whole, nothing of it is on record.
void RowChecks::check_fresh(const core::File& file, const std::string& who) {
  if (!file.rare->fresh) return;
  const core::FreshPart& fresh = *file.rare->fresh;
  if (file.state != FileState::waiting && fresh.offset != 0)
    stage_.fail(who + ": whole, and goes on with a part beside it");
  if (fresh.epoch <= file.epoch) stage_.fail(who + ": the part beside it is older");
  if (fresh.offset == 0) return;
  // It is never gone on with, so its number counts nothing where a remount gives new ones.
  const InodeRef inode =
      disk_.renumbers ? disk_.find_durable(core::part_path(file.local, file.job, file.index, fresh.epoch))
                      : disk_.find_durable(fresh.device, fresh.inode);
  if (inode == nullptr || !inode->durable.covers({0, fresh.offset}))
    return stage_.fail(who + ": the part beside it is not durable");
  if (is_judged_at_its_end(file)) return;
  Content content = inode->cache;
  content.truncate(fresh.offset);
  const auto number = content.version();
  if (!number || !content.is_of(*number, origin_.version(*number)->size,
                                core::Extents::until(fresh.offset), {}))
    stage_.fail(who + ": the part beside it is no prefix of one version");
}

void RowChecks::check_published(const core::File& file, const Inode& inode) {
  if (inode.durable != inode.cache.written()) stage_.fail(file.local + ": published before it is durable");
  const std::uint64_t size = inode.cache.size();
  const auto is_whole = [&](const Version& version) {
    return file.wanted.local_size(version.size) == size &&
           inode.cache.is_of(version.number, version.size, core::Extents::until(size), file.wanted);
  };
  if (file.rare->digests && !has_digests(inode.cache, *file.rare->digests))
    stage_.fail(file.local + ": published, and not what was expected");
  if (!has_pieces(inode.cache, file)) stage_.fail(file.local + ": published with a wrong piece");
  for (std::uint32_t n = 0; n < core::address_count(file); ++n) {
    const RemoteFile* remote = origin_.find(std::string(core::address(file, n)));
    if (remote != nullptr && std::ranges::any_of(remote->versions, is_whole)) return;
  }
  // It may have come from an address that it had before. Nothing tells of which version an empty one is.
  const auto number = inode.cache.version();
  const bool is_former = number ? is_whole(*origin_.version(*number)) : size == 0 && file.remote_identity.size == 0;
  if (moved_.contains({file.job, file.index}) && is_former) return;
  stage_.fail(file.local + ": what was published was never at the origin");
}

}  // namespace backhaul::sim
