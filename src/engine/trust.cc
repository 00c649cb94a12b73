// SPDX-License-Identifier: Apache-2.0
#include "engine/trust.h"

#include <utility>

#include "engine/job_steps.h"

namespace backhaul::engine {

using base::Code;
using base::JobState;

namespace {

bool may_set_certificate_check(JobState state) {
  return state == JobState::suspended || state == JobState::error ||
         state == JobState::transferred;
}

core::ErrorInfo refused(const Question& question, Code code, const std::string& how) {
  return {code, base::ErrorContext::server_certificate_callback, question.file,
          "the program " + how + " the certificate of " + question.certificate.server};
}

// Only of a job that still waits for the answer: one that was suspended, or lost the network, asks
// again when it goes on, because refusals are not remembered.
void give_up_server(Draft& draft, const base::JobId& id, core::JobEvent event,
                    core::ErrorInfo error) {
  const core::Job* job = draft.job(id);
  if (job->state != JobState::queued || job->intent != core::Intent::none) return;
  log_failure(draft, id, error);
  BH_ASSERT(step(draft, id, event, std::move(error)));
}

}  // namespace

core::ErrorInfo nobody_to_ask(std::uint32_t file, const std::string& server) {
  return {Code::BG_E_SERVER_CERT_VALIDATION_INTERFACE_REQUIRED,
          base::ErrorContext::server_certificate_callback, file,
          "the program that has to accept the certificate of " + server + " is gone"};
}

base::Result<void> set_certificate_check(Draft& draft, const base::JobId& id,
                                 std::optional<core::ObjectRegistration> object) {
  if (const JobState state = draft.job(id)->state; !may_set_certificate_check(state))
    return base::Error(Code::BG_E_READ_ONLY_WHEN_JOB_ACTIVE,
                       "the job is " + std::string(to_word(state)));
  drop_certificate_check(draft, id);
  core::Job& job = draft.edit(id, Weight::hard);
  job.certificate_check.reset();
  if (object) {
    object->sequence = draft.numbers.next_sequence++;
    job.certificate_check = core::CertificateCheck{*std::move(object), {}};
  }
  auto effects = step(draft, id, core::JobEvent::change);
  if (!effects) return std::move(effects).error();
  return {};
}

void Trust::on(Draft& draft, const ports::CertificateChecked& event) const {
  const Question* question = questions_.find(event.question);
  if (question == nullptr) return;
  draft.keep_if_dropped(event);
  const base::JobId id = question->job;
  draft.note(note::QuestionEnds{id});
  const core::Job* job = draft.job(id);
  if (job == nullptr || !job->certificate_check ||
      job->certificate_check->object.sequence != question->object.sequence)
    return;
  switch (event.outcome) {
    case ports::NotifyOutcome::answered:
      if (event.result == Code::S_OK)
        draft.edit(id, Weight::hard).certificate_check->accepted.add(question->certificate);
      else
        give_up_server(draft, id, core::JobEvent::failed_transient,
                       refused(*question, event.result, "refused"));
      return;
    case ports::NotifyOutcome::gone:
      draft.edit(id, Weight::hard).certificate_check->object.unique_name.clear();
      give_up_server(draft, id, core::JobEvent::failed_fatal,
                     nobody_to_ask(question->file, question->certificate.server));
      return;
    case ports::NotifyOutcome::failed:
    case ports::NotifyOutcome::unavailable:
    case ports::NotifyOutcome::unsupported: break;
  }
  const Code code = base::succeeded(event.result) ? Code::E_FAIL : event.result;
  give_up_server(draft, id, core::JobEvent::failed_transient,
                 refused(*question, code, "failed to judge"));
}

// The demand stays: the job goes only where it has been accepted.
void Trust::on(Draft& draft, const ports::PeerGone& event) const {
  for (const base::JobId& id : draft.registered_by(event.unique_name)) {
    const core::Job* job = draft.job(id);
    if (job != nullptr && job->certificate_check &&
        job->certificate_check->object.unique_name == event.unique_name)
      draft.edit(id, Weight::hard).certificate_check->object.unique_name.clear();
  }
}

void Trust::merged(Change& change) {
  for (const Note& note : change.draft.notes()) {
    if (const auto* arises = std::get_if<note::QuestionArises>(&note)) {
      questions_.add(arises->question);
    } else if (const auto* ends = std::get_if<note::QuestionEnds>(&note)) {
      questions_.end(ends->job);
      change.again = true;
    }
  }
  if (change.begin_nothing) return;
  while (const std::uint64_t number =
             questions_.next(change.context().settings.questions_per_program)) {
    const Question& question = *questions_.find(number);
    change.draft.effect(effect::Ask{{.number = number,
                                     .owner = {question.object.uid, {}},
                                     .job = question.job,
                                     .file = question.file,
                                     .object = question.object,
                                     .chain = question.chain}});
  }
}

}  // namespace backhaul::engine
