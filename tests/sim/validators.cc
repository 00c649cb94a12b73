// SPDX-License-Identifier: Apache-2.0
// The other side of the Notifier: programs that are asked about certificates.
#include "base/result.h"
#include "tests/sim/bus.h"

namespace backhaul::sim {

using base::Code;
using ports::NotifyOutcome;

void SimNotifier::later(std::uint64_t question, Microseconds delay,
                        std::function<void(Asked&)> work) {
  stage_.timeline.in_service(delay, [this, question, work = std::move(work)] {
    if (auto it = asked_.find(question); it != asked_.end()) work(it->second);
  });
}

void SimNotifier::check_certificate(ports::CertificateQuestion question) {
  stage_.port_call();
  const std::uint64_t number = question.number;
  if (!ever_asked_.insert(number).second) stage_.fail("the number of a question was used twice");
  for (const auto& [other, asked] : asked_)
    if (asked.question.job == question.job && asked.question.object == question.object)
      stage_.fail("a program is asked twice at once about one job");
  if (on_validate) on_validate(question);
  asked_[number].question = std::move(question);
  later(number, stage_.draw(stage_.options.call), [this](Asked& asked) { reach_validator(asked); });
}

void SimNotifier::reach_validator(Asked& asked) {
  const ports::CertificateQuestion& question = asked.question;
  Program* callee = bus_.find(question.object.unique_name);
  if (question.object.bus_id != bus_.id() || callee == nullptr || !callee->alive)
    return answer_validator(question.number, NotifyOutcome::gone, Code::E_FAIL);
  asked.callee = callee;
  const Answer drawn = draw(callee->verdicts, callee->usual);
  stage_.note("asks " + callee->label + question.object.path + " about " + question.chain.front() +
              " for file " + std::to_string(question.file) + " of " + name_of(question.job) + ": " +
              std::string(to_word(drawn)));
  const auto reply = [&](NotifyOutcome outcome, Code result) {
    later(question.number, stage_.draw(stage_.options.call), [this, outcome, result](Asked& a) {
      if (!a.dead) answer_validator(a.question.number, outcome, result);
    });
  };
  switch (drawn) {
    case Answer::ok: return reply(NotifyOutcome::answered, Code::S_OK);
    case Answer::s_false: return reply(NotifyOutcome::answered, Code::S_FALSE);
    case Answer::e_fail: return reply(NotifyOutcome::answered, Code::E_FAIL);
    case Answer::bus_error: return reply(NotifyOutcome::failed, Code::E_FAIL);
    case Answer::hang: asked.hangs = true; return;
    case Answer::die: return bus_.kill(*callee);
    case Answer::complete:
    case Answer::resume:
    case Answer::cancel:
      if (on_call) on_call(*callee, drawn, question.job);
      return reply(NotifyOutcome::answered, Code::S_OK);
  }
}

void SimNotifier::answer_validator(std::uint64_t question, NotifyOutcome outcome, Code result) {
  if (outcome == NotifyOutcome::answered && result == Code::S_OK && on_accepted)
    on_accepted(asked_.at(question).question);
  asked_.erase(question);
  stage_.post(ports::CertificateChecked{question, outcome, result, {}});
}

void SimNotifier::validator_died(Program& program) {
  for (auto& [number, asked] : asked_) {
    if (asked.callee != &program || std::exchange(asked.dead, true)) continue;
    later(number, stage_.draw(stage_.options.call), [this](Asked& a) {
      answer_validator(a.question.number, NotifyOutcome::gone, Code::RPC_E_SERVERFAULT);
    });
  }
}

// One that hangs and says at last what it thinks.
void SimNotifier::answer_hanging(Program& program, Code result) {
  for (const auto& [number, asked] : asked_)
    if (asked.callee == &program && asked.hangs)
      return answer_validator(number, NotifyOutcome::answered, result);
}

void SimNotifier::release_certificate_check(const core::ObjectRegistration& object) {
  stage_.port_call();
  const Program* program = bus_.find(object.unique_name);
  if (object.bus_id == bus_.id() && program != nullptr && program->alive)
    stage_.note("released the validator " + program->label + object.path);
}

}  // namespace backhaul::sim
