// SPDX-License-Identifier: Apache-2.0
#include "bits/callback_adapter.h"

#include "bits/apartment.h"
#include "bits/error_object.h"
#include "bits/file_object.h"
#include "bits/job_object.h"
#include "bits/text.h"

namespace backhaul::bits {

std::shared_ptr<CallbackAdapter> CallbackAdapter::make(IUnknown* object) {
  auto callback2 = Ref<IBackgroundCopyCallback2>();
  Ref<IBackgroundCopyCallback> callback;
  if (auto callback3 = Ref<IBackgroundCopyCallback3>::ask(object)) {
    callback2 = Ref<IBackgroundCopyCallback2>::share(callback3.get());
  } else {
    callback2 = Ref<IBackgroundCopyCallback2>::ask(object);
  }
  callback = callback2 ? Ref<IBackgroundCopyCallback>::share(callback2.get())
                       : Ref<IBackgroundCopyCallback>::ask(object);
  auto identity = Ref<IUnknown>::ask(object);
  if (!callback || !identity) return nullptr;
  return std::make_shared<CallbackAdapter>(std::move(identity), std::move(callback),
                                           std::move(callback2));
}

CallbackAdapter::CallbackAdapter(Ref<IUnknown> identity, Ref<IBackgroundCopyCallback> callback,
                                 Ref<IBackgroundCopyCallback2> callback2)
    : identity_(std::move(identity)),
      callback_(std::move(callback)),
      callback2_(std::move(callback2)) {}

CallbackAdapter::~CallbackAdapter() = default;

Ref<IUnknown> CallbackAdapter::object() const {
  const std::lock_guard lock(mutex_);
  return Ref<IUnknown>::share(identity_.get());
}

std::uint32_t CallbackAdapter::level() const { return callback2_ ? 2 : 1; }

template <class Call>
std::uint32_t CallbackAdapter::run(const Notification& event, Call call) {
  const CallbackScope scope;
  try {
    const Ref<JobObject> job = JobObject::of(event.job);
    return static_cast<std::uint32_t>(call(job.get()));
  } catch (...) {
    return code::e_fail;
  }
}

std::uint32_t CallbackAdapter::job_transferred(const Notification& event) {
  return run(event, [this](IBackgroundCopyJob* job) { return callback_->JobTransferred(job); });
}

std::uint32_t CallbackAdapter::job_error(const Notification& event) {
  return run(event, [&](IBackgroundCopyJob* job) {
    const auto error = Ref<IBackgroundCopyError>::adopt(new ErrorObject(event.job, event.error));
    return callback_->JobError(job, error.get());
  });
}

std::uint32_t CallbackAdapter::job_modification(const Notification& event) {
  return run(event, [this](IBackgroundCopyJob* job) { return callback_->JobModification(job, 0); });
}

std::uint32_t CallbackAdapter::file_transferred(const Notification& event) {
  if (!callback2_) return code::s_ok;
  return run(event, [&](IBackgroundCopyJob* job) {
    const auto file = Ref<IBackgroundCopyFile>::adopt(new FileObject(event.job.file(event.file)));
    return callback2_->FileTransferred(job, file.get());
  });
}

void CallbackAdapter::released() {
  const CallbackScope scope;
  Ref<IUnknown> identity;
  {
    const std::lock_guard lock(mutex_);
    identity = std::move(identity_);
  }
  callback2_.reset();
  callback_.reset();
  identity.reset();  // may be the last: the program's destructor runs without a lock of ours
}

}  // namespace backhaul::bits
