// SPDX-License-Identifier: Apache-2.0
#include "adapters/dbus/handed_directories.h"

#include <utility>

#include "bus/names.h"
#include "core/held_directory.h"

namespace backhaul::dbus {

using base::Code;

namespace {

base::Error no_room_for_it() {
  return {Code::TOO_MANY_OPEN_FILES, "the service has no descriptor left for a directory; try again later"};
}

}  // namespace

base::Result<void> place_in(const core::Placed& directory, std::vector<ports::FileSpec>& files) {
  for (ports::FileSpec& file : files) {
    BH_CHECK(core::check_name_in_directory(file.local));
    file.local = directory.local + (directory.local.ends_with('/') ? "" : "/") + file.local;
    file.held = directory.root;
  }
  return {};
}

base::Result<void> HandedDirectories::connect() {
  if (own_ && own_->is_open()) return {};
  if (!open_.empty()) return no_room_for_it();  // what was asked of the one that is lost is answered first
  own_.reset();
  auto made = bus::Bus::begin(bus_.address(), bus::Descriptors::taken);
  if (!made || !made->attach(loop_.native())) return no_room_for_it();
  own_.emplace(*std::move(made));
  return {};
}

void HandedDirectories::ask(const std::string& unique_name, const std::string& object, const core::Owner& owner,
                            Ready ready) {
  if (!settings_.hold_directory)
    return ready(base::Error(Code::BG_E_INVALID_STATE, "this service takes no directories as descriptors"));
  if (const auto asked = asked_.find(unique_name); asked != asked_.end() && asked->second >= asked_of_one_max)
    return ready(base::Error(Code::E_OUTOFMEMORY, "there are " + std::to_string(asked_of_one_max) +
                                                      " directories already that were not handed over yet"));
  if (auto connected = connect(); !connected) return ready(std::move(connected).error());
  ++asked_[unique_name];
  const std::uint64_t question = ++last_;
  open_[question] = own_->call_async<bus::FileDescriptor>(
      {unique_name, object, bus::directory_interface, "Open", bus::usual_limit, false},
      [this, question, unique_name, owner, ready = std::move(ready)](
          const bus::Outcome<bus::FileDescriptor>& answer) mutable {
        const auto slot = open_.extract(question);
        if (const auto asked = asked_.find(unique_name); --asked->second == 0) asked_.erase(asked);
        ready(told(answer, owner));
      });
}

base::Result<core::Placed> HandedDirectories::told(const bus::Outcome<bus::FileDescriptor>& answer,
                                                   const core::Owner& owner) const {
  if (answer) return settings_.hold_directory(owner, std::get<0>(*answer).get());
  if (own_ && !own_->is_open()) return no_room_for_it();
  const bus::Failure& failure = answer.error();
  return base::Error(Code::E_INVALIDARG, "no directory was handed over: " + failure.name +
                                             (failure.text.empty() ? "" : ": " + failure.text));
}

}  // namespace backhaul::dbus
