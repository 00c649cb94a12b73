// SPDX-License-Identifier: Apache-2.0
// Why a job does not move: what the parts know of it, as one value.
#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <utility>

#include "core/damage.h"
#include "core/http.h"
#include "core/job_table.h"
#include "core/mirrors.h"
#include "core/part_name.h"
#include "core/random_access.h"
#include "engine/engine.h"
#include "engine/next_file.h"
#include "engine/silence.h"

namespace backhaul::engine {

namespace {

// What happened, as the middle of a sentence: "HTTP 503", "there is no route to the host".
std::string in_few_words(base::Code code) {
  if (base::is_http_code(code)) return "HTTP " + std::to_string(base::http_status(code));
  std::string text = base::describe(code);
  if (text.ends_with('.')) text.pop_back();
  if (text.size() > 1 && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'a')
    text[0] = static_cast<char>(text[0] - 'A' + 'a');
  return text;
}

std::string reason_of(const core::Job& job) {
  if (!job.error) return {};
  return job.error->text.empty() ? in_few_words(job.error->code) : job.error->text;
}

// Of a job that its owner has to do something about: why, and whose class hears of it when it has a session again.
std::vector<std::string> ended_because(const core::Job& job, const Telling& telling) {
  std::vector<std::string> why;
  if (job.error) why.push_back(reason_of(job));
  if (!telling.waits_for_session(job)) return why;
  why.resize(1);
  why.push_back(job.notify_class->name);
  return why;
}

// The directory in which an intent has something to do; of several the first, and how many more.
std::string directories_of(const Entry& entry) {
  std::set<std::string> all;
  std::string first;
  for (const core::File& file : entry.files) {
    const std::string directory = core::parent_directory(file.local);
    if (!directory.empty() && all.insert(directory).second && first.empty()) first = directory;
  }
  return all.size() < 2 ? first : first + " or of one of " + std::to_string(all.size() - 1) + " others";
}

}  // namespace

// On demand, and whatever a program wanted of it is here.
bool Engine::asks_for_nothing(const core::Job& job) const {
  const Entry* entry = context_.table.find(job.id);
  if (!job.rare->on_demand_mode || !job.started || entry == nullptr) return false;
  return std::ranges::none_of(entry->files,
                              [&](const core::File& file) { return core::has_to_fetch(job, file); });
}

// As it is in an origin: who asked it for time, or who is asked next.
std::string Engine::server_waited_for(const core::Job& job) const {
  if (job.server_wish) return job.server_wish->origin;
  const core::AllowedOrigins& origins = parts_.conditions.origins();
  const core::File* file = next_to_fetch(job, *context_.table.find(job.id), origins);
  if (file == nullptr) return {};
  return core::url_origin(core::address(*file, parts_.fetching.holds().way_to(context_, origins, *file).address));
}

std::optional<core::Waiting> Engine::waiting_for_server(const core::Job& job) const {
  const Clocks& clocks = context_.clocks;
  const core::AllowedOrigins& origins = parts_.conditions.origins();
  const auto until = parts_.fetching.holds().until(context_, origins, job.id);
  if (!until) return std::nullopt;
  const base::Instant now = clocks.this_moment();
  const base::BootTime retry = job.retry ? clocks.resolve(*job.retry) : *until;
  const std::string origin = server_waited_for(job);
  core::Waiting waiting{.kind = core::WaitingKind::server,
                        .since = clocks.on_wall_clock(clocks.on_boot_clock(job.active), now),
                        .until = clocks.on_wall_clock(std::max(retry, *until), now),
                        .arguments = {core::url_host(origin)}};
  const Holds::Held* held = parts_.fetching.holds().find(origin, job.owner_uid, now.boot);
  if (!job.server_wish && held != nullptr && held->second.told.job != job.id)
    waiting.arguments.emplace_back(held->first.owner ? "own" : "another");
  return waiting;
}

// What the world does not allow it now.
std::optional<core::Waiting> Engine::barred(const core::Job& job) const {
  auto bar = parts_.conditions.bar(context_, job, context_.table.find(job.id));
  if (!bar) return std::nullopt;
  const Clocks& clocks = context_.clocks;
  core::Waiting waiting{
      .kind = bar->kind,
      .since = clocks.on_wall_clock(clocks.on_boot_clock(job.active), clocks.this_moment()),
      .until = bar->until.value_or(base::WallTime{}),
      .arguments = {}};
  if (bar->kind == core::WaitingKind::cost)
    waiting.arguments = {core::cost::describe(parts_.conditions.world.around.cost),
                         core::cost::to_word(cost_flags(job))};
  if (bar->kind == core::WaitingKind::policy) waiting.arguments = {bar->subject};
  if (bar->kind == core::WaitingKind::budget)
    waiting.arguments = {core::network_name(parts_.conditions.world.around.connection, parts_.conditions.world.route)};
  return waiting;
}

std::uint32_t Engine::cost_flags(const core::Job& job) const {
  return core::cost_flags_in_force({.priority = job.priority, .cost_flags = job.rare->cost_flags},
                                   *parts_.conditions.policy);
}

// Complete and Cancel are matters of moments where a file system answers; to take a job over can mean to copy its parts.
static constexpr base::Microseconds closing_patience = std::chrono::seconds(2);

// Where is said from when on it takes longer than it should.
core::Waiting Engine::closing(const core::Job& job) const {
  const base::Instant now = context_.clocks.this_moment();
  core::Waiting waiting{.kind = core::WaitingKind::closing,
                        .arguments = {std::string(core::to_word(job.intent))}};
  const auto intent = parts_.closing.intents().find(job.id);
  if (intent == parts_.closing.intents().end()) return waiting;
  waiting.since = context_.clocks.on_wall_clock(intent->second.began, now);
  const Entry* entry = context_.table.find(job.id);
  if (entry == nullptr || now.boot - intent->second.began < closing_patience) return waiting;
  if (std::string where = directories_of(*entry); !where.empty()) waiting.arguments.push_back(std::move(where));
  return waiting;
}

// Of a job that runs: who does not answer, if anybody does not.
core::Waiting Engine::silence(const core::Job& job) const {
  const Entry* entry = context_.table.find(job.id);
  const Run* run = parts_.fetching.runs().find(job.id);
  if (entry == nullptr || run == nullptr) return {};
  const base::Instant now = context_.clocks.this_moment();
  if (const Lane* lane = run->active ? run->lane_that_waits() : nullptr) {
    const Approach& approach = parts_.neighbourhood.approaches().at(job.id).at(lane->file);
    return {.kind = core::WaitingKind::neighbour,
            .since = context_.clocks.on_wall_clock(approach.wait.since(), now),
            .until = {},
            .arguments = {parts_.neighbourhood.site()->name_of(approach.wait.key)}};
  }
  auto found = silent(*run, *entry, now.boot);
  if (found) found->since = context_.clocks.on_wall_clock(run->sign_of_life(), now);
  return found.value_or(core::Waiting{});
}

core::Waiting Engine::waiting(const core::Job& job) const {
  using Kind = core::WaitingKind;
  using base::JobState;
  const Clocks& clocks = context_.clocks;
  const base::Instant now = clocks.this_moment();
  const auto said = [&](Kind kind, std::vector<std::string> arguments = {}) {
    return core::Waiting{.kind = kind,
                         .since = clocks.on_wall_clock(clocks.on_boot_clock(job.active), now),
                         .arguments = std::move(arguments)};
  };
  const auto said_until = [&](base::BootTime end, Kind kind, base::Code code) {
    core::Waiting waiting = said(kind, {in_few_words(code)});
    waiting.until = clocks.on_wall_clock(end, now);
    return waiting;
  };
  const auto shortage = [&] {
    return said_until(parts_.conditions.shortage->over, Kind::shortage, parts_.conditions.shortage->code);
  };
  if (base::is_final(job.state)) return {};
  if (storage_error_) return said_until(storage_retry_, Kind::storage, storage_error_->code);
  if (job.intent != core::Intent::none)
    return parts_.closing.waits_for_room(job.id) && parts_.conditions.shortage ? shortage()
                                                                                : closing(job);
  if (const std::string* why = parts_.conditions.stray_account(core::owner_of(job)))
    return said(Kind::account, {*why});
  switch (job.state) {
    case JobState::suspended:
      if (job.files.total == 0) return said(Kind::files);
      if (core::is_revived(job)) return said(Kind::start, {reason_of(job)});
      return said(asks_for_nothing(job) ? Kind::demand : Kind::start);
    case JobState::queued:
      if (const Question* question = parts_.trust.questions().of(job.id))
        return said(Kind::certificate, {question->certificate.server});
      if (auto in_the_way = barred(job)) return *std::move(in_the_way);
      if (auto held = waiting_for_server(job)) return *std::move(held);
      if (parts_.conditions.is_short(now.boot)) return shortage();
      return said(Kind::turn, {std::to_string(parts_.scheduling.agenda().position(job))});
    case JobState::transient_error: {
      if (job.error && !job.retry && core::is_bar(job.error->code)) {
        if (auto in_the_way = barred(job)) return *std::move(in_the_way);
        // Until the next turn it is as it was.
        if (job.error->code == base::Code::BG_E_NETWORK_DISCONNECTED) return said(Kind::network);
      }
      const bool needs_address = job.address_file != base::no_file;
      if (!needs_address)
        if (auto held = waiting_for_server(job)) return *std::move(held);
      core::Waiting waiting = said(needs_address ? Kind::address : Kind::retry, {reason_of(job)});
      if (job.retry) waiting.until = clocks.on_wall_clock(clocks.resolve(*job.retry), now);
      return waiting;
    }
    case JobState::error: return said(Kind::owner_error, ended_because(job, parts_.telling));
    case JobState::transferred:
      return core::is_about_to_complete(job) ? core::Waiting() : said(Kind::owner_complete, ended_because(job, parts_.telling));
    case JobState::connecting:
    case JobState::transferring: return silence(job);
    case JobState::acknowledged:
    case JobState::cancelled: return {};
  }
  return {};
}

}  // namespace backhaul::engine
