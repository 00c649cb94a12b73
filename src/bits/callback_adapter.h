// SPDX-License-Identifier: Apache-2.0
// The program's callback object as the client library wants it. The adapter holds the program's
// reference for exactly as long as the service holds the registration, and stops every exception.
// Made by a thread in a single-threaded apartment it belongs there: its calls run on that thread,
// and the end of the apartment is the end of the reference.
#ifndef SRC_BITS_CALLBACK_ADAPTER_H
#define SRC_BITS_CALLBACK_ADAPTER_H

#include <cstdint>
#include <memory>
#include <mutex>

#include "backhaul/callback.h"
#include "bits/object.h"
#include "bits/sta.h"

namespace backhaul::bits {

class CallbackAdapter final : public Callback, public Tenant {
 public:
  // Asks the object for IBackgroundCopyCallback3, then 2, then IBackgroundCopyCallback: what a
  // class derives from says nothing, and there are programs that answer only one of them
  // (notifications.md §19, source-compat.md 11). NULL if it has none.
  static std::shared_ptr<CallbackAdapter> make(IUnknown* object);

  // The object's identity; empty once it has been released.
  Ref<IUnknown> object() const;

  std::uint32_t level() const override;
  std::uint32_t job_transferred(const Notification& event) override;
  std::uint32_t job_error(const Notification& event) override;
  std::uint32_t job_modification(const Notification& event) override;
  std::uint32_t file_transferred(const Notification& event) override;
  std::uint32_t file_ranges_transferred(const Notification& event) override;
  void released() override;
  std::shared_ptr<Executor> executor() const override { return home_; }

  // Drops the program's reference here and now; calls fail from now on.
  void disconnect() override;

  // The program's object, by what it answers.
  struct Answers {
    Ref<IBackgroundCopyCallback> callback;
    Ref<IBackgroundCopyCallback2> callback2;  // empty: no file events
    Ref<IBackgroundCopyCallback3> callback3;  // empty: no ranges
  };
  CallbackAdapter(Ref<IUnknown> identity, Answers answers);
  ~CallbackAdapter() override;

 private:
  template <class Call>
  std::uint32_t run(const Notification& event, Call call);

  const std::shared_ptr<Sta> home_;  // empty: the multithreaded apartment
  const std::uint32_t level_;
  mutable std::mutex mutex_;  // over the two below
  Ref<IUnknown> identity_;
  Answers answers_;
};

}  // namespace backhaul::bits

#endif
