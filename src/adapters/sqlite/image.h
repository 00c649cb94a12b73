// SPDX-License-Identifier: Apache-2.0
// One readable database out of what is left of a damaged one: its pages, over them the pages of its
// write-ahead log, and where the first page cannot be used the one of a new queue. SQLite then reads
// as far as the trees hang together.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace backhaul::sqlite {

enum class FirstPage : std::uint8_t {
  own_if_sound,  // that of the source, as far as a look at its header can tell
  of_fresh,      // with the names of all tables, whatever the source has in their place
};

// Writes `image` anew. `source` may be missing, empty or anything; so may its log. `fresh`: a new,
// empty queue, a file without a log.
base::Result<void> make_image(const std::string& source, const std::string& fresh,
                              const std::string& image, FirstPage first_page);

}  // namespace backhaul::sqlite
