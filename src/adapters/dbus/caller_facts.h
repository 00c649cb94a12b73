// SPDX-License-Identifier: Apache-2.0
// What /proc tells of the process behind a connection (core/sandbox.h): whether its root directory
// has a /.flatpak-info, and the label of the security module. Whatever cannot be seen stays unseen;
// nothing is concluded here.
// An error: nothing could be looked at, because this process has nothing left to look with (its limit
// of descriptors). That says nothing of the caller, and is over when there is room again.
//
// Nothing blocks: the files of another process may lie on a file system that is a program of the
// caller and never answers, so such a one is not touched.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "bus/process.h"
#include "core/sandbox.h"

namespace backhaul::dbus {

struct CallerProcess {  // as the bus knows it
  std::uint32_t uid = 0;
  std::uint32_t pid = 0;
  // A pidfd from the bus: no other process can be meant. Unset: this bus gives none, and the number has
  // to do. Invalid: it gives them and has none for this one, so the number could be another's by now.
  std::optional<bus::FileDescriptor> process;
  std::string label;            // of the connection; empty: the bus knows none
};

struct FactFolders {
  std::string proc = "/proc";
  std::string snap_profiles = "/var/lib/snapd/apparmor/profiles";
};

base::Result<core::CallerFacts> facts_of(CallerProcess caller, const FactFolders& folders = {});

}  // namespace backhaul::dbus
