// SPDX-License-Identifier: Apache-2.0
// Calls that wait for their commit. Only this table knows which bus message a call id is.
#pragma once

#include <cstdint>
#include <functional>
#include <unordered_map>

#include "base/ids.h"
#include "bus/object.h"
#include "ports/queue.h"

namespace backhaul::dbus {

class OpenCalls {
 public:
  // What each kind of method answers with.
  base::CallId add(bus::Reply<> reply);
  base::CallId add(bus::Reply<bus::ObjectPath> reply);  // the path of the new job
  base::CallId add(bus::Reply<std::uint32_t> reply);    // a success code

  // An unknown id is ignored: its caller was answered when this table was cleared.
  void answer(base::CallId call, const base::Result<ports::ReplyValue>& value);

 private:
  using Answer = std::move_only_function<void(const base::Result<ports::ReplyValue>&)>;
  base::CallId insert(Answer answer);

  std::uint64_t last_ = 0;
  std::unordered_map<base::CallId, Answer> calls_;
};

}  // namespace backhaul::dbus
