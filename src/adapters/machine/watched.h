// SPDX-License-Identifier: Apache-2.0
// What a service on the bus tells about one thing, kept as it is now: asked for when the service comes
// and whenever it signals that something changed. A service that is not there tells nothing, and is
// not started for it.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "bus/bus.h"

namespace backhaul::machine {

struct Subject {
  std::string service;
  std::string path;
  std::string interface;  // of the method
  std::string method;
  std::string argument{};  // of the method; empty: it takes none
  std::string changes;     // the rest of the match rule for signals of the service
};

// What the property interface tells of an object.
inline Subject properties_of(std::string service, std::string path, std::string interface) {
  std::string changes = "path='" + path + "',interface='org.freedesktop.DBus.Properties'";
  return {std::move(service), std::move(path), "org.freedesktop.DBus.Properties", "GetAll",
          std::move(interface), std::move(changes)};
}

template <class Told>
class Watched {
 public:
  Watched(bus::Bus& bus, Subject subject, std::function<void()> changed)
      : bus_(bus), subject_(std::move(subject)), changed_(std::move(changed)) {
    // The matches first: what changes after the question is then told.
    owner_ = bus_.watch_name(subject_.service, [this](const std::string&, const std::string& owner) {
      if (!owner.empty()) return ask();
      call_.reset();
      asking_ = again_ = false;
      learn({});
    });
    signal_ = bus_.match("type='signal',sender='" + subject_.service + "'," + subject_.changes,
                         [this](const bus::Message&) { ask(); });
    ask();
  }
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;

  const Told& told() const { return told_; }
  bool answered() const { return answered_; }  // once; that it is not there is an answer
  void ask() {
    again_ = asking_;
    if (asking_) return;
    asking_ = true;
    const bus::Call call{subject_.service, subject_.path, subject_.interface, subject_.method,
                         bus::usual_limit, false};
    auto learned = [this](bus::Outcome<Told> answer) {
      asking_ = false;
      if (again_) return ask();
      learn(answer ? std::get<0>(*std::move(answer)) : Told{});
    };
    call_ = subject_.argument.empty()
                ? bus_.call_async<Told>(call, std::move(learned))
                : bus_.call_async<Told>(call, std::move(learned), subject_.argument);
  }

 private:
  void learn(Told told) {
    told_ = std::move(told);
    answered_ = true;
    changed_();
  }

  bus::Bus& bus_;
  const Subject subject_;
  const std::function<void()> changed_;
  Told told_{};
  bool answered_ = false;
  bool asking_ = false;
  bool again_ = false;  // something changed since the question
  bus::Slot owner_, signal_, call_;
};

}  // namespace backhaul::machine
