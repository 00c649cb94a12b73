// SPDX-License-Identifier: Apache-2.0
// Who hears what. Where several parts do, their order is here.
#include <utility>

#include "engine/asking.h"
#include "engine/commands.h"
#include "engine/engine.h"
#include "engine/job_steps.h"
#include "engine/site_asking.h"
#include "engine/taking.h"

namespace backhaul::engine {

namespace {

template <class... Hears>
struct Route : Hears... {
  using Hears::operator()...;
};

}  // namespace

void Engine::hear(Draft& draft, ports::Event& event) {
  std::visit(
      Route{
          [&](ports::HeadReceived& one) { parts_.fetching.on(draft, one); },
          [&](ports::TransferEnded& one) { parts_.fetching.on(draft, one); },
          [&](ports::PartOpened& one) { parts_.fetching.on(draft, one); },
          [&](ports::PartStored& one) { parts_.fetching.on(draft, one); },
          [&](ports::PartDigested& one) { parts_.fetching.on(draft, one); },
          [&](ports::PartFailed& one) { parts_.fetching.on(draft, one); },
          [&](ports::PartClosed& one) { parts_.fetching.on(draft, one); },
          [&](ports::Published& one) { parts_.closing.on(draft, one); },
          [&](ports::Discarded& one) { parts_.closing.on(draft, one); },
          [&](ports::HandedOver& one) { parts_.closing.on(draft, one); },
          [&](ports::CacheLooked& one) { parts_.caching.on(draft, one); },
          [&](ports::CopyMade& one) { parts_.caching.on(draft, one); },
          [&](ports::RecordServed& one) { parts_.caching.on(draft, one); },
          [&](ports::NeighboursChanged& one) { parts_.neighbourhood.on(draft, one); },
          [&](ports::CachesFound& one) { parts_.neighbourhood.on(draft, one); },
          [&](ports::NeighboursAnswered& one) { on_answers(draft, one); },
          [&](ports::SwarmAnswered& one) { on_swarm(draft, one); },
          [&](ports::DestinationsChecked& one) {
            if (const auto peer = parts_.vetting.on(draft, one)) go_on(draft, *peer);
          },
          [&](ports::DeliveryEnded& one) { parts_.telling.on(draft, one); },
          [&](ports::ClassInstalled& one) { parts_.telling.on(draft, one); },
          [&](ports::SessionBegan& one) { parts_.telling.on(draft, one); },
          [&](ports::CertificateChecked& one) { parts_.trust.on(draft, one); },
          [&](ports::NetworkChanged& one) { on(draft, one); },
          [&](ports::RouteChanged& one) { on(draft, one); },
          [&](ports::Received& one) { on(draft, one); },
          [&](ports::SurroundingsChanged& one) { on(draft, one); },
          [&](ports::PolicyChanged& one) { on(draft, one); },
          [&](ports::AccountsChanged& one) { on(draft, one); },
          [&](ports::AccountMoved& one) { on(draft, one); },
          [&](ports::PeerGone& one) {
            draft.keep_if_dropped(one);
            parts_.vetting.on(draft, one);
            parts_.closing.on(draft, one);
            parts_.trust.on(draft, one);
            parts_.telling.on(draft, one);
            // Also the tombstones that this turn makes, and those of what the peer still has under way.
            draft.note(note::PeerLeft{one.peer});
          },
      },
      event);
}

void Engine::hear(Draft& draft, ports::Command& command) {
  draft.took(command.call);
  if (draft.lines.find(command.caller.peer) != nullptr)
    return wait(draft, command, destinations_of(draft, command));
  if (auto need = carry_out(draft, command, nullptr)) wait(draft, command, std::move(need));
}

// The answer: what the world has to be asked first; then nothing was done yet.
std::optional<ports::Destinations> Engine::carry_out(Draft& draft, const ports::Command& command,
                                                     const Clearance* clearance) {
  const auto id = job_of(command.body);
  if (waits_behind_intent(draft, command)) {
    parts_.closing.defer(draft, *id, command);
    return std::nullopt;
  }
  Outcome outcome = perform(draft, command, clearance);
  if (auto* need = std::get_if<ports::Destinations>(&outcome)) return std::move(*need);
  if (auto* answer = std::get_if<base::Result<ports::ReplyValue>>(&outcome)) {
    if (command.call != base::CallId::none)
      draft.effect(effect::Reply{command.call, std::move(*answer)});
  } else {
    parts_.closing.take_up(draft, *id, command);
  }
  return std::nullopt;
}

// Whoever ends waits for no answer.
void Engine::wait(Draft& draft, ports::Command& command, std::optional<ports::Destinations> need) {
  if (!stopping_) return parts_.vetting.wait(draft, std::move(command), std::move(need));
  if (command.call != base::CallId::none)
    draft.effect(effect::Reply{command.call, is_stopping()});
}

// What its client sent is carried out in that order, until something has to be asked.
void Engine::go_on(Draft& draft, base::PeerId peer) {
  while (const Line* line = draft.lines.find(peer)) {
    const WaitingCommand first = line->commands.front();
    if (!first.may_go_on()) return;
    if (auto need = carry_out(draft, *first.command, first.clearance.get()))
      return parts_.vetting.ask_again(draft, peer, *std::move(need));
    if (auto left = parts_.vetting.leave(draft, peer)) {
      ports::Event event = *std::move(left);
      hear(draft, event);
    }
  }
}

void Engine::hear(Draft& draft, News& news) {
  std::visit(
      Route{
          [&](news::Restarted& one) {
            draft.keep_if_dropped(one);
            parts_.closing.on(draft, one);
            parts_.timers.on(draft, one);
            parts_.telling.on(draft, one);
          },
          [&](news::RequestLost& one) {
            draft.keep_if_dropped(one);
            const core::Job* job = draft.job(one.job);
            if (job != nullptr && base::is_running(job->state))
              BH_ASSERT(step(draft, one.job, core::JobEvent::restarted, request_lost()));
          },
          [&](news::Poisoned& one) {
            draft.keep_if_dropped(one);
            set_aside_poisoned(draft, one.job);
          },
          [&](news::TurnLost& one) { parts_.fetching.on(draft, one); },
          [&](news::HeldUp& one) { parts_.fetching.on(draft, one); },
          [&](news::NothingLeft& one) { parts_.fetching.on(draft, one); },
          [&](news::Stopping& one) {
            keep_time(draft);
            parts_.vetting.refuse_all(draft, is_stopping());
            parts_.fetching.on(draft, one);
            parts_.caching.on(draft, one);
          },
      },
      news);
}

void Engine::set_aside_poisoned(Draft& draft, const base::JobId& id) {
  const core::Job* job = draft.job(id);
  if (job == nullptr || base::is_final(job->state)) return;
  // What it was being closed with may be what crashes; the owner can ask for it again.
  if (job->intent == core::Intent::take) give_up_taking(draft, id);
  if (job->intent != core::Intent::none) draft.edit(id, Weight::hard).intent = core::Intent::none;
  draft.log(base::LogLevel::error, "two crashes in a row at this job: set to ERROR", id);
  const core::ErrorInfo error{base::Code::E_UNEXPECTED, base::ErrorContext::general_queue_manager,
                              base::no_file, "the service crashed twice while handling this job"};
  BH_ASSERT(step(draft, id, core::JobEvent::poisoned, error));
}

}  // namespace backhaul::engine
