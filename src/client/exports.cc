// SPDX-License-Identifier: Apache-2.0
#include "client/exports.h"

#include <backhaul/codes.h>
#include <backhaul/threads.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <utility>

#include "bus/names.h"
#include "client/access.h"
#include "client/answers.h"
#include "client/connection.h"
#include "client/data.h"
#include "client/fork_guard.h"
#include "client/pool.h"

namespace backhaul {
namespace client {
namespace {

constexpr char callbacks_path[] = "/org/backhaul/callback";

bool is_callback_path(std::string_view path) {
  return path.starts_with(std::string(callbacks_path) + "/");
}

// The program's code. Its exceptions stop here.
std::uint32_t invoke(Callback& callback, const Notification& event) {
  try {
    switch (event.kind) {
      case Notification::Kind::job_transferred: return callback.job_transferred(event);
      case Notification::Kind::job_error: return callback.job_error(event);
      case Notification::Kind::job_modification: return callback.job_modification(event);
      case Notification::Kind::file_transferred: return callback.file_transferred(event);
      case Notification::Kind::file_ranges_transferred:
        return callback.file_ranges_transferred(event);
    }
  } catch (...) {  // E_FAIL: the event counts as not delivered
  }
  return code::e_fail;
}

// Something that must be done exactly once: where the callback wants it, or else, when the executor
// drops it, by `lost` on whatever thread that is.
struct Once {
  Task work;
  Task lost;
  ~Once() {
    if (lost) lost();
  }
};

void run_where(const Callback& callback, Task work, Task lost) {
  const std::shared_ptr<Executor> executor = callback.executor();
  if (executor == nullptr) return run_on_pool(std::move(work));
  const auto once = std::make_shared<Once>(std::move(work), std::move(lost));
  executor->run([once] {
    once->lost = nullptr;
    std::exchange(once->work, nullptr)();
  });
}

// The library's reference goes on the pool, or where the object's methods run: the last one runs
// the program's destructor.
void drop(std::shared_ptr<Callback> callback, bool notify,
          std::shared_ptr<detail::ClassServerState> server) {
  struct Last {
    std::shared_ptr<Callback> callback;
    bool notify;
    std::shared_ptr<detail::ClassServerState> server;
    void operator()() {
      try {
        if (notify) callback->released();
        callback.reset();
      } catch (...) {  // nobody is left to be told
      }
      if (server != nullptr) server->count_down();
    }
  };
  const auto last = std::make_shared<Last>(std::move(callback), notify, std::move(server));
  run_where(*last->callback, [last] { (*last)(); }, [last] { run_on_pool([last] { (*last)(); }); });
}

// Drops an ended registration once nothing runs in it and it is known whether the service took it.
void drop_if_over(const std::shared_ptr<Registration>& registration) {
  if (!registration->ended || !registration->settled || registration->running > 0) return;
  if (registration->callback == nullptr) return;
  if (registration->served) registration->server->count_up();  // for the one count_down() of drop
  drop(std::exchange(registration->callback, nullptr), registration->notify,
       std::exchange(registration->server, nullptr));
}

}  // namespace

std::vector<bus::Row<Exports>> Exports::callback_rows() {
  return {bus::method<&Exports::job_transferred>("JobTransferred", "seq\0job\0result\0"),
          bus::method<&Exports::job_error>("JobError", "seq\0job\0error\0result\0"),
          bus::method<&Exports::job_modification>("JobModification", "seq\0job\0result\0"),
          bus::method<&Exports::file_transferred>("FileTransferred", "seq\0job\0file\0result\0"),
          bus::method<&Exports::file_ranges_transferred>("FileRangesTransferred",
                                                         "seq\0job\0file\0ranges\0result\0"),
          bus::method<&Exports::released>("Released", "")};
}

// Everything is over: the bus has ended.
Exports::~Exports() {
  const auto registrations = std::exchange(registrations_, {});
  for (const auto& [path, registration] : registrations) end(registration);
  for (const auto& server : classes_)
    if (server->end()) {
      server->count_up();
      run_on_pool([server] { server->count_down(); });
    }
}

base::Result<void> Exports::attach(bus::Bus& bus) {
  auto slot = bus.add_fallback<Exports>(callbacks_path, bus::callback_interface, callback_rows(),
                                        *this, is_callback_path);
  if (!slot) return slot.error();
  callbacks_ = *std::move(slot);
  slot = bus.add_fallback<Exports>(callbacks_path, bus::certificate_validator_interface,
                                   validator_rows(), *this, is_callback_path);
  if (!slot) return slot.error();
  validators_ = *std::move(slot);
  return {};
}

void Exports::change(std::string& speaker, const std::string& unique_name) {
  if (unique_name == speaker) return;
  const std::string before = std::exchange(speaker, unique_name);
  // Instances belong to the process that asked for them; registered objects it finds again.
  end_all([&](const Registration& one) { return !before.empty() && one.holder == before; });
}

void Exports::set_service(const std::string& unique_name) {
  if (unique_name == service_) return;
  change(service_, unique_name);
  // One that died releases nothing, and the one that follows does not know the job.
  end_all([](const Registration& one) { return one.ending; });
}

base::Result<detail::Connection*> Exports::connection_for(const std::string& caller) const {
  if (caller == service_) return &connection_;
  ConnectOptions options;
  options.system = true;
  return detail::Connection::get(std::move(options));
}

std::string Exports::new_path() {
  static std::atomic<std::uint64_t> last{0};
  return std::string(callbacks_path) + "/" + std::to_string(++last);
}

std::shared_ptr<Registration> Exports::add(Role role, std::shared_ptr<Callback> callback,
                                           const std::string& job) {
  auto registration = std::make_shared<Registration>();
  registration->path = new_path();
  registration->role = role;
  registration->job = job;
  registration->callback = std::move(callback);
  registrations_.emplace(registration->path, registration);
  return registration;
}

void Exports::confirm(const std::shared_ptr<Registration>& registration) {
  end_object(registration->job, registration->role);  // what it replaced
  registration->settled = registration->notify = true;
  drop_if_over(registration);  // released before we learned that it was taken
}

void Exports::refuse(const std::shared_ptr<Registration>& registration) {
  registration->settled = true;
  end(registration);
}

void Exports::end_object(const std::string& job, Role role) {
  end_all([&](const Registration& one) { return one.job == job && one.role == role && one.settled; });
}

void Exports::end_all(const std::function<bool(const Registration&)>& is_over) {
  std::vector<std::shared_ptr<Registration>> over;
  for (const auto& [path, registration] : registrations_)
    if (is_over(*registration)) over.push_back(registration);
  for (const auto& registration : over) end(registration);
}

void Exports::end_job(const std::string& job) {
  for (const auto& [path, registration] : registrations_)
    if (registration->job == job) registration->ending = true;
}

void Exports::end(const std::shared_ptr<Registration>& registration) {
  registration->ended = true;
  registrations_.erase(registration->path);
  drop_if_over(registration);
}

bool Exports::holds_registrations() const {
  return std::any_of(registrations_.begin(), registrations_.end(),
                     [](const auto& one) { return !one.second->job.empty() && !one.second->ending; });
}

std::shared_ptr<Callback> Exports::find(const std::string& path) const {
  const auto found = registrations_.find(path);
  return found == registrations_.end() ? nullptr : found->second->callback;
}

std::shared_ptr<Registration> Exports::called(Reply& reply, Role role) {
  if (!let_in(reply)) return nullptr;
  const auto found = registrations_.find(reply.call().path());
  if (found == registrations_.end() || found->second->role != role) {
    reply.fail({base::Code::RPC_E_DISCONNECTED, "there is no such callback object"});
    return nullptr;
  }
  return found->second;
}

void Exports::run(Reply reply, const std::shared_ptr<Registration>& registration,
                  std::move_only_function<std::uint32_t()> work) {
  ++registration->running;
  // The reply is only moved over there: a message is counted on the I/O thread alone.
  struct Call {
    std::shared_ptr<Registration> registration;
    std::move_only_function<std::uint32_t()> work;
    Reply reply;
    detail::Connection& connection;
    // Where the program may go on, and end, once this returns, it waits until the answer is gone.
    void call(bool wait) {
      auto answering = std::make_unique<Answering>();
      const auto departure = answering->departure();
      std::uint32_t result = 0;
      {
        const InsideCallback here;
        result = work();
      }
      answer(result, std::move(answering));
      if (wait && !detail::Connection::on_io_thread()) wait_for_departure(departure);
    }
    void answer(std::optional<std::uint32_t> result, std::unique_ptr<Answering> answering = {}) {
      work = nullptr;  // what it holds of the program ends here, not on the I/O thread
      connection.post([&connection = connection, registration = std::move(registration),
                       reply = std::move(reply), result,
                       answering = std::move(answering)]() mutable {
        if (result) reply.send(*result);
        else reply.fail({base::Code::RPC_E_DISCONNECTED, "the thread of the callback has ended"});
        if (answering != nullptr) connection.flush();
        answering.reset();
        --registration->running;
        drop_if_over(registration);
      });
    }
  };
  const auto call = std::make_shared<Call>(registration, std::move(work), std::move(reply),
                                           connection_);
  const bool wait = registration->callback->executor() != nullptr;
  run_where(*registration->callback, [call, wait] { call->call(wait); },
            [call] { call->answer(std::nullopt); });
}

void Exports::notify(Reply reply, const Event& event) {
  const std::shared_ptr<Registration> registration = called(reply, Role::callback);
  if (registration == nullptr) return;
  const auto job = bus::parse_job_path(event.job);
  if (!job) return reply.fail({base::Code::E_INVALIDARG, "not the path of a job"});

  const auto connection = connection_for(reply.call().sender());
  if (!connection) return reply.fail(connection.error());

  Notification notification;
  notification.kind = event.kind;
  notification.sequence = event.sequence;
  notification.job = detail::Access::job((*connection)->records().get(**connection, *job));
  notification.error = to_public(event.error);
  if (const auto file = bus::parse_file_path(event.file)) notification.file = file->index;
  notification.ranges = to_public(event.ranges);
  run(std::move(reply), registration,
      [callback = registration->callback, notification = std::move(notification)] {
        return invoke(*callback, notification);
      });
}

void Exports::job_transferred(Reply reply, std::uint64_t seq, bus::ObjectPath job) {
  notify(std::move(reply), {Notification::Kind::job_transferred, seq, job.value, "", {}, {}});
}

void Exports::job_error(Reply reply, std::uint64_t seq, bus::ObjectPath job,
                        bus::ErrorTuple error) {
  notify(std::move(reply), {Notification::Kind::job_error, seq, job.value, "", std::move(error), {}});
}

void Exports::job_modification(Reply reply, std::uint64_t seq, bus::ObjectPath job) {
  notify(std::move(reply), {Notification::Kind::job_modification, seq, job.value, "", {}, {}});
}

void Exports::file_transferred(Reply reply, std::uint64_t seq, bus::ObjectPath job,
                               bus::ObjectPath file) {
  notify(std::move(reply),
         {Notification::Kind::file_transferred, seq, job.value, file.value, {}, {}});
}

void Exports::file_ranges_transferred(Reply reply, std::uint64_t seq, bus::ObjectPath job,
                                      bus::ObjectPath file, std::vector<bus::RangeTuple> ranges) {
  notify(std::move(reply), {Notification::Kind::file_ranges_transferred, seq, job.value, file.value,
                            {}, std::move(ranges)});
}

base::Result<void> Exports::released(const bus::Message& call) {
  const auto found = registrations_.find(call.path());
  if (found == registrations_.end() || !may_call(call.sender())) return {};
  const std::shared_ptr<Registration> registration = found->second;
  if (!registration->served) {
    end(registration);
  } else if (registration->running == 0) {
    registration->server->count_up();
    run_on_pool([server = registration->server] { server->count_down(); });
  }
  return {};
}

}  // namespace client
}  // namespace backhaul
