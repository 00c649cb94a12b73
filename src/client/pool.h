// SPDX-License-Identifier: Apache-2.0
// The threads that run the program's own code: callbacks, factories, events. At least four, because
// the service has four notifications of a user under way at once; more when all of them are busy,
// so that a callback that blocks does not hold up the rest.
#pragma once

#include <functional>
#include <memory>

namespace backhaul::client {

using Task = std::move_only_function<void()>;

// All signals blocked for the life of this object: a thread that is started meanwhile inherits it.
// They belong to the application.
class BlockedSignals {
 public:
  BlockedSignals();
  ~BlockedSignals();
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Runs the task on a pool thread. An exception that leaves it is swallowed; whoever needs to know
// catches it.
void run_on_pool(Task task);

// Tasks of one strand run one after another, in order.
class Strand {
 public:
  Strand();
  void run(Task task);
  // Tasks that have not begun are dropped, also those to come.
  void close();

 private:
  struct State;
  static void drain(const std::shared_ptr<State>& state);
  std::shared_ptr<State> state_;
};

}  // namespace backhaul::client
