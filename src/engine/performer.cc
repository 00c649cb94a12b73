// SPDX-License-Identifier: Apache-2.0
#include "engine/performer.h"

#include <array>
#include <ranges>
#include <utility>
#include <variant>

namespace backhaul::engine {

void Performer::perform(std::vector<Effect> effects) {
  std::array<std::vector<Effect*>, std::variant_size_v<Effect::Variant>> kinds;
  for (Effect& effect : effects) kinds[effect.index()].push_back(&effect);
  for (const auto& kind : kinds)
    for (Effect* effect : kind) std::visit([this](auto& one) { perform(one); }, *effect);
}

bool Performer::ask(std::vector<Effect>& effects) {
  return std::erase_if(effects, [this](Effect& effect) {
    auto* question = std::get_if<effect::CheckDestinations>(&effect);
    if (question != nullptr) perform(*question);
    return question != nullptr;
  }) > 0;
}

void Performer::perform(effect::Log& effect) {
  ports_.log.write(effect.level, effect.text, effect.job);
}

void Performer::perform(effect::Announce& effect) {
  switch (effect.what) {
    case effect::Announcement::added: return ports_.clients.added(effect.job);
    case effect::Announcement::changed:
      return ports_.clients.changed(effect.job, effect.changed,
                                    ports::has(effect.changed, ports::Property::state));
    case effect::Announcement::removed: return ports_.clients.removed(effect.job);
  }
}

void Performer::perform(effect::Reply& effect) {
  ports_.clients.reply(effect.call, std::move(effect.value));
  answers_.answered(effect.call);
}

void Performer::perform(effect::Sweep& effect) {
  ports_.files.sweep(std::move(effect.request));
}

// A sink that is not there has failed, and Files has said so.
void Performer::perform(effect::ExpectSize& effect) {
  if (ports::Sink* sink = ports_.files.sink(effect.transfer)) sink->expect(effect.size);
}

void Performer::perform(effect::EndPart& effect) {
  if (ports::Sink* sink = ports_.files.sink(effect.transfer)) sink->end_of_data();
}

void Performer::perform(effect::StartTransfer& effect) {
  const bool own = effect.part == base::TransferId{};
  if (ports::Sink* sink = ports_.files.sink(own ? effect.request.transfer : effect.part))
    ports_.transport.start(std::move(effect.request), *sink);
}

// The first of them is the first to come.
void Performer::perform(effect::Resubmit& effect) {
  for (auto& command : std::views::reverse(effect.commands)) {
    // It may wait again, for a directory: from now on its client's reads come behind it as behind others.
    answers_.open(command.call, command.caller.peer);
    inbox_.emplace_front(std::move(command));
  }
}

}  // namespace backhaul::engine
