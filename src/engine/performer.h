// SPDX-License-Identifier: Apache-2.0
// Performs the effects of a turn once its rows are durable, in the order in which effects.h lists them.
#pragma once

#include <deque>
#include <utility>
#include <vector>

#include "base/log.h"
#include "engine/answers.h"
#include "engine/effects.h"
#include "engine/input.h"
#include "ports/accounts.h"
#include "ports/cache.h"
#include "ports/crash_page.h"
#include "ports/environment.h"
#include "ports/launcher.h"
#include "ports/machine.h"
#include "ports/neighbourhood.h"
#include "ports/sealer.h"
#include "ports/store.h"
#include "ports/swarm.h"

namespace backhaul::engine {

struct Ports {
  ports::Store& store;
  ports::Transport& transport;
  ports::Files& files;
  ports::Cache& cache;
  ports::Neighbourhood& neighbourhood;
  ports::NeighbourSearch& neighbour_search;
  ports::Swarm& swarm;
  ports::Notifier& notifier;
  ports::Launcher& launcher;
  ports::Clients& clients;
  ports::Environment& environment;
  ports::Machine& machine;
  ports::Accounts& accounts;
  ports::Clock& clock;
  ports::Random& random;
  ports::Sealer& sealer;
  ports::CrashPage& crash_page;
  base::Log& log;
};

class Performer {
 public:
  Performer(const Ports& ports, Answers& answers, std::deque<Input>& inbox)
      : ports_(ports), answers_(answers), inbox_(inbox) {}

  void perform(std::vector<Effect> effects);
  // What only asks changes nothing, and does not wait for the commit: whoever waits for the answer would wait for two.
  // False: nothing did.
  bool ask(std::vector<Effect>& effects);

 private:
  void perform(effect::Log& effect);
  void perform(effect::Announce& effect);
  void perform(effect::Reply& effect);
  void perform(effect::Accept& effect) { answers_.answered(effect.call); }
  void perform(effect::ReleaseObject& effect) { ports_.notifier.release(effect.object); }
  void perform(effect::ReleaseCertificateCheck& effect) {
    ports_.notifier.release_certificate_check(effect.object);
  }
  void perform(effect::ReleaseInstance& effect) { ports_.notifier.release_instance(effect.job); }
  void perform(effect::Sweep& effect);
  void perform(effect::StopTransfer& effect) { ports_.transport.stop(effect.transfer); }
  void perform(effect::ClosePart& effect) { ports_.files.close(effect.transfer); }
  void perform(effect::ForgetPart& effect) { ports_.files.forget(effect.transfer); }
  void perform(effect::ExpectSize& effect);
  void perform(effect::OpenPart& effect) { ports_.files.open(std::move(effect.request)); }
  void perform(effect::EndPart& effect);
  void perform(effect::LimitRates& effect) { ports_.transport.limit(effect.limits); }
  void perform(effect::SetStanding& effect) {
    ports_.transport.set_standing(effect.transfer, effect.standing);
  }
  void perform(effect::StartTransfer& effect);
  void perform(effect::HoldOff& effect) {
    ports_.transport.hold_off(effect.transfer, std::move(effect.origins));
  }
  void perform(effect::DigestPart& effect) {
    ports_.files.digest(effect.transfer, std::move(effect.order));
  }
  void perform(effect::Publish& effect) { ports_.files.publish(std::move(effect.request)); }
  void perform(effect::HandOver& effect) { ports_.files.hand_over(std::move(effect.request)); }
  void perform(effect::Discard& effect) { ports_.files.discard(std::move(effect.request)); }
  void perform(effect::LookAtCache& effect) { ports_.cache.look(std::move(effect.known)); }
  void perform(effect::MakeCopy& effect) { ports_.cache.make(std::move(effect.order)); }
  void perform(effect::RemoveCopy& effect) { ports_.cache.remove(effect.id); }
  void perform(effect::ApplyNeighbourRules& effect) {
    ports_.neighbour_search.apply(effect.rules);
    ports_.neighbourhood.apply(effect.rules, effect.serves);
  }
  void perform(effect::LookForNeighbours& effect) { ports_.neighbourhood.look(effect.anew); }
  void perform(effect::LookForCaches& effect) { ports_.neighbourhood.look_for_caches(effect.looks); }
  void perform(effect::OfferRecord& effect) { ports_.neighbourhood.offer(effect.record); }
  void perform(effect::WithdrawRecord& effect) { ports_.neighbourhood.withdraw(effect.id); }
  void perform(effect::TellComing& effect) { ports_.neighbourhood.coming(effect.transfer, effect.what); }
  void perform(effect::TellCame& effect) { ports_.neighbourhood.came(effect.transfer); }
  void perform(effect::GiveUpSearch& effect) { ports_.neighbour_search.give_up(effect.transfer); }
  void perform(effect::SearchNeighbours& effect) {
    ports_.neighbour_search.search(effect.transfer, std::move(effect.sought), std::move(effect.whom));
  }
  void perform(effect::LeaveSwarm& effect) { ports_.swarm.leave(effect.transfer); }
  void perform(effect::JoinSwarm& effect) { ports_.swarm.join(effect.transfer, effect.what); }
  void perform(effect::CheckDestinations& effect) {
    ports_.files.check(effect.check, std::move(effect.destinations));
  }
  void perform(effect::Notify& effect) { ports_.notifier.notify(std::move(effect.notification)); }
  void perform(effect::RunProgram& effect) { ports_.launcher.run(std::move(effect.launch)); }
  void perform(effect::Ask& effect) { ports_.notifier.check_certificate(std::move(effect.question)); }
  void perform(effect::ForgetAccount& effect) { ports_.accounts.forget(effect.account); }
  void perform(effect::WatchAccount& effect) { ports_.accounts.watch(effect.account); }
  void perform(effect::KeepAwake& effect) { ports_.machine.keep_awake(effect.awake); }
  void perform(effect::LetSleep&) { ports_.machine.let_sleep(); }
  void perform(effect::FollowLocalTime& effect) { ports_.machine.follow_local_time(effect.follow); }
  void perform(effect::GiveLeave& effect) { ports_.clients.give_leave(effect.leave); }
  void perform(effect::Resubmit& effect);
  void perform(effect::Post& effect) { inbox_.push_back(std::move(effect.input)); }

  const Ports& ports_;
  Answers& answers_;
  std::deque<Input>& inbox_;
};

}  // namespace backhaul::engine
