// SPDX-License-Identifier: Apache-2.0
#include "engine/vetting.h"

#include <algorithm>
#include <utility>

namespace backhaul::engine {
namespace {

void ask(Draft& draft, WaitingCommand& waiting, ports::Destinations need) {
  waiting.check = base::CheckId{++draft.numbers.last_check};
  waiting.asked = std::make_shared<const ports::Destinations>(std::move(need));
  waiting.clearance.reset();
  draft.effect(effect::CheckDestinations{waiting.check, *waiting.asked});
}

}  // namespace

// What it needs is asked at once, also behind others: a client that sends many waits once for all.
void Vetting::wait(Draft& draft, ports::Command command,
                   std::optional<ports::Destinations> need) const {
  Line& line = draft.lines.make(command.caller.peer);
  WaitingCommand& waiting = line.commands.emplace_back();
  waiting.command = std::make_shared<const ports::Command>(std::move(command));
  if (need) ask(draft, waiting, *std::move(need));
}

void Vetting::ask_again(Draft& draft, base::PeerId peer, ports::Destinations need) const {
  ask(draft, draft.lines.edit(peer)->commands.front(), std::move(need));
}

std::optional<ports::PeerGone> Vetting::leave(Draft& draft, base::PeerId peer) const {
  Line& line = *draft.lines.edit(peer);
  line.commands.pop_front();
  if (!line.commands.empty()) return std::nullopt;
  std::optional<ports::PeerGone> left = std::move(line.left);
  draft.lines.erase(peer);
  return left;
}

// Of this turn those that it asked for, which may be answered in it.
std::vector<base::PeerId> Vetting::may_have_asked(const Draft& draft, base::CheckId check) const {
  if (const auto peer = asked_for_.find(check); peer != asked_for_.end()) return {peer->second};
  return draft.lines.touched();
}

std::optional<base::PeerId> Vetting::on(Draft& draft, ports::DestinationsChecked& event) const {
  for (const base::PeerId peer : may_have_asked(draft, event.check)) {
    Line* line = draft.lines.edit(peer);
    if (line == nullptr) continue;
    const auto asked = std::ranges::find(line->commands, event.check, &WaitingCommand::check);
    if (asked == line->commands.end()) continue;
    asked->clearance = std::make_shared<const Clearance>(asked->asked, std::move(event.refusal),
                                                           std::move(event.certificate));
    return peer;
  }
  return std::nullopt;
}

void Vetting::on(Draft& draft, const ports::PeerGone& event) const {
  if (Line* line = draft.lines.edit(event.peer)) line->left = event;
}

void Vetting::refuse_all(Draft& draft, const base::Error& error) const {
  for (const auto& [peer, line] : lines_) {
    for (const WaitingCommand& waiting : line.commands)
      if (waiting.command->call != base::CallId::none)
        draft.effect(effect::Reply{waiting.command->call, error});
    draft.lines.erase(peer);
  }
}

void Vetting::merged(Change& change) {
  const auto open = [](const Line& line, const auto& each) {
    for (const WaitingCommand& waiting : line.commands)
      if (!waiting.may_go_on()) each(waiting.check);
  };
  change.draft.lines.merge([&](const base::PeerId& peer, std::optional<Line> line) {
    if (const auto before = lines_.find(peer); before != lines_.end())
      open(before->second, [&](base::CheckId check) { asked_for_.erase(check); });
    if (line) open(*line, [&](base::CheckId check) { asked_for_.emplace(check, peer); });
    Overlay<Line, base::PeerId>::put(lines_, peer, std::move(line));
  });
}

}  // namespace backhaul::engine
