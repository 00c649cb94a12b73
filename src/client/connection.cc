// SPDX-License-Identifier: Apache-2.0
#include "client/connection.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include <map>
#include <system_error>
#include <thread>
#include <utility>

#include "bus/errors.h"
#include "bus/names.h"
#include "bus/place.h"
#include "bus/service.h"
#include "client/pool.h"

namespace backhaul {
namespace client {

Session::Session(detail::Connection& connection, bus::Connection bus)
    : connection_(connection),
      bus_(std::move(bus)),
      exports_(connection),
      revival_(connection.loop(), [this] { bring_back(); }) {}

base::Result<std::unique_ptr<Session>> Session::open(detail::Connection& connection,
                                                     bus::Connection bus) {
  std::unique_ptr<Session> session(new Session(connection, std::move(bus)));
  BH_CHECK(session->start());
  return session;
}

base::Result<void> Session::start() {
  BH_CHECK(exports_.attach(bus()));
  lost_ = bus().on_disconnect([this] { connection_.session_lost(this); });
  owner_ = bus().watch_name(bus::service_name, [this](const std::string&, const std::string& owner) {
    service_changed(owner);
  });
  // Asked after the match stands; from now on a change is told before any call of the new owner.
  auto owner = bus().call<std::string>({bus::daemon_name, bus::daemon_path, bus::daemon_interface,
                                       "GetNameOwner", bus::usual_limit},
                                      std::string(bus::service_name));
  if (owner) exports_.set_service(std::get<0>(*owner));
  else if (!owner.error().is(bus::name_has_no_owner)) return owner.error().error();
  if (!connection_.listeners().empty()) want_signals();
  return {};
}

// Nobody waits: what it is told now comes before any call of whoever has the name.
void Session::follow_messenger() {
  if (messenger_ || connection_.is_system()) return;
  messenger_ = bus().watch_name(bus::messenger_name, [this](const std::string&, const std::string& owner) {
    exports_.set_messenger(owner);
  });
  messenger_now_ = bus().call_async<std::string>(
      {bus::daemon_name, bus::daemon_path, bus::daemon_interface, "GetNameOwner", bus::usual_limit},
      [this](const bus::Outcome<std::string>& owner) {
        if (owner) exports_.set_messenger(std::get<0>(*owner));
      },
      std::string(bus::messenger_name));
}

void Session::service_changed(const std::string& new_owner) {
  exports_.set_service(new_owner);
  connection_.listeners().tell({Event::Kind::gap, {}, {}});
  if (!new_owner.empty()) revival_.service_came();
  else if (connection_.may_start() && exports_.holds_registrations()) revival_.service_went();
}

// Whoever registered here waits for the service and calls nobody that would start it.
void Session::bring_back() {
  if (!exports_.holds_registrations()) return;
  start_ = bus().call_async<std::uint32_t>(
      {bus::daemon_name, bus::daemon_path, bus::daemon_interface, "StartServiceByName",
       bus::service_start_limit},
      [this](bus::Outcome<std::uint32_t> started) {
        const bool unknown = !started && bus::is_not_activatable(started.error());
        const bool there =
            started.has_value() || (unknown && connection_.start_directly(*this).has_value());
        if (!there) revival_.failed();
      },
      std::string(bus::service_name), 0U);
}

void Session::want_signals() {
  if (signals_) return;
  signals_ = bus().match(std::string("type='signal',sender='") + bus::service_name + "',path='" +
                            bus::root_path + "',interface='" + bus::manager_interface + "'",
                        [this](const bus::Message& message) { signal(message); });
}

void Session::signal(const bus::Message& message) {
  Event event{Event::Kind::changed, {}, {}};
  bus::ObjectPath path;
  if (message.member() == "JobChanged") {
    auto body = bus::read_body<bus::ObjectPath, std::vector<std::string>>(message);
    if (!body) return;
    std::tie(path, event.properties) = *std::move(body);
  } else {
    event.kind = message.member() == "JobAdded" ? Event::Kind::added : Event::Kind::removed;
    auto body = bus::read_body<bus::ObjectPath>(message);
    if (!body) return;
    path = std::get<0>(*std::move(body));
  }
  const auto job = bus::parse_job_path(path.value);
  if (!job) return;
  event.job = *job;
  connection_.listeners().tell(event);
  if (connection_.listeners().empty()) signals_.reset();  // nobody is listening any more
}

}  // namespace client

namespace detail {
namespace {

using Key = std::tuple<bool, std::string, bool>;

thread_local bool io_thread = false;

base::Result<bus::Connection> connect(const ConnectOptions& options) {
  bus::Place place = bus::Place::current();
  if (options.system) {
    if (!options.address.empty()) place.system_bus = options.address;
    return bus::connect_machine(place);
  }
  if (!options.address.empty()) {
    BH_TRY(bus::Bus bus, bus::Bus::open(options.address));
    return bus::Connection{std::move(bus), options.address};
  }
  if (options.start) return bus::connect_to_service(place);
  auto session = bus::connect_session(place);
  if (session && bus::service_runs(session->bus)) return session;
  auto holder = bus::connect_to_holder(place);
  return holder || !session ? std::move(holder) : std::move(session);
}

// The program that we are a guest of may be short of descriptors, threads or memory: that is an answer.
template <class F>
auto unless_short(F make) -> decltype(make()) {
  try {
    return make();
  } catch (const std::system_error& error) {
    const int code = error.code().value() == EAGAIN ? ENOMEM : error.code().value();  // no thread more
    return bus::error_from_errno(-code, "the program is short of what a connection needs");
  }
}

}  // namespace

base::Result<Connection*> Connection::get(ConnectOptions options) {
  if (client::in_forked_child()) return base::Code::RPC_E_DISCONNECTED;
  if (!options.system && !options.user && options.address.empty()) {
    // For as long as the process lives: its jobs are not in one queue today and in another tomorrow.
    static const bool system = default_instance().system;
    options.system = system;
  }
  static auto* const mutex = new std::mutex;
  static auto* const connections = new std::map<Key, Connection*>;
  const std::scoped_lock lock(*mutex);
  Connection*& found = (*connections)[{options.system, options.address, options.start}];
  if (found == nullptr) {
    BH_TRY(found, unless_short([&] { return base::Result<Connection*>(new Connection(std::move(options))); }));
  }
  return found;
}

Connection::Connection(ConnectOptions options) : options_(std::move(options)), poster_(loop_) {
  const client::BlockedSignals blocked;
  std::thread([this] { run(); }).detach();
}

bool Connection::on_io_thread() { return io_thread; }

void Connection::flush() {
  if (session_ != nullptr && session_->bus().is_open()) session_->bus().flush();
}

void Connection::run() {
  io_thread = true;
  pthread_setname_np(pthread_self(), "backhaul-io");
  loop_.run();
}

void Connection::post(loop::Callback callback) { poster_.post(std::move(callback)); }

void Connection::enter(Work work) {
  post([this, work = std::move(work)]() mutable { work(ensure_session()); });
}

void Connection::if_open(std::move_only_function<void(client::Session&)> work) {
  post([this, work = std::move(work)]() mutable {
    if (session_ != nullptr) work(*session_);
  });
}

base::Result<client::Session*> Connection::ensure_session() {
  if (session_ != nullptr && !session_->bus().is_open()) session_lost(session_.get());
  if (session_ != nullptr) return session_.get();
  BH_TRY(bus::Connection bus, connect(options_));
  BH_TRY(session_, unless_short([&] { return client::Session::open(*this, std::move(bus)); }));
  BH_CHECK(session_->bus().attach(loop_.native()));
  if (const auto wanted = session_->bus().wanted()) fd_.set(wanted->fd);
  return session_.get();
}

base::Result<void> Connection::start_service() {
  return ask<void>([this](client::Session& session, auto promise) {
    auto started = bus::start_service(session.place(), bus::Place::current(),
                                      bus::service_start_limit);
    // Another bus may have it by now: the next call looks everywhere.
    if (!started && options_.address.empty() && !options_.system) session_lost(&session);
    else if (!started) return promise.set(std::move(started));
    promise.set({});
  });
}

base::Result<void> Connection::start_directly(client::Session& session) {
  return bus::start_service(session.place(), bus::Place::current(), bus::service_start_limit);
}

// Not destroyed here and now: this may be called out of one of its own callbacks.
void Connection::session_lost(const client::Session* session) {
  if (session == nullptr || session != session_.get()) return;
  fd_.set(-1);
  post([gone = std::move(session_)] {});
  listeners_.tell({client::Event::Kind::gap, {}, {}});
}

bus::Call Connection::target(const std::string& path, const std::string& interface,
                             const std::string& member) const {
  // No limit: the bus tells when the service dies, and Complete may take its time.
  // Who uses the jobs of others may have to show that they are an administrator. Who starts nothing only looks on,
  // again and again: nobody is asked for a password then.
  const bool interactive = options_.system && options_.start;
  return {bus::service_name, path, interface, member, bus::no_limit, options_.start, interactive};
}

}  // namespace detail
}  // namespace backhaul
