// SPDX-License-Identifier: Apache-2.0
#include "adapters/dbus/inquiries.h"

#include <utility>
#include <vector>

#include "adapters/dbus/callee.h"
#include "adapters/dbus/calls.h"
#include "bus/names.h"

namespace backhaul::dbus {
namespace {

using base::Code;
using ports::NotifyOutcome;
using Octets = std::vector<std::uint8_t>;

constexpr std::uint32_t no_errors = 0;

// The process is there, the object is not.
bool has_no_object(const bus::Failure& failure) {
  return is_unknown_method(failure) || failure.name.ends_with(".UnknownObject") ||
         failure.code() == Code::RPC_E_DISCONNECTED;
}

}  // namespace

Inquiries::Inquiries(bus::Bus& bus, Peers& peers, ports::Inbox& inbox, base::Log& log)
    : bus_(bus), peers_(peers), inbox_(inbox), log_(log) {}

void Inquiries::validate(const ports::CertificateQuestion& question) {
  const std::uint64_t number = question.number;
  const core::ObjectRegistration& object = question.object;
  if (object.bus_id != bus_id_)
    return finish(number, NotifyOutcome::gone, Code::RPC_E_DISCONNECTED,
                  "the object was registered on another bus");
  peers_.watch(object.unique_name);
  std::vector<Octets> chain;
  for (const std::string& der : question.chain) chain.emplace_back(der.begin(), der.end());
  Open& open = open_[number];
  open.job = question.job;
  open.owner = object.unique_name;
  open.call = bus_.call_async<std::uint32_t>(
      {object.unique_name, object.path, bus::certificate_validator_interface, "Validate",
       bus::no_limit, false},
      [this, number](const bus::Outcome<std::uint32_t>& answer) { answered(number, answer); },
      bus::ObjectPath{bus::job_path(question.job)},
      bus::ObjectPath{bus::file_path(question.job, question.file)}, chain, no_errors);
}

void Inquiries::answered(std::uint64_t number, const bus::Outcome<std::uint32_t>& answer) {
  if (answer)
    return finish(number, NotifyOutcome::answered, static_cast<Code>(std::get<0>(*answer)), "");
  const bus::Failure& failure = answer.error();
  if (may_have_left(failure)) return check_alive(number, failure);
  const bool gone = has_left(failure) || has_no_object(failure);
  finish(number, gone ? NotifyOutcome::gone : NotifyOutcome::failed, failure.code(),
         told(failure));
}

void Inquiries::check_alive(std::uint64_t number, bus::Failure failure) {
  Open& open = open_.at(number);
  open.call = ask_who_is_left(
      bus_, open.owner,
      [this, number, failure = std::move(failure)](std::optional<NotifyOutcome> outcome) {
        if (outcome) return finish(number, *outcome, failure.code(), told(failure));
        log_.write(base::LogLevel::notice, "the bus went away during a question",
                   open_.at(number).job);
        open_.erase(number);
      });
}

void Inquiries::finish(std::uint64_t number, NotifyOutcome outcome, Code result,
                       std::string text) {
  open_.erase(number);
  inbox_.post(ports::CertificateChecked{number, outcome, result, std::move(text)});
}

void Inquiries::release(const core::ObjectRegistration& object) {
  if (object.bus_id != bus_id_) return;
  bus_.send({object.unique_name, object.path, bus::certificate_validator_interface, "Released",
             bus::usual_limit, false});
}

}  // namespace backhaul::dbus
