// SPDX-License-Identifier: Apache-2.0
#include "bits/callback_adapter.h"

#include "bits/apartment.h"
#include "bits/error_object.h"
#include "bits/file_object.h"
#include "bits/job_object.h"
#include "bits/ranges.h"
#include "bits/text.h"

namespace backhaul::bits {

std::shared_ptr<CallbackAdapter> CallbackAdapter::make(IUnknown* object) {
  Answers answers;
  answers.callback3 = Ref<IBackgroundCopyCallback3>::ask(object);
  answers.callback2 = answers.callback3
                          ? Ref<IBackgroundCopyCallback2>::share(answers.callback3.get())
                          : Ref<IBackgroundCopyCallback2>::ask(object);
  answers.callback = answers.callback2
                         ? Ref<IBackgroundCopyCallback>::share(answers.callback2.get())
                         : Ref<IBackgroundCopyCallback>::ask(object);
  auto identity = Ref<IUnknown>::ask(object);
  if (!answers.callback || !identity) return nullptr;
  auto adapter = std::make_shared<CallbackAdapter>(std::move(identity), std::move(answers));
  if (adapter->home_ != nullptr) adapter->home_->add(adapter);
  return adapter;
}

CallbackAdapter::CallbackAdapter(Ref<IUnknown> identity, Answers answers)
    : home_(Sta::current()),
      level_(answers.callback3 ? 3 : answers.callback2 ? 2 : 1),
      identity_(std::move(identity)),
      answers_(std::move(answers)) {}

CallbackAdapter::~CallbackAdapter() = default;

Ref<IUnknown> CallbackAdapter::object() const {
  const std::lock_guard lock(mutex_);
  return Ref<IUnknown>::share(identity_.get());
}

std::uint32_t CallbackAdapter::level() const { return level_; }

// The call has references of its own: the program may take the object back meanwhile (N44).
template <class Call>
std::uint32_t CallbackAdapter::run(const Notification& event, Call call) {
  const CallbackScope scope;
  try {
    Answers answers;
    {
      const std::lock_guard lock(mutex_);
      answers.callback = Ref<IBackgroundCopyCallback>::share(answers_.callback.get());
      answers.callback2 = Ref<IBackgroundCopyCallback2>::share(answers_.callback2.get());
      answers.callback3 = Ref<IBackgroundCopyCallback3>::share(answers_.callback3.get());
    }
    if (!answers.callback) return code::rpc_e_disconnected;
    const Ref<JobObject> job = JobObject::of(event.job);
    return static_cast<std::uint32_t>(call(answers, job.get()));
  } catch (...) {
    return code::e_fail;
  }
}

std::uint32_t CallbackAdapter::job_transferred(const Notification& event) {
  return run(event, [](const Answers& to, auto* job) { return to.callback->JobTransferred(job); });
}

std::uint32_t CallbackAdapter::job_error(const Notification& event) {
  return run(event, [&](const Answers& to, auto* job) {
    const auto error = Ref<IBackgroundCopyError>::adopt(ErrorObject::of(event.job, event.error));
    return to.callback->JobError(job, error.get());
  });
}

std::uint32_t CallbackAdapter::job_modification(const Notification& event) {
  return run(event,
             [](const Answers& to, auto* job) { return to.callback->JobModification(job, 0); });
}

std::uint32_t CallbackAdapter::file_transferred(const Notification& event) {
  if (level_ < 2) return code::s_ok;
  return run(event, [&](const Answers& to, auto* job) {
    const auto file = Ref<IBackgroundCopyFile>::adopt(new FileObject(event.job.file(event.file)));
    return to.callback2->FileTransferred(job, file.get());
  });
}

std::uint32_t CallbackAdapter::file_ranges_transferred(const Notification& event) {
  if (level_ < 3) return code::s_ok;
  return run(event, [&](const Answers& to, auto* job) {
    const auto file = Ref<IBackgroundCopyFile>::adopt(new FileObject(event.job.file(event.file)));
    const std::vector<BG_FILE_RANGE> ranges = borrowed(event.ranges);
    return to.callback3->FileRangesTransferred(job, file.get(), static_cast<DWORD>(ranges.size()),
                                               ranges.data());
  });
}

void CallbackAdapter::released() {
  const CallbackScope scope;
  disconnect();
}

void CallbackAdapter::disconnect() {
  Ref<IUnknown> identity;
  Answers answers;
  const std::lock_guard lock(mutex_);
  std::swap(identity, identity_);
  std::swap(answers, answers_);
  // The last reference may end here: after the lock, the program's destructor runs without it.
}

}  // namespace backhaul::bits
