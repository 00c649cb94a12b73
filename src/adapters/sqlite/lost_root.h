// SPDX-License-Identifier: Apache-2.0
// The rows of a table lie in leaf pages, and only its root leads to them: with that page all rows would
// be lost. A new root is made over every leaf page whose rows look like those of the table.
#pragma once

#include <cstdint>

#include "adapters/sqlite/pages.h"
#include "base/result.h"

namespace backhaul::sqlite {

// For a table with so many columns, of which the first is the number of the row and the second an id.
// A root that can be one, and a table of which nothing is found, are left alone.
base::Result<void> mend_root(Pages& image, std::uint32_t page_size, std::uint64_t root,
                             std::uint64_t columns);

}  // namespace backhaul::sqlite
