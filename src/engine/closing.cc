// SPDX-License-Identifier: Apache-2.0
// How Complete and Cancel are carried out: an intent that is on the disk, work that can be repeated,
// and its end.
#include <algorithm>
#include <utility>

#include "core/damage.h"
#include "core/http.h"
#include "core/judge.h"
#include "engine/engine.h"
#include "engine/part_of.h"

namespace backhaul::engine {

using base::Code;

namespace {

// Every part of a file that can be on the disk: those before its newest one that could not be swept,
// that one, and the next, which a crash or a stop may have left before its row was written.
void name_parts(std::vector<ports::PartRef>& parts, const core::File& file, bool keep_present) {
  if (core::is_lost(file)) return;
  for (std::uint32_t epoch = 0; epoch < file.last_epoch() + 2; ++epoch)
    if (epoch != file.epoch || !keep_present) parts.push_back(part_of(file, epoch));
}

}  // namespace

void Engine::carry_out_intent(const base::JobId& id) {
  if (runs_.find(id) != nullptr) return;  // its parts are still being closed; advance() comes back
  OpenIntent& intent = intents_[id];
  if (std::exchange(intent.begun, true)) return;
  const Entry& entry = *table_.find(id);
  if (entry.job.intent == core::Intent::cancel) {
    ports::DiscardRequest request{.job = id, .parts = {}};
    for (const core::File& file : entry.files)
      name_parts(request.parts, file, file.state == core::FileState::completed);
    ports_.files.discard(std::move(request));
    return;
  }
  ports_.files.publish(publish_request(entry));
}

ports::PublishRequest Engine::publish_request(const Entry& entry) const {
  ports::PublishRequest request{.job = entry.job.id, .files = {}, .drop = {}};
  for (const core::File& file : entry.files) {
    // Also of those that an earlier attempt put in place: it dropped nothing, because others failed.
    name_parts(request.drop, file, file.state != core::FileState::waiting);
    if (file.state != core::FileState::transferred) continue;
    request.files.push_back({.part = part_of(file),
                             .recorded = core::recorded_part(file),
                             .modified = core::parse_http_date(file.remote_identity.last_modified)});
  }
  return request;
}

void Engine::handle(Draft& draft, ports::Published& event) {
  if (event.only_looked) return parts_looked_at(draft, event);
  const core::Job* job = draft.job(event.job);
  if (job == nullptr || job->intent != core::Intent::complete) return;
  draft.keep_if_dropped(event);
  for (const ports::PublishedFile& file : event.files) {
    if (file.placing != ports::Placing::in_place) continue;
    draft.edit_file(event.job, file.index, Weight::hard, [](core::File& row) {
      row.state = core::FileState::completed;
      row.validated = true;  // Complete validates (jobs.md §13.6)
    });
  }
  if (first_with(event, ports::Placing::lost) != nullptr) return give_up_lost(draft, event);
  if (const ports::PublishedFile* kept = first_with(event, ports::Placing::kept)) {
    if (core::classify(kept->error->code) == core::ErrorClass::shortage)
      return close_later(draft, event.job, *kept->error);
    return cannot_place(draft, event.job, *kept);
  }
  BH_ASSERT(std::ranges::all_of(event.files, [](const ports::PublishedFile& file) {
    return file.placing == ports::Placing::in_place;
  }));
  bool partial = false;
  for (std::uint32_t i = 0; i < draft.file_count(event.job); ++i) {
    if (draft.file(event.job, i)->state != core::FileState::waiting) continue;
    partial = true;
    draft.edit_file(event.job, i, Weight::hard, [](core::File& row) {
      row.state = core::FileState::discarded;
      row.offset = 0;
    });
  }
  Code status = partial ? Code::BG_S_PARTIAL_COMPLETE : Code::S_OK;
  if (event.leftovers) status = Code::BG_S_UNABLE_TO_DELETE_FILES;
  end_intent(draft, event.job, core::JobEvent::published, ports::ReplyValue{status});
}

// The first that says why.
const ports::PublishedFile* Engine::first_with(const ports::Published& event,
                                               ports::Placing placing) {
  for (const ports::PublishedFile& file : event.files)
    if (file.placing == placing && file.error) return &file;
  return nullptr;
}

// What is lost waits again, the rest stays as it is; the owner's Start fetches it.
void Engine::give_up_lost(Draft& draft, const ports::Published& event) {
  std::size_t lost = 0;
  for (const ports::PublishedFile& file : event.files) {
    if (file.placing != ports::Placing::lost) continue;
    ++lost;
    ports_.log.write(base::LogLevel::warning, "Complete: " + file.error->text, event.job);
    fetch_anew(draft, event.job, file.index);
  }
  const ports::PublishedFile& first = *first_with(event, ports::Placing::lost);
  base::Error error = *first.error;
  if (lost > 1) error.text += " So it is with " + std::to_string(lost - 1) + " more.";
  core::ErrorInfo info{error.code, error.context, first.index, error.text};
  end_intent(draft, event.job, core::JobEvent::parts_lost, std::move(error), std::move(info));
}

void Engine::cannot_place(Draft& draft, const base::JobId& id, const ports::PublishedFile& file) {
  const base::Error& error = *file.error;
  ports_.log.write(base::LogLevel::warning, "Complete: " + error.text, id);
  // Left to somebody who can repair it: the service does not try by itself again and again.
  draft.edit(id, Weight::hard).auto_complete = false;
  end_intent(draft, id, core::JobEvent::publish_failed, error,
             core::ErrorInfo{error.code, error.context, file.index, error.text});
}

// The answer to look_at_parts(), if nobody did anything else with the job meanwhile.
void Engine::parts_looked_at(Draft& draft, ports::Published& event) {
  const core::Job* job = draft.job(event.job);
  if (job == nullptr || job->state != base::JobState::transferred ||
      job->intent != core::Intent::none)
    return;
  draft.keep_if_dropped(event);
  for (const ports::PublishedFile& file : event.files)
    if (file.placing == ports::Placing::lost) fetch_anew(draft, event.job, file.index);
  if (first_with(event, ports::Placing::lost) != nullptr) {
    BH_ASSERT(step(draft, event.job, core::JobEvent::start));
    return;
  }
  core::Job& row = draft.edit(event.job, Weight::hard);
  row.error.reset();
  if (const ports::PublishedFile* kept = first_with(event, ports::Placing::kept))
    row.error = core::ErrorInfo{kept->error->code, kept->error->context, kept->index,
                                kept->error->text};
}

void Engine::handle(Draft& draft, ports::Discarded& event) {
  const core::Job* job = draft.job(event.job);
  if (job == nullptr || job->intent != core::Intent::cancel) return;
  draft.keep_if_dropped(event);
  const Code status = event.leftovers ? Code::BG_S_UNABLE_TO_DELETE_FILES : Code::S_OK;
  end_intent(draft, event.job, core::JobEvent::discarded, ports::ReplyValue{status});
}

void Engine::end_intent(Draft& draft, const base::JobId& id, core::JobEvent event,
                        base::Result<ports::ReplyValue> value,
                        std::optional<core::ErrorInfo> error) {
  BH_ASSERT(step(draft, id, event, std::move(error)));
  // The network may have come back while nothing but the intent was looked at.
  if (const core::Job* job = draft.job(id); job->state == base::JobState::transient_error &&
                                            job->error &&
                                            job->error->code == Code::BG_E_NETWORK_DISCONNECTED &&
                                            network_up_)
    BH_ASSERT(step(draft, id, core::JobEvent::unblocked));
  base::PeerId peer{};
  if (auto it = intents_.find(id); it != intents_.end()) {
    peer = it->second.peer;
  }
  // Its callers are answered by the action, not by the draft: if this commit fails the intent
  // stands, and so does their waiting.
  draft.after_commit([this, id, value = std::move(value)] {
    auto it = intents_.find(id);
    if (it == intents_.end()) return;
    for (base::CallId call : it->second.calls) ports_.clients.reply(call, value);
    auto deferred = std::move(it->second.deferred);
    intents_.erase(it);
    for (auto command = deferred.rbegin(); command != deferred.rend(); ++command)
      inbox_.emplace_front(std::move(*command));
    wake_();
  });
  finish_if_final(draft, id, peer);
}

// A final job leaves the queue, unless its events still have to be told (AutoComplete completes
// first, then tells) or somebody hears of the change itself.
void Engine::finish_if_final(Draft& draft, const base::JobId& id, base::PeerId peer) {
  const core::Job* job = draft.job(id);
  if (!base::is_final(job->state)) return;
  if (somebody_hears(*job, job->pending.kind) || owes_modification(*job) ||
      (core::owes_file_events(*job) && somebody_hears(*job, job->file_event.kind)))
    return;
  if (job->object) {
    draft.after_commit([this, object = *job->object] { ports_.notifier.release(object); });
    draft.edit(id, Weight::hard).object.reset();  // nor does what is left of the job show it
  }
  drop_validator(draft, id);
  draft.after_commit([this, id] {
    ports_.notifier.release_instance(id);
    modifications_.erase(id);
    swept_.erase(swept_.lower_bound({id, 0}), swept_.upper_bound({id, UINT32_MAX}));
  });
  draft.bury(id, peer);
}

}  // namespace backhaul::engine
