// SPDX-License-Identifier: Apache-2.0
// Error names of the bus and result codes, both ways. Our own names carry the code by its symbol,
// so that nothing is lost between the layers; the bus's own errors become the code that a COM
// client would have met.
#pragma once

#include <string>
#include <string_view>

#include "base/code.h"
#include "base/result.h"

namespace backhaul::bus {

// Why a call failed, as the bus said it.
struct Failure {
  std::string name;  // error name, "org.freedesktop.DBus.Error.NoReply"
  std::string text;

  base::Code code() const;
  base::Error error() const;  // code and text
  bool is(std::string_view error_name) const { return name == error_name; }
};

inline constexpr char no_reply[] = "org.freedesktop.DBus.Error.NoReply";
inline constexpr char service_unknown[] = "org.freedesktop.DBus.Error.ServiceUnknown";
inline constexpr char name_has_no_owner[] = "org.freedesktop.DBus.Error.NameHasNoOwner";
inline constexpr char disconnected[] = "org.freedesktop.DBus.Error.Disconnected";

// "org.backhaul.Error.BG_E_NOT_FOUND"; "org.backhaul.Error.x8020ffff" for a code without symbol.
std::string error_name(base::Code code);
// Any error name; one that nobody knows is E_FAIL.
base::Code code_from_error_name(std::string_view name);
// What a failed sd-bus function returned, as a failure of the bus.
Failure failure_from_errno(int negative_errno);
base::Error error_from_errno(int negative_errno, std::string_view what);

}  // namespace backhaul::bus
