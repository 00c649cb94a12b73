// SPDX-License-Identifier: Apache-2.0
// A message bus of one test, with everything it looks at in a temporary folder; ended by its id.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bus/bus.h"
#include "bus/place.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"
#include "tests/support/wait_until.h"

namespace backhaul::test {

class PrivateBus {
 public:
  // After how long the bus gives up a service that does not take its name.
  explicit PrivateBus(int service_start_limit_ms = 60'000);

  const std::string& address() const { return address_; }
  const TempDir& folder() const { return folder_; }
  // The surroundings of a user whose session bus this is.
  bus::Place place() const;
  bus::Bus connect() const;
  // Makes a name activatable, as a package would.
  void add_service(const std::string& name, const std::vector<std::string>& exec);
  // The same, where the bus does not notice: its folder was not there to be watched.
  void add_unnoticed_service(const std::string& name, const std::vector<std::string>& exec);
  // The bus goes away.
  void stop() { daemon_.reset(); }

 private:
  TempDir folder_;
  std::string address_;
  std::optional<Process> daemon_;
};

// Calls and waits, while the loop goes on: the callee may be on the same loop.
template <class... Out, class... In>
bus::Outcome<Out...> ask(loop::Loop& loop, bus::Bus& bus, const bus::Call& call, const In&... in) {
  std::optional<bus::Outcome<Out...>> answer;
  const bus::Slot slot = bus.call_async<Out...>(
      call, [&](bus::Outcome<Out...> outcome) { answer = std::move(outcome); }, in...);
  if (!wait_until(loop, [&] { return answer.has_value(); }))
    return std::unexpected(bus::Failure{"test.TimedOut", call.member});
  return *std::move(answer);
}

}  // namespace backhaul::test
