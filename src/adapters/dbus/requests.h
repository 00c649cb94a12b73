// SPDX-License-Identifier: Apache-2.0
// How every request is handled: first who asks, then, for a read, after the sender's own unanswered
// change, so that a client reads what it wrote.
#pragma once

#include <string>
#include <utility>

#include "adapters/dbus/gate.h"
#include "adapters/dbus/open_calls.h"
#include "adapters/dbus/peers.h"
#include "bus/object.h"
#include "ports/queue.h"

namespace backhaul::dbus {

class HandedCredentials;
class HandedDirectories;

struct Service {  // what the objects on the bus share
  bus::Bus& bus;
  Peers& peers;
  Gate& gate;
  OpenCalls& calls;
  ports::Queue& queue;
  std::string bus_id;
  HandedDirectories& directories;
  HandedCredentials& credentials;
};

// handle(reply, caller)
template <class... Out, class Handle>
void as_caller(Service& service, bus::Reply<Out...> reply, Handle handle,
               Gate::Answer answer = Gate::Answer::small) {
  service.gate.enter(reply, answer);
  const std::string sender = reply.call().sender();
  service.peers.identify(sender, [&service, reply = std::move(reply), handle = std::move(handle)](
                                     const base::Result<ports::Caller>& caller) mutable {
    if (!caller) return reply.fail(caller.error());
    const auto right = service.gate.right_for(reply.call());
    if (!right) return handle(std::move(reply), *caller);
    ports::Caller authorised = *caller;
    authorised.right = right;
    handle(std::move(reply), authorised);
  });
}

// handle(reply, caller), once the queue says so
template <class... Out, class Handle>
void as_reader(Service& service, bus::Reply<Out...> reply, Handle handle,
               Gate::Answer answer = Gate::Answer::small) {
  as_caller(service, std::move(reply),
            [&service, handle = std::move(handle)](bus::Reply<Out...> known,
                                                   const ports::Caller& caller) mutable {
              service.queue.read(caller.peer, [known = std::move(known), caller,
                                               handle = std::move(handle)]() mutable {
                handle(std::move(known), caller);
              });
            },
            answer);
}

// The same for an answer that can be large; `handle` answers before it returns.
template <class... Out, class Handle>
void as_page_reader(Service& service, bus::Reply<Out...> reply, Handle handle) {
  as_reader(service, std::move(reply),
            [&service, handle = std::move(handle)](bus::Reply<Out...> known,
                                                   const ports::Caller& caller) mutable {
              const std::string sender = known.call().sender();
              service.gate.in_turn(sender, [known = std::move(known), caller,
                                            handle = std::move(handle)]() mutable {
                handle(std::move(known), caller);
              });
            },
            Gate::Answer::page);
}

// Hands the command to the queue; `reply` is answered after the commit.
template <class... Out>
void submit(Service& service, bus::Reply<Out...> reply, const ports::Caller& caller,
            ports::CommandBody body) {
  ports::Command command;
  command.caller = caller;
  command.body = std::move(body);
  command.call = service.calls.add(std::move(reply));
  service.queue.submit(std::move(command));
}

}  // namespace backhaul::dbus
