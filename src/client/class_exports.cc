// SPDX-License-Identifier: Apache-2.0
// The class factory and the callbacks served at paths of their own; declared in exports.h.
#include <backhaul/class_server.h>

#include <algorithm>
#include <utility>

#include "bus/names.h"
#include "client/access.h"
#include "client/connection.h"
#include "client/data.h"
#include "client/exports.h"
#include "client/fork_guard.h"
#include "client/pool.h"

namespace backhaul {
namespace detail {

// The last reference may go on the I/O thread, but what the program's functions hold may call us.
ClassServerState::~ClassServerState() {
  if (client::in_forked_child()) return;
  client::run_on_pool([factory = std::move(factory), idle = std::move(idle)] {});
}

void ClassServerState::count_up() {
  const std::scoped_lock lock(mutex_);
  ++count_;
}

void ClassServerState::count_down() {
  {
    const std::scoped_lock lock(mutex_);
    if (--count_ > 0) return;
  }
  if (!idle) return;
  try {
    idle();
  } catch (...) {  // nobody is left to be told
  }
}

std::size_t ClassServerState::count() const {
  const std::scoped_lock lock(mutex_);
  return count_;
}

bool ClassServerState::alive() const {
  const std::scoped_lock lock(mutex_);
  return alive_;
}

bool ClassServerState::end() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(alive_, false);
}

}  // namespace detail

namespace client {
namespace {

// Null when it failed, by an exception too.
std::shared_ptr<Callback> make_instance(detail::ClassServerState& server, std::uint32_t& level) {
  try {
    auto callback = server.factory();
    if (callback != nullptr) level = callback->level();
    return callback;
  } catch (...) {
    return nullptr;
  }
}

}  // namespace

base::Result<void> Exports::serve(bus::Bus& bus,
                                  const std::shared_ptr<detail::ClassServerState>& server,
                                  const std::string& path, std::shared_ptr<Callback> callback) {
  if (registrations_.contains(path))
    return {base::Code::ALREADY_EXISTS, "there is a callback at " + path + " already"};
  auto slot = bus.add_object<Exports>(path, bus::callback_interface, callback_rows(), *this);
  if (!slot) return slot.error();
  auto registration = std::make_shared<Registration>();
  registration->path = path;
  registration->callback = std::move(callback);
  registration->server = server;
  registration->served = registration->settled = registration->notify = true;
  registrations_.emplace(path, registration);
  served_.insert_or_assign(path, *std::move(slot));
  classes_.push_back(server);
  return {};
}

base::Result<void> Exports::add_class(bus::Bus& bus,
                                      const std::shared_ptr<detail::ClassServerState>& server) {
  if (!factory_) {
    auto slot = bus.add_object<Exports>(
        bus::class_path, bus::class_factory_interface,
        {bus::method<&Exports::create_instance>("CreateInstance", "path\0level\0")}, *this);
    if (!slot) return slot.error();
    factory_ = *std::move(slot);
  }
  classes_.push_back(server);
  return {};
}

void Exports::remove_class(const detail::ClassServerState& server) {
  std::vector<std::shared_ptr<Registration>> over;
  for (const auto& [path, registration] : registrations_)
    if (registration->served && registration->server.get() == &server) over.push_back(registration);
  for (const auto& registration : over) {
    served_.erase(registration->path);
    end(registration);
  }
  std::erase_if(classes_, [&](const auto& one) { return one.get() == &server; });
}

void Exports::withdraw(const detail::ClassServerState& server) {
  const auto is_its = [&](const auto& one) { return one.second->served && one.second->server.get() == &server; };
  for (const auto& one : registrations_)
    if (is_its(one)) served_.erase(one.first);
  std::erase_if(registrations_, is_its);
  remove_class(server);
}

// Every class of this process has its factory at the same path: the name that was called tells
// which one is meant.
std::shared_ptr<detail::ClassServerState> Exports::class_called(const bus::Message& call) const {
  std::vector<std::shared_ptr<detail::ClassServerState>> factories;
  for (const auto& server : classes_)
    if (server->factory) factories.push_back(server);
  const std::string name = call.destination();
  for (const auto& server : factories)
    if (server->name == name) return server;
  return name.starts_with(':') && factories.size() == 1 ? factories.front() : nullptr;
}

void Exports::create_instance(bus::Reply<bus::ObjectPath, std::uint32_t> reply) {
  if (!let_in(reply)) return;
  const auto server = class_called(reply.call());
  if (server == nullptr)
    return reply.fail({base::Code::REGDB_E_CLASSNOTREG, "this program does not serve that class"});
  server->count_up();
  run_on_pool([this, alive = std::weak_ptr(alive_), &connection = connection_, server,
               reply = std::move(reply)]() mutable {
    std::uint32_t level = 1;
    auto callback = make_instance(*server, level);
    connection.post([this, alive = std::move(alive), server = std::move(server),
                     callback = std::move(callback), level, reply = std::move(reply)]() mutable {
      if (callback == nullptr || alive.expired()) {
        reply.fail({base::Code::E_FAIL, "the program could not make an instance of the class"});
        run_on_pool([callback = std::move(callback), server = std::move(server)] {
          server->count_down();
        });
        return;
      }
      const auto registration = add(Role::callback, std::move(callback), "");
      registration->holder = reply.call().sender();
      registration->server = std::move(server);
      registration->settled = registration->notify = true;
      reply.send({registration->path}, level);
      if (!may_call(registration->holder)) end(registration);  // it left meanwhile
    });
  });
}

}  // namespace client
}  // namespace backhaul
