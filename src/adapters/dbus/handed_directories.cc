// SPDX-License-Identifier: Apache-2.0
#include "adapters/dbus/handed_directories.h"

#include <utility>

#include "core/held_directory.h"

namespace backhaul::dbus {

using base::Code;

base::Result<void> place_in(const core::Placed& directory, std::vector<ports::FileSpec>& files) {
  for (ports::FileSpec& file : files) {
    BH_CHECK(core::check_name_in_directory(file.local));
    file.local = directory.local + (directory.local.ends_with('/') ? "" : "/") + file.local;
    file.held = directory.root;
  }
  return {};
}

void HandedDirectories::ask(const std::string& unique_name, const std::string& object, const core::Owner& owner,
                            Ready ready) {
  if (!settings_.hold_directory)
    return ready(base::Error(Code::BG_E_INVALID_STATE, "this service takes no directories as descriptors"));
  auto held = [this, owner, ready = std::move(ready)](base::Result<bus::FileDescriptor> directory) mutable {
    if (!directory) return ready(std::move(directory).error());
    ready(settings_.hold_directory(owner, directory->get()));
  };
  handovers_.ask(unique_name, object, directory_handover, std::move(held));
}

}  // namespace backhaul::dbus
