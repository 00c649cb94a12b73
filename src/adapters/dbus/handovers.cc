// SPDX-License-Identifier: Apache-2.0
#include "adapters/dbus/handovers.h"

#include <tuple>
#include <utility>

#include "adapters/dbus/callee.h"

namespace backhaul::dbus {

using base::Code;

namespace {

base::Error no_room_for(const Handover& what) {
  return {Code::TOO_MANY_OPEN_FILES,
          std::string("the service has no descriptor left for a ") + what.name + "; try again later"};
}

}  // namespace

base::Result<void> Handovers::connect(const Handover& what) {
  if (own_ && own_->is_open()) return {};
  if (!open_.empty()) return no_room_for(what);  // what was asked of the one that is lost is answered first
  own_.reset();
  auto made = bus::Bus::begin(bus_.address(), bus::Descriptors::taken);
  if (!made || !made->attach(loop_.native())) return no_room_for(what);
  own_.emplace(*std::move(made));
  return {};
}

void Handovers::ask(const std::string& unique_name, const std::string& object, const Handover& what, Ready ready) {
  if (const auto asked = asked_.find(unique_name); asked != asked_.end() && asked->second >= asked_of_one_max)
    return ready(base::Error(Code::E_OUTOFMEMORY, "the caller was asked for " + std::to_string(asked_of_one_max) +
                                                      " things already that it did not hand over yet"));
  if (auto connected = connect(what); !connected) return ready(std::move(connected).error());
  ++asked_[unique_name];
  const std::uint64_t question = ++last_;
  open_[question] = own_->call_async<bus::FileDescriptor>(
      {unique_name, object, what.interface, "Open", bus::usual_limit, false},
      [this, question, unique_name, what, ready = std::move(ready)](bus::Outcome<bus::FileDescriptor> answer) mutable {
        const auto slot = open_.extract(question);
        if (const auto asked = asked_.find(unique_name); --asked->second == 0) asked_.erase(asked);
        ready(told(std::move(answer), what));
      });
}

base::Result<bus::FileDescriptor> Handovers::told(bus::Outcome<bus::FileDescriptor> answer,
                                                  const Handover& what) const {
  if (answer) return std::get<0>(*std::move(answer));
  if (own_ && !own_->is_open()) return no_room_for(what);
  return base::Error(Code::E_INVALIDARG, std::string("no ") + what.name + " was handed over: " + dbus::told(answer.error()));
}

}  // namespace backhaul::dbus
