// SPDX-License-Identifier: Apache-2.0
// What a neighbour is asked for, and its answer, as lines of HTTP (docs/neighbours.md). Whatever is not as it should
// be is no answer.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/http.h"
#include "core/neighbours.h"

namespace backhaul::curl {

// "https://10.0.0.7:2178"; empty: nobody could be asked there.
std::string server_of(const core::Neighbour& neighbour);
// The fields of the request; none: what is sought cannot be told in one.
std::vector<std::string> search_fields(const core::Sought& sought);

class NeighbourHead {
 public:
  // In the order in which they come. False: it says more than a neighbour has to say.
  bool line(std::string_view text);
  // Unset: it is none to this search. `server`: who was asked.
  std::optional<core::NeighbourAnswer> answer(const core::Neighbour& neighbour, const std::string& server,
                                              const core::Sought& sought) const;

 private:
  bool is_of(const core::Sought& sought) const;

  core::HeadParser parser_;
  std::size_t bytes_ = 0;
  std::vector<std::string> ranks_;
  std::vector<std::string> offsets_;
};

}  // namespace backhaul::curl
