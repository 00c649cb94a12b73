// SPDX-License-Identifier: Apache-2.0
// ClassServer: a program that the bus starts when a notification is due and no live object is
// registered. It owns a bus name and hands out callback objects; when none is held any more it is
// told so, and may exit.
#ifndef BACKHAUL_CLASS_SERVER_H
#define BACKHAUL_CLASS_SERVER_H

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "backhaul/callback.h"
#include "backhaul/client.h"
#include "backhaul/export.h"
#include "backhaul/result.h"

namespace backhaul {

namespace detail {
class ClassServerState;
}

// Served on the bus of the client, and called by the service. The bus of the machine gives a name only to what root
// installed: any other class of a client of that service is served on the bus of the session, and called there by a
// process that has the name org.backhaul.Messenger1. The jobs it is told of are those of the service of the machine.
//
// Gives the name back when the last copy goes, or by revoke().
class BACKHAUL_API ClassServer {
 public:
  // Makes an object for the service. Runs on a library thread; null or an exception: the service
  // is told that it failed.
  using Factory = std::function<std::shared_ptr<Callback>()>;
  // Called on a library thread whenever the last object held by the service was released, and when
  // the bus ended.
  using Idle = std::function<void()>;

  ClassServer();
  // `name`: a CLSID with or without braces, or a well-known bus name of one's own; either way the
  // factory is the object /org/backhaul/clsid. ALREADY_EXISTS when another process owns the name.
  static Result<ClassServer> start(const Client& client, const std::string& name, Factory factory,
                                   Idle idle = Idle());
  // The native form: the callback itself at a path of one's own, as given to
  // Job::set_notify_service.
  static Result<ClassServer> serve(const Client& client, const std::string& name,
                                   const std::string& path, std::shared_ptr<Callback> callback,
                                   Idle idle = Idle());

  explicit operator bool() const { return state_ != nullptr; }
  const std::string& bus_name() const;
  std::size_t instances() const;  // objects that the service holds
  bool alive() const;             // false after revoke() and after the end of the bus
  // Gives the name back: no new objects. Those handed out go on answering until released.
  void revoke();

 private:
  friend class detail::Access;
  std::shared_ptr<detail::ClassServerState> state_;
};

}  // namespace backhaul

#endif
