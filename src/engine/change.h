// SPDX-License-Identifier: Apache-2.0
// What was committed, as every part is told of it.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "engine/draft.h"

namespace backhaul::engine {

struct RowChange {
  base::JobId id;
  std::optional<core::Job> before;     // unset: it is new
  const core::Job* after = nullptr;    // in the table; null: it has left the queue
  ports::Properties properties = 0;    // what a client sees of the change
};

struct Change {
  Draft& draft;  // what the parts keep for the jobs, the notes, and the effects that follow
  std::vector<RowChange> rows;
  std::vector<base::JobId> over;    // jobs whose time came
  std::vector<base::JobId> retime;  // jobs that may be due at another time now
  bool begin_nothing = false;       // the service starts or stops, or the store fails
  bool other_rules = false;         // something else is laid down from now on
  bool other_holds = false;         // servers asked for time, or serve again
  bool again = false;               // somebody may have a turn now

  const Context& context() const { return draft.context(); }
  // Notes of other parts pass by.
  template <class Take>
  void take_notes(const Take& take) const {
    for (const Note& note : draft.notes())
      std::visit(
          [&](const auto& one) {
            if constexpr (requires { take(one); }) take(one);
          },
          note);
  }
};

// What a client sees of it.
ports::Properties difference(const core::Job& before, const core::Job& after);
// The rows of the draft take their places in the table, and clients are told.
std::vector<RowChange> merge_rows(Table& table, Draft& draft);

}  // namespace backhaul::engine
