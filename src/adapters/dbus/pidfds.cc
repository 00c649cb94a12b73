// SPDX-License-Identifier: Apache-2.0
#include "adapters/dbus/pidfds.h"

#include <utility>

#include "adapters/dbus/calls.h"

namespace backhaul::dbus {
namespace {

base::Error no_room() {
  return {base::Code::TOO_MANY_OPEN_FILES,
          "the service has no descriptor left to see who calls; try again later"};
}

}  // namespace

void Pidfds::prepare() {
  // Without success the first question tries again.
  static_cast<void>(connect());
}

base::Result<void> Pidfds::connect() {
  if (here_ == Here::not_given) return {};
  if (!own_ || !own_->is_open()) {
    if (!open_.empty()) return no_room();  // what was asked of the one that is lost is answered first
    first_.reset();
    own_.reset();
    auto made = bus::Bus::begin(bus_.address(), bus::Descriptors::taken);
    if (!made || !made->attach(loop_.native())) return no_room();
    own_.emplace(*std::move(made));
  }
  if (here_ == Here::given || first_) return {};
  first_ = own_->call_async<Process>(
      bus_call("GetConnectionCredentials"),
      [this](const bus::Outcome<Process>& answer) { learned(answer); }, bus_.unique_name());
  return {};
}

// Answered before everything that was asked behind it.
void Pidfds::learned(const bus::Outcome<Process>& ourselves) {
  first_.reset();
  if (!ourselves) return;  // a shortage: the next question finds out
  here_ = std::get<0>(*ourselves).pidfd ? Here::given : Here::not_given;
  settle();
}

void Pidfds::ask(const std::string& unique_name, Ready ready) {
  if (auto connected = connect(); !connected) return ready(std::move(connected).error());
  bus::Bus& asked = here_ == Here::not_given ? bus_ : *own_;
  open_[unique_name] = asked.call_async<Process>(
      bus_call("GetConnectionCredentials"),
      [this, unique_name, ready = std::move(ready)](bus::Outcome<Process> answer) mutable {
        const auto question = open_.extract(unique_name);
        base::Result<Process> process = told(std::move(answer));
        settle();
        ready(std::move(process));
      },
      unique_name);
}

base::Result<Pidfds::Process> Pidfds::told(bus::Outcome<Process> answer) {
  if (!answer && here_ == Here::not_given)  // no descriptor was asked for: nothing of ours is short
    return base::Error(base::Code::E_ACCESSDENIED, "the bus does not tell who asks: " + answer.error().text);
  if (!answer || here_ == Here::unknown) return no_room();
  Process& process = std::get<0>(*answer);
  if (here_ == Here::given && !process.pidfd) process.pidfd.emplace();
  return std::move(process);
}

void Pidfds::settle() {
  if (here_ != Here::not_given || !open_.empty()) return;
  own_.reset();
}

}  // namespace backhaul::dbus
