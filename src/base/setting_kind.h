// SPDX-License-Identifier: Apache-2.0
// The kinds of settings in backhaul/job_settings.def: as what a value travels (`raw`, unjudged), and
// as what a row keeps it (`kept`, with its unit).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/text.h"
#include "base/time.h"
#include "base/vocabulary.h"

namespace backhaul::base {

// Of a request. Nearly every job has the usual one, which costs nothing to keep.
class Method {
 public:
  Method() = default;
  explicit Method(std::string_view name) : other_(name == "GET" ? Text() : Text(name)) {}
  std::string_view view() const { return other_.empty() ? std::string_view("GET") : other_.view(); }
  explicit operator std::string() const { return std::string(view()); }
  bool is_usual() const { return other_.empty(); }
  // As it stands in a row: empty where it is the usual one.
  const Text& kept() const { return other_; }
  Text& kept() { return other_; }
  bool operator==(const Method&) const = default;

 private:
  Text other_;
};

using Seconds = std::chrono::duration<std::uint32_t>;
using Milliseconds = std::chrono::duration<std::uint32_t, std::milli>;

namespace setting_kind {

struct text {
  using raw = std::string;
  using kept = Text;
};
struct priority {
  using raw = std::uint32_t;
  using kept = Priority;
};
struct flags {
  using raw = std::uint32_t;
  using kept = std::uint32_t;
};
struct security {
  using raw = std::uint32_t;
  using kept = std::uint32_t;
};
struct method {
  using raw = std::string;
  using kept = Method;
};
struct seconds {
  using raw = std::uint32_t;
  using kept = Seconds;
};
struct milliseconds {
  using raw = std::uint32_t;
  using kept = Milliseconds;
};
struct octets {
  using raw = std::uint64_t;
  using kept = std::uint64_t;
};
struct moment {  // microseconds since 1970 in UTC; 0: none
  using raw = std::uint64_t;
  using kept = WallTime;
};
struct cost {
  using raw = std::uint32_t;
  using kept = std::uint32_t;
};
struct acl {
  using raw = std::uint32_t;
  using kept = std::uint8_t;
};
struct peers {
  using raw = std::uint32_t;
  using kept = std::uint8_t;
};
struct yes_no {
  using raw = bool;
  using kept = bool;
};

}  // namespace setting_kind

// From one to the other; a number has to be a sound one already.
template <class Kept, class Raw>
constexpr Kept keep(const Raw& raw) {
  if constexpr (std::is_enum_v<Kept>)
    return static_cast<Kept>(raw);
  else if constexpr (std::is_same_v<Kept, WallTime>)
    return WallTime(Microseconds(static_cast<std::int64_t>(raw)));
  else
    return Kept(raw);
}
template <class Raw, class Kept>
constexpr Raw to_raw(const Kept& kept) {
  if constexpr (requires { kept.count(); })
    return kept.count();
  else if constexpr (std::is_same_v<Kept, WallTime>)
    return static_cast<Raw>(kept.time_since_epoch().count());
  else
    return static_cast<Raw>(kept);
}

}  // namespace backhaul::base
