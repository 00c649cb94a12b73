// SPDX-License-Identifier: Apache-2.0
// Is a caller confined to a sandbox, and to which application does it belong? Decided from what was
// found out about its process. An application is named "flatpak/<id>" or "snap/<name>"; empty: the
// caller is not confined, and is its user as a whole.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace backhaul::core {

// What could be found out about the process behind a connection.
struct CallerFacts {
  std::uint32_t uid = 0;
  bool root_seen = false;  // its root directory could be looked at; false: nothing is known of it
  std::optional<std::string> flatpak_info;  // /.flatpak-info in that directory; unset: there is none
  std::string label;         // of the security module: "snap.name.app (enforce)"; empty: none
  std::string snap_profile;  // the rules that go with a snap's label; empty: they cannot be read
};

struct Sandbox {
  std::string application;
  bool network = true;

  bool operator==(const Sandbox&) const = default;
};

// The snap of an enforced label; empty: the label is not one of a snap, or is not enforced.
std::string snap_of_label(std::string_view label);
// E_ACCESSDENIED where it cannot be determined, which must not pass for "not confined".
base::Result<Sandbox> sandbox_of(const CallerFacts& facts);

// The two halves of the name of an application.
std::string_view application_kind(std::string_view application);
std::string_view application_id(std::string_view application);

}  // namespace backhaul::core
