// SPDX-License-Identifier: Apache-2.0
// The notification side of Job, and waiting.
#include <backhaul/callback.h>
#include <backhaul/job.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "bus/names.h"
#include "client/access.h"
#include "client/connection.h"
#include "client/job_calls.h"
#include "client/validator.h"

namespace backhaul {
namespace {

using base::Code;
using client::make_error;
using Clock = std::chrono::steady_clock;

// Hears of one job, or of a gap, and wakes whoever waits.
class Watch final : public client::Listener {
 public:
  explicit Watch(const base::JobId& job) : job_(job) {}

  void hear(const client::Event& event) override {
    if (event.kind != client::Event::Kind::gap && event.job != job_) return;
    const std::scoped_lock lock(mutex_);
    heard_ = true;
    ready_.notify_all();
  }
  // False when the time is over. The note is taken back: what is read next is newer.
  bool wait(std::optional<Clock::time_point> until) {
    std::unique_lock lock(mutex_);
    const auto heard = [this] { return heard_; };
    if (!until) ready_.wait(lock, heard);
    else if (!ready_.wait_until(lock, *until, heard)) return false;
    heard_ = false;
    return true;
  }

 private:
  const base::JobId job_;
  std::mutex mutex_;
  std::condition_variable ready_;
  bool heard_ = false;
};

// A service that died is started again by its guardian; the name may take a moment.
constexpr int patience = 5;
constexpr std::chrono::seconds pause_limit{2};

// Exports the object, then tells the service of it; `more` are the arguments after its path.
template <class... In>
Result<void> register_object(detail::JobRecord& record, client::Role role,
                             const std::shared_ptr<Callback>& callback, const char* member,
                             const In&... more) {
  detail::Connection& connection = record.connection;
  const auto attempt = [&](client::Session& session, auto promise) {
    const auto registration = session.exports().add(role, callback, record.path);
    session.bus()
        .call_async<>(
            connection.target(record.path, bus::job_interface, member),
            [&session, registration, promise = std::move(promise)](bus::Outcome<> done) mutable {
              if (done) {
                session.exports().confirm(registration);
                promise.set({});
              } else {
                session.exports().refuse(registration);
                promise.set(done.error().error());
              }
            },
            bus::ObjectPath{registration->path}, more...)
        .detach();
  };
  auto result = connection.insist(client::Kind::change,
                                  [&] { return connection.ask<void>(attempt); });
  if (!result) return client::public_error(record, result.error(), true);
  return {};
}

Result<void> clear_object(detail::JobRecord& record, client::Role role, const char* member) {
  detail::Connection& connection = record.connection;
  const auto attempt = [&](client::Session& session, auto promise) {
    session.bus()
        .call_async<>(connection.target(record.path, bus::job_interface, member),
                      [&session, job = record.path, role,
                       promise = std::move(promise)](bus::Outcome<> done) mutable {
                        if (done) session.exports().end_object(job, role);
                        if (done) promise.set({});
                        else promise.set(done.error().error());
                      })
        .detach();
  };
  auto result = connection.insist(client::Kind::change,
                                  [&] { return connection.ask<void>(attempt); });
  if (!result) return client::public_error(record, result.error(), true);
  return {};
}

}  // namespace

Result<void> Job::set_notify_object(std::shared_ptr<Callback> callback) {
  if (record_ == nullptr) return make_error(Code::BG_E_NOT_FOUND);
  if (callback == nullptr) return clear_notify_object();
  const std::uint32_t level = callback->level();
  return register_object(*record_, client::Role::callback, callback, "SetNotifyObject", level);
}

Result<void> Job::clear_notify_object() {
  if (record_ == nullptr) return make_error(Code::BG_E_NOT_FOUND);
  return clear_object(*record_, client::Role::callback, "ClearNotifyObject");
}

Result<void> Job::set_certificate_validator(std::shared_ptr<CertificateValidator> validator) {
  if (record_ == nullptr) return make_error(Code::BG_E_NOT_FOUND);
  if (validator == nullptr) return clear_certificate_validator();
  const auto callback = std::make_shared<client::ValidatorCallback>(std::move(validator));
  return register_object(*record_, client::Role::validator, callback, "SetCertificateValidator");
}

Result<void> Job::clear_certificate_validator() {
  if (record_ == nullptr) return make_error(Code::BG_E_NOT_FOUND);
  return clear_object(*record_, client::Role::validator, "ClearCertificateValidator");
}

Result<NotifyObject> Job::notify_object() const {
  auto now = info();
  if (!now) return now.error();
  NotifyObject object{now->notify_object_name(), now->notify_object_path(),
                      now->notify_object_level(), nullptr};
  if (object.bus_name.empty()) return object;
  auto own = record_->connection.ask<std::shared_ptr<Callback>>(
      [&](client::Session& session, auto promise) {
        const bool ours = session.bus().unique_name() == object.bus_name;
        promise.set(ours ? session.exports().find(object.path) : nullptr);
      });
  if (own) object.own = *std::move(own);
  return object;
}

Result<void> Job::set_notify_service(const NotifyService& service) {
  return set(JobSettings().notify_service(service));
}
Result<void> Job::set_notify_class(const std::string& clsid) {
  return set(JobSettings().notify_class(clsid));
}
Result<void> Job::set_notify_command(const NotifyCommand& command) {
  return set(JobSettings().notify_command(command));
}

Result<JobInfo> Job::wait(std::chrono::milliseconds limit) const {
  return wait(
      [](const JobInfo& now) {
        return now.state() == JobState::transferred || now.state() == JobState::error;
      },
      limit);
}

Result<JobInfo> Job::wait(const std::function<bool(const JobInfo&)>& until,
                          std::chrono::milliseconds limit) const {
  if (record_ == nullptr) return make_error(Code::BG_E_NOT_FOUND);
  if (client::in_forked_child()) return make_error(Code::RPC_E_DISCONNECTED);
  std::optional<Clock::time_point> deadline;
  if (limit.count() >= 0) deadline = Clock::now() + limit;
  const auto watch = std::make_shared<Watch>(record_->id);
  record_->connection.listeners().add(watch);
  int failures = 0;
  for (;;) {
    // The match is asked for before the look at the job, on one connection: nothing falls between.
    auto listening = record_->connection.ask<void>([](client::Session& session, auto promise) {
      session.want_signals();
      promise.set({});
    });
    auto now = info();
    if (now && (until(*now) || is_final(now->state()))) return now;
    std::optional<Clock::time_point> next = deadline;
    if (!now || !listening) {
      const bool gone = !now && now.code() == base::to_number(Code::RPC_E_DISCONNECTED);
      if (!now && (!gone || ++failures > patience)) return now;
      const auto pause = Clock::now() + pause_limit;
      next = deadline ? std::min(*deadline, pause) : pause;
    } else {
      failures = 0;
    }
    if (!watch->wait(next) && next == deadline) return now;
  }
}

}  // namespace backhaul
