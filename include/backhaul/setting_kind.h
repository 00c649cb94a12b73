// SPDX-License-Identifier: Apache-2.0
// What the kinds of settings in backhaul/job_settings.def are in this library: `value` is what is set,
// `read` what an accessor returns. For the header backhaul/job.h alone.
#ifndef BACKHAUL_SETTING_KIND_H
#define BACKHAUL_SETTING_KIND_H

#include <chrono>
#include <cstdint>
#include <string>

#include "backhaul/types.h"

namespace backhaul {
namespace detail {
namespace setting_kind {

struct text {  // UTF-8
  using value = std::string;
  using read = const std::string&;
};
struct priority {
  using value = Priority;
  using read = Priority;
};
struct flags {
  using value = std::uint32_t;
  using read = std::uint32_t;
};
struct security {
  using value = std::uint32_t;
  using read = std::uint32_t;
};
struct method {
  using value = std::string;
  using read = const std::string&;
};
struct seconds {
  using value = std::chrono::seconds;
  using read = std::chrono::seconds;
};
struct milliseconds {
  using value = std::chrono::milliseconds;
  using read = std::chrono::milliseconds;
};
struct octets {
  using value = std::uint64_t;
  using read = std::uint64_t;
};
struct moment {  // the epoch: none
  using value = Time;
  using read = Time;
};
struct cost {  // bits of backhaul::cost; 0 when it is set: what the policy says for the priority
  using value = std::uint32_t;
  using read = std::uint32_t;
};
struct acl {  // bits of backhaul::acl
  using value = std::uint32_t;
  using read = std::uint32_t;
};
struct peers {  // bits of backhaul::peers
  using value = std::uint32_t;
  using read = std::uint32_t;
};
struct yes_no {
  using value = bool;
  using read = bool;
};

}  // namespace setting_kind
}  // namespace detail
}  // namespace backhaul

#endif
