// SPDX-License-Identifier: Apache-2.0
#include <backhaul/class_server.h>

#include <utility>

#include "bus/connect.h"
#include "bus/names.h"
#include "bus/place.h"
#include "client/access.h"
#include "client/connection.h"
#include "client/data.h"

namespace backhaul {
namespace {

using base::Code;
using client::make_error;
using client::to_public;
using detail::Access;
using State = detail::ClassServerState;

// A CLSID or a bus name; empty: neither.
std::string bus_name_of(const std::string& name) {
  if (auto derived = bus::class_bus_name(name)) return *std::move(derived);
  return bus::is_valid_bus_name(name) ? name : std::string();
}

void revoke(const std::shared_ptr<State>& state) {
  if (client::in_forked_child() || !state->end()) return;
  state->connection.if_open([state](client::Session& session) {
    // What fails here failed with the bus, and the name went with it.
    static_cast<void>(session.bus().release_name(state->name));
    session.exports().remove_class(*state);
  });
}

// Gives the name back when the last ClassServer goes. The state itself lives on while the service
// holds objects of it.
std::shared_ptr<State> owned(std::shared_ptr<State> state) {
  State* const raw = state.get();
  return {raw, [state = std::move(state)](State*) { revoke(state); }};
}

// enter(session, state) puts its objects on the bus. They come before the name: whoever waits for that calls them.
template <class Enter>
base::Result<ClassServer> start_on(detail::Connection& connection, std::shared_ptr<State> state, Enter& enter) {
  auto started = connection.ask<void>([&](client::Session& session, auto promise) {
    session.follow_messenger();
    base::Result<void> result = enter(session, state);
    if (result) result = session.bus().request_name(state->name);
    if (!result) session.exports().withdraw(*state);
    promise.set(std::move(result));
  });
  if (!started) {
    state->end();
    return std::move(started).error();
  }
  return Access::server(owned(std::move(state)));
}

base::Result<detail::Connection*> session_of_user() {
  BH_TRY(bus::Connection session, bus::connect_session(bus::Place::current()));
  ConnectOptions options;
  options.address = session.address;
  options.start = false;
  options.user = true;
  return detail::Connection::get(std::move(options));
}

// make(connection) is what the server stands for. The bus of the machine gives a name to a program that root installed.
// Any other one has it in the session of its user, where the service of the machine has somebody who calls it.
template <class Make, class Enter>
Result<ClassServer> start_where_it_may(const Client& client, Make make, Enter enter) {
  detail::Connection& given = *Access::connection(client);
  auto started = start_on(given, make(given), enter);
  if (!started && given.is_system() && started.error().code == Code::E_ACCESSDENIED) {
    const auto session = session_of_user();
    if (!session) return to_public(session.error());
    started = start_on(**session, make(**session), enter);
  }
  if (!started) return to_public(started.error());
  return *std::move(started);
}

}  // namespace

ClassServer::ClassServer() = default;

Result<ClassServer> ClassServer::start(const Client& client, const std::string& name,
                                       Factory factory, Idle idle) {
  const std::string bus_name = bus_name_of(name);
  if (bus_name.empty() || !factory)
    return make_error(Code::E_INVALIDARG, "\"" + name + "\" is neither a CLSID nor a bus name");
  const auto make = [&](detail::Connection& connection) {
    auto state = std::make_shared<State>(connection, bus_name);
    state->factory = factory;
    state->idle = idle;
    return state;
  };
  return start_where_it_may(client, make, [](client::Session& session, const std::shared_ptr<State>& state) {
    return session.exports().add_class(session.bus(), state);
  });
}

Result<ClassServer> ClassServer::serve(const Client& client, const std::string& name,
                                       const std::string& path, std::shared_ptr<Callback> callback,
                                       Idle idle) {
  const std::string bus_name = bus_name_of(name);
  if (bus_name.empty() || callback == nullptr)
    return make_error(Code::E_INVALIDARG, "\"" + name + "\" is not a bus name");
  const auto make = [&](detail::Connection& connection) {
    auto state = std::make_shared<State>(connection, bus_name);
    state->idle = idle;
    return state;
  };
  return start_where_it_may(client, make, [&](client::Session& session, const std::shared_ptr<State>& state) {
    return session.exports().serve(session.bus(), state, path, callback);
  });
}

const std::string& ClassServer::bus_name() const {
  static const auto* const none = new std::string;
  return state_ == nullptr ? *none : state_->name;
}

std::size_t ClassServer::instances() const {
  return state_ == nullptr || client::in_forked_child() ? 0 : state_->count();
}

bool ClassServer::alive() const {
  return state_ != nullptr && !client::in_forked_child() && state_->alive();
}

void ClassServer::revoke() {
  if (state_ != nullptr) backhaul::revoke(std::shared_ptr<State>(state_));
}

}  // namespace backhaul
