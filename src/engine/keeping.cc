// SPDX-License-Identifier: Apache-2.0
#include "engine/keeping.h"

#include <utility>

#include "engine/change.h"

namespace backhaul::engine {

void Keeping::recovered(std::vector<ports::ShelfOfJob> stored) {
  for (ports::ShelfOfJob& one : stored) shelves_.insert_or_assign(one.job, std::move(one.shelf));
}

void Keeping::merged(Change& change) {
  change.draft.shelves.merge([this](const base::JobId& id, std::optional<core::Shelf> shelf) {
    Overlay<core::Shelf>::put(shelves_, id, std::move(shelf));
  });
  if (shelves_.empty()) return;
  for (const RowChange& row : change.rows)
    if (row.after == nullptr) shelves_.erase(row.id);
}

}  // namespace backhaul::engine
