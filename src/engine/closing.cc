// SPDX-License-Identifier: Apache-2.0
#include "engine/closing.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/damage.h"
#include "core/http.h"
#include "core/job_table.h"
#include "core/judge.h"
#include "core/shown_url.h"
#include "engine/file_steps.h"
#include "engine/job_steps.h"
#include "engine/part_of.h"
#include "engine/taking.h"

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

ports::PublishRequest publish_request(const Draft& draft, const base::JobId& id) {
  ports::PublishRequest request{
      .job = id, .owner = core::owner_of(*draft.job(id)), .files = {}, .drop = {}};
  for (std::uint32_t i = 0; i < draft.file_count(id); ++i) {
    const core::File& file = *draft.file(id, i);
    // Also of those that an earlier attempt put in place: it dropped nothing, because others failed.
    name_parts(request.drop, file, file.state != core::FileState::waiting);
    if (file.state != core::FileState::transferred) continue;
    request.files.push_back({.part = part_of(file),
                             .recorded = core::recorded_part(file),
                             .modified = core::parse_http_date(file.remote_identity.last_modified),
                             .in_place = core::lies_in_place(*draft.job(id))});
  }
  return request;
}

ports::DiscardRequest discard_request(const Draft& draft, const base::JobId& id) {
  ports::DiscardRequest request{.job = id, .owner = core::owner_of(*draft.job(id)), .parts = {}};
  request.owner_in_doubt = is_in_doubt(draft, request.owner);
  for (std::uint32_t i = 0; i < draft.file_count(id); ++i) {
    const core::File& file = *draft.file(id, i);
    name_parts(request.parts, file, file.state == core::FileState::completed);
  }
  return request;
}

// The first that says why.
const ports::PublishedFile* first_with(const ports::Published& event, ports::Placing placing) {
  for (const ports::PublishedFile& file : event.files)
    if (file.placing == placing && file.error) return &file;
  return nullptr;
}

// Its callers are answered, and what waited behind it comes first.
void end(Draft& draft, const base::JobId& id, core::JobEvent event,
         base::Result<ports::ReplyValue> value, std::optional<core::ErrorInfo> error = {}) {
  BH_ASSERT(step(draft, id, event, std::move(error)));
  // The world may have changed while nothing but the intent was looked at.
  reconsider(draft, id);
  const OpenIntent* intent = draft.intents.find(id);
  if (intent == nullptr) return;
  draft.set_holder(id, intent->peer);
  for (const base::CallId call : intent->calls) draft.effect(effect::Reply{call, value});
  if (!intent->deferred.empty()) draft.effect(effect::Resubmit{intent->deferred});
  // Heard behind those commands: what they leave for somebody who is not here any more is given up.
  for (const ports::PeerGone& left : intent->left) draft.effect(effect::Post{left});
  draft.intents.erase(id);
}

// What is lost waits again, the rest stays as it is; the owner's Start fetches it.
void give_up_lost(Draft& draft, const ports::Published& event) {
  std::size_t lost = 0;
  for (const ports::PublishedFile& file : event.files) {
    if (file.placing != ports::Placing::lost) continue;
    ++lost;
    draft.log(base::LogLevel::warning, "Complete: " + file.error->text, event.job);
    fetch_anew(draft, event.job, file.index);
  }
  const ports::PublishedFile& first = *first_with(event, ports::Placing::lost);
  base::Error error = *first.error;
  if (lost > 1) error.text += " So it is with " + std::to_string(lost - 1) + " more.";
  core::ErrorInfo info{error.code, error.context, first.index, error.text};
  end(draft, event.job, core::JobEvent::parts_lost, std::move(error), std::move(info));
}

// Two files of one job may have the same local name (files.md §2): the later one takes the place of the other, and
// nobody shall have to find that out by the bytes.
void log_replaced(Draft& draft, const base::JobId& id) {
  std::unordered_map<std::string_view, std::uint32_t> holder;
  for (std::uint32_t i = 0; i < draft.file_count(id); ++i) {
    const core::File& file = *draft.file(id, i);
    if (file.state != core::FileState::completed) continue;
    const auto [at, first] = holder.emplace(file.local, i);
    if (first) continue;
    const std::uint32_t before = std::exchange(at->second, i);
    draft.log(base::LogLevel::warning,
              "Complete: file " + std::to_string(before) + " (" +
                  core::shown_url(draft.file(id, before)->remote) + ") was replaced by file " + std::to_string(i) +
                  " (" + core::shown_url(file.remote) + "), which has the same name " + std::string(file.local),
              id);
  }
}

void cannot_place(Draft& draft, const base::JobId& id, const ports::PublishedFile& file) {
  const base::Error& error = *file.error;
  draft.log(base::LogLevel::warning, "Complete: " + error.text, id);
  // Left to somebody who can repair it: also with AutoComplete the service does not try by itself again and again, but
  // when its owner says Start or Complete, or sets AutoComplete anew.
  end(draft, id, core::JobEvent::publish_failed, error,
      core::ErrorInfo{error.code, error.context, file.index, error.text});
}

// The intent stands, and whoever asked for it waits for its end.
void close_later(Draft& draft, const base::JobId& id, const base::Error& shortage) {
  note_shortage(draft, shortage.code, shortage.text);
  OpenIntent& intent = draft.intents.make(id);
  intent.begun = false;
  intent.waits_for_room = true;
}

void set_to_work(Draft& draft, const core::Job& job) {
  switch (job.intent) {
    case core::Intent::none: return;
    case core::Intent::complete: return draft.effect(effect::Publish{publish_request(draft, job.id)});
    case core::Intent::cancel: return draft.effect(effect::Discard{discard_request(draft, job.id)});
    case core::Intent::take:
      if (!job.rare->takeover->parts_taken) return draft.effect(effect::HandOver{hand_over_request(draft, job.id)});
      return draft.effect(effect::Discard{former_parts(draft, job.id)});
  }
}

// What is left of TakeOwnership when the parts of the former owner are gone.
void end_taking(Draft& draft, const ports::Discarded& event) {
  if (!draft.job(event.job)->rare->takeover->parts_taken) return;
  draft.keep_if_dropped(event);
  if (event.leftovers) sweep_as_owner(draft, event.job);
  draft.edit(event.job, Weight::hard).rare.set(&core::RareOfJob::takeover, {});
  end(draft, event.job, core::JobEvent::taken, ports::ReplyValue{});
  fetch_what_is_missing(draft, event.job);
}

// The answer to look_at_parts(), if nobody did anything else with the job meanwhile.
void parts_looked_at(Draft& draft, const ports::Published& event) {
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
  draft.edit(event.job, Weight::hard).error.reset();
  complete_by_itself(draft, event.job);  // that tells what keeps them
  const ports::PublishedFile* kept = first_with(event, ports::Placing::kept);
  if (kept == nullptr || draft.job(event.job)->intent != core::Intent::none) return;
  draft.edit(event.job, Weight::hard).error =
      core::ErrorInfo{kept->error->code, kept->error->context, kept->index, kept->error->text};
}

bool deferred_something(const OpenIntent& intent, base::PeerId peer) {
  return std::ranges::any_of(intent.deferred, [&](const ports::Command& command) {
    return command.caller.peer == peer;
  });
}

bool knows_that_it_left(const OpenIntent& intent, base::PeerId peer) {
  return std::ranges::find(intent.left, peer, &ports::PeerGone::peer) != intent.left.end();
}

// Files that were not whole are given up with the rest. True: there were some.
bool discard_the_rest(Draft& draft, const base::JobId& id) {
  bool partial = false;
  for (std::uint32_t i = 0; i < draft.file_count(id); ++i) {
    if (draft.file(id, i)->state != core::FileState::waiting) continue;
    partial = true;
    draft.edit_file(id, i, Weight::hard, [](core::File& row) {
      row.state = core::FileState::discarded;
      row.stored = {};
    });
  }
  return partial;
}

}  // namespace

// Whoever starts a job whose files could not be put in place wants to have them: what is not there
// any more is fetched again. With AutoComplete nobody has to do anything until that is known.
void look_at_parts(Draft& draft, const base::JobId& id) {
  if (draft.job(id)->auto_complete && draft.job(id)->error) draft.edit(id, Weight::hard).error.reset();
  ports::PublishRequest request = publish_request(draft, id);
  request.only_look = true;
  draft.effect(effect::Publish{std::move(request)});
}

void Closing::take_up(Draft& draft, const base::JobId& id, const ports::Command& command) const {
  OpenIntent& intent = draft.intents.make(id);
  if (intent.began == base::BootTime{}) intent.began = draft.now().boot;
  intent.peer = command.caller.peer;
  if (command.call == base::CallId::none) return;
  intent.calls.push_back(command.call);
  draft.effect(effect::Accept{command.call});
}

void Closing::defer(Draft& draft, const base::JobId& id, ports::Command command) const {
  draft.effect(effect::Accept{command.call});
  draft.intents.make(id).deferred.push_back(std::move(command));
}

void Closing::on(Draft& draft, ports::Published& event) const {
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
    if (core::is_shortage(kept->error->code))
      return close_later(draft, event.job, *kept->error);
    return cannot_place(draft, event.job, *kept);
  }
  BH_ASSERT(std::ranges::all_of(event.files, [](const ports::PublishedFile& file) {
    return file.placing == ports::Placing::in_place;
  }));
  log_replaced(draft, event.job);
  Code status = discard_the_rest(draft, event.job) ? Code::BG_S_PARTIAL_COMPLETE : Code::S_OK;
  if (event.leftovers) status = Code::BG_S_UNABLE_TO_DELETE_FILES;
  end(draft, event.job, core::JobEvent::published, ports::ReplyValue{status});
}

void Closing::on(Draft& draft, ports::HandedOver& event) const {
  const core::Job* job = draft.job(event.job);
  if (job == nullptr || job->intent != core::Intent::take || job->rare->takeover->parts_taken) return;
  draft.keep_if_dropped(event);
  const auto short_of_room = std::ranges::find_if(
      event.parts, [](const ports::CopiedPart& part) { return part.error && core::is_shortage(part.error->code); });
  if (short_of_room != event.parts.end()) return close_later(draft, event.job, *short_of_room->error);
  take_parts(draft, event);
  draft.intents.make(event.job).begun = false;  // the next step of it
}

void Closing::on(Draft& draft, ports::Discarded& event) const {
  const core::Job* job = draft.job(event.job);
  if (job != nullptr && job->intent == core::Intent::take) return end_taking(draft, event);
  if (job == nullptr || job->intent != core::Intent::cancel) return;
  draft.keep_if_dropped(event);
  const Code status = event.leftovers ? Code::BG_S_UNABLE_TO_DELETE_FILES : Code::S_OK;
  end(draft, event.job, core::JobEvent::discarded, ports::ReplyValue{status});
}

void Closing::on(Draft& draft, const ports::PeerGone& event) const {
  std::vector<base::JobId> closing = draft.intents.touched();  // also those that this turn began
  for (const auto& [id, intent] : intents_) closing.push_back(id);
  for (const base::JobId& id : closing) {
    const OpenIntent* open = draft.intents.find(id);
    if (open == nullptr) continue;
    if (open->peer == event.peer) draft.intents.edit(id)->peer = base::PeerId::none;
    if (deferred_something(*open, event.peer) && !knows_that_it_left(*open, event.peer))
      draft.intents.edit(id)->left.push_back(event);
  }
}

// What was begun before the service went down is done again.
void Closing::on(Draft& draft, const news::Restarted& news) const {
  const core::Job* job = draft.job(news.job);
  if (job == nullptr) return;
  if (job->intent != core::Intent::none)
    draft.intents.make(news.job).began = draft.now().boot;
  else if (core::is_about_to_complete(*job))
    look_at_parts(draft, news.job);
}

void Closing::run_timers(Draft& draft) const {
  if (draft.conditions.is_short(draft.now().boot)) return;
  for (const auto& [id, intent] : intents_)
    if (intent.waits_for_room)
      if (OpenIntent* open = draft.intents.edit(id)) open->waits_for_room = false;
}

void Closing::settle(Draft& draft) const {
  for (const base::JobId& id : draft.touched()) {
    const core::Job* job = draft.job(id);
    if (job == nullptr || job->intent == core::Intent::none || draft.runs.find(id) != nullptr)
      continue;  // its parts are still being closed
    const OpenIntent* open = draft.intents.find(id);
    if (open != nullptr && (open->begun || open->waits_for_room)) continue;
    OpenIntent& intent = draft.intents.make(id);
    intent.begun = true;
    if (intent.began == base::BootTime{}) intent.began = draft.now().boot;
    set_to_work(draft, *job);
  }
}

void Closing::merged(Change& change) {
  change.draft.intents.merge([&](const base::JobId& id, std::optional<OpenIntent> intent) {
    Overlay<OpenIntent>::put(intents_, id, std::move(intent));
  });
}

}  // namespace backhaul::engine
