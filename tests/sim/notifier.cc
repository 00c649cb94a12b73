// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/result.h"
#include "core/notify_ladder.h"
#include "tests/sim/bus.h"

namespace backhaul::sim {

using base::Code;
using ports::NotifyOutcome;

SimNotifier::SimNotifier(Stage& stage, Bus& bus) : stage_(stage), bus_(bus) {}

std::string target_text(const ports::Notification& notification) {
  if (const auto* object = std::get_if<ports::ObjectTarget>(&notification.target))
    return object->object.unique_name + object->object.path;
  return std::get<ports::ClassTarget>(notification.target).registration.name;
}

void SimNotifier::later(base::Ticket ticket, Microseconds delay,
                        std::function<void(base::Ticket)> work) {
  stage_.timeline.in_service(delay, [this, ticket, work = std::move(work)] {
    if (calls_.contains(ticket)) work(ticket);
  });
}

namespace {

// Which registration is called; another program's object is told even if the one before it never returned.
std::uint64_t registration(const ports::Notification& notification) {
  const auto* object = std::get_if<ports::ObjectTarget>(&notification.target);
  return object == nullptr ? 0 : object->object.sequence;
}

// Both are calls of objects of one program.
bool same_program(const ports::Notification& one, const ports::Notification& other) {
  const auto* first = std::get_if<ports::ObjectTarget>(&one.target);
  const auto* second = std::get_if<ports::ObjectTarget>(&other.target);
  return first != nullptr && second != nullptr && first->object.unique_name == second->object.unique_name;
}

}  // namespace

// What is told of a job goes with the calls about it that have not returned.
void SimNotifier::check_open_calls(const ports::Notification& notification) const {
  for (const auto& [other, call] : calls_) {
    const ports::Notification& open = call.notification;
    if (open.job != notification.job) continue;
    if (open.kind == notification.kind && open.sequence == notification.sequence &&
        registration(open) == registration(notification))
      stage_.fail("one event is told twice at once");
    if (open.sequence == notification.sequence && notification.sequence != 0 && registration(notification) == 0)
      stage_.fail("a class is told of an event whose call has not returned");
    if (open.kind == core::NotifyKind::file_transferred && notification.sequence != 0 && same_program(open, notification))
      stage_.fail("a program is told of a job inside of a call about a file of it");
  }
}

void SimNotifier::notify(ports::Notification notification) {
  stage_.port_call();
  const base::Ticket ticket = notification.ticket;
  if (!ever_.insert(ticket).second) stage_.fail("a ticket was used twice");
  check_open_calls(notification);
  if (on_notify) on_notify(notification);
  if (const auto* target = std::get_if<ports::ClassTarget>(&notification.target))
    check_pause({target->registration.name, notification.owner.uid});
  const bool object = std::holds_alternative<ports::ObjectTarget>(notification.target);
  Call& call = calls_[ticket];
  call.uid = notification.owner.uid;
  call.notification = std::move(notification);
  later(ticket, stage_.draw(stage_.options.call), [this, object](base::Ticket t) {
    object ? reach_object(t) : reach_class(t);
  });
}

bool SimNotifier::is_telling(const base::JobId& job, std::uint64_t sequence) const {
  return std::any_of(calls_.begin(), calls_.end(), [&](const auto& entry) {
    return entry.second.notification.job == job && entry.second.notification.sequence == sequence;
  });
}

std::size_t SimNotifier::under_way(std::uint32_t uid) const {
  std::size_t count = 0;
  for (const auto& [ticket, call] : calls_) count += call.uid == uid ? 1 : 0;
  return count;
}

void SimNotifier::reach_object(base::Ticket ticket) {
  const auto& object = std::get<ports::ObjectTarget>(calls_.at(ticket).notification.target).object;
  Program* callee = object.bus_id == bus_.id() ? bus_.find(object.unique_name) : nullptr;
  if (callee == nullptr || !callee->alive) return answer(ticket, NotifyOutcome::gone, Code::E_FAIL);
  enter(ticket, *callee, callee->answers, callee->usual, callee->label + object.path);
}

void SimNotifier::reach_class(base::Ticket ticket) {
  const auto& target = std::get<ports::ClassTarget>(calls_.at(ticket).notification.target);
  ClassServer* server = bus_.server(target.registration.name);
  if (server == nullptr || !server->installed)
    return answer(ticket, NotifyOutcome::unavailable, Code::REGDB_E_CLASSNOTREG);
  if (server->running != nullptr) return call_instance(ticket, *server);
  start_class(ticket, *server);
}

void SimNotifier::start_class(base::Ticket ticket, ClassServer& server) {
  StartBehaviour behaviour = server.start;
  if (stage_.chance(stage_.options.class_fails))
    behaviour = static_cast<StartBehaviour>(1 + stage_.prng.below(3));
  const auto limit =
      std::get<ports::ClassTarget>(calls_.at(ticket).notification.target).start_timeout;
  if (behaviour == StartBehaviour::never_registers) {
    stage_.note(server.name + " is started and never registers");
    return later(ticket, limit, [this](base::Ticket t) {
      answer(t, NotifyOutcome::unavailable, Code::CO_E_SERVER_EXEC_FAILURE);
    });
  }
  const Microseconds time =
      std::min(limit, server.start_time + stage_.draw(stage_.options.class_start));
  later(ticket, time, [this, &server, behaviour](base::Ticket t) {
    if (behaviour != StartBehaviour::starts) {
      stage_.note(server.name + " does not start");
      return answer(t, NotifyOutcome::unavailable, Code::CO_E_SERVER_EXEC_FAILURE);
    }
    if (server.running == nullptr) {
      stage_.note(server.name + " is started");
      ++server.starts;
      server.running = &bus_.connect(server.name, server.uid);
    }
    call_instance(t, server);
  });
}

void SimNotifier::call_instance(base::Ticket ticket, ClassServer& server) {
  const base::JobId job = calls_.at(ticket).notification.job;
  if (server.instances.insert(job).second)
    stage_.note(server.name + " makes an instance for " + name_of(job));
  if (server.level < core::level_of(calls_.at(ticket).notification.kind))
    return answer(ticket, NotifyOutcome::unsupported, Code::E_NOINTERFACE);
  enter(ticket, *server.running, server.answers, server.usual, server.name);
}

Answer SimNotifier::draw(std::deque<Answer>& answers, Answer usual) {
  if (!answers.empty()) {
    const Answer answer = answers.front();
    answers.pop_front();
    return answer;
  }
  if (stage_.chance(stage_.options.callee_dies)) return Answer::die;
  if (stage_.chance(stage_.options.callee_hangs)) return Answer::hang;
  if (!stage_.chance(stage_.options.callee_fails)) return usual;
  static constexpr Answer odd[] = {Answer::s_false,   Answer::e_fail, Answer::bus_error,
                                   Answer::complete,  Answer::resume, Answer::cancel};
  return odd[stage_.prng.below(std::size(odd))];
}

std::string_view to_word(Answer answer) {
  static constexpr std::string_view words[] = {"S_OK", "S_FALSE", "E_FAIL", "a bus error",
                                               "hangs", "dies", "Complete and S_OK",
                                               "Resume and S_OK", "Cancel and S_OK"};
  return words[static_cast<std::size_t>(answer)];
}

void SimNotifier::enter(base::Ticket ticket, Program& callee, std::deque<Answer>& answers,
                        Answer usual, const std::string& shown) {
  Call& call = calls_.at(ticket);
  call.callee = &callee;
  const Answer drawn = draw(answers, usual);
  std::string what = std::string(to_word(call.notification.kind)) + " of ";
  if (call.notification.file != base::no_file)
    what += "file " + std::to_string(call.notification.file) + " of ";
  if (!call.notification.ranges.empty()) what = core::text_of(call.notification.ranges) + " in " + what;
  stage_.note(what + name_of(call.notification.job) + " to " + shown + ": " +
              std::string(to_word(drawn)));
  const Microseconds time = stage_.draw(stage_.options.call);
  const auto reply = [&](NotifyOutcome outcome, Code result) {
    later(ticket, time, [this, outcome, result](base::Ticket t) {
      if (!calls_.at(t).dead) answer(t, outcome, result);
    });
  };
  switch (drawn) {
    case Answer::ok: return reply(NotifyOutcome::answered, Code::S_OK);
    case Answer::s_false: return reply(NotifyOutcome::answered, Code::S_FALSE);
    case Answer::e_fail: return reply(NotifyOutcome::answered, Code::E_FAIL);
    case Answer::bus_error: return reply(NotifyOutcome::failed, Code::E_FAIL);
    case Answer::hang: call.hangs = true; return;
    case Answer::die: return bus_.kill(callee);
    case Answer::complete:
    case Answer::resume:
    case Answer::cancel:
      if (on_call) on_call(callee, drawn, call.notification.job);
      return reply(NotifyOutcome::answered, Code::S_OK);
  }
}

namespace {

constexpr Microseconds least_pause = std::chrono::seconds(5);

std::string meeting(const ports::Notification& notification, NotifyOutcome outcome, bool heard) {
  const std::string rung = registration(notification) == 0 ? "a class" : "an object";
  const std::string told = rung + " told of " + std::string(to_word(notification.kind)) + ": ";
  if (heard) return told + "heard";
  switch (outcome) {
    case NotifyOutcome::answered:
    case NotifyOutcome::failed:
    case NotifyOutcome::unsupported: return told + "refused";
    case NotifyOutcome::gone: return told + "gone";
    case NotifyOutcome::unavailable: return told + "does not start";
  }
  return told;
}

}  // namespace

void SimNotifier::answer(base::Ticket ticket, NotifyOutcome outcome, Code result) {
  const ports::Notification notification = calls_.at(ticket).notification;
  calls_.erase(ticket);
  const bool file = notification.kind == core::NotifyKind::file_transferred;
  const bool heard = (outcome == NotifyOutcome::answered &&
                      (result == Code::S_OK || (file && base::succeeded(result)))) ||
                     (outcome == NotifyOutcome::unsupported && file);
  const auto& told = heard ? on_acknowledged : on_refused;
  if (told) {
    Delivered delivered{notification.job, notification.kind, notification.sequence, {}};
    delivered.to = target_text(notification);
    delivered.registration = registration(notification);
    told(delivered);
  }
  stage_.met(meeting(notification, outcome, heard));
  if (const auto* target = std::get_if<ports::ClassTarget>(&notification.target))
    class_answered({target->registration.name, notification.owner.uid}, outcome);
  stage_.post(ports::DeliveryEnded{ticket, outcome, result, {}});
  if (stage_.chance(stage_.options.callee_lies)) lie(ticket);
}

// A class that did not start for an owner is left alone, whatever jobs of that one have something to tell it: for
// five seconds at least. What was heard of it is forgotten where another class fails, because then the service may
// forget it as well.
void SimNotifier::class_answered(const ClassOfOwner& one, NotifyOutcome outcome) {
  if (outcome != NotifyOutcome::unavailable) {
    failing_.erase(one);
    return;
  }
  std::erase_if(failing_, [&](const auto& entry) { return entry.first != one; });
  Failing& failing = failing_[one];
  const Microseconds now = stage_.timeline.now();
  if (failing.in_a_row > 0 && now - failing.since < least_pause) return;  // it was the same start
  failing.since = now;
  if (++failing.in_a_row > 1) stage_.met("a class does not start again");
}

void SimNotifier::check_pause(const ClassOfOwner& one) {
  constexpr Microseconds to_be_heard = std::chrono::seconds(2);
  const auto found = failing_.find(one);
  if (found == failing_.end()) return;
  const Microseconds passed = stage_.timeline.now() - found->second.since;
  if (passed > to_be_heard && passed < least_pause) stage_.fail(one.first + " is started again too soon");
}

// A second answer, which says the opposite or belongs to a call that never was, counts for nothing.
void SimNotifier::lie(base::Ticket answered) {
  const auto again = [this](base::Ticket ticket) {
    static constexpr Code said[] = {Code::S_OK, Code::E_FAIL};
    static constexpr NotifyOutcome outcomes[] = {NotifyOutcome::answered, NotifyOutcome::failed,
                                                 NotifyOutcome::gone};
    stage_.post(ports::DeliveryEnded{ticket, outcomes[stage_.prng.below(std::size(outcomes))],
                                said[stage_.prng.below(std::size(said))], {}});
  };
  const auto number = static_cast<std::uint64_t>(answered);
  switch (stage_.prng.below(3)) {
    case 0: return again(answered);
    case 1: return again(base::Ticket{number + 1'000'000});
    default:
      stage_.timeline.in_service(Microseconds(static_cast<std::int64_t>(stage_.prng.below(60'000'000))),
                                 [again, answered] { again(answered); });
  }
}

void SimNotifier::program_died(Program& program) {
  validator_died(program);
  for (auto& [ticket, call] : calls_) {
    if (call.callee != &program || std::exchange(call.dead, true)) continue;
    later(ticket, stage_.draw(stage_.options.call), [this](base::Ticket t) {
      answer(t, NotifyOutcome::gone, Code::RPC_E_SERVERFAULT);
    });
  }
}

void SimNotifier::return_from_call(Program& program, Code result) {
  const auto hangs = [&](const auto& entry) { return entry.second.callee == &program && entry.second.hangs; };
  const auto call = std::find_if(calls_.begin(), calls_.end(), hangs);
  if (call == calls_.end()) return stage_.fail(program.label + " is not in a call");
  stage_.note(program.label + " answers " + base::symbol(result));
  answer(call->first, NotifyOutcome::answered, result);
}

bool SimNotifier::is_hanging(const Program& program) const {
  for (const auto& [ticket, call] : calls_)
    if (call.callee == &program && call.hangs) return true;
  for (const auto& [number, asked] : asked_)
    if (asked.callee == &program && asked.hangs) return true;
  return false;
}

void SimNotifier::service_died() {
  calls_.clear();
  ever_.clear();  // tickets are numbers of one process
  asked_.clear();
  ever_asked_.clear();  // likewise
  failing_.clear();
}

void SimNotifier::release(const core::ObjectRegistration& object) {
  stage_.port_call();
  const Program* program = bus_.find(object.unique_name);
  if (object.bus_id == bus_.id() && program != nullptr && program->alive)
    stage_.note("released " + program->label + object.path);
}

void SimNotifier::release_instance(const base::JobId& job) {
  stage_.port_call();
  for (auto& [name, server] : bus_.servers())
    if (server.instances.erase(job) != 0) stage_.note("released the instance of " + name);
}

bool SimNotifier::watch(const core::ObjectRegistration& object) {
  stage_.port_call();
  if (object.bus_id != bus_.id()) return false;
  const Program* program = bus_.find(object.unique_name);
  if (program != nullptr && program->alive) return true;
  stage_.timeline.in_service(stage_.draw(stage_.options.call), [this, name = object.unique_name] {
    const Program* gone = bus_.find(name);
    stage_.post(ports::PeerGone{gone == nullptr ? base::PeerId::none : gone->peer, name});
  });
  return true;
}

}  // namespace backhaul::sim
