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
  auto adapter = std::make_shared<CallbackAdapter>(std::move(identity), std::move(callback),
                                                   std::move(callback2));
  if (adapter->home_ != nullptr) adapter->home_->add(adapter);
  return adapter;
}

CallbackAdapter::CallbackAdapter(Ref<IUnknown> identity, Ref<IBackgroundCopyCallback> callback,
                                 Ref<IBackgroundCopyCallback2> callback2)
    : home_(Sta::current()),
      takes_files_(callback2),
      identity_(std::move(identity)),
      callback_(std::move(callback)),
      callback2_(std::move(callback2)) {}

CallbackAdapter::~CallbackAdapter() = default;

Ref<IUnknown> CallbackAdapter::object() const {
  const std::lock_guard lock(mutex_);
  return Ref<IUnknown>::share(identity_.get());
}

std::uint32_t CallbackAdapter::level() const { return takes_files_ ? 2 : 1; }

// The call has references of its own: the program may take the object back meanwhile (N44).
template <class Call>
std::uint32_t CallbackAdapter::run(const Notification& event, Call call) {
  const CallbackScope scope;
  try {
    Ref<IBackgroundCopyCallback> callback;
    Ref<IBackgroundCopyCallback2> callback2;
    {
      const std::lock_guard lock(mutex_);
      callback = Ref<IBackgroundCopyCallback>::share(callback_.get());
      callback2 = Ref<IBackgroundCopyCallback2>::share(callback2_.get());
    }
    if (!callback) return code::rpc_e_disconnected;
    const Ref<JobObject> job = JobObject::of(event.job);
    return static_cast<std::uint32_t>(call(callback.get(), callback2.get(), job.get()));
  } catch (...) {
    return code::e_fail;
  }
}

std::uint32_t CallbackAdapter::job_transferred(const Notification& event) {
  return run(event, [](auto* callback, auto*, auto* job) { return callback->JobTransferred(job); });
}

std::uint32_t CallbackAdapter::job_error(const Notification& event) {
  return run(event, [&](auto* callback, auto*, auto* job) {
    const auto error = Ref<IBackgroundCopyError>::adopt(new ErrorObject(event.job, event.error));
    return callback->JobError(job, error.get());
  });
}

std::uint32_t CallbackAdapter::job_modification(const Notification& event) {
  return run(event,
             [](auto* callback, auto*, auto* job) { return callback->JobModification(job, 0); });
}

std::uint32_t CallbackAdapter::file_transferred(const Notification& event) {
  if (!takes_files_) return code::s_ok;
  return run(event, [&](auto*, auto* callback2, auto* job) {
    const auto file = Ref<IBackgroundCopyFile>::adopt(new FileObject(event.job.file(event.file)));
    return callback2->FileTransferred(job, file.get());
  });
}

void CallbackAdapter::released() {
  const CallbackScope scope;
  disconnect();
}

void CallbackAdapter::disconnect() {
  Ref<IUnknown> identity;
  Ref<IBackgroundCopyCallback> callback;
  Ref<IBackgroundCopyCallback2> callback2;
  const std::lock_guard lock(mutex_);
  std::swap(identity, identity_);
  std::swap(callback, callback_);
  std::swap(callback2, callback2_);
  // The last reference may end here: after the lock, the program's destructor runs without it.
}

}  // namespace backhaul::bits
