// SPDX-License-Identifier: Apache-2.0
// The program's word on the certificates of servers (notifications.md §14). The transport stops in
// front of a server that the job has not accepted; the job gives its turn back while its program is
// asked, so that nobody else waits; acceptance is on disk before anything is sent.
#include <utility>

#include "engine/engine.h"

namespace backhaul::engine {

using base::Code;
using base::JobState;

namespace {

bool may_set_validator(JobState state) {
  return state == JobState::suspended || state == JobState::error ||
         state == JobState::transferred;
}

core::ErrorInfo refused(const Question& question, Code code, const std::string& how) {
  return {code, base::ErrorContext::server_certificate_callback, question.file,
          "the program " + how + " the certificate of " + question.certificate.server};
}

core::ErrorInfo nobody_to_ask(std::uint32_t file, const std::string& server) {
  return {Code::BG_E_SERVER_CERT_VALIDATION_INTERFACE_REQUIRED,
          base::ErrorContext::server_certificate_callback, file,
          "the program that has to accept the certificate of " + server + " is gone"};
}

}  // namespace

// The last one wins, and forgets what was accepted before it.
base::Result<void> Engine::set_validator(Draft& draft, const base::JobId& id,
                                         std::optional<core::ObjectRegistration> object) {
  if (const JobState state = draft.job(id)->state; !may_set_validator(state))
    return base::Error(Code::BG_E_READ_ONLY_WHEN_JOB_ACTIVE,
                       "the job is " + std::string(to_word(state)));
  drop_validator(draft, id);
  core::Job& job = draft.edit(id, Weight::hard);
  job.validator.reset();
  if (object) {
    object->sequence = next_sequence_++;
    job.validator = core::CertificateCheck{*std::move(object), {}};
  }
  auto effects = step(draft, id, core::JobEvent::change);
  if (!effects) return std::move(effects).error();
  return {};
}

// Nobody asks this one any more: it is replaced, cleared, or its job is over.
void Engine::drop_validator(Draft& draft, const base::JobId& id) {
  const core::Job& job = *draft.job(id);
  draft.after_commit([this, id] { questions_.end(id); });
  if (job.validator && job.validator->can_ask())
    draft.after_commit(
        [this, old = job.validator->object] { ports_.notifier.release_validator(old); });
}

void Engine::meet_unknown_server(Draft& draft, Run& run, const Lane& lane,
                                 ports::UnknownServer& server) {
  const base::JobId id = run.job;
  if (!run.active || !moves(draft, id)) return;
  const core::Job& job = *draft.job(id);
  BH_ASSERT(job.validator);  // it cannot be cleared while the job moves
  if (!job.validator->can_ask()) {
    fail(draft, run, core::JobEvent::failed_fatal,
         nobody_to_ask(lane.file, server.certificate.server));
    return;
  }
  account_time(draft, id);
  run.active = false;
  BH_ASSERT(step(draft, id, core::JobEvent::turn_taken));
  Question question{.job = id,
                    .file = lane.file,
                    .certificate = std::move(server.certificate),
                    .object = job.validator->object,
                    .chain = std::move(server.chain)};
  draft.after_commit([this, question = std::move(question)]() mutable {
    questions_.add(std::move(question));
  });
}

void Engine::ask_about_certificates() {
  if (stopping_) return;
  while (const std::uint64_t number = questions_.next(settings_.questions_per_program)) {
    const Question& question = *questions_.find(number);
    ports_.notifier.validate({.number = number,
                              .job = question.job,
                              .file = question.file,
                              .object = question.object,
                              .chain = question.chain});
  }
}

void Engine::handle(Draft& draft, ports::Validated& event) {
  const Question* question = questions_.find(event.question);
  if (question == nullptr) return;
  draft.keep_if_dropped(event);
  const base::JobId id = question->job;
  draft.after_commit([this, id] {
    questions_.end(id);
    wake_();  // the job may have a turn again
  });
  const core::Job* job = draft.job(id);
  if (job == nullptr || !job->validator ||
      job->validator->object.sequence != question->object.sequence)
    return;
  switch (event.outcome) {
    case ports::NotifyOutcome::answered:
      if (event.result == Code::S_OK)
        draft.edit(id, Weight::hard).validator->accepted.add(question->certificate);
      else
        give_up_server(draft, id, core::JobEvent::failed_transient,
                       refused(*question, event.result, "refused"));
      return;
    case ports::NotifyOutcome::gone:
      draft.edit(id, Weight::hard).validator->object.unique_name.clear();
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

// Only of a job that still waits for the answer: one that was suspended, or lost the network, asks
// again when it goes on, because refusals are not remembered.
void Engine::give_up_server(Draft& draft, const base::JobId& id, core::JobEvent event,
                            core::ErrorInfo error) {
  const core::Job* job = draft.job(id);
  if (job->state != JobState::queued || job->intent != core::Intent::none) return;
  log_failure(id, error);
  BH_ASSERT(step(draft, id, event, std::move(error)));
}

}  // namespace backhaul::engine
